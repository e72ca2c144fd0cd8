// The Node module and mm-serve, to the rows in ClickHouse.  A front between them can fail.
// MM_BIN is the folder of the programs, ENGINE_URL and the login those of the tests.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import { join } from "node:path";
import { after, test } from "node:test";
import { Millimetric } from "../../clients/node/millimetric.js";

const { MM_BIN, ENGINE_URL, MM_CLICKHOUSE_USER, MM_CLICKHOUSE_PASSWORD, MM_CLICKHOUSE_DATABASE, WORK } = process.env;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const run = (name, ...options) => execFileSync(join(MM_BIN, name), options, { cwd: WORK, stdio: ["ignore", "pipe", "pipe"] }).toString().trim();

async function eventually(f) {
	for (const end = Date.now() + 30e3; Date.now() < end; await sleep(20)) if (await f()) return;
	assert.fail(`never came true: ${f}`);
}

async function sql(query) {
	const answer = await fetch(`${ENGINE_URL}?database=${MM_CLICKHOUSE_DATABASE}&default_format=JSONEachRow`, {
		method: "POST", body: query, headers: { "x-clickhouse-user": MM_CLICKHOUSE_USER, "x-clickhouse-key": MM_CLICKHOUSE_PASSWORD },
	});
	assert.ok(answer.ok, await answer.clone().text());
	return (await answer.text()).split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

// ---- mm-serve, and the front ----

fs.writeFileSync(join(WORK, "salt"), "0123456789abcdef-test-salt\n", { mode: 0o600 });
const mint = (kind, ...more) => run("mm-key", "mint", "--keys", "keys", "--kind", kind, ...more);
const sk = mint("sk"), rk = mint("rk"), pk = mint("pk", "--origin", "https://site.test");
const limits = (batch, track) => run("mm-key", "limits", "--keys", "keys", "--batch", batch, "--track", track);
limits("off", "off");

let serve, port = 0;
async function start() {
	serve = spawn(join(MM_BIN, "mm-serve"), ["--keys", "keys", "--salt-file", "salt", "--listen", `127.0.0.1:${port}`,
		"--spool", join(WORK, "spool")], { cwd: WORK, stdio: ["ignore", "ignore", "pipe"] });
	let said = "";
	serve.stderr.on("data", (d) => (said += d));
	serve.gone = new Promise((done) => serve.on("exit", done));
	await eventually(() => /127\.0\.0\.1:\d+/.test(said));
	port = Number(said.match(/127\.0\.0\.1:(\d+)/)[1]);
}
await start();

let fault = () => {}; // of a request's number: "down", "lost", a status, ms to wait before the answer
let asked = [];
const front = http.createServer((q, a) => {
	const parts = [];
	q.on("data", (d) => parts.push(d)).on("end", () => {
		const what = fault(asked.length), one = { path: q.url, status: 0 };
		asked.push(one);
		if (what === "down") return q.socket.destroy();
		if (what >= 400) return a.writeHead(what).end();
		const on = http.request({ port, method: q.method, path: q.url, headers: q.headers }, async (b) => {
			one.status = b.statusCode;
			if (what === "lost") return b.resume(), q.socket.destroy();
			await sleep(what ?? 0);
			a.writeHead(b.statusCode, b.rawHeaders);
			b.pipe(a);
		});
		on.on("error", () => q.socket.destroy());
		on.end(Buffer.concat(parts));
	});
});
await new Promise((done) => front.listen(0, "127.0.0.1", done));
after(async () => {
	front.closeAllConnections();
	front.close();
	serve.kill();
	await serve.gone;
});

function client(options) {
	asked = [];
	return new Millimetric({ key: sk, url: `http://127.0.0.1:${front.address().port}`, interval: 1e9, onError: assert.fail, ...options });
}

// All of a name are stored, once, with the ids that track gave.
async function stored(name, ids) {
	const query = `SELECT event_id FROM events WHERE event_name = '${name}' ORDER BY timestamp, properties`;
	await eventually(async () => (await sql(query)).length >= ids.length);
	await sleep(200); // what would come twice
	assert.deepEqual((await sql(query)).map((r) => r.event_id).sort(), [...ids].sort());
}

const rejected = (promise) => promise.then(() => assert.fail("it resolved"), (e) => e);

test("a row of all that was said", async () => {
	const mm = client();
	mm.track({ event: "full", event_id: "evt_1", timestamp: new Date("2026-05-16T19:00:00Z"), anonymous_id: "u_abc", user_id: "user_42", session_id: "sess_xyz",
		url: "https://yoursite.test/checkout/?utm_source=facebook&utm_medium=cpc", path: "/checkout/", referrer: "https://l.facebook.com/", properties: { n: [1.5, "ü"] } });
	mm.identify({ anonymous_id: "v", user_id: "u", traits: { plan: "pro" }, event_id: "evt_2" });
	await mm.flush();
	await stored("full", ["evt_1"]);
	await stored("$identify", ["evt_2"]);
	const [row] = await sql(`SELECT toString(timestamp) AS timestamp, anonymous_id, user_id, session_id, source, medium, url, path, referrer, properties,
		ip_hash != '' AS hashed FROM events WHERE event_name = 'full'`);
	assert.deepEqual(row, { timestamp: "2026-05-16 19:00:00.000", anonymous_id: "u_abc", user_id: "user_42", session_id: "sess_xyz", source: "facebook", medium: "paid",
		url: "https://yoursite.test/checkout/?utm_source=facebook&utm_medium=cpc", path: "/checkout/", referrer: "https://l.facebook.com/", properties: '{"n":[1.5,"ü"]}', hashed: 1 });
	const [identified] = await sql("SELECT anonymous_id, user_id, properties FROM events WHERE event_name = '$identify'");
	assert.deepEqual(identified, { anonymous_id: "v", user_id: "u", properties: '{"plan":"pro"}' });
});

test("a front that is down, loses answers, fails and is slow: each once", async () => {
	const mm = client(), ids = [];
	const plan = ["lost", "down", "lost", 500, undefined, 503, "lost", 429, 300, undefined, "down", undefined, "lost", undefined];
	fault = (i) => plan[i];
	for (let part = 0; part < 4; part++) {
		for (let i = 0; i < [1500, 1, 300, 2][part]; i++) ids.push(mm.track({ event: "through" }));
		await mm.flush();
	}
	fault = () => {};
	assert.equal(asked.length, plan.length);
	await stored("through", ids);
});

test("mm-serve is killed, and started again later: each once", async () => {
	const mm = client({ interval: 50, onError: () => {} }), ids = [];
	for (let i = 0; i < 200; i++) {
		ids.push(mm.track({ event: "killed" }));
		await sleep(5);
		if (i === 60) serve.kill("SIGKILL");
		if (i === 120) await start();
	}
	await eventually(() => mm.pending === 0);
	await stored("killed", ids);
});

test("mm-serve says 429: what is too much waits, and arrives", async () => {
	limits("1:1", "1:1");
	const mm = client(), ids = [];
	await eventually(async () => {
		for (let i = 0; i < 3; i++) ids.push(mm.track({ event: "limited" }), mm.track({ event: "limited" })), await mm.flush();
		return asked.some((r) => r.status === 429);
	});
	limits("off", "off");
	await stored("limited", ids);
});

test("mm-serve refuses some: they come back with its reasons, the others are stored", async () => {
	const mm = client(), ids = [];
	for (let i = 0; i < 300; i++) {
		const id = mm.track({ event: "mixed", url: i === 7 || i >= 150 ? "https://" : "https://site.test/" });
		if (i !== 7 && i < 150) ids.push(id);
	}
	const e = await rejected(mm.flush());
	assert.deepEqual([e.status, e.code, e.refused.length, mm.pending], [400, "invalid_payload", 151, 0]);
	assert.ok(e.refused.every((r) => r.event.url === "https://" && /^Invalid URL/.test(r.why.url[0])));
	await stored("mixed", ids);
});

test("mm-serve refuses one, and can't say which: the others are stored", async () => {
	const mm = client(), ids = [];
	for (let i = 0; i < 100; i++) {
		const id = mm.track({ event: "surrogate", properties: { x: i === 61 ? "\ud800" : "\ud83d\ude00" } });
		if (i !== 61) ids.push(id);
	}
	const e = await rejected(mm.flush());
	assert.deepEqual(e.refused.map((r) => r.event.properties.x), ["\ud800"]);
	await stored("surrogate", ids);
});

test("a key that is wrong, or of another kind", async () => {
	for (const [key, status, code] of [[sk.slice(0, -1) + (sk.endsWith("A") ? "B" : "A"), 401, "malformed_api_key"], [rk, 403, "insufficient_scope"], [pk, 403, "origin_not_allowed"]]) {
		const mm = client({ key, onError: () => {} });
		mm.track({ event: "a" });
		const e = await rejected(mm.flush());
		assert.deepEqual([e.status, e.code, mm.pending, asked.length], [status, code, 1, 1]);
		assert.ok(!e.message.includes(key));
	}
});
