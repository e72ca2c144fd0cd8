// Compares the JSON scanner with node's JSON.parse and TextDecoder:
//
//   node tests/oracles/json-oracle.mjs build/tests/test_json
//
// The texts are generated and mutated from a fixed seed.  Both must accept
// and refuse the same ones, but for what the scanner refuses on purpose: lone
// surrogate escapes and nesting above 64.  Of what is accepted, every span at
// the top level, its type, length and size must be what node finds out.
import { spawnSync } from "node:child_process";
import { isDeepStrictEqual } from "node:util";

const program = process.argv[2];
if (!program) {
	console.error("usage: json-oracle.mjs PROGRAM");
	process.exit(2);
}

const DEPTH = 64;
const TYPES = ["null", "boolean", "number", "string", "array", "object"];

// ---- random numbers with a fixed seed (mulberry32)

let state = 20260516;
function random(n) {
	state = (state + 0x6d2b79f5) | 0;
	let t = Math.imul(state ^ (state >>> 15), 1 | state);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) % n;
}
const pick = (list) => list[random(list.length)];

// ---- texts that are JSON

const blank = () => (random(4) ? "" : pick([" ", "  ", "\t", "\n", "\r\n", " \t \n "]));
const digits = (n) => Array.from({ length: n }, () => random(10)).join("");

function number() {
	const whole = random(3) ? String(1 + random(9)) + digits(random(random(9) ? 4 : 40)) : "0";
	const fraction = random(3) ? "" : "." + digits(1 + random(random(9) ? 3 : 40));
	const exponent = random(4) ? "" : pick(["e", "E"]) + pick(["", "+", "-"]) + digits(1 + random(4));
	return pick(["", "", "-"]) + whole + fraction + exponent;
}

const characters = ["a", "Z", "0", " ", "/", "{", "}", "[", "]", ":", ",", "'", "\x7f", "é", "ß", "߿",
	"ࠀ", "€", "\u2028", "\ufeff", "\ufffd", "\uffff", "\ud7ff", "\ue000", "😀", "\u{10000}", "\u{10ffff}"];
const hex = (n) => n.toString(16).padStart(4, "0");
const unit = (n) => "\\u" + (random(2) ? hex(n) : hex(n).toUpperCase());

function piece() {
	switch (random(12)) {
	case 0:
		return pick(['\\"', "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t"]);
	case 1:
		return unit(random(0xd800));
	case 2:
		return unit(0xe000 + random(0x2000));
	case 3:
		return unit(0xd800 + random(0x400)) + unit(0xdc00 + random(0x400));
	case 4: // a lone one, often
		return random(6) ? "b" : unit(0xd800 + random(0x800));
	case 5:
	case 6:
		return pick(characters);
	default:
		return "abcdefghijklmnopqrstuvwxyz0123456789".slice(0, random(36));
	}
}
const string = () => '"' + Array.from({ length: random(6) }, piece).join("") + '"';
const key = () => (random(3) ? string() : pick(['"a"', '"\\u0061"', '"event"', '"__proto__"', '""']));

function value(depth) {
	const kind = random(depth > 0 ? 10 : 7);
	if (kind < 2)
		return number();
	if (kind < 5)
		return string();
	if (kind < 7)
		return pick(["true", "false", "null"]);
	const items = Array.from({ length: random(4) }, () => blank() +
		(kind === 7 ? "" : key() + blank() + ":" + blank()) + value(depth - 1) + blank());
	return kind === 7 ? "[" + (items.join(",") || blank()) + "]" : "{" + (items.join(",") || blank()) + "}";
}

function object() {
	const items = Array.from({ length: random(7) }, () =>
		blank() + key() + blank() + ":" + blank() + value(3) + blank());
	return blank() + "{" + (items.join(",") || blank()) + "}" + blank();
}

function nest(depth) {
	const open = Array.from({ length: depth }, () => random(2));
	return open.map((o) => (o ? '{"k":' : "[")).join("") + "1" +
		open.reverse().map((o) => (o ? "}" : "]")).join("");
}

// ---- texts that may not be

const bytes = [...Buffer.from('"\\{}[]:,0123456789.eE+-truefalsn u/dD8cC \t\n\r'), 0, 1, 0x1f, 0x7f,
	0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff, 0xa0, 0x9f, 0x90, 0x8f];

