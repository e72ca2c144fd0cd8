// Events from a server to mm-serve; see README.md.  By web APIs alone.

const WAITS = [100, 200, 400, 800]; // ms, before a request is sent again
const WAIT_MOST = 30e3; // ms; the timer waits longer
const REST_MOST = 300e3; // ms of the timer
const EVENTS_MOST = 1000; // of a request
const BYTES_MOST = 1e6; // of its body: many proxies take 1 MiB
const LONG = 2048; // UTF-16 units
const TEXTS = { event: 128, event_id: 128, anonymous_id: 128, user_id: 256, session_id: 128, timestamp: 64, url: LONG, path: LONG, referrer: LONG };

const bytes = (text) => new TextEncoder().encode(text).length;

const invalid = (what) => {
	throw new TypeError(`millimetric: ${what}`);
};

export class MillimetricError extends Error {
	constructor(message, fields) {
		super(message, fields);
		Object.assign(this, { name: "MillimetricError", status: 0, retryAfter: 0, refused: [] }, fields);
	}
}

function checked(name, value) {
	const most = Object.hasOwn(TEXTS, name) && TEXTS[name];
	if (!most) invalid(`${name}: no such field`);
	if (name === "timestamp" && value instanceof Date && !isNaN(value)) return value.toISOString();
	if (typeof value !== "string" || value.length > most || (!value && most < LONG))
		invalid(`${name}: expected a string of at most ${most} characters`);
	if (name === "url" && !/^[a-z][a-z\d+.-]*:/i.test(value)) invalid("url: expected an absolute URL");
	return value;
}

// As it is sent, whatever the caller changes later.
function encode({ properties, ...event }) {
	const out = {};
	for (const name in event) if (event[name] != null) out[name] = checked(name, event[name]);
	if (!out.event) invalid("event: required");
	out.event_id ??= crypto.randomUUID();
	out.timestamp ??= new Date().toISOString();
	let text = JSON.stringify(out);
	if (properties != null) {
		const json = JSON.stringify(properties);
		if (json?.[0] !== "{" || bytes(json) > 8192) invalid("properties: expected an object of at most 8192 bytes");
		text = `${text.slice(0, -1)},"properties":${json}}`;
	}
	return { id: out.event_id, text, size: bytes(text) + 1 };
}

// The wrong ones of n events: index → field → why.
function wrong(fields, n) {
	const found = new Map();
	for (const field in fields) {
		const [, index, name] = /^events[[.](\d+)]?\.?(.*)/.exec(field) ?? [];
		if (index < n) found.set(+index, { ...found.get(+index), [name]: fields[field] });
	}
	return found;
}

// What is wrong with an answer, if anything is.
function judge({ ok, status, headers }, text) {
	let json;
	try {
		json = JSON.parse(text);
	} catch {}
	if (ok && json?.ok === true) return; // it is no other page
	const { error: code = "unexpected_answer", details } = json ?? {}, later = headers.get("retry-after");
	const retryAfter = Math.min(Math.max(later * 1000 || Date.parse(later) - Date.now() || 0, 0), 2 ** 31 - 1);
	return new MillimetricError(`${status} ${code}`, { code, status, details, retryAfter });
}

const leaving = new Set();
globalThis.process?.on?.("beforeExit", () => leaving.forEach((leave) => leave()));

export class Millimetric {
	#options;
	#queue = []; // in order
	#taken = 0; // events that ever came
	#limit = EVENTS_MOST; // of the next request
	#rest = 0; // ms of the timer, on failures
	#step; // the request under way
	#timer; #busy; #left;

	constructor({ key, url, interval = 1000, timeout = 10e3, maxQueue = 10e3, onError = (e) => console.error(e.message) }) {
		// not quoted: both may be secret
		if (!/^[a-z]+_[\w-]+$/.test(key)) invalid("key: expected a key");
		if (!/^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/.test(url)) invalid("url: expected http(s)://HOST[/PREFIX]");
		for (const n of [interval, timeout, maxQueue]) if (!(n > 0 && n < 2 ** 31)) invalid("interval, timeout, maxQueue: above 0");
		this.#options = { key, url, interval, timeout, maxQueue, onError };
	}

	get pending() {
		return this.#queue.length;
	}

