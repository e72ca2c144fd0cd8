// serve-routes.mjs PORT KEYS.json: each case of tests/data/serve/routes.mjs against mm-serve.
import * as fs from "node:fs";
import * as http from "node:http";
import * as net from "node:net";
import { cases, raw } from "../data/serve/routes.mjs";

const port = Number(process.argv[2]);
const keys = JSON.parse(fs.readFileSync(process.argv[3], "utf8"));
const names = Object.keys(keys).sort((a, b) => b.length - a.length);
const fill = (text) => names.reduce((t, n) => t.replace(new RegExp(`\\b${n}\\b`, "g"), keys[n]), text);
let failed = 0, checked = 0;

function complain(name, ...what) {
	failed++;
	console.log(`${name}:`, ...what);
}

function ask([name, line, headers, body, status, answer, expected = {}]) {
	const [method, path] = line.split(" ");
	const sent = Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, fill(v)]));
	if (typeof body === "string") body = Buffer.from(fill(body));
	if (method !== "GET" && method !== "OPTIONS") sent["content-length"] = body.length;
	return new Promise((done) => {
		const r = http.request({ port, method, path: fill(path), headers: sent, agent: false }, (a) => {
			let text = "";
			a.on("data", (d) => (text += d));
			a.on("end", () => {
				checked++;
				if (a.statusCode !== status) complain(name, "status", a.statusCode, "not", status, text);
				const code = /^[a-z_]+$/.test(answer);
				if (code && JSON.parse(text).error !== answer) complain(name, "answer", text);
				if (!code && answer && text.trim() !== answer) complain(name, "answer", text, "not", answer);
				if (status !== 204 && a.headers["content-type"] !== "application/json" && status !== 413)
					complain(name, "type", a.headers["content-type"]);
				for (const [k, v] of Object.entries(expected))
					if ((a.headers[k] ?? null) !== v) complain(name, k, a.headers[k], "not", v);
				done();
			});
		});
		r.on("error", (e) => {
			// the answer may come, and the connection go, before all of the body is sent
			complain(name, e.message);
			done();
		});
		r.end(body.length ? body : undefined);
	});
}

function speak([name, text, statuses, open]) {
	return new Promise((done) => {
		const socket = net.connect(port);
		let got = "", ended = false;
		const seen = () => [...got.matchAll(/HTTP\/1\.[01] (\d+)/g)].map((m) => Number(m[1]));
		const finish = () => {
			checked++;
			if (JSON.stringify(seen()) !== JSON.stringify(statuses)) complain(name, seen(), "not", statuses);
			if (ended === open) complain(name, ended ? "ended" : "stays open");
			socket.destroy();
			done();
		};
		const timer = setTimeout(finish, 3000);
		socket.on("data", (d) => {
			got += d;
			if (open && seen().length >= statuses.length) {
				clearTimeout(timer);
				setTimeout(finish, 30);
			}
		});
		socket.on("error", () => {});
		socket.on("close", () => {
			ended = true;
			clearTimeout(timer);
			if (!open) finish();
		});
		socket.write(fill(text));
	});
}

for (const c of cases) await ask(c);
for (const c of raw) await speak(c);
console.log(`${checked} requests, ${failed} differences`);
process.exit(failed ? 1 : 0);
