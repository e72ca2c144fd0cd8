// The Node module against a server that misbehaves, by node's own runner: node --test tests/clients/node.test.mjs
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { Millimetric, MillimetricError, flush, identify, init, track } from "../../clients/node/millimetric.js";

const KEY = "sk_test_0a1b2c3d_thisisthesecretofthekey0123456";
const NEVER = 1e9; // ms: no timer in a test that flushes
const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function eventually(f) {
	for (const end = Date.now() + 20e3; Date.now() < end; await sleep(5)) if (await f()) return;
	assert.fail(`never came true: ${f}`);
}

// A server that answers by `reply`: a list, a request each, whose last stays; or a function of the request and its number.
// An answer is a status, { status, headers, body, after }, "reset", or "nothing".
async function stub(t, reply = 202) {
	const requests = [], plan = [].concat(reply);
	const server = http.createServer((q, a) => {
		const parts = [];
		q.on("data", (part) => parts.push(part)).on("end", async () => {
			const body = Buffer.concat(parts), json = body.length ? JSON.parse(body) : {}, at = performance.now();
			const one = { method: q.method, path: q.url, headers: q.headers, body, at, events: json.events ?? [json] };
			requests.push(one);
			let answer = typeof reply === "function" ? reply(one, requests.length - 1) : plan[Math.min(requests.length, plan.length) - 1];
			if (answer === "reset") return q.socket.destroy();
			if (answer === "nothing") return;
			if (typeof answer === "number") answer = { status: answer };
			if (answer.after) await sleep(answer.after);
			a.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
			a.end(answer.body ?? JSON.stringify(answer.status < 300 ? { ok: true } : { error: "of_the_stub", details: "as told" }));
		});
	});
	await new Promise((done) => server.listen(0, "127.0.0.1", done));
	t.after(() => (server.closeAllConnections(), server.close()));
	const names = () => requests.map((r) => r.events.map((e) => e.event).join(""));
	return { url: `http://127.0.0.1:${server.address().port}`, requests, names };
}

async function client(t, reply, options) {
	const server = await stub(t, reply);
	let over = false; // what waits then is sent once more when the runner ends, and fails
	t.after(() => (over = true));
	const onError = options?.onError ?? assert.fail;
	const mm = new Millimetric({ key: KEY, url: server.url, interval: NEVER, ...options, onError: (e) => over || onError(e) });
	return { mm, ...server };
}

const send = (mm, names) => [...names].map((event) => mm.track({ event }));
const invalid = (fieldErrors) => ({ status: 400, body: JSON.stringify({ error: "invalid_payload", details: { fieldErrors, formErrors: [] } }) });

async function rejected(promise) {
	const error = await promise.then(() => assert.fail("it resolved"), (e) => e);
	assert.ok(error instanceof MillimetricError, inspect(error));
	assert.ok(!inspect(error).includes(KEY) && !JSON.stringify(error).includes(KEY));
	return error;
}

