// What browser.mjs plays: for each case the pages below /c/NAME/, what happens on them, and the rows that shall be
// stored of it: "EVENT PATH".  fresh: its profile is its own.
import * as assert from "node:assert/strict";

const inline = (text) => `<script>${text}</script>`;
const pageviews = (...paths) => paths.map((p) => `$pageview ${p}`);
const ids = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const cases = {
	// ---- page views ----
	"load": {
		play: async (x) => {
			const t = await x.tab();
			await t.go(x.url("a?utm_source=x#access_token=secret"));
			await x.mark(t);
			x.is(x.asked().map((r) => [r.method, r.path, r.headers["content-type"], r.headers.cookie]),
				[["POST", "/m/v1/track", "text/plain;charset=UTF-8", undefined],
					["POST", "/m/v1/track", "text/plain;charset=UTF-8", undefined]], "requests");
		},
		rows: ["$pageview a", "end a"],
		check: ([a, b], { site }) => {
			assert.match(a.event_id, ids);
			assert.match(a.anonymous_id, ids);
			assert.equal(b.anonymous_id, a.anonymous_id);
			assert.notEqual(b.event_id, a.event_id);
			assert.equal(a.url, `${site}/c/load/a?utm_source=x`);
			assert.deepEqual([a.source, a.browser, a.referrer, a.properties], ["x", "chrome", null, "{}"]);
		},
	},
	"push-state": {
		play: async (x) => {
			const t = await x.tab();
			await t.go(x.url("a"));
			await x.seen(1);
			await t.run('history.pushState({ n: 1 }, "", "b?q=1")');
			await x.seen(2);
			x.is(await t.run("history.state"), { n: 1 }, "state");
		},
		rows: pageviews("a", "b"),
		check: ([a, b], { site }) => assert.deepEqual([a.referrer, b.referrer], [null, `${site}/c/push-state/a`]),
	},
	"pop-state": {
		play: async (x) => {
			const t = await x.tab();
			await t.go(x.url("a"));
			await t.run('history.pushState(0, "", "b")');
			await x.seen(2);
			await t.run("history.back()");
			await x.seen(3);
		},
		rows: pageviews("a", "b", "a"),
	},
	"same-path": {
		play: async (x) => {
			const t = await x.tab();
			await t.go(x.url("a"));
			await t.run('history.pushState(0, "", "?q=1"); history.pushState(0, "", "#part"); location.hash = "other"; history.back()');
			await x.sleep(50);
			await x.mark(t);
		},
		rows: ["$pageview a", "end a"],
	},
	"replace-state": {
		play: async (x) => {
			const t = await x.tab();
			await t.go(x.url("a"));
			await t.run('history.replaceState(0, "", "b"); history.pushState(0, "", "b?again")');
			await x.mark(t);
			await t.run('history.pushState(0, "", "c")');
			await x.seen(3);
		},
		rows: ["$pageview a", "end b", "$pageview c"],
		check: (rows, { site }) => assert.equal(rows.at(-1).referrer, `${site}/c/replace-state/b`),
	},
	"bfcache": {
		play: async (x) => {
			const t = await x.tab();
			await t.go(x.url("a"));
			await x.seen(1);
			await t.run("window.kept = 1");
			await t.go(x.url("b"));
			await x.seen(2);
			await t.back();
			await x.seen(3);
			x.is(await t.run("window.kept"), 1, "the page that is shown again is the same");
		},
		rows: pageviews("a", "b", "a"),
	},
	"prerender-shown": {
		page: ({ path }) => path.endsWith("a") ? { after: '<script type="speculationrules">{"prerender":[{"urls":["b"]}]}</script><a href=b>b</a>' } :
			{ after: inline('mm.track("early"); window.early = document.prerendering; fetch("ran")') },
		play: async (x) => {
			const t = await x.tab();
			await t.go(x.url("a"));
			await x.eventually("prerendered", () => x.visits.some((v) => v.path.endsWith("prerender-shown/ran")));
			await x.sleep(200);
			x.is(x.asked().flatMap((r) => r.events).length, 1, "events before it is shown");
			await t.run('document.querySelector("a").click()');
			await x.seen(3);
			x.is(await t.run("[early, performance.getEntriesByType('navigation')[0].activationStart > 0]"), [true, true], "it was prerendered");
		},
		rows: ["$pageview a", "$pageview b", "early b"],
	},
	"prerender-never-shown": {
		page: ({ path }) => path.endsWith("a") ? { after: '<script type="speculationrules">{"prerender":[{"urls":["b"]}]}</script>' } :
			{ after: inline('mm.track("early"); history.pushState(0, "", "c"); fetch("ran")') },
		play: async (x) => {
			const t = await x.tab();
			await t.go(x.url("a"));
			await x.eventually("prerendered", () => x.visits.some((v) => v.path.endsWith("never-shown/ran")));
			await x.sleep(200);
			await x.mark(t);
		},
		rows: ["$pageview a", "end a"],
	},
};

