// same-event.mjs DIR SERVER: an event by the browser script in Chromium, and the same by the Node module, to mm-serve.
// DIR has its keys file, and the sk in `sk`.  Prints the event as others are to send it, with the browser's User-Agent beside it:
// {"event":{…},"user_agent":…}
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import { chromium } from "./chromium.mjs";
import { Millimetric } from "../../clients/node/millimetric.js";

const [dir, server] = process.argv.slice(2);

async function eventually(f) {
	for (const end = Date.now() + 20e3; Date.now() < end; await new Promise((done) => setTimeout(done, 50))) if (await f()) return;
	throw new Error(`never came true: ${f}`);
}

let pk, agent;
const site = http.createServer((q, a) => {
	agent = q.headers["user-agent"];
	a.writeHead(200, { "content-type": "text/html" });
	a.end(`<!doctype html><link rel=icon href="data:,"><script src="${server}/v1/a.js" data-key="${pk}"></script>`);
});
await new Promise((done) => site.listen(0, "127.0.0.1", done));
const { port } = site.address(), origin = `http://localhost:${port}`;
const from = `http://127.0.0.1:${port}/`; // another site, which leads here

pk = execFileSync("mm-key", ["mint", "--keys", "keys", "--kind", "pk", "--origin", origin], { cwd: dir }).toString().trim();
const known = () => fetch(`${server}/v1/track`, { method: "OPTIONS", headers: { origin } });
await eventually(async () => (await known()).status === 204);

const properties = { amount_cents: 4900, currency: "usd", items: ["ü", 1.5, null] };
const url = `${origin}/checkout/?utm_source=facebook&utm_medium=cpc&utm_campaign=spring`;
const browser = chromium(dir), tab = await browser.tab(await browser.profile());
await tab.go(from);
await tab.run(`location.href = ${JSON.stringify(url)}`);
await eventually(() => tab.run(`location.href === ${JSON.stringify(url)} && !!window.mm`).catch(() => false)); // between two pages
await tab.run(`mm.identify("user_42"); mm.track("purchase", ${JSON.stringify(properties)}); mm.flush()`);
const [anonymous_id, referrer] = await tab.run("[localStorage.mm_aid, document.referrer]");
// page view, identify, purchase: answered before the browser ends
await eventually(() => tab.run('performance.getEntriesByType("resource").filter((e) => /track$/.test(e.name)).length === 3'));
await tab.end();
await browser.end();
site.close().closeAllConnections();

const event = { event: "purchase", anonymous_id, user_id: "user_42", url, referrer, properties };
const mm = new Millimetric({ key: fs.readFileSync(`${dir}/sk`, "utf8").trim(), url: server });
mm.track(event);
await mm.flush();
console.log(JSON.stringify({ event, user_agent: agent }));