describe("events", { concurrency: true }, () => {
	test("all fields, as they are sent", async (t) => {
		const { mm, requests } = await client(t);
		const event = {
			event: "purchase", event_id: "evt_1", timestamp: "2026-05-16T19:00:00.000Z", anonymous_id: "u_abc", user_id: "user_42",
			session_id: "sess_xyz", url: "https://site.test/checkout/?utm_source=facebook", path: "/checkout/", referrer: "",
			properties: { amount_cents: 4900, currency: "usd", "": [null, { "ü\u2028": "\u0000" }] },
		};
		assert.equal(mm.track(event), "evt_1");
		await mm.flush();
		assert.equal(requests.length, 1);
		const [{ method, path, headers, body, events }] = requests;
		assert.deepEqual([method, path, headers.authorization, headers["content-type"]], ["POST", "/v1/track", `Bearer ${KEY}`, "application/json"]);
		assert.deepEqual(events, [event]);
		assert.ok(body.toString().startsWith('{"event":"purchase","event_id":"evt_1","timestamp":'));
	});

	test("an id and a time for each, when track is called", async (t) => {
		const { mm, requests } = await client(t), before = Date.now();
		const ids = [mm.track({ event: "a", user_id: null, url: undefined }), mm.track({ event: "b", timestamp: new Date(7) })];
		const after = Date.now();
		await sleep(20);
		await mm.flush();
		const [a, b] = requests[0].events;
		assert.deepEqual(ids, [a.event_id, b.event_id]);
		assert.ok(UUID.test(a.event_id) && UUID.test(b.event_id) && a.event_id !== b.event_id);
		assert.ok(before <= Date.parse(a.timestamp) && Date.parse(a.timestamp) <= after);
		assert.equal(b.timestamp, "1970-01-01T00:00:00.007Z");
		assert.deepEqual(Object.keys(a), ["event", "event_id", "timestamp"]);
	});

	test("what is changed later does not count", async (t) => {
		const { mm, requests } = await client(t), event = { event: "a", properties: { n: 1 } };
		mm.track(event);
		event.properties.n = 2;
		event.event = "b";
		await mm.flush();
		assert.deepEqual([requests[0].events[0].event, requests[0].events[0].properties], ["a", { n: 1 }]);
	});

	test("identify", async (t) => {
		const { mm, requests } = await client(t);
		mm.identify({ anonymous_id: "v", user_id: "u", traits: { plan: "pro" } });
		mm.identify({ anonymous_id: "v", user_id: "u", event_id: "i", timestamp: new Date(0) });
		await mm.flush();
		const [{ event_id, timestamp, ...a }, b] = requests[0].events;
		assert.deepEqual(a, { event: "$identify", anonymous_id: "v", user_id: "u", properties: { plan: "pro" } });
		assert.ok(UUID.test(event_id) && timestamp);
		assert.deepEqual(b, { event: "$identify", anonymous_id: "v", user_id: "u", event_id: "i", timestamp: "1970-01-01T00:00:00.000Z" });
	});

	test("what is wrong is thrown where it was called, and not taken", async (t) => {
		const { mm } = await client(t), cycle = {};
		cycle.cycle = cycle;
		const long = (n) => "x".repeat(n);
		for (const [event, why] of [
			[undefined, /./], [null, /./], ["signup", /./], [{}, /event: required/], [{ event: "" }, /^millimetric: event: /],
			[{ event: 1 }, /^millimetric: event: expected a string of at most 128 characters$/], [{ event: long(129) }, /event: /],
			...["event_id", "anonymous_id", "session_id"].flatMap((f) => ["", 1, {}, long(129)].map((v) => [{ event: "a", [f]: v }, RegExp(`: ${f}: `)])),
			[{ event: "a", user_id: 42 }, /: user_id: /], [{ event: "a", user_id: long(257) }, /: user_id: /],
			...["url", "path", "referrer"].map((f) => [{ event: "a", [f]: `https://a.test/${long(2034)}` }, RegExp(`: ${f}: `)]),
			[{ event: "a", url: "/pricing" }, /: url: expected an absolute URL/], [{ event: "a", url: "" }, /: url: /],
			[{ event: "a", timestamp: 1e12 }, /: timestamp: /], [{ event: "a", timestamp: new Date(NaN) }, /: timestamp: /],
			[{ event: "a", userId: "u" }, /: userId: no such field/], [{ event: "a", ip: "192.0.2.1" }, /: ip: no such field/],
			[{ event: "a", toString: "x" }, /: toString: no such field/],
			...["x", 1, true, [], new Date(), () => 1].map((properties) => [{ event: "a", properties }, /: properties: expected an object/]),
			[{ event: "a", properties: { x: long(8185) } }, /: properties: /], [{ event: "a", properties: { x: "ü".repeat(4093) } }, /: properties: /],
			[{ event: "a", properties: { x: 1n } }, /BigInt/], [{ event: "a", properties: cycle }, /circular/],
		]) {
			assert.throws(() => mm.track(event), (e) => e instanceof TypeError && why.test(e.message), inspect(event));
		}
		for (const person of [undefined, {}, { user_id: "u" }, { anonymous_id: "v" }, { anonymous_id: "v", user_id: 1 },
			{ anonymous_id: "v", user_id: "u", traits: [] }, { anonymous_id: "v", user_id: "u", plan: "pro" }])
			assert.throws(() => mm.identify(person), TypeError, inspect(person));
		assert.equal(mm.pending, 0);
	});

	test("what is just right is taken", async (t) => {
		const { mm, requests } = await client(t), long = (n) => "x".repeat(n);
		mm.track({ event: long(128), event_id: long(128), user_id: long(256), path: long(2048), referrer: "", url: `h:${long(2046)}`, properties: { x: long(8184) } });
		mm.track({ event: "$", properties: { x: "ü".repeat(4092) } });
		await mm.flush();
		assert.equal(requests[0].events.length, 2);
	});
});

