// An HTTP server that stands before ClickHouse and does what networks and
// servers do on bad days.
//
//     node fake-server.mjs DIR UPSTREAM FAULT...
//
// Listens on a free port of 127.0.0.1 and writes its URL to DIR/url.  The
// first request meets the first FAULT, and so on; the last FAULT stays.  Each
// request is logged to DIR/log as a line: fault, URL.
//
// The question for a table's columns that an insert begins with is handed on,
// meets no FAULT and is not logged, unless the first FAULT is "all".
//
//   pass      hand it on, and the answer back
//   503, 429  answer so, with Retry-After: 1
//   500       answer so, without a ClickHouse code
//   code:N    answer as ClickHouse does with exception code N
//   html      answer 200 as some other server would
//   redirect  answer 302
//   garbage   answer with what is not HTTP
//   cut       read the request, close the connection
//   cut-body  close the connection in the middle of the request
//   lost      hand it on; once it was answered, close the connection
//   stall     hand it on, never answer
//   no-data   refuse a query that brings rows along; hand others on
//   no-first, no-last  hand it on; of the answer to a query that brings rows
//             along take away the first or the last line
//   hang      read the request, never answer
//
// With FAKE_KEY and FAKE_CERT (PEM files) it speaks TLS, as "localhost".  It is
// a proxy as well: where a request says it goes does not matter.
import { createServer, request } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const [dir, upstream, ...faults] = process.argv.slice(2);
const all = faults[0] === "all" && faults.shift() === "all";
let served = 0;

function answer(res, status, headers, body) {
	res.writeHead(status, headers);
	res.end(body);
}

function collect(stream) {
	return new Promise((resolve, reject) => {
		const chunks = [];
		stream.on("data", (c) => chunks.push(c));
		stream.on("end", () => resolve(Buffer.concat(chunks)));
		stream.on("error", reject);
	});
}

async function hand_on(req, body) {
	const asked = new URL(req.url, upstream);
	const url = new URL(asked.pathname + asked.search, upstream);
	const headers = { ...req.headers, host: url.host };
	const out = request(url, { method: req.method, headers });
	const answered = new Promise((resolve, reject) => {
		out.on("response", resolve);
		out.on("error", reject);
	});
	out.end(body);
	const res = await answered;
	return { status: res.statusCode, headers: res.headers, body: await collect(res) };
}

// Whether it is a query that brings rows along.
function brings_data(req) {
	return (req.headers["content-type"] ?? "").startsWith("multipart/");
}

function answer_code(res, code) {
	const text = `Code: ${code}. DB::Exception: Something about 'a secret'. (SOME_NAME) (version 26.7)\n`;
	answer(res, 500, { "X-ClickHouse-Exception-Code": code }, text);
}

function without_line(a, fault) {
	const lines = a.body.toString().split("\n").slice(0, -1);
	if (fault === "no-first")
		lines.shift();
	else
		lines.pop();
	delete a.headers["content-length"];
	a.body = lines.map((line) => `${line}\n`).join("");
}

// Whether it may be the question for the columns; then the body tells.
function may_ask(req) {
	return !all && req.url.includes("param_table=");
}

async function serve(req, res) {
	let body = may_ask(req) ? await collect(req) : null;
	if (body?.includes("FORMAT JSONCompactEachRow")) {
		const a = await hand_on(req, body);
		answer(res, a.status, a.headers, a.body);
		return;
	}
	const fault = faults[Math.min(served++, faults.length - 1)];
	appendFileSync(`${dir}/log`, `${fault} ${req.url}\n`);
	if (fault === "cut-body") {
		req.once("data", () => req.socket.destroy());
		return;
	}
	body ??= await collect(req);
	if (fault === "cut") {
		req.socket.destroy();
	} else if (fault === "503" || fault === "429") {
		answer(res, Number(fault), { "Retry-After": "1" }, "busy\n");
	} else if (fault === "500") {
		answer(res, 500, {}, "oops\n");
	} else if (fault === "html") {
		answer(res, 200, { "Content-Type": "text/html" }, "<p>It works!</p>\n");
	} else if (fault === "redirect") {
		answer(res, 302, { Location: upstream }, "");
	} else if (fault.startsWith("code:")) {
		answer_code(res, fault.slice(5));
	} else if (fault === "no-data" && brings_data(req)) {
		answer_code(res, "60");
	} else if (fault === "garbage") {
		req.socket.end("this is no HTTP\r\n\r\n");
	} else if (fault !== "hang") {
		const a = await hand_on(req, body);
		if (fault.startsWith("no-") && a.status === 200 && brings_data(req))
			without_line(a, fault);
		if (fault === "pass" || fault.startsWith("no-"))
			answer(res, a.status, a.headers, a.body);
		else if (fault === "lost")
			req.socket.destroy();
	}
}

function on_request(req, res) {
	serve(req, res).catch(() => req.socket.destroy());
}

const { FAKE_KEY, FAKE_CERT } = process.env;
const secure = FAKE_KEY && { key: readFileSync(FAKE_KEY), cert: readFileSync(FAKE_CERT) };
const server = secure ? createSecureServer(secure, on_request) : createServer(on_request);
server.listen(0, "127.0.0.1", () => {
	const base = secure ? "https://localhost" : "http://127.0.0.1";
	writeFileSync(`${dir}/url.tmp`, `${base}:${server.address().port}/\n`);
	renameSync(`${dir}/url.tmp`, `${dir}/url`);
});