function mutate(text, other) {
	const at = random(text.length + 1);
	const end = Math.min(text.length, at + 1 + random(4));
	switch (random(7)) {
	case 0: // cut
		return text.subarray(0, at);
	case 1: // without a piece
		return Buffer.concat([text.subarray(0, at), text.subarray(end)]);
	case 2: // with a byte more
		return Buffer.concat([text.subarray(0, at), Buffer.from([pick(bytes)]), text.subarray(at)]);
	case 3: // with another byte
		return Buffer.concat([text.subarray(0, at), Buffer.from([pick(bytes)]), text.subarray(at + 1)]);
	case 4: // a piece twice
		return Buffer.concat([text.subarray(0, end), text.subarray(at)]);
	case 5: // the end of another
		return Buffer.concat([text.subarray(0, at), other.subarray(random(other.length + 1))]);
	default: { // a flipped bit
		const copy = Buffer.from(text);
		if (copy.length)
			copy[random(copy.length)] ^= 1 << random(8);
		return copy;
	}
	}
}

const sequences = ["80", "bf", "c080", "c1bf", "c280", "dfbf", "c2", "c241", "e08080", "e09fbf", "e0a080",
	"ed9fbf", "eda080", "edbfbf", "ee8080", "efbfbf", "e28", "e282", "f0808080", "f08fbfbf", "f0908080",
	"f48fbfbf", "f4908080", "f5808080", "f880808080", "ff", "fe", "f09f98", "efbbbf"];

function texts() {
	const list = ["", " ", "\n", "{", "}", "[", "]", '"', "-", "+1", ".5", "1.", "01", "-0", "-01", "0x1", "1e",
		"1e+", "NaN", "Infinity", "-Infinity", "undefined", "True", "nul", "nulll", "tru", "'a'", "{a:1}",
		"{,}", "[,]", "[1,]", '{"a":1,}', "// c\n1", "/**/1", "\ufeff{}", "{}\ufeff", "{}\0", "\0{}", "\v1",
		"\f1", "\u00a01", "\u20281", '"\\u12"', '"\\u123g"', '"\\U0041"', '"\\x41"', '"\\a"', '"\\0"', '"\\\'"',
		'"\t"', '"\n"', '"\x00"', '"\x1f"', '"\x7f"', '{"a" "b"}', '{"a"::1}', '{"a":1 "b":2}', "[1 2]", "[1}",
		'{"a":1]', "1 2", "{} {}", "[[]]]", "1e400", "-1e-400", "12345678901234567890123", "1.0", "1E3",
		'"\\ud800"', '"\\udc00"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\\ud83d\\\\ude00"', '"\\ud83d',
		'{"\\ud800":1}', '[["\\udfff"]]', '{"a":1,"a":"\\ud800","a":2}',
		'{"__proto__":1}', '{"a":1,"a":2,"\\u0061":3}'].map((s) => Buffer.from(s));
	for (const s of sequences)
		for (const [before, after] of [['"', '"'], ['"abcdefghijklmnopqr', 'z"'], ["[", "]"], ['{"', '":1}']])
			list.push(Buffer.concat([Buffer.from(before), Buffer.from(s, "hex"), Buffer.from(after)]));
	for (let depth = DEPTH - 3; depth <= DEPTH + 3; depth++)
		for (let i = 0; i < 6; i++)
			list.push(Buffer.from(nest(depth)));
	list.push(Buffer.from("[".repeat(100000)), Buffer.from('{"a":'.repeat(100000)));
	const good = Array.from({ length: 6000 }, (_, i) => Buffer.from(i % 6 ? object() : blank() + value(4) + blank()));
	list.push(...good);
	for (let i = 0; i < 18000; i++) {
		let text = mutate(pick(good), pick(good));
		while (random(4) === 0)
			text = mutate(text, pick(good));
		list.push(text);
	}
	for (let i = 0; i < 40; i++) { // every way to cut
		const text = good[i];
		for (let n = 0; n < text.length; n++)
			list.push(text.subarray(0, n));
	}
	return list;
}

// ---- what node says

const STRING = /"(?:[^"\\]|\\.)*"/g;

function wellFormed(text) { // of valid JSON; looks at strings that a duplicate key hides as well
	// isWellFormed() is younger than Debian's node
	const lone = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
	return (text.match(STRING) ?? []).every((s) => !lone.test(JSON.parse(s)));
}

function depthOf(text) {
	let depth = 0, most = 0;
	for (const c of text.replace(STRING, "")) {
		if (c === "{" || c === "[")
			most = Math.max(most, ++depth);
		else if (c === "}" || c === "]")
			depth--;
	}
	return most;
}