describe("options", () => {
	test("wrong ones are thrown, and quoted by no message", () => {
		const url = "http://127.0.0.1:1";
		assert.throws(() => new Millimetric(), TypeError);
		for (const options of [{}, { key: KEY }, { url }, { key: `${KEY}\n`, url }, { key: "", url }, { key: `${KEY} x`, url }, { key: null, url: "secret" },
			...["secret", "//secret", "ftp://secret", "http://", "http://u:secret@host", "http://host/?secret", "http://host/#secret", "http://host secret", 7,
				undefined].map((u) => ({ key: KEY, url: u })),
			...["interval", "timeout", "maxQueue"].flatMap((o) => [0, -1, NaN, "x", 2 ** 31, null].map((v) => ({ key: KEY, url, [o]: v })))])
			assert.throws(() => new Millimetric(options), (e) => e instanceof TypeError && /^millimetric: /.test(e.message) &&
				!/secret/.test(inspect(e)), inspect(options));
	});

	test("undefined is as good as absent", async (t) => {
		const { url, requests } = await stub(t);
		const mm = new Millimetric({ key: KEY, url, interval: undefined, timeout: undefined, maxQueue: undefined, onError: undefined });
		mm.track({ event: "a" });
		await mm.flush();
		assert.equal(requests.length, 1);
	});

	test("the key is in no dump", () => {
		const mm = new Millimetric({ key: KEY, url: "http://127.0.0.1:1" });
		assert.equal(inspect(mm, { showHidden: true, depth: 9 }).includes("sk_"), false);
		assert.equal(JSON.stringify(mm), "{}");
		assert.deepEqual(Reflect.ownKeys(mm), []);
		assert.equal(`${mm}`, "[object Object]");
	});

	test("a prefix", async (t) => {
		const { url, requests } = await stub(t);
		for (const at of [url, new URL(url), `${url}/mm`, `${url}/a/b//`]) {
			const mm = new Millimetric({ key: KEY, url: at, interval: NEVER });
			mm.track({ event: "a" });
			await mm.flush();
		}
		assert.deepEqual(requests.map((r) => r.path), ["/v1/track", "/v1/track", "/mm/v1/track", "/a/b/v1/track"]);
	});

	test("one client for all of a program", async (t) => {
		for (const f of [() => track({ event: "a" }), () => identify({ anonymous_id: "v", user_id: "u" }), () => flush()])
			assert.throws(f, /init\({ key, url }\) comes first/);
		const { url, requests } = await stub(t);
		assert.ok(init({ key: KEY, url, interval: NEVER }) instanceof Millimetric);
		const id = track({ event: "a" });
		identify({ anonymous_id: "v", user_id: "u" });
		await flush();
		assert.deepEqual(requests.map((r) => r.events.map((e) => e.event)), [["a", "$identify"]]);
		assert.equal(requests[0].events[0].event_id, id);
	});
});

