// Cuts the power of a machine that keeps events, again and again, and looks for those
// that were acknowledged:
//
//   node tests/faults/power-cut.mjs BUILD
//
//   SEED=N    chooses as a former run did, which printed its seed
//   ROUNDS=N  how many (default 60)
//
// A round is a few starts of journal-load over one disk.  The first ones end by
// SIGKILL.  Where that stands for a power cut, the disk then holds what was synced, and
// of the rest what chance leaves: writes are lost, torn, or holes of zeros; names that
// were made, renamed and removed since their folder was synced are so or are not.  In
// some rounds writes, syncs, renames and new files fail with EIO or ENOSPC.  In some
// there are two processes in the folder.  In the end each event that was acknowledged
// is there once, and any other at most once.
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { random, seed } from "./signalling.mjs";

const [build] = process.argv.slice(2);
const rounds = Number(process.env.ROUNDS ?? 60);
const top = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "mm-power-"));

// ---- the disk --------------------------------------------------------------

function* records(log) {
	for (let at = 0; at + 32 <= log.length;) {
		const length = log.readUInt32LE(at), n = log.readUInt32LE(at + 4);
		if (at + length > log.length)
			return;
		const texts = log.subarray(at + 32, at + length - n).toString().split("\0");
		yield {
			at,
			kind: String.fromCharCode(Number(log.readBigUInt64LE(at + 8))),
			file: log.readBigUInt64LE(at + 16),
			offset: Number(log.readBigUInt64LE(at + 24)),
			path: texts[0],
			to: texts[1],
			data: log.subarray(at + length - n, at + length),
		};
		at += length;
	}
}

function write(bytes, data, offset) {
	const all = Buffer.alloc(Math.max(bytes.length, offset + data.length));
	bytes.copy(all);
	data.copy(all, offset);
	return all;
}

function apply(bytes, r) {
	if (r.kind === "W")
		return write(bytes, r.data, r.offset);
	return r.offset <= bytes.length ? bytes.subarray(0, r.offset) : write(bytes, Buffer.alloc(0), r.offset);
}

// What may have come of a write that was not synced.
function torn(bytes, r) {
	if (r.kind !== "W" || random(3) === 0)
		return apply(bytes, r);
	const n = random(r.data.length + 1), from = random(2) ? 0 : random(n + 1);
	const data = Buffer.from(r.data.subarray(0, n));
	data.fill(0, 0, from);
	return write(bytes, data, r.offset);
}

function lose(file, upto) {
	const how = random(4), stop = random(file.pending.length + 1);
	let i = 0;
	file.pending = file.pending.filter((r) => {
		if (r.at >= upto)
			return true;
		const last = i++ === stop;
		if (how === 0 || (how === 1 && i <= stop) || (how === 2 && random(2)))
			file.bytes = apply(file.bytes, r);
		else if (how === 3 || last)
			file.bytes = torn(file.bytes, r);
		return false;
	});
}

function change(names, r, files) {
	if (r.kind === "C" || r.kind === "M") {
		names.set(r.path, files.get(r.at));
	} else if (r.kind === "U") {
		names.delete(r.path);
	} else if (names.has(r.path)) {
		names.set(r.to, names.get(r.path));
		names.delete(r.path);
	}
}

// The files of a folder, as path -> content; null is a folder.
function contents(path) {
	const all = new Map();
	if (!existsSync(path))
		return all;
	for (const name of readdirSync(path, { recursive: true })) {
		const full = join(path, name);
		all.set(full, statSync(full).isDirectory() ? null : readFileSync(full));
	}
	return all;
}