const minified = (text) => Buffer.byteLength(text.replace(/("(?:[^"\\]|\\.)*")|[ \t\n\r]+/g, "$1"));

function verdict(buffer) {
	let text, parsed;
	try {
		text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(buffer);
	} catch {
		return { why: "UTF-8" };
	}
	try {
		parsed = JSON.parse(text);
	} catch (e) {
		return { why: e instanceof SyntaxError ? "grammar" : String(e) };
	}
	if (!wellFormed(text))
		return { why: "surrogate" };
	if (depthOf(text) > DEPTH)
		return { why: "depth" };
	return { parsed };
}

// ---- comparing

const typeOf = (v) => (v === null ? "null" : Array.isArray(v) ? "array" : typeof v);

let checks = 0, failures = 0;
function check(good, text, what) {
	checks++;
	if (good)
		return;
	if (++failures <= 20)
		console.error(`${what}: ${JSON.stringify(text.toString("latin1").slice(0, 300))}`);
}

// The value of a span; everything known about it is checked.
function checkSpan(text, span) {
	const [start, length, type] = span;
	const raw = text.subarray(start, start + length).toString();
	const parsed = JSON.parse(raw);
	check(TYPES[type] === typeOf(parsed), text, `type of ${raw}`);
	if (typeof parsed !== "string") {
		check(span[3] === minified(raw), text, `minified size ${span[3]} of ${raw}`);
		return parsed;
	}
	const [, , , escaped, utf16, plain, again] = span;
	check(Boolean(escaped) === raw.includes("\\"), text, `escaped ${escaped} of ${raw}`);
	check(utf16 === parsed.length, text, `length ${utf16} of ${raw}`);
	check(plain === Buffer.from(parsed).toString("base64"), text, `unescaped ${raw}`);
	check('"' + Buffer.from(again, "base64").toString() + '"' === JSON.stringify(parsed), text, `escaped again ${raw}`);
	return parsed;
}

function checkObject(text, answer, parsed) {
	const { spans } = answer;
	const own = {};
	let between = "", at = 0;
	for (let i = 0; i < spans.length; i += 2) {
		const [name, v] = [checkSpan(text, spans[i]), checkSpan(text, spans[i + 1])];
		Object.defineProperty(own, name, { value: v, enumerable: true, writable: true, configurable: true });
	}
	for (const [start, length] of spans) {
		between += text.subarray(at, start).toString() + "_";
		at = start + length;
	}
	between += text.subarray(at).toString();
	const shape = "{" + Array(spans.length / 2).fill("_:_").join(",") + "}";
	check(between.replace(/[ \t\n\r]/g, "") === shape, text, "spans do not cover the text");
	check(isDeepStrictEqual(own, parsed), text, "members differ");
}

const REFUSED = {
	"UTF-8": null, // what stands before it may be wrong as well
	grammar: null,
	surrogate: "lone surrogate escape in a string",
	depth: "nested more than 64 deep",
};

const list = texts();
const run = spawnSync(program, ["--oracle"], {
	input: list.map((t) => t.toString("base64") + "\n").join(""),
	maxBuffer: 1 << 30,
	stdio: ["pipe", "pipe", "inherit"],
});
if (run.status !== 0) {
	console.error(`${program}: status ${run.status}, signal ${run.signal}`);
	process.exit(1);
}
const answers = run.stdout.toString().trimEnd().split("\n").map((line) => JSON.parse(line));
if (answers.length !== list.length) {
	console.error(`${answers.length} answers to ${list.length} texts`);
	process.exit(1);
}

const seen = { accepted: 0, "UTF-8": 0, grammar: 0, surrogate: 0, depth: 0 };
list.forEach((text, i) => {
	const want = verdict(text), got = answers[i];
	seen[want.why ?? "accepted"]++;
	check(got.offset <= text.length, text, `offset ${got.offset}`);
	if (want.why) {
		check(got.reason !== "", text, `accepted, but node finds bad ${want.why}`);
		if (REFUSED[want.why] && want.why !== "depth" && depthOf(text.toString()) <= DEPTH)
			check(got.reason === REFUSED[want.why], text, `reason ${got.reason} for ${want.why}`);
		return;
	}
	check(got.reason === "", text, `refused: ${got.reason}`);
	if (got.reason)
		return;
	if (typeOf(want.parsed) === "object")
		checkObject(text, got, want.parsed);
	else
		check(got.spans.length === 1 && isDeepStrictEqual(checkSpan(text, got.spans[0]), want.parsed), text, "value differs");
});

// A verdict that never came was never compared.
for (const [what, least] of [["accepted", 6000], ["UTF-8", 500], ["grammar", 5000], ["surrogate", 300], ["depth", 10]])
	check(seen[what] >= least, Buffer.alloc(0), `only ${seen[what]} texts: ${what}`);
console.log(`json-oracle: ${list.length} texts (${Object.entries(seen).map(([k, n]) => `${n} ${k}`).join(", ")}), ` +
	(failures ? `${failures} of ${checks} checks failed` : `${checks} checks passed`));
process.exit(failures ? 1 : 0);
