// Checks an answer that compares two periods against the answers about each of them:
//
//     compare-oracle.mjs JSON THIS OTHER COMPARED
//
// JSON: {"value": name, "counts": whether what is absent is 0, "interval", "from", "other_from", "to", "other_to"},
// the last five with an interval alone, as the zone's clock shows them.  The files hold the rows, NDJSON.
import { readFileSync } from "node:fs";

const [, , json, ...files] = process.argv;
const q = JSON.parse(json);
const [current, other, compared] = files.map((f) =>
	readFileSync(f, "utf8").split("\n").filter(Boolean).map((l) => JSON.parse(l)));

const DAY = 86400000;
const clock = (text) => Date.parse(`${text.slice(0, 19)}Z`.replace(/^(.{10})Z$/, "$1T00:00:00Z"));

// Where a bucket stands, counted from that of the period's first instant.
function position(bucket, from) {
	const t = clock(bucket), start = clock(from);
	switch (q.interval) {
	case "hour":
		return (Date.parse(bucket) - Date.parse(from)) / 3600000;
	case "month":
		return (+bucket.slice(0, 4) - +from.slice(0, 4)) * 12 + +bucket.slice(5, 7) - +from.slice(5, 7);
	case "week": {
		const monday = start - ((Math.floor(start / DAY) + 3) % 7) * DAY;
		return Math.round((t - Math.floor(monday / DAY) * DAY) / (7 * DAY));
	}
	default:
		return Math.round((t - Math.floor(start / DAY) * DAY) / DAY);
	}
}

// The name of the bucket at a position of this period; null: there is none.
function name(n) {
	const start = clock(q.from);
	const date = (ms) => new Date(ms).toISOString().slice(0, 10);
	let t;
	if (q.interval === "hour")
		return Date.parse(q.from) + n * 3600000 < Date.parse(q.to)
			? new Date(Date.parse(q.from) + n * 3600000).toISOString().replace(".000", "") : null;
	if (q.interval === "month")
		t = Date.UTC(+q.from.slice(0, 4), +q.from.slice(5, 7) - 1 + n, 1);
	else if (q.interval === "week")
		t = Math.floor(start / DAY) * DAY - ((Math.floor(start / DAY) + 3) % 7) * DAY + n * 7 * DAY;
	else
		t = (Math.floor(start / DAY) + n) * DAY;
	return t < clock(q.to) ? date(t) : null;
}

// Whether the other period reaches a position.
function reaches(n) {
	const saved = [q.from, q.to];
	[q.from, q.to] = [q.other_from, q.other_to];
	const there = name(n) !== null;
	[q.from, q.to] = saved;
	return there;
}

const columns = Object.keys(compared[0] ?? {});
const at = columns.indexOf(q.value);
const keys = columns.slice(0, at).filter((c) => q.keys.includes(c));
const id = (row, bucket) => JSON.stringify(keys.map((k) => (k === "bucket" ? bucket ?? row.bucket : row[k])));
const absent = q.counts ? 0 : null;
const expected = new Map();

for (const row of current)
	expected.set(id(row), { row, value: row[q.value], previous: absent });
for (const row of other) {
	const bucket = q.interval ? name(position(row.bucket, q.other_from)) : undefined;
	if (bucket === null)
		continue;
	const k = id(row, bucket);
	if (!expected.has(k))
		expected.set(k, { value: absent, previous: absent });
	expected.get(k).previous = row[q.value];
}

const problems = [];
const seen = new Set();
let before = null;
for (const row of compared) {
	const k = id(row), e = expected.get(k);
	seen.add(k);
	if (!e) {
		problems.push(`should not be there: ${JSON.stringify(row)}`);
		continue;
	}
	let previous = e.previous;
	if (q.interval && !reaches(position(row.bucket, q.from)))
		previous = null;
	const change = previous > 0 && e.value !== null ? +(e.value / previous - 1).toFixed(4) : null;
	if (row[q.value] !== e.value || row.previous !== previous ||
	    !(row.change === change || Math.abs(row.change - change) < 0.00011 && change !== null && row.change !== null))
		problems.push(`${JSON.stringify(row)}, expected ${JSON.stringify({ ...e, previous, change })}`);
	for (const c of columns.slice(0, -2))
		if (e.row && JSON.stringify(e.row[c]) !== JSON.stringify(row[c]))
			problems.push(`${c} of ${JSON.stringify(row)} is not that of ${JSON.stringify(e.row)}`);
	if (q.ordered && before && before.bucket === row.bucket && (before[q.value] ?? -1) < (row[q.value] ?? -1))
		problems.push(`order: ${JSON.stringify(row)}`);
	before = row;
}
for (const [k, e] of expected)
	if (!seen.has(k))
		problems.push(`missing: ${k} ${JSON.stringify(e)}`);
if (compared.length !== seen.size)
	problems.push("rows that are there twice");
if (compared.length === 0)
	problems.push("no row at all");
if (problems.length > 0) {
	console.error(problems.slice(0, 20).join("\n"));
	process.exit(1);
}
