// A Chromium without a head, spoken to by its DevTools protocol over a pipe: no library, no port.
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";

// Starts it with a profile in the folder.  It knows localhost and site.test, which is no secure context.
export function chromium(dir) {
	const child = spawn("chromium", ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--remote-debugging-pipe", `--user-data-dir=${join(dir, "profile")}`,
		"--host-resolver-rules=MAP site.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
		"about:blank"],
	{ stdio: ["ignore", "ignore", fs.openSync(join(dir, "chromium.log"), "w"), "pipe", "pipe"] });
	const [, , , to, from] = child.stdio;
	const asked = new Map(), listeners = new Set();
	const ended = new Promise((done) => child.on("exit", done));
	let count = 0, text = "";

	from.setEncoding("utf8").on("data", (d) => {
		const messages = (text + d).split("\0");
		text = messages.pop();
		for (const m of messages.map((t) => JSON.parse(t))) {
			if (!m.id) {
				for (const f of listeners) f(m);
				continue;
			}
			const { done, fail, method } = asked.get(m.id);
			asked.delete(m.id);
			m.error ? fail(new Error(`${method}: ${m.error.message}`)) : done(m.result);
		}
	});
	const send = (method, params = {}, sessionId) => new Promise((done, fail) => {
		asked.set(++count, { done, fail, method });
		to.write(JSON.stringify({ id: count, method, params, sessionId }) + "\0");
	});
	// Runs f with each event; the result ends that.
	const on = (f) => {
		listeners.add(f);
		return () => listeners.delete(f);
	};

	// A profile, whose tabs share what pages keep.
	const profile = async () => (await send("Target.createBrowserContext")).browserContextId;

	// A tab of a profile.
	const tab = async (browserContextId) => {
		const { targetId } = await send("Target.createTarget", { url: "about:blank", browserContextId, forTab: true });
		const { sessionId: whole } = await send("Target.attachToTarget", { targetId, flatten: true });
		const errors = [], pages = new Set(); // sessions of pages, shown or prerendered
		let page, prerendered, ready;
		const attached = new Promise((done) => (ready = done));
		const watch = async (sessionId) => {
			pages.add(sessionId);
			await Promise.all(["Page", "Runtime", "Log"].map((domain) => send(`${domain}.enable`, {}, sessionId)));
		};
		const stop = on(({ method, params: p, sessionId }) => {
			if (sessionId === whole && method === "Target.attachedToTarget" && p.targetInfo.type === "page") {
				if (p.targetInfo.subtype === "prerender") prerendered = p.sessionId;
				else page = p.sessionId;
				watch(p.sessionId).then(ready, () => {});
			}
			// what was prerendered is shown in its place
			if (sessionId === whole && method === "Target.detachedFromTarget" && p.sessionId === page) page = prerendered;
			if (!pages.has(sessionId)) return;
			if (method === "Runtime.exceptionThrown")
				errors.push(p.exceptionDetails.exception?.description ?? p.exceptionDetails.text);
			if (method === "Log.entryAdded" && p.entry.source === "security") errors.push(p.entry.text);
		});
		await send("Target.setAutoAttach", { autoAttach: true, flatten: true, waitForDebuggerOnStart: false }, whole);
		await attached;

		const ask = (method, params) => send(method, params, page);
		const loaded = (what) => new Promise((done, fail) => {
			const end = on(({ method, params, sessionId }) => {
				if (sessionId === page && (method === "Page.loadEventFired" ||
					(method === "Page.frameNavigated" && params.type === "BackForwardCacheRestore")))
					end(), done();
			});
			what().catch(fail);
		});
		return {
			errors, ask,
			go: (url) => loaded(() => ask("Page.navigate", { url })),
			back: async () => {
				const { currentIndex, entries } = await ask("Page.getNavigationHistory");
				await loaded(() => ask("Page.navigateToHistoryEntry", { entryId: entries[currentIndex - 1].id }));
			},
			// The value of an expression, a promise's when it is kept.
			run: async (expression) => {
				const { result, exceptionDetails } = await ask("Runtime.evaluate",
					{ expression, awaitPromise: true, returnByValue: true, userGesture: true });
				if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
				return result.value;
			},
			// Closes the tab as a user does.
			close: () => send("Target.closeTarget", { targetId }),
			end: async () => {
				stop();
				await send("Target.closeTarget", { targetId }).catch(() => {}); // a case may have closed it
			},
		};
	};

	const end = async () => {
		await send("Browser.close").catch(() => {});
		await ended;
	};
	return { send, on, profile, tab, end };
}