// ---- who does not want to be counted ----

for (const [name, set] of Object.entries({ gpc: "globalPrivacyControl = true", dnt: 'doNotTrack = "1"' })) {
	const before = inline(`Object.defineProperty(navigator, "${set.split(" ")[0]}", { value: ${set.split("= ")[1]} })`);
	cases[name] = {
		fresh: true,
		// the first call comes before there is a moment without work
		page: () => ({ before: before + inline('(window.mm = window.mm || []).push(["track", "early"])'), options: "data-auto" }),
		play: async (x) => {
			const t = await x.tab();
			await t.go(x.url("a"));
			await t.run('mm.track("x"); mm.page(); mm.identify("u"); mm.push(["track", "y"]); history.pushState(0, "", "b"); mm.flush()');
			await x.sleep(200);
			x.is(x.asked().length, 0, "requests");
			x.is(await t.run("localStorage.length"), 0, "what is stored in the browser");
		},
		rows: [],
	};
	cases[`${name}-ignored`] = {
		page: () => ({ before, options: "data-ignore-opt-out" }),
		play: async (x) => {
			const t = await x.tab();
			await t.go(x.url("a"));
			await x.seen(1);
		},
		rows: pageviews("a"),
	};
}

// ---- visitors ----

cases["visitor"] = {
	fresh: true,
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await x.seen(1);
		const id = await t.run("localStorage.mm_aid");
		await t.go(x.url("b"));
		await x.seen(2);
		x.is(x.asked().map((r) => r.events[0].anonymous_id), [id, id], "anonymous_id");
	},
	rows: pageviews("a", "b"),
};
cases["cookieless"] = {
	fresh: true,
	page: () => ({ options: "data-visitor=none" }),
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await t.go(x.url("b"));
		await x.seen(2);
		x.is(await t.run("[localStorage.length, document.cookie]"), [0, ""], "what is stored in the browser");
		x.is(x.asked().map((r) => r.events[0].anonymous_id ?? null), [null, null], "anonymous_id");
	},
	rows: pageviews("a", "b"),
	check: ([a, b]) => assert.equal(a.anonymous_id, b.anonymous_id),
};
cases["storage-denied"] = {
	page: () => ({ before: inline('Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError"); } })') }),
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await x.mark(t);
	},
	rows: ["$pageview a", "end a"],
	check: ([a, b]) => assert.equal(a.anonymous_id, b.anonymous_id),
};
cases["identify"] = {
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await x.seen(1);
		await t.run('mm.identify(42, { plan: "pro" })');
		await x.seen(2);
		await t.run('mm.track("bought", { amount: 4900 })');
		await x.seen(3);
		await t.run('mm.identify(null); mm.track("left")');
		await x.seen(4);
	},
	rows: ["$pageview a", "$identify a", "bought a", "left a"],
	check: (rows) => {
		assert.deepEqual(rows.map((r) => [r.user_id, r.properties]),
			[[null, "{}"], ["42", '{"plan":"pro"}'], ["42", '{"amount":4900}'], [null, "{}"]]);
		assert.equal(new Set(rows.map((r) => r.anonymous_id)).size, 1);
	},
};
cases["insecure"] = {
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a", x.plain));
		x.is(await t.run("[isSecureContext, typeof crypto.randomUUID]"), [false, "undefined"], "a page without TLS");
		await x.mark(t);
	},
	rows: ["$pageview a", "end a"],
	check: ([a]) => {
		assert.match(a.event_id, ids);
		assert.match(a.anonymous_id, ids);
	},
};