	track(event) {
		const { id, ...one } = encode(event), wait = this.pending;
		if (wait >= this.#options.maxQueue)
			throw new MillimetricError(`millimetric: ${wait} events wait, this one was not taken`, { code: "queue_full" });
		this.#queue.push({ ...one, n: ++this.#taken });
		this.#arm();
		if (wait + 1 >= EVENTS_MOST && !this.#rest) this.#background();
		return id;
	}

	identify({ traits, ...person }) {
		if (person.anonymous_id == null || person.user_id == null) invalid("anonymous_id and user_id: required");
		return this.track({ event: "$identify", properties: traits, ...person });
	}

	async flush() {
		const last = this.#taken, refused = [];
		let error;
		while (this.#queue[0]?.n <= last) {
			this.#step ??= this.#send().finally(() => (this.#step = undefined));
			try {
				await this.#step;
			} catch (e) {
				error = e;
				refused.push(...e.refused);
				if (!e.refused.length) break;
			}
		}
		if (!error) return;
		const { message, cause } = error, counts = `${refused.length} events refused, ${this.pending} wait`;
		throw new MillimetricError(`millimetric: ${message} (${counts})`, { ...error, cause, refused });
	}

	// The timer keeps no process, which sends before it ends: once, or a failure would keep it for ever.
	#arm() {
		if (this.#timer || !this.pending) return;
		this.#timer = setTimeout(this.#background, this.#rest || this.#options.interval);
		this.#timer.unref?.();
		if (!this.#left || !this.#rest) leaving.add(this.#leave);
	}

	#leave = () => {
		this.#left = true;
		this.#background();
	};

	#background = () => {
		if (this.#busy) return;
		this.#busy = true;
		clearTimeout(this.#timer);
		leaving.delete(this.#leave);
		this.flush().catch(this.#options.onError).finally(() => {
			this.#busy = this.#timer = undefined;
			this.#arm();
		});
	};

	// Sends what is first.  Throws with events that are refused: others go on; without: nothing does.
	async #send() {
		const queue = this.#queue;
		let n = 0, size = 13; // {"events":[]}
		do size += queue[n++].size;
		while (n < this.#limit && n < queue.length && size + queue[n].size <= BYTES_MOST);
		const texts = queue.slice(0, n).map((one) => one.text);
		const error = await this.#request(...(n > 1 ? ["batch", `{"events":[${texts}]}`] : ["track", texts[0]]));
		if (error && error.status !== 413 && error.code !== "invalid_payload") {
			this.#rest = Math.max(Math.min(2 * (this.#rest || this.#options.interval), REST_MOST), error.retryAfter);
			throw error;
		}
		this.#rest = 0;
		const why = error?.details?.fieldErrors, bad = n > 1 ? wrong(why, n) : new Map([[0, why]]);
		if (error && !bad.size) {
			this.#limit = n >> 1; // halves show which it is
			return;
		}
		this.#limit = Math.min(2 * this.#limit, EVENTS_MOST);
		const first = queue.splice(0, n);
		if (!error) return;
		queue.unshift(...first.filter((one, i) => !bad.has(i)));
		error.refused = [...bad].map(([i, why]) => ({ event: JSON.parse(texts[i]), why }));
		throw error;
	}

	// Resolves to what went wrong, if anything did.
	async #request(route, body) {
		const { key, url, timeout } = this.#options;
		for (let i = 0; ; i++) {
			let error;
			try {
				const answer = await fetch(`${`${url}`.replace(/\/+$/, "")}/v1/${route}`, {
					method: "POST",
					headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
					body,
					redirect: "manual", // redirected, it would be no POST
					signal: AbortSignal.timeout(timeout),
				});
				error = judge(answer, (await answer.text()).replaceAll(key, "KEY"));
			} catch (cause) {
				const code = cause.name === "TimeoutError" ? "timeout" : "network_error";
				error = new MillimetricError(code, { code, cause });
			}
			const { cause, status, retryAfter } = error ?? {};
			const passes = cause || status === 408 || status === 429 || status >= 500;
			if (!passes || i >= WAITS.length || retryAfter > WAIT_MOST) return error;
			await new Promise((done) => setTimeout(done, Math.max(WAITS[i], retryAfter)));
		}
	}
}

// One client for all of a program.
let client;
const common = () => client ?? invalid("init({ key, url }) comes first");

export const init = (options) => (client = new Millimetric(options));
export const track = (event) => common().track(event);
export const identify = (person) => common().identify(person);
export const flush = () => common().flush();