describe("batches", { concurrency: true }, () => {
	test("nothing to send: no request", async (t) => {
		const { mm, requests } = await client(t);
		await mm.flush();
		assert.equal(requests.length, 0);
	});

	test("one goes to track; many in batches of 1000, in their order", async (t) => {
		const { mm, requests } = await client(t), ids = [];
		for (let i = 0; i < 2501; i++) ids.push(mm.track({ event: `e${i}` }));
		assert.equal(mm.pending, 2501);
		await mm.flush();
		mm.track({ event: "alone" });
		await mm.flush();
		assert.equal(mm.pending, 0);
		assert.deepEqual(requests.map((r) => [r.path, r.events.length]), [["/v1/batch", 1000], ["/v1/batch", 1000], ["/v1/batch", 501], ["/v1/track", 1]]);
		assert.deepEqual(requests.slice(0, 3).flatMap((r) => r.events.map((e) => e.event_id)), ids);
	});

	test("bodies of a million bytes at most", async (t) => {
		const { mm, requests } = await client(t), x = "ü".repeat(4090);
		for (let i = 0; i < 300; i++) mm.track({ event: `e${i}`, properties: { x } });
		await mm.flush();
		assert.deepEqual(requests.flatMap((r) => r.events.map((e) => e.event)), [...Array(300).keys()].map((i) => `e${i}`));
		assert.ok(requests.every((r) => r.body.length <= 1e6), requests.map((r) => r.body.length));
		assert.ok(requests.length === 3 && requests[0].body.length > 99e4);
	});

	test("sent by the timer, without a flush", async (t) => {
		const { mm, requests } = await client(t, 202, { interval: 30 });
		send(mm, "ab");
		await eventually(() => requests.length === 1 && mm.pending === 0);
		send(mm, "cd");
		await eventually(() => requests.length === 2);
		assert.deepEqual(requests.map((r) => r.events.length), [2, 2]);
	});

	test("1000 do not wait for the timer", async (t) => {
		const { mm, requests } = await client(t);
		for (let i = 0; i < 999; i++) mm.track({ event: "a" });
		await sleep(50);
		assert.equal(requests.length, 0);
		mm.track({ event: "a" });
		await eventually(() => requests.length === 1 && mm.pending === 0);
		assert.equal(requests[0].events.length, 1000);
	});

	test("a request at a time, also with several flushes; a flush is not held up by what comes later", async (t) => {
		let open = 0, most = 0;
		const { mm, names } = await client(t, () => {
			most = Math.max(most, ++open);
			setTimeout(() => open--, 30);
			return { status: 202, after: 30 };
		});
		send(mm, "a");
		const first = mm.flush();
		send(mm, "bc");
		let ended = false;
		const pump = setInterval(() => mm.track({ event: "d" }), 1);
		await Promise.all([mm.flush(), mm.flush(), first]).then(() => (ended = true));
		clearInterval(pump);
		assert.ok(ended);
		await mm.flush();
		assert.equal(most, 1);
		assert.match(names().join(""), /^abcd*$/);
	});

	test("bounded: too many are an error where they are tracked, and those that wait are sent", async (t) => {
		const { mm, names } = await client(t, 202, { maxQueue: 3 });
		send(mm, "abc");
		assert.throws(() => mm.track({ event: "d" }), (e) => e instanceof MillimetricError && e.code === "queue_full" && e.status === 0 &&
			e.message === "millimetric: 3 events wait, this one was not taken");
		assert.throws(() => mm.track({ event: 1 }), TypeError);
		await mm.flush();
		send(mm, "e");
		await mm.flush();
		assert.deepEqual(names(), ["abc", "e"]);
	});
});

