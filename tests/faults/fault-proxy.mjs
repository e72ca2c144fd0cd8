// Stands between a command and ClickHouse, and does what networks and servers
// do on bad days.
//
//     node fault-proxy.mjs DIR UPSTREAM FAULT...
//
// Listens on a free port of 127.0.0.1 and writes its URL to DIR/url.  The
// first request meets the first FAULT, and so on; the last FAULT stays.
// FAULT*N stands for N times that fault.  Each request is logged to DIR/log as
// a line: fault, URL.  Faults that are sent to the URL in DIR/control, as the
// body of a request, take the place of those before, at once.  A request
// without any is answered when nothing that was handed on is unanswered.
//
//   pass      hand it on, and the answer back
//   4xx, 5xx  answer with this status and no ClickHouse code; 429 and 503 with
//             Retry-After: 1
//   code:N    answer as ClickHouse does with exception code N
//   html      answer 200 as some other server would
//   rows:TEXT answer 200 as ClickHouse does, with TEXT for rows
//   limit:N   answer 413 to a body of more than N bytes, as a proxy does, without
//             reading it; hand others on
//   redirect  answer 302
//   garbage   answer with what is not HTTP
//   cut       read the request, close the connection
//   cut-body  close the connection in the middle of the request
//   cut-body:N    hand on N bytes of the body, close both connections
//   cut-answer:N  hand it on, and N bytes of the answer back; close
//   lost      hand it on; once it was answered, close the connection
//   late:MS   hand it on; hold the answer back for so many milliseconds
//   held:MS   hand it on only after so many milliseconds
//   with:NAME=VALUE  hand it on with this setting besides
//   twice     hand it on twice at the same time, and one answer back
//   stall     hand it on, never answer
//   hang      read the request, never answer
//   deaf      never read the request's body
//   refuse    close the connection, and take none until told other faults
//   no-data   refuse a query that brings rows along; hand others on
//   no-first, no-last  hand it on; of the answer to a query that brings rows
//             along take away the first or the last line
//
// The question for a table's columns that an insert begins with is handed on,
// meets no FAULT and is not logged, unless the first FAULT is "all"; so is the
// one for the list of people who were forgotten, unless the first is "list".
//
// With FAKE_KEY and FAKE_CERT (PEM files) it speaks TLS, as "localhost".  It is
// a proxy as well: where a request says it goes does not matter.
import { createServer, request } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const [dir, upstream, ...args] = process.argv.slice(2);
let faults = expand(args);
const all = faults[0] === "all" && faults.shift() === "all";
const list = faults[0] === "list" && faults.shift() === "list";
let served = 0;
let port = 0;
const under_way = new Set();

function expand(words) {
	return words.flatMap((word) => {
		const [fault, times] = word.split(/\*(\d+)$/);
		return Array(Number(times ?? 1)).fill(fault);
	});
}

function collect(stream) {
	return new Promise((resolve, reject) => {
		const chunks = [];
		stream.on("data", (c) => chunks.push(c));
		stream.on("end", () => resolve(Buffer.concat(chunks)));
		stream.on("error", reject);
	});
}