// Gives the folder `disk`, of which `before` was synced, the content that it may have
// after a power cut.
function cut(disk, before, log) {
	const files = new Map(), open = new Map(); // by record that made it; by inode
	const seen = new Map(), sure = new Map(); // by path: for the running machine, and on disk
	let names = [];
	for (const [path, bytes] of before) {
		const file = bytes === null ? null : { bytes, pending: [] };
		seen.set(path, file);
		sure.set(path, file);
	}
	for (const r of records(log)) {
		if (r.kind === "O") {
			open.set(r.file, seen.get(r.path));
		} else if ("CMUR".includes(r.kind)) {
			if (r.kind === "C" || r.kind === "M") {
				files.set(r.at, r.kind === "M" ? null : { bytes: Buffer.alloc(0), pending: [] });
				open.set(r.file, files.get(r.at));
			}
			change(seen, r, files);
			names.push(r);
		} else if (r.kind === "W" || r.kind === "T") {
			open.get(r.file).pending.push(r);
		} else if (r.kind === "D") {
			names = names.filter((n) => {
				if (n.at >= r.offset || dirname(n.path) !== r.path)
					return true;
				change(sure, n, files);
				return false;
			});
		} else if (r.kind === "E") {
			lose(open.get(r.file), r.offset); // and no later sync brings it back
		} else if (r.kind === "S") {
			const file = open.get(r.file);
			for (const p of file.pending.filter((p) => p.at < r.offset))
				file.bytes = apply(file.bytes, p);
			file.pending = file.pending.filter((p) => p.at >= r.offset);
		} else {
			throw new Error(`record ${r.kind}`);
		}
	}
	const stop = random(names.length + 1), ordered = random(2);
	names.forEach((n, i) => {
		if (ordered ? i < stop : random(2))
			change(sure, n, files);
	});
	rmSync(disk, { recursive: true, force: true });
	mkdirSync(disk);
	for (const [path, file] of [...sure].sort(([a], [b]) => (a < b ? -1 : 1))) {
		if (!existsSync(dirname(path)))
			continue; // the folder's own name was lost
		if (file === null) {
			mkdirSync(path, { recursive: true });
			continue;
		}
		lose(file, Infinity);
		writeFileSync(path, file.bytes, { mode: 0o600 });
	}
}

// ---- a round ---------------------------------------------------------------

let failures = 0, at = "", acknowledgedInAll = 0, cuts = 0, refused = 0, sentAgain = 0;
function complain(what) {
	failures++;
	console.error(`power: ${at}: ${what}; SEED=${seed}`);
}

// Starts journal-load over the lines; `when`: ms until it is killed, or null: to its end.
async function start(dir, name, lines, when, faults) {
	const input = join(dir, `${name}.in`), output = join(dir, `${name}.out`);
	writeFileSync(input, lines.map((l) => l + "\n").join(""));
	const stdio = [openSync(input, "r"), openSync(output, "w"), "pipe"];
	const child = spawn(join(build, "tests/journal-load"), [join(dir, "disk/spool"), join(dir, "store"), String(random(1e9)), when === null ? "end" : "go-on"], {
		stdio,
		env: {
			...process.env,
			LD_PRELOAD: join(build, "tests/power.so"),
			POWER_DIR: join(dir, "disk"),
			POWER_LOG: join(dir, "log"),
			POWER_FAULTS: String(faults),
			POWER_SEED: String(1 + random(1e9)),
		},
	});
	closeSync(stdio[0]);
	closeSync(stdio[1]);
	let err = "";
	child.stderr.on("data", (d) => (err += d));
	const end = new Promise((resolve) => child.on("close", (code, by) => resolve({ code, by, err })));
	if (when !== null) {
		// from its first answer on, so that a slow machine does as much
		for (let i = 0; i < 500 && child.exitCode === null && statSync(output).size === 0; i++)
			await sleep(2);
		await sleep(when);
		child.kill("SIGKILL");
	}
	const watchdog = setTimeout(() => child.kill("SIGABRT"), 120000);
	const how = await end;
	clearTimeout(watchdog);
	if (how.by !== "SIGKILL" && !(how.code === 0 && when === null) && !(how.code === 3 && faults))
		complain(`it ended with ${how.code ?? how.by}: ${how.err}`);
	return readFileSync(output, "utf8").split("\n").slice(0, -1);
}