// ---- sending ----

const without = (what) => () => ({ before: inline(what) });
const noBeacon = "delete Navigator.prototype.sendBeacon;";
const noFetch = "delete window.fetch;";

cases["no-preflight"] = {
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await x.seen(1);
		await t.run('for (let i = 0; i < 9; i++) mm.track("many"); mm.flush()');
		await x.seen(10);
		x.is(x.asked().map((r) => [r.method, r.path, r.headers["content-type"]]),
			[["POST", "/m/v1/track", "text/plain;charset=UTF-8"], ["POST", "/m/v1/batch", "text/plain;charset=UTF-8"]], "requests");
		x.is(x.everything().filter((r) => r.method === "OPTIONS" && !/asks=first/.test(r.path)).length, 0, "preflights");
		// one would be seen
		await t.run(`fetch("${x.front}/v1/track?asks=first", { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" }).then(() => 0, () => 0)`);
		x.is(x.everything().filter((r) => r.method === "OPTIONS").map((r) => r.path), ["/m/v1/track?asks=first"], "preflights");
	},
	rows: ["$pageview a", ...Array(9).fill("many a")],
};
for (const [name, what] of Object.entries({ "no-beacon": noBeacon, "no-fetch": noFetch })) {
	cases[name] = {
		page: without(what),
		play: async (x) => {
			const t = await x.tab();
			await t.go(x.url("a"));
			await t.run('mm.track("x"); mm.track("y", { n: 1 })');
			await x.seen(3);
			await t.run('mm.track("last"); location.href = "about:blank"');
			await x.seen(4);
			x.is(x.everything().filter((r) => r.method === "OPTIONS" && !/asks=first/.test(r.path)).length, 0, "preflights");
		},
		rows: ["$pageview a", "x a", "y a", "last a"],
	};
}
cases["neither"] = {
	page: without("const kept = window.fetch;" + noBeacon + noFetch),
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await t.run('mm.track("x")');
		await x.sleep(50);
		x.is(x.asked().length, 0, "requests");
		await t.run("window.fetch = kept; 0");
		await x.seen(2);
	},
	rows: ["$pageview a", "x a"],
};
cases["closed-tab"] = {
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await x.seen(1);
		await t.run('addEventListener("pagehide", () => mm.track("hide")); addEventListener("visibilitychange", () => mm.track("change"))');
		await t.run('mm.track("last")');
		await t.close();
		await x.seen(4);
	},
	rows: ["$pageview a", "last a", "hide a", "change a"],
};
cases["closed-while-it-waits"] = {
	play: async (x) => {
		const t = await x.tab();
		x.fault((n) => n < 2 && 503);
		await t.go(x.url("a"));
		await t.run('mm.track("x")');
		// more than two where the first is sent again together with the other, on a slow machine
		await x.eventually("refused", () => x.asked().length >= 2);
		await x.sleep(300);
		await t.close();
		await x.seen(2);
	},
	rows: ["$pageview a", "x a"],
};
cases["long-address"] = {
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url(`a?q=${"x".repeat(3000)}`));
		await t.run('history.pushState(0, "", "b")');
		await x.seen(2);
	},
	rows: pageviews("a", "b"),
	check: (rows) => assert.deepEqual([rows[0].url.length, rows[1].referrer.length], [2048, 2048]),
};
cases["closed-at-once"] = {
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await t.close();
		await x.seen(1);
	},
	rows: pageviews("a"),
};
cases["closed-before-it-is-sent"] = {
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await x.seen(1);
		// all connections that a browser makes to a host are taken: what is sent waits for one, and the page is gone by then
		await t.run(`for (let i = 0; i < 6; i++) fetch("${x.front}/hangs/" + i, { mode: "no-cors" }); mm.track("last"); mm.flush()`);
		await x.eventually("all connections are taken", () => x.everything().filter((r) => /hangs/.test(r.path)).length === 6);
		await t.close();
		await x.seen(2);
	},
	fresh: true,
	rows: ["$pageview a", "last a"],
};
cases["left-by-link"] = {
	page: ({ path }) => ({ after: path.endsWith("a") ? '<a href=b onclick="mm.track(\'bye\')">b</a>' : "" }),
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await x.seen(1);
		await t.run('document.querySelector("a").click()');
		await x.seen(3);
		x.is(x.asked().filter((r) => r.events[0].event === "bye").length, 1, "flushes");
	},
	rows: ["$pageview a", "bye a", "$pageview b"],
};
cases["offline"] = {
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await x.seen(1);
		const offline = (yes) => t.ask("Network.emulateNetworkConditions", { offline: yes, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
		await t.ask("Network.enable");
		await t.run("window.setTimeout = () => 1; 0"); // no other try than that of the event "online"
		await offline(true);
		await t.run('mm.track("one"); mm.track("two"); 0');
		await x.sleep(500);
		x.is(x.asked().length, 1, "requests");
		await offline(false);
		await x.seen(3);
		await x.mark(t);
	},
	rows: ["$pageview a", "one a", "two a", "end a"],
	// the time is when it happened, not when it came
	check: (rows) => assert.ok(new Date(rows[3].timestamp) - new Date(rows[2].timestamp) >= 450, rows.map((r) => r.timestamp).join()),
};
for (const [name, fault] of Object.entries({ "down": "down", "answer-lost": "lost", "busy": 429, "full": 503 })) {
	cases[`server-${name}`] = {
		play: async (x) => {
			const t = await x.tab();
			x.fault((n) => n < 2 && fault);
			await t.go(x.url("a"));
			await t.run('mm.track("x")');
			await x.seen(2);
			await x.mark(t);
			await x.sleep(1100);
			x.is(x.asked().flatMap((r) => r.events).filter((e) => e.event === "end").length, 1, "sent again though it was taken");
		},
		rows: ["$pageview a", "x a", "end a"],
	};
}
cases["wrong-among-others"] = {
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await x.seen(1);
		await t.run('for (const e of ["p", "", "q", "r", "s", "t"]) mm.track(e); mm.track("u", { big: "x".repeat(9000) })');
		await x.seen(6);
		await x.mark(t);
	},
	rows: ["$pageview a", ..."pqrst".split("").map((e) => `${e} a`), "end a"],
};
cases["much"] = {
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await x.seen(1);
		await t.run('for (let i = 0; i < 60; i++) mm.track("big", { text: "\u20ac".repeat(2500) })');
		await x.seen(61);
		x.is(x.asked().every((r) => r.size < 64 * 1024), true, "bodies below keepalive's limit");
	},
	rows: ["$pageview a", ...Array(60).fill("big a")],
};
cases["long-life"] = {
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		for (let i = 1; i < 20; i++) {
			await x.seen(i);
			await t.run('mm.track("e", { text: "x".repeat(8000) })');
		}
		await x.seen(20);
	},
	rows: ["$pageview a", ...Array(19).fill("e a")],
};
cases["bounded"] = {
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await x.seen(1);
		x.fault((n) => n < 2 && 503);
		await t.run('for (let i = 0; i < 2000; i++) mm.track("e")');
		await x.seen(501);
	},
	rows: ["$pageview a", ...Array(500).fill("e a")],
};
cases["wrong-clock"] = {
	page: without("const D = Date; Date = class extends D { static now() { return D.now() - 864e5; } constructor(...a) { super(...(a.length ? a : [Date.now()])); } }"),
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await x.seen(1);
	},
	rows: pageviews("a"),
	check: ([a]) => assert.ok(Math.abs(new Date(`${a.timestamp.replace(" ", "T")}Z`) - Date.now()) < 3e5, a.timestamp),
};

