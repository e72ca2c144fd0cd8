// A small API that takes POST PREFIX/v1/batch and answers oddly:
//
//   node api-stub.mjs DIR PORT|SOCKET [ANSWER]...
//
// The first request gets the first ANSWER, and so on; those after the last are taken.  An answer is
//   ok          the events are taken: each event_id once, as a line of DIR/taken
//   lost        taken, and the connection ends without an answer
//   half        taken, and the answer breaks off
//   reset       not taken, the connection ends
//   NNN         that status, with "error" of its kind; NNN:S with Retry-After S
//   limit:N     413 to each body of more than N bytes, from here on
//   bad:NAME    400 to each batch with events of that name, which are named, from here on
//   mute:NAME   the same, but which they are is not told
//   slow        taken after 300 ms
//   hang        taken, and never answered
//   page        200 with a page, as a portal has it
// DIR/requests has a line for each request: its path, the number of events, the answer, the
// connection's number, and its headers as JSON.  DIR/port has the port.  With the files CERT and KEY in
// the environment it speaks TLS.
import * as fs from "node:fs";
import * as http from "node:http";
import * as https from "node:https";

const [dir, where, ...answers] = process.argv.slice(2);
const seen = new Set();
let limit = Infinity, bad = null, mute = null, connections = 0;
const errors = { 400: "invalid_params", 401: "invalid_api_key", 403: "insufficient_scope", 404: "not_found",
	429: "rate_limited", 500: "internal_error", 503: "spool_full" };

function take(events) {
	for (const e of events) {
		if (seen.has(e.event_id)) continue;
		seen.add(e.event_id);
		fs.appendFileSync(`${dir}/taken`, JSON.stringify(e) + "\n");
	}
	return { ok: true, count: events.length };
}

function next() {
	for (;;) {
		const a = answers.shift() ?? "ok", [word, value] = a.split(":");
		if (word === "limit") limit = Number(value);
		else if (word === "bad") bad = value;
		else if (word === "mute") mute = value;
		else return a;
	}
}

function faults(events) {
	const fieldErrors = {};
	events.forEach((e, i) => {
		if (e.event === bad) fieldErrors[`events[${i}].event`] = ["Not wanted here"];
	});
	return Object.keys(fieldErrors).length ? { fieldErrors, formErrors: [] }
		: events.some((e) => e.event === mute) ? { fieldErrors: {}, formErrors: ["Something is wrong"] } : null;
}

const { CERT, KEY } = process.env;
const tls = CERT && { cert: fs.readFileSync(CERT), key: fs.readFileSync(KEY) };
const server = (tls ? https : http).createServer(tls || {}, (q, a) => {
	const parts = [];
	q.on("data", (d) => parts.push(d));
	q.on("end", () => {
		const body = Buffer.concat(parts), { events } = JSON.parse(body);
		const [word, value] = (next() ?? "ok").split(":");
		const say = (status, object, headers) => {
			const text = typeof object === "string" ? object : JSON.stringify(object);
			a.writeHead(status, { "content-length": Buffer.byteLength(text), ...headers });
			a.end(text);
		};
		const note = (what) => fs.appendFileSync(`${dir}/requests`,
			[q.url, events.length, what, q.socket.number, JSON.stringify(q.headers)].join("\t") + "\n");
		if (body.length > limit) {
			note(413);
			return say(413, { error: "payload_too_large" });
		}
		const wrong = faults(events);
		if (wrong) {
			note(400);
			return say(400, { error: "invalid_payload", details: wrong });
		}
		note(word);
		if (word === "ok") return say(202, take(events));
		if (word === "slow") return setTimeout(() => say(202, take(events)), 300);
		if (word === "page") return say(200, "<html>log in</html>", { "content-type": "text/html" });
		if (word === "lost") {
			take(events);
			return q.socket.destroy();
		}
		if (word === "hang") return void take(events);
		if (word === "reset") return q.socket.resetAndDestroy();
		if (word === "half") {
			const text = JSON.stringify(take(events));
			a.writeHead(202, { "content-length": text.length });
			a.write(text.slice(0, 5));
			return setTimeout(() => q.socket.destroy(), 20);
		}
		say(Number(word), { error: errors[word] ?? "odd", details: "as asked" }, value ? { "retry-after": value } : {});
	});
});
server.on("connection", (s) => { s.number = ++connections; });
server.listen(/^\d+$/.test(where) ? { port: Number(where), host: "127.0.0.1" } : where, () =>
	fs.writeFileSync(`${dir}/port`, String(server.address().port ?? "socket")));
