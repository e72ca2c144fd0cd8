// Hands requests on to a server, with the key of the environment variable MCP_KEY, for
// who can't send one; all else stays as it came:
//
//	mcp-proxy.mjs URL
//
// Prints its own URL, and ends when its input does.
import http from "node:http";

const to = new URL(process.argv[2]);
const server = http.createServer((request, answer) => {
	const headers = { ...request.headers, authorization: `Bearer ${process.env.MCP_KEY}` };
	const onward = http.request({ host: to.hostname, port: to.port, path: to.pathname, method: request.method, headers }, (got) => {
		answer.writeHead(got.statusCode, got.headers);
		got.pipe(answer);
	});
	onward.on("error", () => answer.destroy());
	request.pipe(onward);
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}${to.pathname}`));
process.stdin.resume().on("end", () => process.exit());
