// What the browser script costs a page: its size, and the time of the main thread while a page loads, as Chromium's
// own trace has it.  browser.mjs BIN [LOADS]
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "../clients/chromium.mjs";
import { keysIn, serve } from "../faults/serving.mjs";

const [bin, loads = 20] = process.argv.slice(2);
const dir = fs.mkdtempSync(join(tmpdir(), "bench-browser."));
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

keysIn(dir, bin);
const server = await serve(dir, bin, ["-o", "-"]);
let pk;
const site = http.createServer((q, a) => {
	a.writeHead(200, { "content-type": "text/html" });
	// the first script that touches an element makes a page's browser set up what all need: 0.4 ms, whosoever it is
	const first = q.url === "/bare" ? "0" : "document.currentScript.id";
	a.end(`<!doctype html><title>x</title><link rel=icon href="data:,"><script>${first}</script><p>x
		<script defer src="http://127.0.0.1:${server.port}/v1/a.js" data-key="${pk}" data-auto></script>`);
});
await new Promise((done) => site.listen(0, "127.0.0.1", done));
const url = `http://localhost:${site.address().port}`;
pk = execFileSync(join(bin, "mm-key"), ["mint", "--keys", join(dir, "keys"), "--kind", "pk", "--origin", url]).toString().trim();
await sleep(1500); // until mm-serve has read it

const browser = chromium(dir);
const parts = ["EvaluateScript", "v8.compile", "FunctionCall", "TimerFire", "RunMicrotasks"];
const clock = process.env.CPU ? "tdur" : "dur";

async function measure(page) {
	const atLoad = [], atIdle = [];
	for (let i = 0; i < loads; i++) {
		const events = [];
		const stop = browser.on(({ method, params }) => method === "Tracing.dataCollected" && events.push(...params.value));
		const complete = new Promise((done) => browser.on(({ method }) => method === "Tracing.tracingComplete" && done()));
		const tab = await browser.tab(await browser.profile()); // whose cache is empty: a first visit
		await browser.send("Tracing.start", { traceConfig: { includedCategories: ["devtools.timeline", "v8"] } });
		await tab.go(url + page);
		await sleep(300); // until the page view is sent and its answer is here
		await browser.send("Tracing.end");
		await complete;
		stop();
		await tab.end();
		// all that ran for the script, without what ran inside of it
		const own = events.filter((e) => parts.includes(e.name) && e.dur !== undefined && JSON.stringify(e.args).includes("/v1/a.js"));
		const within = (e, o) => o !== e && o.tid === e.tid && o.ts <= e.ts && o.ts + o.dur >= e.ts + e.dur;
		const idle = events.filter((e) => e.name === "FireIdleCallback");
		const outer = own.filter((e) => !own.some((o) => within(e, o)));
		if (!outer.length) throw new Error("the trace does not have the script");
		const [later, sooner] = [outer.filter((e) => idle.some((o) => within(e, o))), outer.filter((e) => !idle.some((o) => within(e, o)))];
		for (const [list, of] of [[atLoad, sooner], [atIdle, later]])
			list.push(of.reduce((n, e) => n + e[clock], 0) / 1000);
		if (process.env.DETAILS) console.log(outer.map((e) => `${later.includes(e) ? "idle " : ""}${e.name} ${e.dur} us (CPU ${e.tdur})`).join(", "));
	}
	return [atLoad, atIdle];
}
const results = [["on a page with scripts of its own", await measure("/")], ["on a page without", await measure("/bare")]];
await browser.end();
site.close().closeAllConnections();
server.child.kill();
await server.end;
fs.rmSync(dir, { recursive: true });

const script = fs.readFileSync(new URL("../../clients/browser/a.min.js", import.meta.url));
console.log(`script ${script.length} bytes, gzip -9 ${gzipSync(script, { level: 9 }).length} bytes`);
for (const [page, [atLoad, atIdle]] of results)
	for (const [name, list] of [["main thread at load", atLoad], ["in idle time behind it", atIdle]])
		console.log(`${page}: ${name}: median ${median(list).toFixed(2)} ms of ${loads} loads (${Math.min(...list).toFixed(2)} to ${Math.max(...list).toFixed(2)})`);
