// The least that a Node server can do: JSON.parse and 202; it keeps nothing.
import { createServer } from "node:http";
createServer((request, answer) => {
	const parts = [];
	request.on("data", (d) => parts.push(d));
	request.on("end", () => {
		JSON.parse(Buffer.concat(parts).toString());
		answer.writeHead(202, { "Content-Type": "application/json" });
		answer.end('{"ok":true,"event_id":null}');
	});
}).listen(Number(process.argv[2]), "127.0.0.1");
