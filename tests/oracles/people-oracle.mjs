// What mm-funnel, mm-retention and mm-sources --conversion should say of rows,
// found the long way, one person after the other:
//
//	people-oracle.mjs rows                        makes rows, the same every time
//	people-oracle.mjs funnel  ROWS '{"steps":[..],"window":MS,"by":..,"from":..,"to":..}'
//	people-oracle.mjs groups  ROWS '{"group_by":["country"],"limit":N, and as funnel}'
//	people-oracle.mjs cohorts ROWS '{"start":..,"back":..,"later":N,"week":BOOL,"now":..,..}'
//	people-oracle.mjs credit  ROWS '{"conversion":..,"touch":..,"value":..,..}'
//
// Prints the lines that the command should print.  Days are those of UTC.
import { readFileSync } from "node:fs";

const DAY = 86400000;
const START = Date.UTC(2026, 2, 2); // a Monday

// ---- rows ----

function random(seed) {
	let x = seed;
	return (n) => {
		x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
		return Math.floor((x / 2 ** 32) * n);
	};
}

function makeRows() {
	const r = random(7);
	const sources = [["google", "organic"], ["google", "paid"], ["direct", "direct"],
		["internal", "direct"], ["newsletter", "email"]];
	const names = ["view", "view", "view", "signup", "purchase", "purchase"];
	const plans = ["pro", "free", 3, true, null, { a: "pro" }];
	const countries = ["DE", "US", "FR", ""], campaigns = ["spring", null, ""];
	const rows = [];
	for (let i = 0; i < 4000; i++) {
		const visitor = r(220);
		const [source, medium] = sources[r(sources.length)];
		// a millisecond of its own for each row: ties have no order
		const at = START + r(42 * DAY / 4000) * 4000 + (i % 4000);
		rows.push({
			timestamp: new Date(at).toISOString().replace("T", " ").replace("Z", ""),
			event_name: names[r(names.length)],
			event_id: `e${i}`,
			anonymous_id: `v${visitor}`,
			// some visitors are the same user, and say so now and then
			user_id: visitor < 80 && r(4) === 0 ? `u${visitor % 40}` : null,
			session_id: `v${visitor}-${Math.floor(at / (DAY / 2))}`,
			source, medium,
			// no more of r: who is asked of otherwise stays as they are
			country: countries[(i * 7 + visitor) % 4], campaign: campaigns[i % 3],
			properties: JSON.stringify({ plan: plans[r(plans.length)], cart: { total: r(500) },
				...(r(3) ? { amount: r(1000) / 4 } : { amount: "none" }) }),
		});
	}
	return rows;
}

// ---- what all have in common ----

function pick(text) {
	const [event, ...filters] = text.split(",");
	return (row) => row.event_name === event && filters.every((f) => {
		const [key, value] = f.split("=");
		const found = key.replace(/^properties\./, "").split(".").reduce((o, k) => o?.[k], JSON.parse(row.properties));
		return found !== undefined &&
			(typeof found === "string" ? found : JSON.stringify(found)) === value;
	});
}

function persons(rows, by, to) {
	const known = new Map();
	for (const row of rows.filter((r) => r.user_id !== null && r.at < to).sort((a, b) => a.at - b.at))
		known.set(row.anonymous_id, row.user_id);
	return (row) => by === "user_id"
		? row.user_id ?? known.get(row.anonymous_id) ?? `visitor ${row.anonymous_id}`
		: row.anonymous_id;
}

function groups(rows, key) {
	const all = new Map();
	for (const row of rows) {
		const k = key(row);
		if (!all.has(k))
			all.set(k, []);
		all.get(k).push(row);
	}
	return all;
}

const round = (x, digits) => Math.round(x * 10 ** digits) / 10 ** digits;

// ---- the questions ----

// of each person who began: how long after the first step they came to each, or nothing
function walk(rows, { steps, window, by, from, to }) {
	const is = steps.map(pick);
	const person = persons(rows, by, to);
	const people = groups(rows.filter((r) => r.at >= from && r.at < to), person);
	return [...people.values()].map((mine) => {
		mine.sort((a, b) => a.at - b.at);
		// the latest start of a chain that ends with this row as its k-th step, or -1
		const chain = (k, i) => {
			if (!is[k](mine[i]))
				return -1;
			if (k === 0)
				return mine[i].at;
			let start = -1;
			for (let j = 0; j < i; j++) {
				const s = chain(k - 1, j);
				if (s >= 0 && mine[i].at - s <= window)
					start = Math.max(start, s);
			}
			return start;
		};
		const took = steps.map((_, k) => {
			const first = mine.findIndex((_, i) => chain(k, i) >= 0);
			return first < 0 ? undefined : mine[first].at - chain(k, first);
		});
		return { first: mine.find(is[0]), took };
	}).filter((p) => p.first);
}