describe("failures", { concurrency: true }, () => {
	test("500, 503, 429 and 408 are tried again after 100, 200, 400, 800 ms, with the same bytes", async (t) => {
		const { mm, requests } = await client(t, [500, 503, 429, 408, 202]);
		send(mm, "ab");
		await mm.flush();
		assert.equal(requests.length, 5);
		assert.ok(requests.every((r) => r.body.equals(requests[0].body)));
		const gaps = requests.slice(1).map((r, i) => r.at - requests[i].at);
		[100, 200, 400, 800].forEach((ms, i) => assert.ok(gaps[i] > ms - 5, `${gaps}`));
		assert.equal(mm.pending, 0);
	});

	test("five tries, then it rejects; the events wait, and are sent in their order with what came after", async (t) => {
		const { mm, requests, names } = await client(t, (_, i) => (i < 5 ? 503 : 202));
		const ids = send(mm, "ab");
		const e = await rejected(mm.flush());
		assert.deepEqual([e.name, e.status, e.code, e.details, e.refused], ["MillimetricError", 503, "of_the_stub", "as told", []]);
		assert.equal(e.message, "millimetric: 503 of_the_stub (0 events refused, 2 wait)");
		assert.equal(mm.pending, 2);
		send(mm, "c");
		await mm.flush();
		assert.deepEqual(names(), ["ab", "ab", "ab", "ab", "ab", "abc"]);
		assert.deepEqual(requests[5].events.map((x) => x.event_id).slice(0, 2), ids);
	});

	test("Retry-After in seconds and as a date", async (t) => {
		const in2 = new Date(Date.now() + 2000).toUTCString();
		const { mm, requests } = await client(t, [{ status: 429, headers: { "retry-after": "1" } }, { status: 503, headers: { "retry-after": in2 } }, 202]);
		send(mm, "a");
		await mm.flush();
		assert.ok(requests[1].at - requests[0].at > 995);
		assert.ok(requests[2].at + performance.timeOrigin > Date.parse(in2) - 5);
	});

	test("a long Retry-After is not waited for", async (t) => {
		const { mm, requests } = await client(t, { status: 429, headers: { "retry-after": "3600" } });
		send(mm, "a");
		const e = await rejected(mm.flush());
		assert.deepEqual([e.status, e.retryAfter, mm.pending, requests.length], [429, 3600e3, 1, 1]);
	});

	test("a connection that breaks, nobody who listens, no answer", async (t) => {
		const { mm, requests } = await client(t, ["reset", "nothing", "reset", 202], { timeout: 1000 });
		send(mm, "a");
		await mm.flush();
		assert.equal(requests.length, 4);
		const nobody = new Millimetric({ key: KEY, url: "http://127.0.0.1:1", interval: NEVER, onError: () => {} });
		nobody.track({ event: "a" });
		const e = await rejected(nobody.flush());
		assert.deepEqual([e.code, e.status, nobody.pending], ["network_error", 0, 1]);
		assert.ok(e.cause);
	});

	test("never an answer: it rejects, and the event waits", async (t) => {
		const { mm } = await client(t, "nothing", { timeout: 50 });
		send(mm, "a");
		const e = await rejected(mm.flush());
		assert.deepEqual([e.code, e.status, mm.pending], ["timeout", 0, 1]);
	});

	test("a slow answer is waited for", async (t) => {
		const { mm, requests } = await client(t, { status: 202, after: 700 });
		send(mm, "a");
		await mm.flush();
		assert.equal(requests.length, 1);
	});

	test("401, 403, 404, 415: thrown at once, and all wait", async (t) => {
		for (const status of [401, 403, 404, 415]) {
			const { mm, requests } = await client(t, { status, body: '{"error":"invalid_api_key","details":"there is no such key"}' });
			send(mm, "ab");
			const e = await rejected(mm.flush());
			assert.deepEqual([e.status, e.code, e.details, e.refused, mm.pending, requests.length],
				[status, "invalid_api_key", "there is no such key", [], 2, 1]);
		}
	});

	test("400 for some of a batch: those are handed back with the reasons, the others sent in their order", async (t) => {
		const { mm, names } = await client(t, (r) => {
			const faults = {};
			r.events.forEach((e, i) => {
				if (/[bx]/.test(e.event)) faults[`events[${i}].url`] = [`bad ${e.event}`];
				if (e.event === "x") faults[`events[${i}]`] = ["bad"];
			});
			return Object.keys(faults).length ? invalid(faults) : 202;
		});
		const ids = send(mm, "abcxd");
		const e = await rejected(mm.flush());
		assert.deepEqual(names(), ["abcxd", "acd"]);
		assert.deepEqual([e.status, e.code, mm.pending], [400, "invalid_payload", 0]);
		assert.equal(e.message, "millimetric: 400 invalid_payload (2 events refused, 0 wait)");
		assert.deepEqual(e.refused.map((r) => [r.event.event, r.event.event_id, r.why]),
			[["b", ids[1], { url: ["bad b"] }], ["x", ids[3], { url: ["bad x"], "": ["bad"] }]]);
	});

	test("400 for a batch that does not say for which: halves find it", async (t) => {
		const { mm, names } = await client(t, (r) => (r.events.some((e) => e.event === "x") ? invalid({ events: ["Bad"] }) : 202));
		send(mm, "abcxefgh");
		const e = await rejected(mm.flush());
		assert.deepEqual(e.refused.map((r) => r.event.event), ["x"]);
		assert.equal(mm.pending, 0);
		const stored = names().filter((n) => !n.includes("x")).join("");
		assert.equal(stored, "abcefgh");
	});

	test("an index that is none of ours counts for nothing", async (t) => {
		const { mm, names } = await client(t, (r) => (r.events.length > 1 ? invalid({ "events[7].url": ["Bad"], "events[-1]": ["Bad"] }) : 202));
		send(mm, "ab");
		await mm.flush();
		assert.deepEqual(names(), ["ab", "a", "b"]);
	});

	test("400 for a single one", async (t) => {
		const { mm, names } = await client(t, (r) => (r.events[0].event === "x" ? invalid({ url: ["Bad"] }) : 202));
		send(mm, "x");
		const e = await rejected(mm.flush());
		assert.deepEqual([e.refused[0].event.event, e.refused[0].why, mm.pending], ["x", { url: ["Bad"] }, 0]);
		send(mm, "a");
		await mm.flush();
		assert.deepEqual(names(), ["x", "a"]);
	});

	test("413 of a proxy: smaller requests", async (t) => {
		const { mm, names } = await client(t, (r) => (r.events.length > 2 ? { status: 413, body: "<html>" } : 202));
		const all = "abcdefghijklmnopqrstuvwxyz".repeat(4);
		send(mm, all);
		await mm.flush();
		assert.equal(names().filter((n) => n.length < 3).join(""), all);
		assert.equal(mm.pending, 0);
		// once it is known, it is tried again with twice as many at most
		assert.ok(names().length < 52 * 2 + 20, `${names().length}`);
	});

	test("some refused, then no server: both are told", async (t) => {
		const { mm } = await client(t, (_, i) => (i === 0 ? invalid({ "events[0].url": ["Bad"] }) : 401));
		send(mm, "abc");
		const e = await rejected(mm.flush());
		assert.deepEqual([e.status, e.refused.map((r) => r.event.event), mm.pending], [401, ["a"], 2]);
	});

	test("what is no answer of the server stores nothing: another page, a redirection, a 400 of somebody else", async (t) => {
		const other = await stub(t);
		for (const answer of [{ status: 200, body: "<html>Log in</html>" }, { status: 200, body: "" }, { status: 202, body: '{"ok":false}' }, { status: 204, body: "" },
			{ status: 200, body: "null" }, { status: 302, headers: { location: other.url } }, { status: 307, headers: { location: other.url } }, { status: 400, body: "Bad Request" }]) {
			const { mm, requests } = await client(t, answer);
			send(mm, "ab");
			const e = await rejected(mm.flush());
			assert.equal(e.status, answer.status);
			if (answer.status !== 302 && answer.status !== 307) assert.equal(e.code, "unexpected_answer");
			assert.deepEqual([mm.pending, requests.length, e.refused], [2, 1, []]);
		}
		assert.equal(other.requests.length, 0);
	});

	test("a server that repeats the key: no error holds it", async (t) => {
		const { mm } = await client(t, (r) => ({ status: 403, body: JSON.stringify({ error: `not ${r.headers.authorization}`, details: r.headers }) }));
		send(mm, "a");
		const e = await rejected(mm.flush());
		assert.equal(e.details.authorization, "Bearer KEY");
	});

	test("in the background: onError is told, once for a failure, and it rests twice as long each time", async (t) => {
		const told = [];
		const { mm, requests } = await client(t, (_, i) => (i < 4 ? 401 : 202), { interval: 20, onError: (e) => told.push(e) });
		send(mm, "ab");
		await eventually(() => mm.pending === 0);
		assert.deepEqual(told.map((e) => [e.status, e.refused.length]), Array(4).fill([401, 0]));
		const gaps = requests.slice(1).map((r, i) => r.at - requests[i].at);
		[40, 80, 160, 320].forEach((ms, i) => assert.ok(gaps[i] > ms - 5, `${gaps}`));
		send(mm, "c"); // and is as before once it goes well
		await eventually(() => requests.length === 6);
		assert.ok(requests[5].at - requests[4].at < 10e3);
	});

	test("a long Retry-After holds for the timer too", async (t) => {
		const told = [];
		const { mm, requests } = await client(t, { status: 429, headers: { "retry-after": "31" } }, { interval: 10, onError: (e) => told.push(e.retryAfter) });
		send(mm, "a");
		await eventually(() => told.length > 0);
		await sleep(300);
		assert.deepEqual([told, requests.length], [[31e3], 1]);
	});

	test("1000 events and a server that fails: no storm of requests", async (t) => {
		const told = [];
		const { mm, requests } = await client(t, 401, { onError: (e) => told.push(e) });
		for (let i = 0; i < 1500; i++) mm.track({ event: "a" });
		await eventually(() => told.length === 1);
		for (let i = 0; i < 500; i++) mm.track({ event: "a" });
		await sleep(100);
		assert.deepEqual([requests.length, told.length, mm.pending], [1, 1, 2000]);
	});
});

