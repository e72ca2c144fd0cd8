// A disk and what a power cut may leave of it, by the log of power.c: what was synced; of
// the rest what chance leaves.  Writes are lost, torn, or holes of zeros; names that were
// made, renamed and removed since their folder was synced are so or are not.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { random } from "./signalling.mjs";

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
export function contents(path) {
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
// after a power cut.  `answered(data, isSure)` is called for each answer that left, with
// a function that tells whether a text was on the disk for sure by then.
export function cut(disk, before, log, { texts = () => [], answered = () => {} } = {}) {
	const where = new Map(); // the files that a text was synced in: the one that takes another's place is not named yet
	const index = (file, bytes) =>
		texts(bytes.toString("latin1")).forEach((text) => where.set(text, [...(where.get(text) ?? []), file]));
	const files = new Map(), open = new Map(); // by record that made it; by inode
	const seen = new Map(), sure = new Map(); // by path: for the running machine, and on disk
	let names = [];
	for (const [path, bytes] of before) {
		const file = bytes === null ? null : { bytes, pending: [] };
		if (file)
			index(file, bytes);
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
			for (const p of file.pending.filter((p) => p.at < r.offset)) {
				file.bytes = apply(file.bytes, p);
				index(file, p.data);
			}
			file.pending = file.pending.filter((p) => p.at >= r.offset);
		} else if (r.kind === "A") {
			const named = new Set(sure.values());
			answered(r.data.toString("latin1"), (text) => where.get(text)?.some((file) => named.has(file)));
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
	mkdirSync(disk, { mode: 0o700 });
	for (const [path, file] of [...sure].sort(([a], [b]) => (a < b ? -1 : 1))) {
		if (!existsSync(dirname(path)))
			continue; // the folder's own name was lost
		if (file === null) {
			mkdirSync(path, { recursive: true, mode: 0o700 });
			continue;
		}
		lose(file, Infinity);
		writeFileSync(path, file.bytes, { mode: 0o600 });
	}
}
