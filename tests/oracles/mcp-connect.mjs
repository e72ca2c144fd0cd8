// Connects with an official client to a server of the Model Context Protocol:
//
//	const client = await connect(SDK, ERA, SERVER, ...);
//
// ERA is "legacy", the client whose revisions begin with a handshake, or "modern", that of
// 2026-07-28.  SERVER is the URL of one, with its key in the environment variable MCP_KEY, or
// a command and its arguments.
import { pathToFileURL } from "node:url";

const from = (path) => import(pathToFileURL(path).href);

async function parts(sdk, era) {
	if (era === "modern") {
		const all = await from(`${sdk}/../client/dist/index.mjs`);
		return { ...all, ...await from(`${sdk}/../client/dist/stdio.mjs`) };
	}
	return { ...await from(`${sdk}/dist/esm/client/index.js`),
		...await from(`${sdk}/dist/esm/client/stdio.js`),
		...await from(`${sdk}/dist/esm/client/streamableHttp.js`) };
}

export async function connect(sdk, era, server, ...args) {
	const { Client, StdioClientTransport, StreamableHTTPClientTransport } = await parts(sdk, era);
	const client = new Client({ name: "test", version: "1" },
		era === "modern" ? { versionNegotiation: { mode: { pin: "2026-07-28" } } } : {});
	const transport = /^http:/.test(server)
		? new StreamableHTTPClientTransport(new URL(server),
			{ requestInit: { headers: { Authorization: `Bearer ${process.env.MCP_KEY}` } } })
		: new StdioClientTransport({ command: server, args, env: process.env, stderr: "inherit" });
	await client.connect(transport);
	return client;
}
