// Stands for the queue that carries statements to all servers of a cluster,
// which needs a Keeper: what says ON CLUSTER is sent to each server without it,
// in another database, and anything else to the first.  For the same reason Replicated tables are
// made as plain ones.  What a later server refuses cuts off the answer that has begun with the
// row of the first, as a server does unless it is asked to wait.
//
//     node cluster-ddl.mjs FILE SERVER...
//
// Listens on a free port of 127.0.0.1 and writes its URL to FILE.
import { createServer } from "node:http";
import { renameSync, writeFileSync } from "node:fs";

const [file, ...servers] = process.argv.slice(2);

function plain(sql) {
	return sql
		.replace(/ ON CLUSTER '[^']*'/, "")
		.replace(/Replicated(\w*MergeTree)\([^)]*\)/, "$1")
		.replace(/ replicated_(deduplication_window) = (\d+), replicated_\w+ = \d+/, " non_replicated_$1 = $2");
}

async function send(server, url, headers, body) {
	const res = await fetch(new URL(url, server), { method: "POST", headers, body });
	return { status: res.status, code: res.headers.get("x-clickhouse-exception-code"),
		summary: res.headers.get("x-clickhouse-summary"), body: await res.text() };
}

createServer((req, res) => {
	const chunks = [];
	req.on("data", (c) => chunks.push(c));
	req.on("end", async () => {
		const body = Buffer.concat(chunks).toString();
		const headers = {};
		for (const [name, value] of Object.entries(req.headers))
			if (name === "content-type" || name.startsWith("x-clickhouse"))
				headers[name] = value;
		const everywhere = / ON CLUSTER '/.test(body);
		let answer;
		let refused = 0;
		for (const server of everywhere ? servers : servers.slice(0, 1)) {
			const url = everywhere ? req.url.replace(/database=\w+/, "database=default") : req.url;
			answer = await send(server, url, headers, everywhere ? plain(body) : body);
			if (answer.status !== 200) {
				refused = servers.indexOf(server);
				break;
			}
		}
		const out = {};
		if (refused > 0 && !req.url.includes("wait_end_of_query=1")) {
			res.writeHead(200).write("127.0.0.1\t9000\t0\t\t1\t0\n", () => res.destroy());
			return;
		}
		if (answer.code)
			out["X-ClickHouse-Exception-Code"] = answer.code;
		if (answer.summary)
			out["X-ClickHouse-Summary"] = answer.summary;
		res.writeHead(answer.status, out);
		res.end(answer.body);
	});
}).listen(0, "127.0.0.1", function () {
	writeFileSync(`${file}.tmp`, `http://127.0.0.1:${this.address().port}/\n`);
	renameSync(`${file}.tmp`, file);
});
