// Counts visits the long way, over all events of an NDJSON file in memory.
//
//     visits-oracle.mjs rows SEED      prints rows
//     visits-oracle.mjs answers TIES   answers questions, each a line of JSON on standard input:
//         {"rows","answer","from","to","tz","metric","interval","group_by":[]} of mm-stats, or
//         {"rows","answer","from","to","breakdown"} of mm-sources --by visits,
//         of the events in the file "rows"; the file "answer" has the lines that a command found.
//         Tells the first question whose answer is another, and fails
//     visits-oracle.mjs answer TIES    prints the oracle's own answer to one question
//
// TIES has a line "event_id<tab>number" for each event: the order of those of one
// millisecond.
import { readFileSync } from "node:fs";

const GAP = 30 * 60 * 1000;

// ---- rows -------------------------------------------------------------------

function generator(seed) {
	let x = seed >>> 0 || 1;
	return (n) => {
		x ^= x << 13; x >>>= 0;
		x ^= x >>> 17;
		x ^= x << 5; x >>>= 0;
		return x % n;
	};
}

function rows(seed) {
	const random = generator(seed);
	const pick = (list) => list[random(list.length)];
	const starts = ["2026-01-31T23:40:00Z", "2026-02-28T23:59:59.999Z", "2026-03-01T00:00:00Z",
		"2026-03-29T00:45:00Z", "2026-03-29T22:00:00Z", "2026-02-10T12:00:00Z"].map(Date.parse);
	const gaps = [0, 0, 1, 1000, 60000, 300000, GAP - 1, GAP - 1, GAP, GAP, GAP + 1, 2 * GAP, 86400000, 6 * 86400000];
	let id = 0;
	for (let v = 0; v < 400; v++) {
		let t = pick(starts) + random(4) * 600000;
		for (let n = 1 + random(12); n > 0; n--, t += pick(gaps)) {
			const event_name = pick(["$pageview", "$pageview", "$pageview", "$identify", "signup"]);
			const path = random(8) === 0 ? null : pick(["/", "/pricing", "/docs/a b", "/línea"]);
			console.log(JSON.stringify({
				timestamp: new Date(t).toISOString().replace("T", " ").replace("Z", ""),
				event_name, event_id: `e${seed}-${id++}`, anonymous_id: `v${v}`,
				session_id: `s${Math.floor(t / GAP)}-${v}`,
				user_id: null, source: pick(["google", "direct", "internal", "newsletter"]),
				medium: pick(["organic", "direct", "paid"]), campaign: pick([null, "", "spring", "x,y"]),
				source_confidence: "high", source_rule_id: pick(["utm", "default"]), path,
				url: path === null ? null : `https://${pick(["Shop", "www"])}.example${path.replace(" ", "%20")}`,
				referrer: null, country: pick(["DE", "GB", ""]), device_type: pick(["mobile", "desktop"]),
				browser: pick(["chrome", "safari"]), os: pick(["linux", "ios"]),
			}));
		}
	}
}

// ---- visits -----------------------------------------------------------------

function read(file, tie) {
	const people = new Map();
	for (const line of readFileSync(file, "utf8").trim().split("\n")) {
		const e = JSON.parse(line);
		e.t = Date.parse(e.timestamp.replace(" ", "T") + "Z");
		e.tie = Number(tie.get(e.event_id));
		e.host = e.url === null ? "" : new URL(e.url).host;
		if (!people.has(e.anonymous_id)) people.set(e.anonymous_id, []);
		people.get(e.anonymous_id).push(e);
	}
	for (const list of people.values()) list.sort((a, b) => a.t - b.t || a.tie - b.tie);
	return people;
}

const known = new Map(); // of people, who are asked about many times

function visits(people) {
	if (!known.has(people)) known.set(people, allVisits(people));
	return known.get(people);
}

function allVisits(people) {
	const all = [];
	for (const [visitor, list] of people) {
		let visit = null;
		for (const e of list) {
			if (!visit || e.t - visit.at(-1).t >= GAP) all.push((visit = []));
			visit.push(e);
		}
	}
	return all.map((v) => {
		const views = v.filter((e) => e.event_name === "$pageview");
		return { ...v[0], events: v, entry_path: views[0]?.path ?? null, exit_path: views.at(-1)?.path ?? null,
			views: views.length, lasted: v.at(-1).t - v[0].t,
			bounced: views.length === 1 && v.every((e) => ["$pageview", "$identify"].includes(e.event_name)) };
	});
}

// ---- answers ----------------------------------------------------------------

const formatters = new Map(), clocks = new Map();

// By quarters of an hour, at which all clocks change; to ask Intl is slow.
function clock(t, tz) {
	const quarter = `${Math.floor(t / 900000)} ${tz}`;
	if (!clocks.has(quarter)) clocks.set(quarter, slowClock(t, tz));
	return clocks.get(quarter);
}

function slowClock(t, tz) {
	if (!formatters.has(tz))
		formatters.set(tz, new Intl.DateTimeFormat("en-GB", { timeZone: tz, hourCycle: "h23", year: "numeric",
			month: "2-digit", day: "2-digit", hour: "2-digit", timeZoneName: "longOffset" }));
	const parts = Object.fromEntries(formatters.get(tz).formatToParts(t).map((p) => [p.type, p.value]));
	return { day: `${parts.year}-${parts.month}-${parts.day}`, hour: parts.hour,
		offset: tz === "UTC" ? "Z" : parts.timeZoneName.slice(3) };
}