// ---- pages of all kinds ----

cases["before-it-loads"] = {
	page: () => ({ before: inline('(window.mm = window.mm || []).push(["track", "early", { n: 1 }]); mm.push(["identify", "u"]); mm.push(["nonsense"]); mm.push(7)') }),
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await t.run('mm.push(["track", "later"])');
		await x.seen(4);
	},
	rows: ["$pageview a", "early a", "$identify a", "later a"],
};
cases["ten-scripts"] = {
	page: () => ({ copies: 10, options: "data-auto", after: "<a href=//other.test/ onclick='return false'>x</a>" }),
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await t.run('history.pushState(0, "", "b"); document.querySelector("a").click(); mm.track("x")');
		await x.seen(4);
		await x.mark(t);
	},
	rows: ["$pageview a", "$pageview b", "outbound_click b", "x b", "end b"],
};
cases["strict-csp"] = {
	page: ({ front, integrity, kept }) => ({
		nonce: "n0",
		src: `${front}/v1/${kept}`,
		options: `integrity="${integrity}" crossorigin data-auto`,
		headers: {
			"content-security-policy": `default-src 'none'; script-src 'nonce-n0'; connect-src ${front}/v1/; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'`,
		},
		before: "<script nonce=n0>window.violations = []; addEventListener('securitypolicyviolation', (e) => violations.push(e.violatedDirective))</script>",
	}),
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await t.run('history.pushState(0, "", "b"); mm.track("x", { n: 1 }); mm.identify("u")');
		await x.seen(4);
		x.is(await t.run("violations"), [], "violations");
		// they would be seen
		await t.run('try { document.body.innerHTML = "x" } catch (e) {}');
		await x.eventually("a violation", () => t.run("violations.length"));
		t.errors.length = 0;
	},
	rows: ["$pageview a", "$pageview b", "x b", "$identify b"],
};
cases["links"] = {
	page: ({ other }) => ({
		options: "data-auto",
		after: ["/c/links/b", `${other}/c/links/out?secret=1#part`, "https://other.test/x.PDF?secret=1", "/c/links/data.csv", "mailto:a@b.test", "#part"]
			.map((href, i) => `<a id=l${i} href="${href}"><b>${i}</b></a>`).join("") + '<a id=l6 download href="/c/links/plain">x</a><p>text</p>' +
			inline("document.addEventListener('click', (e) => e.preventDefault())"),
	}),
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await t.run('for (const e of document.querySelectorAll("b, p, #l6")) e.click()');
		await t.run('document.querySelector("#l1").dispatchEvent(new MouseEvent("auxclick", { button: 1, bubbles: true, composed: true }))');
		await t.run('document.querySelector("#l1").dispatchEvent(new MouseEvent("auxclick", { button: 2, bubbles: true, composed: true }))');
		await x.mark(t);
	},
	rows: ["$pageview a", "outbound_click a", "outbound_click a", "file_download a", "file_download a", "file_download a", "end a"],
	check: (rows, { site, other }) => assert.deepEqual(rows.filter((r) => /_/.test(r.event_name)).map((r) => JSON.parse(r.properties).url).sort(),
		[`${other}/c/links/out`, `${other}/c/links/out`, "https://other.test/x.PDF", `${site}/c/links/data.csv`, `${site}/c/links/plain`].sort()),
};
cases["links-not-asked-for"] = {
	page: () => ({ status: 404, after: "<a href=//other.test/ onclick='return false'>x</a>" }),
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await t.run('document.querySelector("a").click()');
		await x.mark(t);
	},
	rows: ["$pageview a", "end a"],
};
cases["outbound-leaves"] = {
	page: ({ path, other }) => ({ options: "data-auto", after: path.endsWith("a") ? `<a href="${other}/c/outbound-leaves/b">x</a>` : "" }),
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await x.seen(1);
		await t.run('document.querySelector("a").click()');
		await x.seen(3);
	},
	rows: ["$pageview a", "outbound_click a", "$pageview b"],
};
cases["not-found"] = {
	page: () => ({ status: 404, options: "data-auto" }),
	play: async (x) => {
		const t = await x.tab();
		await t.go(x.url("a"));
		await x.mark(t);
	},
	rows: ["$pageview a", "not_found a", "end a"],
};