function sleep(ms) {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

function answer(res, status, headers, body) {
	res.writeHead(status, headers);
	res.end(body);
}

function answer_code(res, code) {
	const text = `Code: ${code}. DB::Exception: Something about 'a secret'. (SOME_NAME) (version 26.7)\n`;
	answer(res, 500, { "X-ClickHouse-Exception-Code": code }, text);
}

function open_upstream(req, setting) {
	const asked = new URL(req.url, upstream);
	const url = new URL(asked.pathname + asked.search, upstream);
	if (setting)
		url.searchParams.append(...setting.split("="));
	const out = request(url, { method: req.method, headers: { ...req.headers, host: url.host } });
	out.on("error", () => {}); // who waits for an answer listens as well
	return out;
}

async function hand_on(req, body, setting) {
	const out = open_upstream(req, setting);
	const answered = new Promise((resolve, reject) => {
		out.on("response", resolve);
		out.on("error", reject);
	});
	out.end(body);
	const res = await answered;
	return { status: res.statusCode, headers: res.headers, body: await collect(res) };
}

// The server sees the beginning of a body, then the end of the connection.
async function cut_body(req, body, limit) {
	const out = open_upstream(req);
	body ??= await collect(req);
	out.on("error", () => {});
	await new Promise((resolve) => out.write(body.subarray(0, limit), resolve));
	out.destroy();
	req.socket.destroy();
}

function cut_answer(req, a, limit) {
	const headers = { ...a.headers, "content-length": a.body.length };
	delete headers["transfer-encoding"];
	const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
	const text = `HTTP/1.1 ${a.status} X\r\n${head.join("")}\r\n`;
	req.socket.end(Buffer.concat([Buffer.from(text), a.body]).subarray(0, limit));
}

// Whether it is a query that brings rows along.
function brings_data(req) {
	return (req.headers["content-type"] ?? "").startsWith("multipart/");
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

// Faults that the server hears nothing of.
function fail_early(req, res, fault) {
	if (fault === "cut")
		req.socket.destroy();
	else if (/^[45]\d\d$/.test(fault))
		answer(res, Number(fault), /^(429|503)$/.test(fault) ? { "Retry-After": "1" } : {}, "oops\n");
	else if (fault === "html")
		answer(res, 200, { "Content-Type": "text/html" }, "<p>It works!</p>\n");
	else if (fault.startsWith("rows:"))
		answer(res, 200, { "X-ClickHouse-Format": "JSONEachRow" }, `${fault.slice(5)}\n`);
	else if (fault === "redirect")
		answer(res, 302, { Location: upstream }, "");
	else if (fault.startsWith("code:"))
		answer_code(res, fault.slice(5));
	else if (fault === "no-data" && brings_data(req))
		answer_code(res, "60");
	else if (fault === "garbage")
		req.socket.end("this is no HTTP\r\n\r\n");
	else
		return fault === "hang";
	return true;
}

// Faults of a request that the server has answered.
async function fail_late(req, res, fault, a) {
	const [name, argument] = fault.split(":");
	if (name === "lost") {
		req.socket.destroy();
	} else if (name === "cut-answer") {
		cut_answer(req, a, Number(argument));
	} else if (name !== "stall") {
		if (name === "late")
			await sleep(Number(argument));
		if (name.startsWith("no-") && a.status === 200 && brings_data(req))
			without_line(a, name);
		answer(res, a.status, a.headers, a.body);
	}
}

// Whether it may be one of the two questions; then the body tells.
function may_ask(req) {
	return (!all && req.url.includes("param_table=")) ||
		(!list && Number(req.headers["content-length"]) < 200);
}

function is_question(body) {
	return (!all && body.includes("FORMAT JSONCompactEachRow")) ||
		(!list && /^SELECT [^;]* FROM forgotten /.test(body));
}

async function serve(req, res) {
	let body = may_ask(req) ? await collect(req) : null;
	if (body && is_question(body)) {
		const a = await hand_on(req, body);
		answer(res, a.status, a.headers, a.body);
		return;
	}
	const fault = faults[Math.min(served++, faults.length - 1)];
	appendFileSync(`${dir}/log`, `${fault} ${req.url}\n`);
	if (fault === "deaf")
		return;
	if (fault.startsWith("limit:") && Number(req.headers["content-length"]) > Number(fault.slice(6))) {
		answer(res, 413, { Connection: "close" }, "too large\n");
		req.resume();
		return;
	}
	if (fault === "refuse") {
		refuse();
	} else if (fault === "cut-body") {
		if (body)
			req.socket.destroy();
		else
			req.once("data", () => req.socket.destroy());
	} else if (fault.startsWith("cut-body:")) {
		await cut_body(req, body, Number(fault.slice(9)));
	} else {
		body ??= await collect(req);
		if (fault.startsWith("held:"))
			await sleep(Number(fault.slice(5)));
		if (fail_early(req, res, fault))
			return;
		const setting = fault.startsWith("with:") ? fault.slice(5) : undefined;
		const copy = fault === "twice" ? hand_on(req, body) : undefined;
		const a = await hand_on(req, body, setting);
		await copy;
		await fail_late(req, res, fault, a);
	}
}

function on_request(req, res) {
	const work = serve(req, res).catch(() => req.socket.destroy());
	under_way.add(work);
	work.then(() => under_way.delete(work));
}

const { FAKE_KEY, FAKE_CERT } = process.env;
const secure = FAKE_KEY && { key: readFileSync(FAKE_KEY), cert: readFileSync(FAKE_CERT) };
const server = secure ? createSecureServer(secure, on_request) : createServer(on_request);

function listen() {
	return new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
}

function refuse() {
	server.close();
	server.closeAllConnections();
}

async function control(req, res) {
	const words = (await collect(req)).toString();
	if (words) {
		faults = expand(words.split(" "));
		served = 0;
		if (faults[0] === "refuse")
			refuse();
		else if (!server.listening)
			await listen();
	} else {
		await Promise.all(under_way);
	}
	answer(res, 200, {}, "");
}

function tell(name, url) {
	writeFileSync(`${dir}/${name}.tmp`, `${url}/\n`);
	renameSync(`${dir}/${name}.tmp`, `${dir}/${name}`);
}

const controller = createServer(control);
controller.listen(0, "127.0.0.1", async () => {
	tell("control", `http://127.0.0.1:${controller.address().port}`);
	await listen();
	port = server.address().port;
	if (faults[0] === "refuse")
		refuse();
	tell("url", secure ? `https://localhost:${port}` : `http://127.0.0.1:${port}`);
});