function bucket(t, q) {
	const c = clock(t, q.tz ?? "UTC");
	const d = new Date(c.day + "T00:00:00Z");
	if (q.interval === "hour") return `${c.day}T${c.hour}:00:00${c.offset}`;
	if (q.interval === "week") d.setUTCDate(d.getUTCDate() - ((d.getUTCDay() + 6) % 7));
	if (q.interval === "month") d.setUTCDate(1);
	return d.toISOString().slice(0, 10);
}

function rounded(x, digits) { // halves to even
	const y = x * 10 ** digits, floor = Math.floor(y);
	const n = y - floor === 0.5 ? floor + (floor % 2) : Math.round(y);
	return n / 10 ** digits;
}

const sum = (list, of) => list.reduce((n, v) => n + of(v), 0);
const values = {
	visits: (v) => v.length,
	new: (v) => v.length,
	bounce_rate: (v) => rounded(sum(v, (x) => Number(x.bounced)) / v.length, 4),
	visit_duration: (v) => rounded(sum(v, (x) => x.lasted) / v.length / 1000, 3),
	views_per_visit: (v) => rounded(sum(v, (x) => x.views) / v.length, 2),
	pageviews: (v) => v.filter((e) => e.event_name === "$pageview").length,
	events_per_user: (v) => rounded(v.length / new Set(v.map((e) => e.anonymous_id)).size, 2),
	returning: (v) => new Set(v.filter((e) => !e.first).map((e) => e.anonymous_id)).size,
};

function groups(list, key) {
	const all = new Map();
	for (const x of list) {
		const k = JSON.stringify(key(x));
		if (!all.has(k)) all.set(k, []);
		all.get(k).push(x);
	}
	return all;
}

// A condition on how a visit began holds for its first event, or its pages; the others have
// to hold for one of its events together.
const BEGINNINGS = ["source", "medium", "country", "host", "entry_path", "exit_path"];

function meets(x, q) {
	const holds = (e) => (c) => c.op === "=" ? (e[c.name] ?? "") === c.value : (e[c.name] ?? "") !== c.value;
	const where = (q.where ?? []).map((text) => /^([a-z_.]+)(!?=)(.*)$/.exec(text)).map(([, name, op, value]) => ({ name, op, value }));
	const first = where.filter((c) => BEGINNINGS.includes(c.name)), rest = where.filter((c) => !first.includes(c));
	return first.every(holds(x)) && (x.events ?? [x]).some((e) => rest.every(holds(e)));
}

function stats(people, q) {
	const from = Date.parse(q.from), to = Date.parse(q.to);
	const events = [...people.values()].flat();
	const starts = new Map([...people].map(([id, list]) => [id, list[0].t]));
	let list = visits(people);
	if (q.metric === "new") list = [...people.values()].map((l) => l[0]);
	else if (["pageviews", "events_per_user", "returning"].includes(q.metric)) list = events;
	list = list.filter((x) => x.t >= from && x.t < to && meets(x, q));
	if (q.metric === "pageviews") list = list.filter((e) => e.event_name === "$pageview");
	for (const e of q.metric === "returning" ? list : []) {
		const came = starts.get(e.anonymous_id);
		e.first = q.interval ? came >= from && bucket(came, q) === bucket(e.t, q) : came >= from;
	}
	const keys = q.group_by ?? [], answer = [];
	for (const [, rows] of groups(list, (x) => [q.interval && bucket(x.t, q), ...keys.map((k) => x[k])])) {
		const row = {};
		if (q.interval) row.bucket = bucket(rows[0].t, q);
		for (const k of keys) row[k] = rows[0][k];
		answer.push({ ...row, value: values[q.metric](rows) });
	}
	return answer;
}

function sources(people, q) {
	const from = Date.parse(q.from), to = Date.parse(q.to);
	const keys = q.breakdown === "source_medium" ? ["source", "medium"] : [q.breakdown];
	const list = visits(people).filter((v) => v.t >= from && v.t < to && v.source !== "internal" && meets(v, q));
	return [...groups(list, (x) => keys.map((k) => x[k])).values()].map((rows) => ({
		...Object.fromEntries(keys.map((k) => [k, rows[0][k]])), visits: rows.length,
		uniques: new Set(rows.map((v) => v.anonymous_id)).size, bounce_rate: values.bounce_rate(rows) }));
}

function* answered(ties) {
	const tie = new Map(readFileSync(ties, "utf8").trim().split("\n").map((l) => l.split("\t")));
	const files = new Map();
	for (const line of readFileSync(0, "utf8").trim().split("\n")) {
		const q = JSON.parse(line);
		if (!files.has(q.rows)) files.set(q.rows, read(q.rows, tie));
		const answer = (q.breakdown ? sources : stats)(files.get(q.rows), q);
		yield [q, answer.map((row) => JSON.stringify(row) + "\n").sort().join("")];
	}
}

function answers(ties) {
	let n = 0;
	for (const [q, expected] of answered(ties)) {
		const found = readFileSync(q.answer, "utf8").split(/(?<=\n)/).sort().join("");
		// nothing at all is also told as a zero or as null
		if (found !== expected && (expected || !/^(\{"value":(0|null)\}\n)?$/.test(found))) {
			console.log(`${JSON.stringify(q)}\nexpected:\n${expected}found:\n${found}`);
			process.exit(1);
		}
		n++;
	}
	console.log(n);
}

const [what, argument] = process.argv.slice(2);
if (what === "rows") rows(Number(argument));
else if (what === "answer") for (const [, answer] of answered(argument)) process.stdout.write(answer);
else answers(argument);
