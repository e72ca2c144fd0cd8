// Compares tracking plans with ajv, a validator of JSON Schema:
//
//	plan-oracle.mjs NODE_MODULES MM_VALIDATE
//
// Schemas and values are drawn from a fixed seed: nested properties, arrays, const,
// enum, bounds and formats.  Both have to complain of the same fields of each event,
// by a plan that is made of the schemas here, and by what --import-plan makes of them.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [modules, program] = process.argv.slice(2);
const require = createRequire(`${modules}/ajv/package.json`);
const Ajv = require("ajv/dist/2020").default;
const addFormats = createRequire(`${modules}/ajv-formats/package.json`)("ajv-formats").default;

// ---- random numbers with a fixed seed (mulberry32)

let state = 20261128;
function random(n) {
	state = (state + 0x6d2b79f5) | 0;
	let t = Math.imul(state ^ (state >>> 15), 1 | state);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) % n;
}
const pick = (list) => list[random(list.length)];

// ---- texts, good and nearly so

const texts = {
	uuid: ["018f6a2e-7c1b-7e4f-9a3d-2b6f0c1d4e5f", "018F6A2E-7C1B-1E4F-0A3D-2B6F0C1D4E5F",
		"00000000-0000-0000-0000-000000000000", "018f6a2e7c1b7e4f9a3d2b6f0c1d4e5f"],
	email: ["a@example.com", "a.b+c@x-1.example.co", "o'neil@example.org", "a@localhost", "a..b@example.com",
		".a@b.c", "a@b..c", "\"a b\"@example.com", "a@[192.0.2.1]", "a@-b.c", "{x}~|@a.b.c"],
	uri: ["https://example.com/", "http://a:b@[2001:db8::1]:80/x%20y;z?q=/?#f", "urn:isbn:0451450523",
		"mailto:a@example.com", "tel:+1-816-555-1212", "ldap://[2001:db8::7]/c=GB?one?two", "//example.com/",
		"example.com", "https://example.com/a b", "https://example.com/%zz", "https://[::1", "http://a\\b",
		"https://ex<ample.com", "ftp://a/#b#c", "a+b-1.x:y", "1a:b", "https://1.2.3.4:x/", "https://ä.example/",
		"http://[v1.a:b]/", "https:///a", "https://a@b@c/"],
	ipv4: ["192.0.2.1", "255.255.255.255", "256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.", "0.0.0.0"],
	ipv6: ["2001:db8::1", "::", "::1", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1", "1:2:3:4:5:6:192.0.2.1", "1::2::3",
		":::", "12345::", "1:2:3:4:5:6:7", "2001:DB8:0:0::A", "::192.0.2.256", "1:2:3:4:5:6:7::", "::1:2:3:4:5:6:7"],
	hostname: ["example.com", "localhost", "a-b.c1", "-a.b", "a-.b", "a_b.c", "a..b", ".a", "1.2.3.4", "xn--nxasmq6b"],
	date: ["2026-05-16", "2024-02-29", "2026-02-29", "2026-13-01", "2026-00-10", "2026-1-01", "0001-01-01",
		"2000-02-29", "1900-02-29", "2026-04-31"],
	"date-time": ["2026-05-16T19:00:00Z", "2026-05-16T19:00:00.123+02:00", "2026-05-16t19:00:00z",
		"2026-05-16T24:00:00Z", "2026-05-16T19:60:00Z", "2026-05-16T19:00:00", "2026-02-30T19:00:00Z",
		"2016-12-31T23:59:60Z", "2016-12-31T22:59:60Z", "2026-05-16T19:00:00.Z", "2026-05-16T19:00:00-24:00",
		"2017-01-01T00:59:60+01:00", "2026-05-16T19:00Z"],
};

