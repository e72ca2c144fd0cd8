// browser.mjs DIR BIN: the browser script in a real Chromium, served by mm-serve, to the rows in ClickHouse.
//
// A site (pages of tests/clients/browser-cases.mjs) and, at another origin, a front before mm-serve that can fail.
// Prints a line a case: "ok NAME", or "not ok NAME: WHY".
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as http from "node:http";
import { join } from "node:path";
import { chromium } from "./chromium.mjs";
import { cases } from "./browser-cases.mjs";

const [dir, bin, ...only] = process.argv.slice(2);
const wanted = Object.entries(cases).filter(([name]) => !only.length || only.includes(name));
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function eventually(what, f) {
	for (const end = Date.now() + 20e3; Date.now() < end; await sleep(10)) if (await f()) return;
	throw new Error(`never came true: ${what}`);
}

const listen = (server) => new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)));
const caseOf = (text) => /\/c\/([a-z0-9-]+)\//.exec(text)?.[1];

// ---- the site ----

const visits = []; // { path, purpose }
const siteServer = http.createServer((q, a) => {
	const name = caseOf(q.url), c = cases[name];
	visits.push({ path: q.url, purpose: q.headers["sec-purpose"] ?? "" });
	if (!c) return a.writeHead(404).end();
	const p = c.page?.({ ...world, path: q.url }) ?? {};
	const copies = p.copies ?? 1;
	const tag = `<script ${p.nonce ? `nonce=${p.nonce} ` : ""}src="${p.src ?? `${world.front}/v1/a.js`}" data-key="${world.pk}" ${p.options ?? ""}></script>`;
	a.writeHead(p.status ?? 200, { "content-type": "text/html; charset=utf-8", ...p.headers });
	a.end(`<!doctype html><title>${name}</title><link rel=icon href="data:,">${p.before ?? ""}${tag.repeat(copies)}${p.after ?? ""}`);
});

// ---- the front: what it is told to do to the requests of a case, and what it has seen ----

const asked = []; // every request: { method, path, name, events, status, headers }
const faults = new Map(); // name → (number of the request) => "down", "lost", a status, or nothing
const frontServer = http.createServer((q, a) => {
	const parts = [];
	q.on("data", (d) => parts.push(d)).on("end", () => {
		const body = Buffer.concat(parts), name = caseOf(body.toString());
		const one = { method: q.method, path: q.url, name, headers: q.headers, events: [], status: 0, size: body.length };
		if (q.method === "POST") {
			const json = JSON.parse(body);
			one.events = json.events ?? [json];
			one.key = json.key;
		}
		const fault = faults.get(name)?.(asked.filter((r) => r.name === name).length);
		asked.push(one);
		if (q.url.includes("/hangs/")) return;
		if (fault === "down") return q.socket.destroy();
		if (typeof fault === "number") {
			one.status = fault;
			return a.writeHead(fault, { "access-control-allow-origin": q.headers.origin }).end();
		}
		const on = http.request({ port: servePort, method: q.method, path: q.url, headers: q.headers }, (b) => {
			if (fault === "lost") return b.resume(), q.socket.destroy();
			one.status = b.statusCode;
			a.writeHead(b.statusCode, b.rawHeaders);
			b.pipe(a);
		});
		on.on("error", () => q.socket.destroy());
		on.end(body);
	});
});

// ---- mm-serve ----

const run = (name, ...options) => execFileSync(join(bin, name), options,
	{ cwd: dir, stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 }).toString();
const sitePort = await listen(siteServer), frontPort = await listen(frontServer);
const world = {
	site: `http://localhost:${sitePort}`,
	other: `http://127.0.0.1:${sitePort}`,
	plain: `http://site.test:${sitePort}`, // no secure context
	front: `http://127.0.0.1:${frontPort}/m`,
};
fs.writeFileSync(join(dir, "salt"), "0123456789abcdef-test-salt\n", { mode: 0o600 });
const script = fs.readFileSync(new URL("../../clients/browser/a.min.js", import.meta.url));
world.integrity = `sha384-${createHash("sha384").update(script).digest("base64")}`;
world.kept = `a-${createHash("sha384").update(script).digest("hex").slice(0, 16)}.js`;
world.pk = run("mm-key", "mint", "--keys", "keys", "--kind", "pk",
	...[world.site, world.other, world.plain].flatMap((o) => ["--origin", o])).trim();
