// Holds the JSON Schemas of mm-mcp's tools against the tools themselves, with the
// official client and a validator of JSON Schema (ajv) that comes with it:
//
//	mcp-schemas.mjs SDK COMMAND [ARGUMENT]...
//
// From each schema it derives arguments that break one of its rules; schema and tool
// have to refuse these, and to accept those that break none.  Prints how many of
// both there were for each tool.
import { createRequire } from "node:module";
import { connect } from "./mcp-connect.mjs";

const [sdk, ...server] = process.argv.slice(2);
const Ajv = createRequire(`${sdk}/package.json`)("ajv/dist/2020").default;

// All arguments of each tool, and right, but that a period stands in place of from and to.
const period = { period: "2026-06", from: "2026-06-01", to: "2026-06-08T12:00:00+02:00", tz: "Europe/Berlin" };
const right = {
	track_event: { event: "checked", event_id: "a", timestamp: "2026-06-01T12:00:00Z", anonymous_id: "b",
		user_id: "c", session_id: "d", url: "https://shop.example/", path: "/", referrer: "e",
		properties: { f: [1, null] } },
	query_events: { ...period, event: "a", source: "b", medium: "c", user_id: "d", anonymous_id: "e",
		country: "DE", where: ["path=/x", "properties.n>=1"], fields: ["event_name", "path"],
		limit: 1 },
	get_stats: { ...period, metric: "uniques", event: "a", group_by: ["source", "path"],
		interval: "week", where: ["country!=DE"], compare: "previous", limit: 1000 },
	top_sources: { ...period, breakdown: "source", by: "visits", conversion: "purchase,plan=pro", value: "amount",
		currency: "currency", touch: "first", where: ["source~goo"], compare: "2026-05", limit: 200 },
	funnel: { ...period, steps: ["a", "b,c=d"], window: "2h", by: "user_id", group_by: ["country", "properties.plan"],
		limit: 10, compare: "previous" },
	retention: { ...period, start: "a", back: "b,c=d", interval: "week", later: 3, by: "user_id" },
	list_events: { ...period, limit: 7 },
	list_properties: { ...period, event: "a", limit: 7 },
};

// What excludes another: each way to ask.
function ways(values) {
	const without = (o, ...names) => Object.fromEntries(Object.entries(o).filter(([n]) => !names.includes(n)));
	const periods = "period" in values ? [without(values, "from", "to"), without(values, "period")] : [values];
	return periods.flatMap((v) => "touch" in v ? [v, without(v, "conversion", "value", "currency", "touch")]
		: [v]);
}

// What a list may be of.
const choices = (p) => p.items?.enum ?? p.items?.anyOf?.[0].enum;

function* broken(schema, good) {
	for (const name of schema.required ?? []) {
		const { [name]: gone, ...rest } = good;
		yield rest;
	}
	yield { ...good, nonsense: "x" };
	for (const [name, p] of Object.entries(schema.properties).filter(([n]) => n in good)) {
		const values = [p.type === "object" ? "x" : {}, true];
		if (p.enum) values.push("nonsense", "");
		if (p.type === "integer") values.push(p.minimum - 1, p.maximum + 1, 1.5);
		if (p.minLength) values.push("");
		if (p.maxLength) values.push(`https://x/${"y".repeat(p.maxLength)}`);
		if (p.minItems) values.push(good[name].slice(0, p.minItems - 1));
		if (p.maxItems) values.push(Array(p.maxItems + 1).fill(good[name][0]));
		if (p.uniqueItems) values.push([choices(p)[0], choices(p)[0]]);
		if (p.items) values.push([{}, {}], [["a"], "b"]);
		if (choices(p)) values.push(["nonsense"], ["properties."]);
		if (p.items?.minLength && name !== "fields") values.push(["", "x"]);
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

// Without these the others say nothing.
const needed = ["period", "from", "conversion", "value"];

function* whole(schema, good) {
	yield good;
	for (const [name, p] of Object.entries(schema.properties).filter(([n]) => n in good)) {
		const { [name]: gone, ...rest } = good;
		if (![...schema.required ?? [], ...needed].includes(name)) yield rest;
		if ("default" in p) yield { ...good, [name]: p.default };
		for (const value of p.enum ?? []) yield { ...good, [name]: value };
		if (choices(p)) yield { ...good, [name]: choices(p) };
		if (p.items?.anyOf) yield { ...good, [name]: ["properties.a", "properties.b.c"] };
		if (p.type === "integer") {
			yield { ...good, [name]: p.minimum };
			yield { ...good, [name]: p.maximum };
		}
		if (p.maxLength && name !== "url") yield { ...good, [name]: "y".repeat(p.maxLength) };
		if (p.minItems) yield { ...good, [name]: Array(p.minItems).fill(good[name][0]) };
		if (p.maxItems) yield { ...good, [name]: Array(p.maxItems).fill(good[name][0]) };
	}
}

const client = await connect(sdk, "legacy", ...server);
const ajv = new Ajv({ strict: true, allErrors: true });

async function accepts(name, values) {
	const answer = await client.callTool({ name, arguments: values });
	if (answer.isError && !/^invalid_(params|group_by|payload): |^\w+ has no argument /.test(answer.content[0].text))
		throw new Error(answer.content[0].text);
	return !answer.isError;
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
	for (const good of ways(right[tool.name])) {
		for (const values of [...whole(schema, good)].flatMap(fitting)) {
			await agree(tool, validate, values, true);
			counts.accepted++;
		}
		for (const values of broken(schema, good)) {
			await agree(tool, validate, values, false);
			counts.refused++;
		}
	}
	console.log(JSON.stringify({ tool: tool.name, ...counts }));
}
await client.close();
