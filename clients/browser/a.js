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
const TEXT_MOST = 2048; // of an address, as events may have it
const FILE = /\.(pdf|docx?|xlsx?|pptx?|od[pst]|csv|txt|rtf|epub|zip|rar|7z|t?gz|bz2|xz|zst|dmg|pkg|exe|msi|apk|deb|rpm|iso|mp[34]|m4a|wav|avi|mov|mkv|webm)$/i;

const safe = (f) => (a, b) => {
	try {
		f(a, b);
	} catch (e) {}
};

safe(() => {
	const earlier = window.mm; // calls that came before, or another copy of this
	if (earlier && earlier.track) return;

	const script = document.currentScript || document.querySelector("script[data-key]");
	const option = (name) => script.getAttribute("data-" + name);
	const api = (option("api") || script.src.split("/v1/a")[0]) + "/v1/";
	const out = option("ignore-opt-out") == null &&
		(navigator.globalPrivacyControl || navigator.doNotTrack == 1 || window.doNotTrack == 1);

	let queue = [], timer, wait = FIRST_WAIT;
	let user, path, href, referrer = document.referrer;

	const now = () => new Date().toISOString();

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
		const url = api + (batch ? "batch" : "track");
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
			body += (i ? "," : "") + '{"sent_at":"' + now() + '",' + events[i].slice(1);
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
		const events = queue, batch = events.length > ALONE_MOST;
		let i = 0, sent = 0, part, size;

		clearTimeout(timer);
		timer = 0;
		if (document.prerendering) return;
		queue = [];
		while (i < events.length) {
			part = [];
			size = 0;
			do {
				size += events[i].length;
				part[part.length] = events[i++];
			} while (batch && i < events.length && size + events[i].length < BATCH_MOST);
			sent = send(part, batch, sent);
		}
	});

	const track = (event, properties) => {
		if (out) return;
		keep(JSON.stringify({
			timestamp: now(),
			event: "" + event,
			event_id: uuid(),
			anonymous_id: visitor(),
			user_id: user,
			url: location.href.slice(0, TEXT_MOST),
			referrer: referrer.slice(0, TEXT_MOST) || undefined,
			properties,
		}));
		clearTimeout(timer);
		timer = setTimeout(flush);
		// a page that is left has no time
		if (document.hidden) flush();
	};

	// ---- pages ----

	const page = safe((properties) => track("$pageview", properties));

	const arrive = (counts) => {
		path = location.pathname;
		href = location.href;
		if (counts) page();
	};

	// The address may have changed: then the page before is the new one's referrer.
	const moved = safe((counts) => {
		if (path != location.pathname) {
			if (counts) referrer = href;
			arrive(counts);
		}
	});

	const wrap = (name, counts) => {
		const original = history[name];
		history[name] = function () {
			const result = Reflect.apply(original, this, arguments);
			moved(counts);
			return result;
		};
	};

	// ---- links ----

	const click = (event) => {
		const link = event.composedPath()[0].closest("a[href]");
		const file = link.hasAttribute("download") || FILE.test(link.pathname);
		if (event.button < 2 && /^http/.test(link.protocol) && (file || link.host != location.host))
			track(file ? "file_download" : "outbound_click", { url: link.origin + link.pathname });
	};

	const on = (target, type, f) => target.addEventListener(type, safe(f), true);

	// Once the page is shown.
	const start = safe(() => {
		arrive(true);
		on(window, "pageshow", (event) => event.persisted && page());
		on(window, "popstate", () => moved(true));
		on(window, "online", flush);
		on(window, "pagehide", flush);
		on(document, "visibilitychange", () => document.hidden && flush());
		wrap("pushState", true);
		wrap("replaceState");
		if (option("auto") != null) {
			on(document, "click", click);
			on(document, "auxclick", click);
			if (performance.getEntriesByType("navigation")[0].responseStatus == 404) track("not_found");
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
	if (!out) document.prerendering ? on(document, "prerenderingchange", start) : start();
	if (Array.isArray(earlier)) for (let i = 0; i < earlier.length; i++) mm.push(earlier[i]);
})();
