// What the tables have to hold after a sequence of inserts and forgets, by plain
// computation.
//
//     node forget-model.mjs OPERATIONS
//
// OPERATIONS is a file of JSON objects, one a line, in the order of time:
//   {"op":"stored","file":NAME}      the rows of the file were inserted
//   {"op":"forget","user_id":ID or "anonymous_id":ID,"linked":BOOL,"rebuild":BOOL}
//   {"op":"allow","user_id":ID or "anonymous_id":ID}
// Prints lines as the SELECTs of forget-soak.sh do: events, days, sessions.
import { readFileSync } from "node:fs";

const list = { users: new Set(), visitors: new Set(), linked: new Set() };
const stored = new Set();
let events = [];
const days = new Map(); // key: rows that were counted
const sessions = new Map();

const lines = (file) => readFileSync(file, "utf8").split("\n").filter(Boolean).map((l) => JSON.parse(l));
const day_of = (row) => [row.timestamp.slice(0, 10), row.event_name, row.source].join("\t");
const date_of = (row) => row.timestamp.slice(0, 10);
const session_of = (row) => [row.session_id, row.anonymous_id].join("\t");
const before = (a, b) => (a.timestamp + a.event_id < b.timestamp + b.event_id ? -1 : 1);

function is_of(people, user, visitor) {
	if (user !== null ? people.users.has(user) : people.linked.has(visitor))
		return true;
	return people.visitors.has(visitor);
}

function add(map, key, row) {
	if (!map.has(key))
		map.set(key, []);
	map.get(key).push(row);
}

// A second time changes nothing, but for months of which nothing was stored yet.
function store(file) {
	const rows = lines(file).filter((row) => !is_of(list, row.user_id, row.anonymous_id));
	const part_of = (row) => `${file} ${row.timestamp.slice(0, 7)}`;
	const fresh = rows.filter((row) => !stored.has(part_of(row)));
	for (const row of fresh) {
		stored.add(part_of(row));
		events.push(row);
		add(days, day_of(row), row);
		add(sessions, session_of(row), row);
	}
}

function last_user(rows) {
	const users = rows.filter((row) => row.user_id !== null).sort(before);
	return users.length ? users[users.length - 1].user_id : null;
}

// The keys of a map are built anew from the events that are left.
function rebuild(map, touched, key_of) {
	for (const key of [...map.keys()])
		if (touched(map.get(key)[0]))
			map.delete(key);
	for (const row of events)
		if (touched(row))
			add(map, key_of(row), row);
}

function forget(op) {
	const people = { users: new Set(), visitors: new Set(), linked: new Set() };
	if (op.user_id)
		people.users.add(op.user_id);
	else
		people.visitors.add(op.anonymous_id);
	for (const row of op.linked ? events : [])
		if (people.users.has(row.user_id))
			people.linked.add(row.anonymous_id);
	for (const kind of Object.keys(list))
		people[kind].forEach((id) => list[kind].add(id));
	const gone = events.filter((row) => is_of(people, row.user_id, row.anonymous_id));
	events = events.filter((row) => !is_of(people, row.user_id, row.anonymous_id));
	if (!op.rebuild)
		return;
	const dates = new Set(gone.map(date_of));
	const visits = new Set(gone.map(session_of));
	for (const [key, rows] of sessions)
		if (is_of(people, last_user(rows), rows[0].anonymous_id))
			visits.add(key);
	rebuild(days, (row) => dates.has(date_of(row)), day_of);
	rebuild(sessions, (row) => visits.has(session_of(row)), session_of);
}

for (const op of lines(process.argv[2])) {
	if (op.op === "stored") {
		store(op.file);
	} else if (op.op === "forget") {
		forget(op);
	} else {
		list.users.delete(op.user_id);
		list.visitors.delete(op.anonymous_id);
		list.linked.delete(op.anonymous_id);
	}
}

const out = events.map((row) => `event\t${row.event_id}\t${row.user_id ?? "-"}`);
for (const [key, rows] of days)
	out.push(`day\t${key}\t${rows.length}\t${new Set(rows.map((row) => row.anonymous_id)).size}`);
for (const [key, rows] of sessions) {
	rows.sort(before);
	out.push(["session", key, rows.length, rows[0].timestamp, rows[rows.length - 1].timestamp, rows[0].path,
		last_user(rows) ?? "-"].join("\t"));
}
process.stdout.write(out.sort().map((line) => `${line}\n`).join(""));
