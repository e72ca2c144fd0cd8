// serve-power.mjs MM_BIN POWER.SO [ROUNDS]: mm-serve under load, and the power goes: the process is
// killed, and what it had not synced is lost, torn, or there, at random (power.c writes down what it
// did, see disk.mjs).  In every third round calls fail as well, with EIO or ENOSPC.  At the end each event that was
// acknowledged is kept, once, and no other is kept twice.  SEED=N chooses as a former run.
import * as fs from "node:fs";
import * as http from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { keysIn, send, serve } from "./serving.mjs";
import { contents, cut } from "./disk.mjs";
import { random, seed } from "./signalling.mjs";

const [bin, shim] = process.argv.slice(2);
const rounds = Number(process.argv[4] ?? 60);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const dir = fs.mkdtempSync(join(fs.existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "mm-powercut-"));
const disk = join(dir, "disk"), spool = join(disk, "spool"), folder = join(spool, "millimetric.events"), log = join(dir, "log");
const delivered = new Map();
fs.mkdirSync(disk, { mode: 0o700 });
const sk = keysIn(dir, bin);

let failed = 0;
const complain = (...text) => {
	failed++;
	console.log("FAILED:", ...text);
};

// ---- what a power cut leaves

const ids = (text) => [...text.matchAll(/"event_id":"(e[^"]+)"/g)].map((m) => m[1]);

// Nothing is acknowledged before the flush that covers it has returned.
function answered(text, isSure) {
	for (const id of ids(text))
		if (!known.has(id) && !isSure(id)) complain(id, "is acknowledged before it is durable");
}

// ---- the load

const acknowledged = new Set(), known = new Set(), unsure = new Set();
let made = 0, answers = { 202: 0, 503: 0 };

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
		const code = await send(sk, port, agent, events);
		answers[code] = (answers[code] ?? 0) + 1;
		if (code !== 202) continue;
		for (const id of ids) {
			acknowledged.add(id);
			unsure.delete(id);
		}
	}
	agent.destroy();
}

const start = (more) => serve(dir, bin, ["--spool", spool, "--no-deliver"], { ...process.env, ...more });

// Some of what is ready is delivered: a file that comes again has to be the same.
function deliver(all) {
	for (const name of fs.existsSync(folder) ? fs.readdirSync(folder) : []) {
		if (!name.endsWith(".ndjson") || (!all && random(2))) continue;
		const path = join(folder, name), text = fs.readFileSync(path, "utf8");
		if (delivered.has(name) && delivered.get(name) !== text) complain(name, "is another file than before");
		delivered.set(name, text);
		for (const line of text.split("\n")) if (line) known.add(JSON.parse(line).event_id);
		fs.unlinkSync(path);
	}
}

for (let round = 1; round <= rounds && !failed; round++) {
	fs.writeFileSync(log, "");
	const before = contents(disk);
	const faults = round % 3 === 0 ? 15 + random(85) : 0;
	const server = await start({ LD_PRELOAD: shim, POWER_DIR: disk, POWER_LOG: log, POWER_FAULTS: String(faults), POWER_SEED: String(1 + random(1e6)), ASAN_OPTIONS: "verify_asan_link_order=0" });
	if (server.port) {
		const going = { on: true };
		const clients = [1, 2, 3, 4].map(() => client(server.port, going));
		await sleep(20 + random(round % 4 ? 150 : 1500));
		server.child.kill("SIGKILL");
		going.on = false;
		await Promise.all(clients);
	} else if (!faults) {
		complain("it does not start:", server.text());
	}
	await server.end;
	cut(disk, before, fs.readFileSync(log), { texts: ids, answered });
	if (random(2)) deliver(false);
}

const last = await start({});
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