function funnel(rows, question) {
	const people = walk(rows, question);
	const took = question.steps.map((_, k) => people.map((p) => p.took[k]).filter((t) => t !== undefined));
	return question.steps.map((event, k) => {
		const n = took[k].length;
		const sorted = took[k].sort((a, b) => a - b);
		const share = (of) => (n === 0 ? 0 : round(n / of, 4));
		return {
			step: k + 1, event, visitors: n, conversion: share(took[0].length),
			step_conversion: k === 0 && n ? 1 : share(took[Math.max(k - 1, 0)].length),
			median_seconds: n === 0 ? null : round(sorted[Math.floor(n / 2)] / 1000, 3),
		};
	});
}

function byGroup(rows, question) {
	const named = (row) => question.group_by.map((name) => {
		if (!name.startsWith("properties."))
			return row[name];
		const v = name.split(".").slice(1).reduce((o, k) => o?.[k], JSON.parse(row.properties)) ?? null;
		return v === null || typeof v === "string" ? v : JSON.stringify(v);
	});
	const found = [...groups(walk(rows, question), (p) => JSON.stringify(named(p.first)))].map(([key, people]) => {
		const n = question.steps.map((_, k) => people.filter((p) => p.took[k] !== undefined).length);
		return { keys: JSON.parse(key), n, conversion: round(n[n.length - 1] / n[0], 4) };
	});
	const order = (a, b) => (a === b ? 0 : a === null ? 1 : b === null ? -1 : a < b ? -1 : 1);
	found.sort((a, b) => b.n[0] - a.n[0] || b.conversion - a.conversion ||
		a.keys.map((k, i) => order(k, b.keys[i])).find((o) => o !== 0) || 0);
	return found.slice(0, question.limit ?? 100).map(({ keys, n, conversion }) => ({
		...Object.fromEntries(keys.map((k, i) => [question.group_by[i], k])),
		...Object.fromEntries(n.map((v, k) => [`step_${k + 1}`, v])), conversion,
	}));
}

function cohorts(rows, { start, back, later, week, by, from, to, now }) {
	const length = week ? 7 * DAY : DAY;
	const bucket = (at) => Math.floor((at - START) / length) * length + START;
	const starts = start ? pick(start) : () => true;
	const returns = back ? pick(back) : () => true;
	const person = persons(rows, by, to);
	const found = new Map();
	for (const mine of groups(rows.filter((r) => r.at >= from), person).values()) {
		const began = mine.filter((r) => r.at < to && starts(r)).map((r) => bucket(r.at));
		if (began.length === 0)
			continue;
		const cohort = Math.min(...began);
		if (!found.has(cohort))
			found.set(cohort, new Array(later + 1).fill(0));
		found.get(cohort)[0]++;
		for (let n = 1; n <= later; n++)
			if (mine.some((r) => bucket(r.at) === cohort + n * length && returns(r)))
				found.get(cohort)[n]++;
	}
	return [...found].sort((a, b) => a[0] - b[0]).map(([cohort, n]) => ({
		cohort: new Date(cohort).toISOString().slice(0, 10), visitors: n[0],
		...Object.fromEntries(n.slice(1).map((v, i) => [`${week ? "week" : "day"}_${i + 1}`,
			cohort + (i + 1) * length < bucket(now) ? v : null])),
	}));
}

function credit(rows, { conversion, touch, value, from, to }) {
	const is = pick(conversion);
	const found = new Map();
	const visitors = groups(rows.filter((r) => r.at < to), (r) => r.anonymous_id);
	let all = 0;
	for (const c of rows.filter((r) => r.at >= from && r.at < to && is(r))) {
		const touches = visitors.get(c.anonymous_id).filter((r) => r.at <= c.at &&
			(touch === "last" ? !["internal", "direct"].includes(r.source) : r.source !== "internal") &&
			(touch !== "session" || r.session_id === c.session_id)).sort((a, b) => a.at - b.at);
		const t = touches[touch === "last" ? touches.length - 1 : 0] ?? { source: "direct", medium: "direct" };
		const key = `${t.source}\t${t.medium}`;
		if (!found.has(key))
			found.set(key, { n: 0, visitors: new Set(), value: null });
		const f = found.get(key);
		const amount = value && value.split(".").reduce((o, k) => o?.[k], JSON.parse(c.properties));
		f.n++;
		all++;
		f.visitors.add(c.anonymous_id);
		if (typeof amount === "number")
			f.value += amount;
	}
	return [...found].map(([key, f]) => {
		const [source, medium] = key.split("\t");
		return { source, medium, conversions: f.n, visitors: f.visitors.size, share: round(f.n / all, 4),
			...(value ? { value: f.value } : {}) };
	}).sort((a, b) => (value ? b.value - a.value : 0) || b.conversions - a.conversions ||
		(a.source < b.source ? -1 : a.source > b.source ? 1 : a.medium < b.medium ? -1 : 1));
}

const [what, file, question] = process.argv.slice(2);
if (what === "rows") {
	for (const row of makeRows())
		console.log(JSON.stringify(row));
} else {
	const rows = readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line));
	for (const row of rows)
		row.at = Date.parse(`${row.timestamp.replace(" ", "T")}Z`);
	const q = JSON.parse(question);
	for (const time of ["from", "to", "now"])
		if (q[time] !== undefined)
			q[time] = Date.parse(q[time]);
	for (const line of { funnel, groups: byGroup, cohorts, credit }[what](rows, q))
		console.log(JSON.stringify(line));
}