function ids(bytes) {
	return bytes.toString().split("\n").slice(0, -1).map((line) => {
		try {
			return JSON.parse(line).event_id;
		} catch {
			complain(`a torn row is stored: ${line.slice(0, 60)}`);
			return "";
		}
	});
}

async function round(number) {
	const dir = mkdtempSync(join(top, "round-")), disk = join(dir, "disk"), log = join(dir, "log");
	const faults = [0, 0, 3, 30][random(4)], doors = random(5) ? 1 : 2;
	const sent = [], acknowledged = new Set();
	at = `round ${number}, ${doors} doors, ${faults} faults of 1000`;
	mkdirSync(disk);
	mkdirSync(join(dir, "store"));
	const starts = 2 + random(4);
	for (let s = 0; s <= starts; s++) {
		const last = s === starts, before = contents(disk), parts = Array.from({ length: last ? 1 : doors }, () => []);
		rmSync(log, { force: true });
		writeFileSync(log, "");
		parts.forEach((part, p) => {
			// what was answered, and what was not, again; two doors know but their own ids
			if (doors === 1) {
				const again = sent.filter((id) => id[0] === "i" && random(acknowledged.has(id) ? 6 : 2) === 0);
				sentAgain += again.length;
				part.push(...again);
			}
			for (let i = 0; i < (last ? 20 : 400); i++)
				part.push(`${random(8) ? "i" : "n"}${number}.${s}.${p}.${i}`);
			sent.push(...part);
		});
		const when = last ? null : random(random(2) ? 20 : 90);
		const out = await Promise.all(parts.map((part, p) => start(dir, `${s}.${p}`, part, when, last ? 0 : faults)));
		out.flat().forEach((id) => acknowledged.add(id));
		if (last && out[0].length !== parts[0].length)
			complain(`only ${out[0].length} of ${parts[0].length} are acknowledged by a machine in order`);
		if (!last && random(6)) {
			cuts++;
			cut(disk, before, readFileSync(log));
		}
	}
	const store = contents(join(dir, "store")), times = new Map();
	const count = (bytes) => ids(bytes).forEach((id) => times.set(id, (times.get(id) ?? 0) + 1));
	store.forEach((bytes) => count(bytes));
	for (const [path, bytes] of contents(disk)) {
		if (bytes && path.endsWith(".ndjson") && ![...store.values()].some((b) => b.equals(bytes)))
			count(bytes);
		if (bytes && (path.endsWith(".open") || path.endsWith(".ready")))
			complain(`${path.slice(disk.length)} is left`);
	}
	const missing = [...acknowledged].filter((id) => !times.has(id)), twice = [...times].filter(([, n]) => n > 1);
	if (missing.length)
		complain(`${missing.length} of ${acknowledged.size} acknowledged events are missing: ${missing.slice(0, 5)}`);
	if (twice.length)
		complain(`${twice.length} events are stored twice: ${twice.slice(0, 5)}`);
	const all = new Set(sent), strange = [...times.keys()].filter((id) => !all.has(id));
	if (strange.length)
		complain(`events that nobody sent: ${strange.slice(0, 5)}`);
	acknowledgedInAll += acknowledged.size;
	refused += all.size - acknowledged.size;
	if (!missing.length && !twice.length)
		rmSync(dir, { recursive: true });
}

for (let number = 0; number < rounds; number++)
	await round(number);
if (!failures)
	rmSync(top, { recursive: true });
if (failures || (rounds >= 20 && (!cuts || !refused || !sentAgain))) {
	console.error(`power: ${failures} failures in ${rounds} rounds; SEED=${seed}; see ${top}`);
	process.exit(1);
}
console.log(`power: ${rounds} rounds, ${cuts} power cuts, ${acknowledgedInAll} events acknowledged, ${refused} not, ${sentAgain} sent again: none missing, none twice`);
