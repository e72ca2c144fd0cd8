/*
 * The browser script, which mm-serve serves as /v1/a.js: page views by themselves, other events
 * by mm.track.  mm-serve(1) says how a page includes it and what it may say to it.
 *
 * It runs on pages of others.  So no error of ours ever reaches the page (safe); where syntax does
 * what a prototype's method does, syntax is used, since pages break prototypes; and what can't be
 * sent now is kept and sent again.  Each event has an event_id, by which it is stored once.
 *
 * minify.sh makes a.min.js of it, which is what the build takes.
 */
const QUEUE_MOST = 500; // events that wait
const BATCH_MOST = 15e3; // UTF-16 units of a batch's events
const ALIVE_MOST = 2e4; // of all bodies at a time: in UTF-8 below the 64 KiB that keepalive allows a page
const ALONE_MOST = 4; // events that are sent one by one
const FIRST_WAIT = 1e3; // ms until what failed is sent again; twice as long each time
const IDLE_MOST = 1e3; // ms that an event waits for a moment without work
const TEXT_MOST = 2048; // of an address, as events may have it

(() => {
	const safe = (f) => (a, b) => {
		try {
			f(a, b);
		} catch (e) {}
	};

	try {
		const earlier = window.mm; // calls that came before, or another copy of this
		if (earlier && earlier.track) return;

		const script = document.currentScript || document.querySelector("script[data-key]");
		const option = (name) => script.getAttribute("data-" + name);
		let queue = [], timer, soon, wait = FIRST_WAIT;
		let begun, out, user, path, href, referrer;

		// Without the fragment, where sites that sign people in put tokens.
		const here = () => location.href.split("#")[0].slice(0, TEXT_MOST);

		const uuid = () => {
			try {
				return crypto.randomUUID();
			} catch (e) {
				// a page without TLS, or an old browser
				return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
					(c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));
			}
		};

		// None where there shall be none, or storage is denied: then the server knows a visitor for a day.
		const visitor = () => {
			try {
				if (option("visitor") != "none") return localStorage.mm_aid || (localStorage.mm_aid = uuid());
			} catch (e) {}
		};

		// ---- sending ----

		const keep = (event) => {
			if (queue.length < QUEUE_MOST) queue[queue.length] = event;
		};

		// sent: how much is sent with it, before it.
		const send = (events, batch, sent) => {
			const url = (option("api") || script.src.split("/v1/a")[0]) + (batch ? "/v1/batch" : "/v1/track"), id = visitor();
			const head = '{"sent_at":"' + new Date().toISOString() + (id ? '","anonymous_id":"' + id : "") + '",';
			let body = "", i;

			const settle = safe((status) => {
				if (status && status < 500 && status != 429) {
					wait = FIRST_WAIT;
					// one of them is no good: the others shall not go with it
					if (status == 400 && batch) for (i = 0; i < events.length; i++) send([events[i]], 0, ALIVE_MOST);
				} else {
					for (i = 0; i < events.length; i++) keep(events[i]);
					if (!timer) {
						timer = setTimeout(flush, wait);
						wait *= 2;
					}
				}
			});

			for (i = 0; i < events.length; i++)
				body += (i ? "," : "") + head + events[i].slice(1);
			body = '{"key":' + JSON.stringify(option("key")) + "," + (batch ? '"events":[' + body + "]}" : body.slice(1));
			try {
				// a text and no header of ours: no preflight
				fetch(url, { __proto__: null, method: "POST", body, keepalive: sent + body.length < ALIVE_MOST, credentials: "omit" })
					// until its answer is read, Chromium counts a request among those of keepalive
					.then((answer) => answer.text().then(() => settle(answer.status)))
					.then(0, () => settle());
			} catch (e) {
				i = 0;
				safe(() => (i = navigator.sendBeacon(url, body)))();
				if (!i) settle();
			}
			return sent + body.length;
		};

		// A few go one by one: the limits of track are wider than those of batch.
		const flush = safe(() => {
			if (document.prerendering) return;
			begin();
			const waiting = queue, events = [];
			let i = 0, sent = 0, part, size;

			clearTimeout(timer);
			timer = soon = 0;
			queue = [];
			for (; i < waiting.length; i++)
				safe(() => (events[events.length] = typeof waiting[i] == "string" ? waiting[i] : waiting[i]()))();
			for (i = 0; i < events.length; sent = send(part, part.length > 1, sent)) {
				part = [];
				size = 0;
				do {
					size += events[i].length;
					part[part.length] = events[i++];
				} while (events.length > ALONE_MOST && i < events.length && size + events[i].length < BATCH_MOST);
			}
		});

		// What costs time waits for a moment when the page has nothing else to do.
		const schedule = safe(() => {
			if (soon) return;
			soon = 1;
			window.requestIdleCallback ? requestIdleCallback(flush, { __proto__: null, timeout: IDLE_MOST }) : setTimeout(flush);
		});

		const track = (event, properties) => {
			begin();
			if (out) return;
			const at = Date.now(), url = here(), from = referrer || undefined, who = user, text = JSON.stringify(properties);
			keep(() => JSON.stringify({
				event: "" + event,
				event_id: uuid(),
				timestamp: new Date(at).toISOString(),
				user_id: who,
				url,
				referrer: from,
			}).slice(0, -1) + (text ? ',"properties":' + text : "") + "}");
			// a page that is left has no such moment
			document.hidden ? flush() : schedule();
		};

		// ---- pages ----

		const page = safe((properties) => track("$pageview", properties));

		const arrive = () => {
			path = location.pathname;
			href = here();
		};

		// The address may have changed: then the page before is the new one's referrer.
		const moved = safe((counts) => {
			if (path != location.pathname) {
				if (counts) referrer = href;
				arrive();
				if (counts) page();
			}
		});

		const wrap = (name, counts) => {
			const original = history[name];
			history[name] = function () {
				begin();
				const result = Reflect.apply(original, this, arguments);
				moved(counts);
				return result;
			};
		};

		// ---- links ----

		const FILE = /\.(pdf|docx?|xlsx?|pptx?|od[pst]|csv|txt|rtf|epub|zip|rar|7z|t?gz|bz2|xz|zst|dmg|pkg|exe|msi|apk|deb|rpm|iso|mp[34]|m4a|wav|avi|mov|mkv|webm)$/i;

		const click = (event) => {
			const link = event.composedPath()[0].closest("a[href]");
			const file = link.hasAttribute("download") || FILE.test(link.pathname);
			if (event.button < 2 && /^http/.test(link.protocol) && (file || link.host != location.host))
				track(file ? "file_download" : "outbound_click", { url: link.origin + link.pathname });
		};

		const on = (target, type, f) => target.addEventListener(type, safe(f), true);

		// ---- the beginning ----

		// In the first moment without work, or when something happens before: at load all this would take too long.
		const begin = safe(() => {
			if (begun || document.prerendering) return;
			begun = 1;
			out = option("ignore-opt-out") == null &&
				(navigator.globalPrivacyControl || navigator.doNotTrack == 1 || window.doNotTrack == 1);
			if (out) return;
			referrer = document.referrer.slice(0, TEXT_MOST);
			arrive();
			page();
			on(window, "pageshow", (event) => event.persisted && page());
			on(window, "popstate", () => moved(true));
			on(window, "online", flush);
			on(document, "visibilitychange", () => document.hidden && flush());
			if (option("auto") != null && performance.getEntriesByType("navigation")[0].responseStatus == 404) track("not_found");
		});

		// When the page is shown.
		const start = safe(() => {
			schedule();
			wrap("pushState", true);
			wrap("replaceState");
			on(window, "pagehide", flush);
			if (option("auto") != null) {
				on(document, "click", click);
				on(document, "auxclick", click);
			}
		});

		const mm = (window.mm = {
			track: safe(track),
			page,
			identify: safe((id, traits) => {
				user = id == null ? undefined : "" + id;
				if (user) track("$identify", traits);
			}),
			flush,
			push: safe((call) => mm[call[0]](call[1], call[2])),
		});
		document.prerendering ? on(document, "prerenderingchange", start) : start();
		if (Array.isArray(earlier)) for (let i = 0; i < earlier.length; i++) mm.push(earlier[i]);
	} catch (e) {}
})();