describe("a process", { concurrency: true }, () => {
	const module = JSON.stringify(new URL("../../clients/node/millimetric.js", import.meta.url));
	async function script(url, text) {
		const code = `import { Millimetric } from ${module};
			const mm = new Millimetric({ key: "${KEY}", url: "${url}", interval: 3600e3 });
			${text}`;
		const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "pipe"] });
		let said = "";
		child.stdout.on("data", (d) => (said += d));
		child.stderr.on("data", (d) => (said += d));
		const status = await new Promise((done) => child.on("close", done));
		return { status, said };
	}

	test("that ends is not kept by the timer, and sends what waits", async (t) => {
		const { url, names } = await stub(t, [503, 202]);
		assert.deepEqual(await script(url, 'mm.track({ event: "a" }); mm.track({ event: "b" });'), { status: 0, said: "" });
		assert.deepEqual(names(), ["ab", "ab"]);
	});

	test("whose server fails ends too, and says so once", async (t) => {
		const { url, requests } = await stub(t, 401);
		assert.deepEqual(await script(url, 'mm.track({ event: "a" });'),
			{ status: 0, said: "millimetric: 401 of_the_stub (0 events refused, 1 wait)\n" });
		assert.equal(requests.length, 1);
	});

	test("that waits for a flush waits through the tries", async (t) => {
		const { url, requests } = await stub(t, [500, "reset", 500, 202]);
		assert.deepEqual(await script(url, 'mm.track({ event: "a" }); await mm.flush(); console.log("stored");'), { status: 0, said: "stored\n" });
		assert.equal(requests.length, 4);
	});

	test("that goes on after it has nothing to do sends what comes then", async (t) => {
		const { url, names } = await stub(t);
		const run = await script(url, `mm.track({ event: "a" });
			let n = 0;
			process.on("beforeExit", () => { if (n++ < 2) setTimeout(() => mm.track({ event: "b" }), 10); });`);
		assert.deepEqual(run, { status: 0, said: "" });
		assert.equal(names().join(""), "abb");
	});

	test("with twenty clients sees no warning", async (t) => {
		const { url, requests } = await stub(t);
		const run = await script(url, `for (let i = 0; i < 20; i++) new Millimetric({ key: "${KEY}", url: "${url}", interval: 3600e3 }).track({ event: "a" });`);
		assert.deepEqual(run, { status: 0, said: "" });
		assert.equal(requests.length, 20);
	});
});

describe("the module", () => {
	const text = fs.readFileSync(new URL("../../clients/node/millimetric.js", import.meta.url), "utf8");
	test("has 8 KiB at most, imports nothing, and needs nothing of node's", () => {
		assert.ok(Buffer.byteLength(text) <= 8192, `${Buffer.byteLength(text)}`);
		assert.doesNotMatch(text, /\bimport\b|\brequire\b|node:|Buffer/);
		const { dependencies, exports } = JSON.parse(fs.readFileSync(new URL("../../clients/node/package.json", import.meta.url)));
		assert.equal(dependencies, undefined);
		for (const file of Object.values(exports["."])) fs.accessSync(new URL(`../../clients/node/${file}`, import.meta.url));
	});
});
