// Drives mm-mcp with the official client over its standard input and output:
//
//	mcp-client.mjs SDK COMMAND [ARGUMENT]...
//
// Calls every tool and reads every resource; prints what it saw as one JSON
// object a line.  Ends with status 1 at the first thing that is not as the
// protocol has it: the client checks each message against its schemas.
import { pathToFileURL } from "node:url";

const [sdk, command, ...args] = process.argv.slice(2);
const from = (path) => import(pathToFileURL(`${sdk}/dist/esm/${path}`).href);
const { Client } = await from("client/index.js");
const { StdioClientTransport } = await from("client/stdio.js");

const say = (what, value) => console.log(JSON.stringify({ [what]: value }));
const period = { from: "2026-06-01", to: "2026-07-01" };
const calls = {
	track_event: { event: "refactor_completed", anonymous_id: "agent_001", event_id: "once",
		timestamp: "2026-06-30T12:00:00Z", properties: { task: "refactor", duration_ms: 12400 } },
	query_events: { ...period, event: "refactor_completed" },
	get_stats: { ...period, group_by: ["event_name"], limit: 3 },
	top_sources: { ...period, limit: 2 },
	funnel: { ...period, steps: ["$pageview", "signup"] },
};

const transport = new StdioClientTransport({ command, args, env: process.env, stderr: "inherit" });
const client = new Client({ name: "test", version: "1" });
await client.connect(transport);
say("server", client.getServerVersion());
await client.ping();
const { tools } = await client.listTools();
say("tools", tools.map((t) => t.name));
for (const tool of tools) {
	const answer = await client.callTool({ name: tool.name, arguments: calls[tool.name] });
	if (JSON.stringify(JSON.parse(answer.content[0].text)) !== JSON.stringify(answer.structuredContent))
		throw new Error(`${tool.name}: the text and the structure differ`);
	say(tool.name, answer.structuredContent);
}
try {
	await client.callTool({ name: "get_stats", arguments: { from: "x", to: "now" } });
	throw new Error("a bad argument was accepted");
} catch (e) {
	say("refused", e.code);
}
const { resources } = await client.listResources();
for (const { uri } of resources) {
	const { contents } = await client.readResource({ uri });
	say(uri, Object.keys(JSON.parse(contents[0].text)));
}
say("templates", (await client.listResourceTemplates()).resourceTemplates);
await client.close();
say("closed", true);