// Where the plan is stricter or follows another standard, by mm-plan(5).
function differ(format, text) {
	switch (format) {
	case "uuid": // ajv takes urn:uuid:
		return text.startsWith("urn:");
	case "uri": // ajv wants a path or a host, and takes //AUTHORITY for a path too
		return /^[^/?#]*:\/?($|[?#])/.test(text) ||
			!/^[^:/?#]*:(\/\/([^@/?#]*@)?(\[[^\]]*\]|[^:@[\]/?#]*)(:\d*)?($|[/?#])|(?!\/\/))/.test(text);
	case "hostname": // RFC 1123: no empty label at the end
		return text.endsWith(".");
	case "date-time": // ajv takes a blank for the T, and zones as +02 and +0200
		return /\s/.test(text) || /[+-]\d{2}(\d{2})?$/.test(text);
	default:
		return false;
	}
}

function mutated(text) {
	const list = Array.from(text);
	const at = random(list.length + 1);
	const other = pick(["a", "Z", "0", "1", "9", ".", "-", ":", "/", "@", "%", "?", "#", "[", "]", "_", " ", "é", "+", "T"]);
	switch (random(3)) {
	case 0: list.splice(at, 1); break;
	case 1: list.splice(at, 0, other); break;
	default: list.splice(at, 1, other);
	}
	return list.join("");
}

function textOf(format) {
	for (;;) {
		let text = pick(texts[format]);
		for (let i = random(5) ? 0 : 1 + random(2); i > 0; i--) text = mutated(text);
		if (!differ(format, text)) return text;
	}
}

// ---- schemas, and values that they might be of

const formats = Object.keys(texts);
const names = ["a", "b", "c", "sku", "price", "id"];
const scalars = [0, 1, -1, 1.5, 1e3, 4294967296, "", "a", "ä", "abc", true, false, null];

function schemaOf(depth) {
	switch (random(depth > 0 ? 10 : 6)) {
	case 0: return { type: "string", format: pick(formats) };
	case 1: return { type: ["string", "null"], minLength: random(3), maxLength: 2 + random(3) };
	case 2: return { type: pick(["number", "integer"]), minimum: random(3), maximum: 3 + random(3) };
	case 3: return { const: pick(scalars) };
	case 4: return { enum: Array.from(new Set(Array.from({ length: 1 + random(4) }, () => pick(scalars)))) };
	case 5: return { type: pick(["boolean", "null", "array", "object", "string"]) };
	case 6:
	case 7: return { ...(random(2) ? { type: "array" } : {}), items: schemaOf(depth - 1) };
	default: return objectOf(depth - 1);
	}
}

function objectOf(depth) {
	const properties = {};
	for (let i = random(3); i >= 0; i--) properties[pick(names)] = schemaOf(depth);
	const s = { properties };
	if (random(4)) s.type = "object";
	if (random(2)) s.required = Object.keys(properties).filter(() => random(2));
	s.additionalProperties = random(2) === 0;
	return s;
}

function valueOf(s, depth) {
	if (random(40) === 0 || depth === 0) return pick([...scalars, [], {}, [1], { a: 1 }]);
	if (s.format) return textOf(s.format);
	if ("const" in s) return random(9) ? s.const : pick(scalars);
	if (s.enum) return random(9) ? pick(s.enum) : pick(scalars);
	if (s.items) return Array.from({ length: random(4) }, () => valueOf(s.items, depth - 1));
	if (s.properties) {
		const o = {};
		for (const name of Object.keys(s.properties))
			if (random(9)) o[name] = valueOf(s.properties[name], depth - 1);
		if (random(9) === 0) o[pick(names)] = pick(scalars);
		if (random(9) === 0) o.other = 1;
		return o;
	}
	return pick([...scalars, "ab", "abcde", 2, 3, 4, 5, 2.5, [], {}, [1]]);
}

// The same as a property of a plan; what the schema of the object around it says is `required`.
function planned(s, required) {
	const { properties, required: needed = [], additionalProperties, items, ...p } = s;
	if (properties) {
		p.properties = {};
		for (const [name, x] of Object.entries(properties)) p.properties[name] = planned(x, needed.includes(name));
		p.unknownProperties = additionalProperties ? "allow" : "error";
	}
	if (items) p.items = planned(items, false);
	if (required) p.required = true;
	return p;
}

// ---- the comparison

const ajv = new Ajv({ allErrors: true, strict: false });
addFormats(ajv);
const cases = [];
const plan = { events: {} };
const schemas = {};
for (let i = 0; i < 400; i++) {
	const schema = { ...objectOf(4), type: "object" };
	const { properties, unknownProperties } = planned(schema);
	const validate = ajv.compile(schema);
	schemas[`e${i}`] = schema;
	plan.events[`e${i}`] = { properties, unknownProperties };
	for (let k = 0; k < 50; k++) {
		const value = {};
		for (const name of Object.keys(properties))
			if (random(12)) value[name] = valueOf(schema.properties[name], 5);
		if (random(9) === 0) value.other = 1;
		validate(value);
		const fields = (validate.errors ?? []).map((e) => {
			const more = e.params.missingProperty ?? e.params.additionalProperty;
			return "properties" + e.instancePath.replaceAll("/", ".") + (more ? `.${more}` : "");
		});
		cases.push({ event: `e${i}`, value, want: Array.from(new Set(fields)).sort().join(" ") });
	}
}

const work = mkdtempSync(join(tmpdir(), "plan-oracle."));
const input = cases.map((c) => JSON.stringify({ event: c.event, properties: c.value }) + "\n").join("");
let wrong = 0;

function compare(text, what) {
	const rejects = join(work, `rejects-${what}`);
	writeFileSync(join(work, "plan.json"), text);
	const run = spawnSync(program, ["-q", "--plan", join(work, "plan.json"), "--rejects", rejects], { input, maxBuffer: 1 << 28 });
	if (run.status > 1 || run.error) {
		console.error(`mm-validate ended with ${run.status}: ${run.stderr}`);
		process.exit(1);
	}
	const got = new Array(cases.length).fill("");
	for (const line of readFileSync(rejects, "utf8").trim().split("\n")) {
		const r = JSON.parse(line);
		got[r.line - 1] = Object.keys(r.details.fieldErrors).sort().join(" ");
	}
	cases.forEach((c, i) => {
		if (got[i] === c.want) return;
		if (wrong++ < 10)
			console.error(`${what}: ${JSON.stringify(c.value)} of ${JSON.stringify(schemas[c.event])}:\n  ${got[i]}\n  ajv says ${c.want}`);
	});
}

compare(JSON.stringify(plan), "plan");
writeFileSync(join(work, "schemas.json"), JSON.stringify(schemas));
const imported = spawnSync(program, ["--import-plan", join(work, "schemas.json")], { maxBuffer: 1 << 28 });
if (imported.status !== 0 || imported.stderr.length > 0) {
	console.error(`--import-plan ended with ${imported.status}: ${imported.stderr.toString().slice(0, 1000)}`);
	process.exit(1);
}
compare(imported.stdout, "import");
rmSync(work, { recursive: true });

const bad = cases.filter((c) => c.want !== "").length;
if (bad < cases.length / 5 || bad > cases.length * 4 / 5) {
	console.error(`the cases are lopsided: ${bad} of ${cases.length} are invalid`);
	wrong++;
}
console.log(`plan-oracle: ${cases.length} events, ${bad} invalid, ${wrong} judged otherwise`);
process.exit(wrong ? 1 : 0);
