// serve-power.mjs MM_BIN POWERCUT.SO [ROUNDS]: mm-serve under load, and the power goes: the process is
// killed, and what it had not synced is lost, torn, or there, at random (powercut.c writes down what it
// did).  In every third round calls fail as well, with EIO or ENOSPC.  At the end each event that was
// acknowledged is kept, once, and no other is kept twice.  SEED=N chooses as a former run.
import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

const [bin, shim] = process.argv.slice(2);
const rounds = Number(process.argv[4] ?? 60);
const seed = Number(process.env.SEED ?? Date.now() % 1e6);
let state = seed + 1;
const random = (n) => {
	state = (state * 48271) % 2147483647;
	return state % n;
};
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
console.log(`${rounds} rounds, SEED=${seed}`);

const dir = fs.mkdtempSync(join(fs.existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "mm-powercut-"));
const spool = join(dir, "spool"), folder = join(spool, "millimetric.events"), log = join(dir, "log");
const delivered = new Map();
fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
fs.writeFileSync(join(dir, "salt"), "0123456789abcdef-test-salt\n", { mode: 0o600 });
const key = (...options) =>
	execFileSync(join(bin, "mm-key"), [...options, "--keys", join(dir, "keys")], { stdio: ["ignore", "pipe", "ignore"] }).toString().trim();
const sk = key("mint", "--kind", "sk");
key("limits", "--track", "off", "--batch", "off");

let failed = 0;
const complain = (...text) => {
	failed++;
	console.log("FAILED:", ...text);
};

// ---- what a power cut leaves

// Files as they are on the disk when a round begins.
function look() {
	const files = new Map(), inodes = new Map();
	for (const name of fs.readdirSync(folder)) {
		const path = join(folder, name);
		const file = { base: fs.readFileSync(path), done: [], created: null };
		files.set(path, file);
		inodes.set(String(fs.statSync(path).ino), file);
	}
	return { files, inodes };
}

// Reads what was done, and holds each answer to it.
function replay(before) {
	const bytes = fs.existsSync(log) ? fs.readFileSync(log) : Buffer.alloc(0);
	const names = new Map(before.files), inodes = new Map(before.inodes);
	const changes = [], syncing = new Map(), durable = new Map();
	const ids = (buffer) => [...buffer.toString("latin1").matchAll(/"event_id":"(e[^"]+)"/g)].map((m) => m[1]);
	for (const file of before.files.values()) for (const id of ids(file.base)) durable.set(id, file);
	let at = 0;
	while (at < bytes.length) {
		const end = bytes.indexOf(10, at);
		if (end < 0) break;
		const [what, ...rest] = bytes.toString("utf8", at, end).split(" ");
		at = end + 1;
		const take = (n) => bytes.subarray(at, (at += n));
		if (what === "open") {
			const [inode, created, path] = rest;
			if (created === "1") {
				const file = { base: Buffer.alloc(0), done: [], created: null };
				file.created = { path, file, apply: (n) => n.set(path, file), synced: false };
				names.set(path, file);
				inodes.set(inode, file);
				changes.push(file.created);
			} else if (!inodes.has(inode)) {
				inodes.set(inode, names.get(path));
			}
		} else if (what === "write") {
			const data = Buffer.from(take(Number(rest[2])));
			inodes.get(rest[0]).done.push({ offset: Number(rest[1]), data, synced: false, lost: false });
		} else if (what === "truncate") {
			inodes.get(rest[0]).done.push({ size: Number(rest[1]), synced: false, lost: false });
		} else if (what === "sync") {
			const file = inodes.get(rest[0]);
			syncing.set(rest[1], { file, n: file.done.length });
		} else if (what === "synced" || what === "failed") {
			const { file, n } = syncing.get(rest[1]);
			for (const one of file.done.slice(0, n)) {
				if (one.synced || one.lost) continue;
				if (what === "failed") {
					// what a flush has failed on is never flushed again: it is thought to be clean
					one.lost = true;
					continue;
				}
				one.synced = true;
				if (one.data) for (const id of ids(one.data)) durable.set(id, file);
			}
		} else if (what === "dirsync") {
			syncing.set(rest[0], { path: rest[1], n: changes.length });
		} else if (what === "dirsynced") {
			const { path, n } = syncing.get(rest[0]);
			for (const one of changes.slice(0, n)) if (dirname(one.path) === path) one.synced = true;
		} else if (what === "rename") {
			const [from, to] = rest, file = names.get(from);
			const apply = (n) => {
				n.delete(from);
				n.set(to, file);
			};
			apply(names);
			changes.push({ path: to, apply, synced: false });
		} else if (what === "unlink") {
			const apply = (n) => n.delete(rest[0]);
			apply(names);
			changes.push({ path: rest[0], apply, synced: false });
		} else if (what === "answer") {
			// nothing is acknowledged before the flush that covers it has returned
			for (const id of ids(take(Number(rest[0])))) {
				const file = durable.get(id);
				if (known.has(id) || (file && (!file.created || file.created.synced))) continue;
				complain(id, "is acknowledged before it is durable");
			}
		}
	}
	return changes;
}

// The bytes of a file after the cut.
function survivors(file) {
	let out = Buffer.from(file.base);
	const room = (n) => {
		if (out.length < n) out = Buffer.concat([out, Buffer.alloc(n - out.length)]);
	};
	for (const one of file.done) {
		const luck = one.synced ? 0 : random(4);
		if (one.size !== undefined) {
			if (luck < 2) {
				room(one.size);
				out = out.subarray(0, one.size);
			}
			continue;
		}
		if (luck === 3) continue;
		if (luck === 2) room(one.offset + one.data.length); // its length, but not its bytes
		if (luck === 0) {
			room(one.offset + one.data.length);
			one.data.copy(out, one.offset);
			continue;
		}
		for (let i = 0; i < one.data.length; i += 512) {
			if (random(2)) continue;
			const sector = one.data.subarray(i, i + 512);
			room(one.offset + i + sector.length);
			sector.copy(out, one.offset + i);
		}
	}
	return out;
}

