// Requests that parsers disagree about: what node or nginx refuse, we refuse.
//
//   node http-oracle.mjs HTTP-ECHO [ROUNDS] [SEED]
//
// Each is sent on a connection of its own to tests/faults/http-echo, to node's
// http, and to nginx before node.  Each request that ours carries out (X-Ran) is
// to be carried out by both others, in that order, with a body as long.
import { spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";

const [echo, rounds = "400", seed = "1"] = process.argv.slice(2);
const dir = fs.mkdtempSync(path.join(os.tmpdir(), "mm-http-"));
const at = (name) => path.join(dir, name);

const H = "Host: a\r\n";
const POST = `POST /first HTTP/1.1\r\n${H}`;
const NEXT = `GET /second HTTP/1.1\r\n${H}\r\n`;
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;
const good = [
	`GET /first HTTP/1.1\r\n${H}\r\n${NEXT}`,
	`${POST}Content-Length: 5\r\n\r\nhello${NEXT}`,
	`${CHUNKED}5\r\nhello\r\n0\r\n\r\n${NEXT}`,
	`${CHUNKED}5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n${NEXT}`,
	`GET /first HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${NEXT}`,
	`HEAD /first?a=b&c=%20 HTTP/1.1\r\n${H}\r\n${NEXT}`,
	`${POST}Content-Length: 5\r\nAuthorization: Bearer a\r\nContent-Type: application/json\r\n\r\nhello${NEXT}`,
];
// Each hides a second request, or a body, from one who reads it otherwise.
const smuggled = [
	`${POST}Content-Length: 0\r\nContent-Length: ${NEXT.length}\r\n\r\n${NEXT}`,
	`${POST}Content-Length: ${NEXT.length}\r\nContent-Length: 0\r\n\r\n${NEXT}`,
	`${POST}Content-Length: 0, ${NEXT.length}\r\n\r\n${NEXT}`,
	`${POST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello${NEXT}`,
	`${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST}Transfer-Encoding: identity\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST}Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST}Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST} Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST}A: b\r\nTransfer-Encoding\r\n : chunked\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST}A: b\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST}A: b\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST}A: b\0Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${NEXT}`,
	`${POST}Content-Length: +5\r\n\r\nhello${NEXT}`,
	`${POST}Content-Length: 0x5\r\n\r\nhello${NEXT}`,
	`${POST}Content-Length: 5 5\r\n\r\nhello${NEXT}`,
	`${POST}Content-Length: -5\r\n\r\nhello${NEXT}`,
	`${POST}Content-Length:\r\n\r\nhello${NEXT}`,
	`${POST}Content-Length: 18446744073709551621\r\n\r\nhello${NEXT}`,
	`${POST}Content-Length : 5\r\n\r\nhello${NEXT}`,
	`${POST}Content-Length\t: 5\r\n\r\nhello${NEXT}`,
	`${POST}Content-Length: 5\r\n\r\rhello${NEXT}`,
	`POST /first HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${NEXT}`,
	`${CHUNKED}5;a\r\nhello\r\n0\r\n\r\n${NEXT}`,
	`${CHUNKED}5;a=b\nhello\r\n0\r\n\r\n${NEXT}`,
	`${CHUNKED}5\nhello\r\n0\r\n\r\n${NEXT}`,
	`${CHUNKED}5\r\nhello\n0\r\n\r\n${NEXT}`,
	`${CHUNKED}5\r\nhello0\r\n\r\n${NEXT}`,
	`${CHUNKED}5\r\nhelloXX0\r\n\r\n${NEXT}`,
	`${CHUNKED}0x5\r\nhello\r\n0\r\n\r\n${NEXT}`,
	`${CHUNKED}+5\r\nhello\r\n0\r\n\r\n${NEXT}`,
	`${CHUNKED}5 \r\nhello\r\n0\r\n\r\n${NEXT}`,
	`${CHUNKED} 5\r\nhello\r\n0\r\n\r\n${NEXT}`,
	`${CHUNKED}10000000000000005\r\nhello\r\n0\r\n\r\n${NEXT}`,
	`${CHUNKED}0\r\nContent-Length: 5\r\n\r\n${NEXT}`,
	`${CHUNKED}0\r\n\rX${NEXT}`,
	`${CHUNKED}0\r\n\n${NEXT}`,
	`${CHUNKED}0\n\r\n${NEXT}`,
	`${CHUNKED}00000\r\n\r\n${NEXT}`,
	`GET /first HTTP/1.1\r\n${H}\r\rX${NEXT}`,
	`GET /first HTTP/1.1\r\n${H}\r\n\rX${NEXT}`,
	`GET /first HTTP/1.1\r\n${H}Host: b\r\n\r\n${NEXT}`,
	`GET /first HTTP/1.1\r\nhost: b\r\n${H}\r\n${NEXT}`,
	`GET /first HTTP/1.1\r\nHost: a,b\r\n\r\n${NEXT}`,
	`GET /first HTTP/1.1\r\nHost: a b\r\n\r\n${NEXT}`,
	`GET /first HTTP/1.1\r\nHost: a@b\r\n\r\n${NEXT}`,
	`GET /first HTTP/1.1\r\nHost: \r\n\r\n${NEXT}`,
	`GET /first HTTP/1.1\r\n\r\n${NEXT}`,
	`GET /first HTTP/1.1\r\n${H}Authorization: a\r\nAuthorization: b\r\n\r\n${NEXT}`,
	`GET /first HTTP/1.1\r\n${H}: b\r\n\r\n${NEXT}`,
	`GET /first HTTP/1.1\r\n${H}A\r\n\r\n${NEXT}`,
	`GET /first HTTP/1.1\r\n${H}(A): b\r\n\r\n${NEXT}`,
	`GET /first HTTP/1.1\r\n\tA: b\r\n${H}\r\n${NEXT}`,
	`GET /first HTTP/1.1\n${H}\r\n${NEXT}`,
	`GET /first HTTP/1.1\n${H}\n${NEXT}`,
	`GET\t/first HTTP/1.1\r\n${H}\r\n${NEXT}`,
	`GET /first\tHTTP/1.1\r\n${H}\r\n${NEXT}`,
	`GET /fi rst HTTP/1.1\r\n${H}\r\n${NEXT}`,
	`GET /first HTTP/1.1 \r\n${H}\r\n${NEXT}`,
	`GET /first HTTP/1.01\r\n${H}\r\n${NEXT}`,
	`GET /first HTTP/01.1\r\n${H}\r\n${NEXT}`,
	`GET /first HTTP/2.0\r\n${H}\r\n${NEXT}`,
	`GET /first http/1.1\r\n${H}\r\n${NEXT}`,
	`GET /first\r\n${NEXT}`,
	`GET first HTTP/1.1\r\n${H}\r\n${NEXT}`,
	`GET /\xe4 HTTP/1.1\r\n${H}\r\n${NEXT}`,
	`GET /%zz HTTP/1.1\r\n${H}\r\n${NEXT}`,
	`GET /%00 HTTP/1.1\r\n${H}\r\n${NEXT}`,
	`GET /../first HTTP/1.1\r\n${H}\r\n${NEXT}`,
	`GET http://b/first HTTP/1.1\r\n${H}\r\n${NEXT}`,
	`CONNECT a:80 HTTP/1.1\r\n${H}\r\n${NEXT}`,
	`TRACE /first HTTP/1.1\r\n${H}\r\n${NEXT}`,
	`OPTIONS * HTTP/1.1\r\n${H}\r\n${NEXT}`,
	`GET /first HTTP/1.1\r\n${H}Expect: magic\r\n\r\n${NEXT}`,
	`GET /first HTTP/1.1\r\n${H}Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n${NEXT}`,
	`GET /first HTTP/1.1\r\n${H}Connection: close\r\n\r\n${NEXT}`,
	`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
];

// ---- random ones: a good request with some bytes changed ----
let state = BigInt(seed);
const random = (n) => {
	state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
	return Number((state >> 33n) % BigInt(n));
};
const pieces = ["\r", "\n", "\r\n", "\r\n\r\n", " ", "\t", "\0", ":", ",", ";", "%", "0", "1", "f", "\x7f", "\x80",
	"Host: b\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "/", "?", "#", "..", "chunked", "\\", "\""];
const mutant = () => {
	let text = good[random(good.length)];
	for (let i = random(2); i >= 0; i--) {
		const where = random(text.length - NEXT.length + 8);
		const gone = random(3) ? random(2) : random(6);
		text = text.slice(0, where) + (random(4) ? pieces[random(pieces.length)] : "") + text.slice(where + gone);
	}
	return text;
};

// ---- the three ----
const handler = (request, response) => {
	request.mm = 0;
	request.socket.mmRan?.push(request);
	request.on("data", (data) => (request.mm += data.length));
	request.on("end", () => {
		response.setHeader("X-Ran", `${request.method} ${request.url} ${request.mm}`);
		response.setHeader("Content-Length", 3);
		response.end("ok\n");
	});
};
const servers = ["node", "behind"].map((name) => http.createServer({ keepAliveTimeout: 500 }, handler).listen(at(name)));
// node drops the answers it owes when what follows is no request: so it is its parser that is
// asked, by connection; they are accepted in the order in which they connect.
const connections = [];
servers[0].on("connection", (socket) => {
	socket.mmRan = [];
	connections.push(socket.mmRan);
});
for (const server of servers)
	server.on("checkContinue", handler);
fs.writeFileSync(at("nginx.conf"), `
daemon off; master_process off; pid ${at("pid")}; error_log ${at("error.log")};
events { worker_connections 512; }
http {
	access_log off;
	client_body_temp_path ${at("body")}; proxy_temp_path ${at("proxy")};
	fastcgi_temp_path ${at("fastcgi")}; uwsgi_temp_path ${at("uwsgi")}; scgi_temp_path ${at("scgi")};
	keepalive_timeout 500ms;
	server {
		listen unix:${at("nginx")};
		merge_slashes off;
		location / {
			proxy_pass http://unix:${at("behind")};
			proxy_ignore_client_abort on;
			proxy_http_version 1.1;
		}
	}
}
`);
const nginx = spawn("nginx", ["-p", dir, "-c", at("nginx.conf"), "-e", at("error.log")], { stdio: "ignore" });
const ours = spawn(echo, ["-i", "500", `unix:${at("ours")}`], { stdio: ["ignore", "ignore", "inherit"] });
let oursEnded = null;
ours.on("exit", (code, signal) => (oursEnded = code ?? signal));

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
for (const name of ["node", "behind", "nginx", "ours"])
	for (let i = 0; !fs.existsSync(at(name)); i++) {
		if (i > 200) {
			console.error(`${name} does not start`);
			process.exit(1);
		}
		await pause(50);
	}

let asked = 0;
// What was carried out of it, and the first status that is an error.
const ask = (name, text) =>
	new Promise((done) => {
		const chunks = [];
		const number = name === "node" ? asked++ : 0;
		const socket = net.connect(at(name));
		const finish = () => {
			const answer = Buffer.concat(chunks).toString("latin1");
			done({
				ran: name === "node" ? connections[number].filter((r) => r.complete)
					.map((r) => `${r.method} ${r.url} ${r.mm + r.readableLength}`) : [...answer.matchAll(/^x-ran: (.*?)\r$/gim)].map((m) => m[1]),
				error: answer.match(/^HTTP\/1\.1 ([45]\d\d)/m)?.[1],
			});
		};
		socket.on("data", (data) => chunks.push(data));
		socket.on("error", () => {});
		socket.on("close", finish);
		socket.write(Buffer.from(text, "latin1"));
		setTimeout(() => socket.destroy(), 5000).unref();
	});

let failed = 0;
let refused = 0;
let carried = 0;
const compare = async (text, mustRun) => {
	const [mine, ...others] = await Promise.all(["ours", "node", "nginx"].map((name) => ask(name, text)));
	refused += mine.error !== undefined;
	carried += mine.ran.length;
	const names = ["node", "nginx"];
	others.forEach((other, i) => {
		const differs = mine.ran.findIndex((ran, k) => ran !== other.ran[k]);
		if (differs >= 0) {
			failed++;
			console.error(`${JSON.stringify(text)}: ran ${mine.ran[differs]}, ${names[i]} ran ${other.ran} ${other.error ?? ""}`);
		}
	});
	if (mustRun && mine.ran.length !== 2) {
		failed++;
		console.error(`${JSON.stringify(text)}: ran only ${mine.ran}`);
	}
};

const all = [...good.map((text) => [text, true]), ...smuggled.map((text) => [text, false])];
for (let i = 0; i < Number(rounds); i++)
	all.push([mutant(), false]);
for (let i = 0; i < all.length; i += 64)
	await Promise.all(all.slice(i, i + 64).map(([text, mustRun]) => compare(text, mustRun)));

console.log(`${all.length} connections, ${smuggled.length} of them known tricks: ${carried} requests carried out, ${refused} connections refused`);
ours.kill("SIGTERM");
nginx.kill("SIGTERM");
servers.forEach((server) => server.close());
await new Promise((done) => (oursEnded === null ? ours.on("exit", done) : done()));
if (oursEnded !== 0) {
	console.error(`http-echo ended with ${oursEnded}`);
	failed++;
}
fs.rmSync(dir, { recursive: true, force: true });
process.exit(failed ? 1 : 0);
