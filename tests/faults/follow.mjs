// follow.mjs [ROUNDS]: mm-import --follow beside a writer that rotates its log by renaming, by
// copying and truncating, and compresses; killed (-9) at a random moment in each round.  Nothing
// may be lost, and what comes twice must carry the same event_id.  SEED=N chooses as a former run.
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const rounds = Number(process.argv[2] ?? 100);
const seed = Number(process.env.SEED ?? Date.now() % 1e6);
let state = seed + 1;
const random = (n) => {
	state = (state * 48271) % 2147483647;
	return state % n;
};
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const dir = fs.mkdtempSync(join(tmpdir(), "mm-follow-"));
const log = join(dir, "access.log"), out = join(dir, "events"), place = join(dir, "state");
let fd = fs.openSync(log, "a");
let written = 0, rest = "";

const line = (n) =>
	`203.0.113.${n % 200} - - [16/May/2026:19:00:${String(n % 60).padStart(2, "0")} +0000] "GET /${n} HTTP/1.1" 200 5 "-" "agent ${"x".repeat(n % 50)}"\n`;

// Some lines, of which the last is at times written in two pieces.
function write() {
	let text = rest;
	rest = "";
	for (let i = random(60); i >= 0; i--) text += line(written++);
	if (random(3) === 0) {
		const cut = text.length - 1 - random(60);
		rest = text.slice(cut);
		text = text.slice(0, cut);
	}
	fs.writeSync(fd, text);
}

function rotate() {
	if (rest) {
		fs.writeSync(fd, rest);
		rest = "";
	}
	for (let i = 40; i >= 1; i--)
		for (const end of ["", ".gz"])
			if (fs.existsSync(`${log}.${i}${end}`)) fs.renameSync(`${log}.${i}${end}`, `${log}.${i + 1}${end}`);
	if (random(2)) {
		fs.renameSync(log, `${log}.1`);
		const old = fd;
		fd = fs.openSync(log, "a");
		// who still has the old file open may write to it for a moment
		if (random(2)) fs.writeSync(old, line(written++));
		fs.closeSync(old);
	} else {
		fs.copyFileSync(log, `${log}.1`);
		fs.ftruncateSync(fd, 0);
	}
	const old = `${log}.3`;
	if (random(2) && fs.existsSync(old)) {
		const { atime, mtime } = fs.statSync(old);
		fs.writeFileSync(`${old}.part`, gzipSync(fs.readFileSync(old)));
		fs.utimesSync(`${old}.part`, atime, mtime);
		fs.renameSync(`${old}.part`, `${old}.gz`);
		fs.unlinkSync(old);
	}
}

const start = () =>
	spawn("mm-import", ["combined", "--follow", "--state", place, "--site", "shop.example", log], {
		stdio: ["ignore", fs.openSync(out, "a"), "inherit"],
	});
const ended = (child) => new Promise((done) => child.on("exit", (code, signal) => done(signal ?? code)));

// Each event by its number: its id.  What was torn by a kill is no event.
function read() {
	const ids = new Map();
	for (const text of fs.readFileSync(out, "utf8").split("\n")) {
		let e;
		try {
			e = JSON.parse(text);
		} catch {
			continue;
		}
		const n = Number(e.url.slice("https://shop.example/".length));
		if (ids.has(n) && ids.get(n) !== e.event_id) throw new Error(`${n} has two ids (seed ${seed})`);
		ids.set(n, e.event_id);
	}
	return ids;
}

for (let i = 0; i < rounds; i++) {
	const child = start(), end = ended(child);
	// what it has never seen it can't come back to
	while (!fs.existsSync(place)) await sleep(10);
	for (let k = random(6); k >= 0; k--) {
		write();
		if (random(4) === 0) rotate();
		await sleep(random(50));
	}
	if (random(10) === 0) await sleep(1300);
	child.kill("SIGKILL");
	await end;
	fs.appendFileSync(out, "\n");
	for (let k = random(3); k > 0; k--) random(2) ? write() : rotate();
}
if (rest) fs.writeSync(fd, rest);
const child = start(), end = ended(child);
for (let i = 0; i < 300 && read().size < written; i++) await sleep(100);
child.kill("SIGTERM");
const status = await end;
const ids = read();
const lost = [];
for (let n = 0; n < written; n++) if (!ids.has(n)) lost.push(n);
console.log(`seed ${seed}: ${written} lines, ${ids.size} events, ${new Set(ids.values()).size} ids, lost ${lost.slice(0, 10)}`);
const good = lost.length === 0 && ids.size === written && new Set(ids.values()).size === written && status === "SIGTERM";
if (good) fs.rmSync(dir, { recursive: true });
else console.log(`kept ${dir}, ended with ${status}`);
process.exit(good ? 0 : 1);
