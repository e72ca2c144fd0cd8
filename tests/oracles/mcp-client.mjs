// Drives a server with an official client, as mcp-connect.mjs has it:
//
//	mcp-client.mjs SDK legacy|modern URL|COMMAND [ARGUMENT]...
//
// Calls every tool, with the project of the environment variable MCP_PROJECT if the tool
// takes one, and reads every resource; prints what it saw as one JSON object a line.
// Ends with status 1 at the first thing that is not as the protocol has it: the client
// checks each message against its schemas, and each result against the tool's.
import { connect } from "./mcp-connect.mjs";

const [sdk, era, ...server] = process.argv.slice(2);
const say = (what, value) => console.log(JSON.stringify({ [what]: value }));
const period = { from: "2026-06-01", to: "2026-07-01" };
const calls = {
	track_event: { event: "refactor_completed", anonymous_id: "agent_001", event_id: "once",
		timestamp: "2026-06-30T12:00:00Z", properties: { task: "refactor", duration_ms: 12400 } },
	query_events: { ...period, event: "refactor_completed" },
	get_stats: { ...period, group_by: ["event_name"], limit: 3 },
	top_sources: { ...period, limit: 2 },
	funnel: { ...period, steps: ["$pageview", "signup"] },
	retention: { ...period, start: "$pageview", interval: "week", later: 2 },
	list_events: {},
	list_properties: { event: "purchase" },
	list_projects: {},
};

const client = await connect(sdk, era, ...server);
say("server", client.getServerVersion());
say("protocol", era === "modern" ? client.getNegotiatedProtocolVersion() : "legacy");
if (era === "legacy") await client.ping();
const { tools } = await client.listTools();
say("tools", tools.map((t) => t.name));
for (const tool of tools) {
	const project = tool.inputSchema.properties.project ? { project: process.env.MCP_PROJECT } : {};
	const answer = await client.callTool({ name: tool.name, arguments: { ...calls[tool.name], ...project } });
	if (answer.isError) throw new Error(`${tool.name}: ${answer.content[0].text}`);
	if (JSON.stringify(JSON.parse(answer.content[0].text)) !== JSON.stringify(answer.structuredContent))
		throw new Error(`${tool.name}: the text and the structure differ`);
	say(tool.name, answer.structuredContent);
}
const refused = await client.callTool({ name: "get_stats",
	arguments: { from: "x", to: "now", project: tools.some((t) => t.name === "list_projects") ? process.env.MCP_PROJECT : undefined } });
say("refused", { isError: refused.isError, text: refused.content[0].text });
await client.callTool({ name: "no_such_tool", arguments: {} }).then(
	() => { throw new Error("a tool that is none was called"); }, (e) => say("unknown", e.code));
if (client.getServerCapabilities().resources) {
	const { resources } = await client.listResources();
	for (const { uri } of resources) {
		const { contents } = await client.readResource({ uri });
		say(uri, Object.keys(JSON.parse(contents[0].text)));
	}
	say("templates", (await client.listResourceTemplates()).resourceTemplates);
}
await client.close();
say("closed", true);
