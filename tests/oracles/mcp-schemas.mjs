// Holds the JSON Schemas of mm-mcp's tools against the tools themselves, with the
// official client and a validator of JSON Schema (ajv) that comes with it:
//
//	mcp-schemas.mjs SDK COMMAND [ARGUMENT]...
//
// From each schema it derives arguments that break one of its rules; schema and tool
// have to refuse these, and to accept those that break none.  Prints how many of
// both there were for each tool.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [sdk, command, ...args] = process.argv.slice(2);
const from = (path) => import(pathToFileURL(`${sdk}/dist/esm/${path}`).href);
const { Client } = await from("client/index.js");
const { StdioClientTransport } = await from("client/stdio.js");
const Ajv = createRequire(`${sdk}/package.json`)("ajv/dist/2020").default;

// All arguments of each tool, and right.
const period = { from: "2026-06-01", to: "2026-06-08T12:00:00+02:00", tz: "Europe/Berlin" };
const right = {
	track_event: { event: "checked", event_id: "a", timestamp: "2026-06-01T12:00:00Z", anonymous_id: "b",
		user_id: "c", session_id: "d", url: "https://shop.example/", path: "/", referrer: "e",
		properties: { f: [1, null] } },
	query_events: { ...period, event: "a", source: "b", medium: "c", user_id: "d", anonymous_id: "e",
		country: "DE", where: ["path=/x", "properties.n>=1"], limit: 1 },
	get_stats: { ...period, metric: "uniques", event: "a", group_by: ["source", "path"],
		interval: "week", where: ["country!=DE"], limit: 1000 },
	top_sources: { ...period, breakdown: "source", by: "visits", where: ["source~goo"], limit: 200 },
	funnel: { ...period, steps: ["a", "b,c=d"], window: "2h", by: "user_id" },
};

function* broken(schema, good) {
	for (const name of schema.required) {
		const { [name]: gone, ...rest } = good;
		yield rest;
	}
	yield { ...good, nonsense: "x" };
	for (const [name, p] of Object.entries(schema.properties)) {
		const values = [p.type === "object" ? "x" : {}, true];
		if (p.enum) values.push("nonsense", "");
		if (p.type === "integer") values.push(p.minimum - 1, p.maximum + 1, 1.5);
		if (p.minLength) values.push("");
		if (p.maxLength) values.push(`https://x/${"y".repeat(p.maxLength)}`);
		if (p.minItems) values.push(good[name].slice(0, p.minItems - 1));
		if (p.maxItems) values.push(Array(p.maxItems + 1).fill(good[name][0]));
		if (p.uniqueItems) values.push([p.items.enum[0], p.items.enum[0]]);
		if (p.items) values.push([{}, {}], [["a"], "b"]);
		if (p.items?.enum) values.push(["nonsense"]);
		if (p.items?.minLength) values.push(["", "x"]);
		if (p.type === "string") values.push(["x"]);
		for (const value of values) yield { ...good, [name]: value };
	}
}

// What a schema can't say: metrics of visits are of all events, and have names of their own to group by.
function fitting(values) {
	const ofEvents = ["event_name", "path", "url", "user_id"], ofVisits = ["entry_path", "exit_path"];
	const { event, group_by, ...rest } = values;
	if (values.metric === "returning") delete rest.where;
	if (values.metric === "pageviews") return { ...rest, group_by };
	if (["visits", "bounce_rate", "visit_duration", "views_per_visit", "new", "returning"].includes(values.metric)) return rest;
	if (!group_by?.includes("exit_path")) return values;
	return [{ ...values, group_by: group_by.filter((g) => !ofVisits.includes(g)) },
		{ ...rest, metric: "visits", group_by: group_by.filter((g) => !ofEvents.includes(g)) }];
}

function* whole(schema, good) {
	yield good;
	for (const [name, p] of Object.entries(schema.properties)) {
		const { [name]: gone, ...rest } = good;
		if (!schema.required.includes(name)) yield rest;
		if ("default" in p) yield { ...good, [name]: p.default };
		for (const value of p.enum ?? []) yield { ...good, [name]: value };
		if (p.items?.enum) yield { ...good, [name]: p.items.enum };
		if (p.type === "integer") {
			yield { ...good, [name]: p.minimum };
			yield { ...good, [name]: p.maximum };
		}
		if (p.maxLength && name !== "url") yield { ...good, [name]: "y".repeat(p.maxLength) };
		if (p.minItems) yield { ...good, [name]: Array(p.minItems).fill(good[name][0]) };
		if (p.maxItems) yield { ...good, [name]: Array(p.maxItems).fill(good[name][0]) };
	}
}

const client = new Client({ name: "test", version: "1" });
await client.connect(new StdioClientTransport({ command, args, env: process.env, stderr: "inherit" }));
const ajv = new Ajv({ strict: true, allErrors: true });

async function accepts(name, values) {
	try {
		await client.callTool({ name, arguments: values });
		return true;
	} catch (e) {
		if (e.code !== -32602) throw e;
		return false;
	}
}

async function agree(tool, validate, values, wanted) {
	const both = [validate(values), await accepts(tool.name, values)];
	if (both[0] !== wanted || both[1] !== wanted)
		throw new Error(`${tool.name} ${JSON.stringify(values).slice(0, 400)}: schema ${both[0]}, tool ${both[1]}`);
}

for (const tool of (await client.listTools()).tools) {
	const schema = tool.inputSchema;
	const validate = ajv.compile(schema);
	const counts = { accepted: 0, refused: 0 };
	if (Object.keys(schema.properties).join() !== Object.keys(right[tool.name]).join())
		throw new Error(`${tool.name}: ${Object.keys(schema.properties)}`);
	for (const values of [...whole(schema, right[tool.name])].flatMap(fitting)) {
		await agree(tool, validate, values, true);
		counts.accepted++;
	}
	for (const values of broken(schema, right[tool.name])) {
		await agree(tool, validate, values, false);
		counts.refused++;
	}
	console.log(JSON.stringify({ tool: tool.name, ...counts }));
}
await client.close();