function cut(before) {
	const changes = replay(before);
	const names = new Map(before.files);
	const ordered = random(2), last = random(changes.length + 1);
	changes.forEach((one, i) => {
		if (one.synced || (ordered ? i < last : random(2))) one.apply(names);
	});
	const left = [...names].map(([path, file]) => [path, survivors(file)]);
	fs.rmSync(folder, { recursive: true });
	fs.mkdirSync(folder, { mode: 0o700 });
	for (const [path, bytes] of left) fs.writeFileSync(path, bytes, { mode: 0o600 });
}

// ---- the load

const acknowledged = new Set(), known = new Set(), unsure = new Set();
let made = 0, answers = { 202: 0, 503: 0 };

function post(port, agent, path, body) {
	return new Promise((done) => {
		const r = http.request({ port, path, method: "POST", agent, headers: { authorization: `Bearer ${sk}`, "content-type": "application/json", "content-length": Buffer.byteLength(body) } }, (a) => {
			a.resume();
			a.on("end", () => done(a.statusCode));
			a.on("error", () => done(0));
		});
		r.on("error", () => done(0));
		r.end(body);
	});
}

async function client(port, going) {
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	while (going.on) {
		const ids = [];
		// what was not answered comes again, as from any client that retries
		for (let i = random(3) ? 1 : 1 + random(40); i > 0; i--) {
			const again = unsure.size && random(4) === 0 ? [...unsure][random(unsure.size)] : null;
			ids.push(again ?? `e${++made}`);
		}
		const events = ids.map((id) => JSON.stringify({ event: "a", event_id: id, properties: { x: "y".repeat(random(300)) } }));
		for (const id of ids) unsure.add(id);
		const code = ids.length === 1 ? await post(port, agent, "/v1/track", events[0])
			: await post(port, agent, "/v1/batch", `{"events":[${events}]}`);
		answers[code] = (answers[code] ?? 0) + 1;
		if (code !== 202) continue;
		for (const id of ids) {
			acknowledged.add(id);
			unsure.delete(id);
		}
	}
	agent.destroy();
}

async function serve(more) {
	const child = spawn(join(bin, "mm-serve"), ["--keys", join(dir, "keys"), "--salt-file", join(dir, "salt"),
		"--listen", "127.0.0.1:0", "--spool", spool, "--no-deliver"], { env: { ...process.env, ...more }, stdio: ["ignore", "ignore", "pipe"] });
	let text = "", ended = false;
	child.stderr.on("data", (d) => (text += d));
	const end = new Promise((done) => child.on("exit", (code, signal) => {
		ended = true;
		done(code ?? signal);
	}));
	while (!/127\.0\.0\.1:\d+/.test(text) && !ended) await sleep(2);
	const port = Number(text.match(/127\.0\.0\.1:(\d+)/)?.[1] ?? 0);
	return { child, end, port, text: () => text };
}

// Some of what is ready is delivered: a file that comes again has to be the same.
function deliver(all) {
	for (const name of fs.readdirSync(folder)) {
		if (!name.endsWith(".ndjson") || (!all && random(2))) continue;
		const path = join(folder, name), text = fs.readFileSync(path, "utf8");
		if (delivered.has(name) && delivered.get(name) !== text) complain(name, "is another file than before");
		delivered.set(name, text);
		for (const line of text.split("\n")) if (line) known.add(JSON.parse(line).event_id);
		fs.unlinkSync(path);
	}
}

for (let round = 1; round <= rounds && !failed; round++) {
	fs.rmSync(log, { force: true });
	const before = look();
	const fails = round % 3 === 0 ? { POWERCUT_FAIL: String(10 + random(60)) } : {};
	const server = await serve({ LD_PRELOAD: shim, POWERCUT_DIR: spool, POWERCUT_LOG: log, POWERCUT_SEED: String(random(1e6)), ASAN_OPTIONS: "verify_asan_link_order=0", ...fails });
	if (server.port) {
		const going = { on: true };
		const clients = [1, 2, 3, 4].map(() => client(server.port, going));
		await sleep(20 + random(round % 4 ? 150 : 1500));
		server.child.kill("SIGKILL");
		going.on = false;
		await Promise.all(clients);
	} else if (!fails.POWERCUT_FAIL) {
		complain("it does not start:", server.text());
	}
	await server.end;
	cut(before);
	if (random(2)) deliver(false);
}

const last = await serve({});
if (!last.port) complain("it does not start at the end:", last.text());
last.child.kill("SIGTERM");
if ((await last.end) !== 0) complain("it ends with another status");
deliver(true);
const seen = new Map();
for (const [name, text] of delivered) {
	for (const line of text.split("\n")) {
		if (!line) continue;
		const id = JSON.parse(line).event_id;
		if (seen.has(id)) complain(id, "is kept twice:", seen.get(id), name);
		seen.set(id, name);
	}
}
for (const id of acknowledged) if (!seen.has(id)) complain(id, "was acknowledged, and is lost");
const rest = fs.readdirSync(folder).filter((name) => !/^(door|ids)/.test(basename(name)));
if (rest.length) complain("left behind:", rest.join(" "));
console.log(`${acknowledged.size} events acknowledged, ${seen.size} kept, ${unsure.size} unanswered; answers: ${JSON.stringify(answers)}`);
if (!failed) fs.rmSync(dir, { recursive: true });
else console.log(`SEED=${seed}; files in ${dir}`);
process.exit(failed ? 1 : 0);