run("mm-key", "limits", "--keys", "keys", "--track", "off", "--batch", "off");
const serve = spawn(join(bin, "mm-serve"), ["--keys", "keys", "--salt-file", "salt", "--listen", "127.0.0.1:0",
	"--prefix", "/m", "--spool", join(dir, "spool")], { cwd: dir, stdio: ["ignore", "ignore", "pipe"] });
const served = new Promise((done) => serve.on("exit", done));
let said = "";
serve.stderr.on("data", (d) => (said += d));
await eventually("mm-serve listens", () => /127\.0\.0\.1:\d+/.test(said));
const servePort = Number(said.match(/127\.0\.0\.1:(\d+)/)[1]);

// ---- the cases ----

const browser = chromium(dir);
const failed = new Map();

async function play(name, c, profile) {
	const open = [];
	const tab = async () => (open.push(await browser.tab(c.fresh ? await browser.profile() : profile)), open.at(-1));
	const taken = () => asked.filter((r) => r.name === name && r.status >= 200 && r.status < 300).flatMap((r) => r.events);
	const x = {
		...world, tab, sleep, eventually, visits, browser,
		asked: () => asked.filter((r) => r.name === name),
		everything: () => asked,
		url: (path = "a", base = world.site) => `${base}/c/${name}/${path}`,
		fault: (f) => faults.set(name, f),
		// Waits until n events were taken.
		seen: (n) => eventually(`${n} events taken, not ${taken().length}`, () => taken().length >= n),
		// Sends an event and waits until it was taken: what came before it was sent before.
		mark: async (t) => {
			await t.run('mm.track("end")');
			await eventually("the last event taken", () => taken().some((e) => e.event === "end"));
		},
		is: (have, want, what) => {
			if (JSON.stringify(have) !== JSON.stringify(want))
				throw new Error(`${what}: ${JSON.stringify(have)}, not ${JSON.stringify(want)}`);
		},
	};
	try {
		await c.play(x);
		const errors = open.flatMap((t) => t.errors);
		if (errors.length) throw new Error(`errors in the page: ${errors.join("; ")}`);
	} catch (e) {
		failed.set(name, e.message);
	}
	for (const t of open) await t.end();
}

const queue = [...wanted];
await Promise.all(Array.from({ length: 3 }, async () => {
	const profile = await browser.profile();
	for (let next; (next = queue.shift()); ) {
		const began = Date.now();
		await play(...next, profile);
		if (process.env.TIMES) console.error(next[0], Date.now() - began);
	}
}));
await browser.end();
const answered = asked.filter((r) => r.status >= 200 && r.status < 300).reduce((n, r) => n + r.events.length, 0);
serve.kill();
await served;
run("mm-insert", "--drain", join(dir, "spool"));

// ---- what is stored ----

const answer = await fetch(process.env.MM_CLICKHOUSE_URL, {
	method: "POST",
	body: `SELECT * FROM ${process.env.MM_CLICKHOUSE_DATABASE ?? "millimetric"}.events FORMAT JSONEachRow`,
	headers: {
		"x-clickhouse-user": process.env.MM_CLICKHOUSE_USER, "x-clickhouse-key": process.env.MM_CLICKHOUSE_PASSWORD,
	},
});
const rows = (await answer.text()).trim().split("\n").filter(Boolean).map((l) => JSON.parse(l));
for (const [name, c] of wanted) {
	const own = rows.filter((r) => caseOf(r.url ?? "") === name && (!c.views || r.event_name === "$pageview")).sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
	const have = own.map((r) => `${r.event_name} ${r.path.replace(`/c/${name}/`, "")}`).sort().join(", ");
	const want = [...c.rows].sort().join(", ");
	if (!failed.has(name) && have !== want) failed.set(name, `stored: ${have || "nothing"}; not: ${want || "nothing"}`);
	try {
		if (!failed.has(name)) c.check?.(own, world);
	} catch (e) {
		failed.set(name, e.message);
	}
	console.log(failed.has(name) ? `not ok ${name}: ${failed.get(name)}` : `ok ${name}`);
}
if (process.env.TIMES) console.error(answered, "events answered,", rows.length, "rows");
siteServer.close().closeAllConnections();
frontServer.close().closeAllConnections();
if (process.env.ASKED) for (const r of asked) console.error(r.method, r.path, r.status, r.size, r.events.length);