// ---- pages that break what they stand on: never an error of ours, and what can be sent is ----

const throws = (what) => `${what} = () => { throw new Error("broken by the page"); };`;
const all = (owner, names) => names.split(" ").map((n) => throws(`${owner}.${n}`)).join("");
// for each: how it is broken, how many page views come of load, pushState and mm.page all the same, and whether only when it is left, or the first has to be waited for
const broken = {
	"array": [all("Array.prototype", "push pop shift splice concat slice join map forEach filter indexOf includes") +
		"Array.prototype[Symbol.iterator] = null;", 3],
	"function": [all("Function.prototype", "call apply bind toString"), 3],
	"object": ["Object.assign(Object.prototype, { key: 1, body: 2, mode: 'no-cors', signal: 3, headers: 4, track: 5, event: 6, persisted: 7 });" +
		"for (const k of ['url', 'properties', 'method']) Object.defineProperty(Object.prototype, k, { set() { throw 1 }, get() { throw 2 } });", 3],
	"statics": [all("Object", "assign keys entries defineProperty") + all("Number", "isInteger") + all("Math", "random"), 3],
	"json": [throws("JSON.stringify"), 0],
	"promise": [all("Promise.prototype", "then catch finally"), 3],
	"string": [all("String.prototype", "slice split replace"), 0],
	"date": ["window.Date = undefined", 0],
	"crypto": ["Object.defineProperty(window, 'crypto', { value: undefined })", 0],
	"listeners": [throws("EventTarget.prototype.addEventListener"), 3],
	"history": ["Object.freeze(history)", 2, "wait"],
	"timers": [all("window", "setTimeout requestIdleCallback"), 3, "leave"],
	"mm": ["Object.defineProperty(window, 'mm', { value: 1 })", 2],
	"mm-getter": ["Object.defineProperty(window, 'mm', { get() { throw new Error('x'); } })", 0],
	"attributes": [throws("Element.prototype.getAttribute"), 0],
	"fetch-returns-nothing": ["window.fetch = () => {}", 3],
	"fetch-never-answers": ["window.fetch = () => new Promise(() => {})", 0],
	"storage": ["Object.defineProperty(window, 'localStorage', { value: null })", 3],
	"storage-full": [throws("Storage.prototype.setItem"), 3],
};
for (const [name, [how, count, when]] of Object.entries(broken)) {
	cases[`broken-${name}`] = {
		page: () => ({ before: inline(how), options: "data-auto" }),
		play: async (x) => {
			const t = await x.tab();
			await t.go(x.url("a"));
			if (when === "wait") await x.seen(1);
			await t.run('history.pushState(0, "", "b"); window.mm && window.mm.track && (mm.push(["track"]), mm.identify("u"), mm.page(), mm.flush()); document.body.click()').catch((e) => {
				if (name !== "mm-getter") throw e;
			});
			if (when !== "leave") await x.seen(count);
			await t.ask("Page.navigate", { url: "about:blank" });
			await x.seen(count);
			await x.sleep(100);
		},
		rows: pageviews("a", "b", "b").slice(0, count),
		views: true,
	};
}
