// serve-kill.mjs MM_BIN [ROUNDS]: two mm-serve with spools of their own before one ClickHouse, under
// load; in each round one of the three is killed (-9) at a random moment and started anew.  At the end
// each event that was acknowledged is in ClickHouse once, also in the rollup, and none is there twice.
// SEED=N chooses as a former run.
import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keysIn, send, serve } from "./serving.mjs";
import { random, seed } from "./signalling.mjs";

const bin = process.argv[2];
const rounds = Number(process.argv[3] ?? 12);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
console.log(`${rounds} rounds`);
const dir = fs.mkdtempSync(join(fs.existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "mm-serve-kill-"));
let failed = 0;
const complain = (...text) => {
	failed++;
	console.log("FAILED:", ...text);
};

fs.writeFileSync(join(dir, "password"), "a-password-of-the-test\n", { mode: 0o600 });
const sk = keysIn(dir, bin);

const environment = { ...process.env, MM_CLICKHOUSE_USER: "millimetric", MM_CLICKHOUSE_PASSWORD: "a-password-of-the-test" };
let url = "";

// ---- the three processes

async function engine() {
	const out = join(dir, "url");
	fs.rmSync(out, { force: true });
	const port = url ? ["--port", new URL(url).port] : [];
	const child = spawn(join(bin, "mm-clickhouse"), ["-d", join(dir, "data"), "--password-file", join(dir, "password"), ...port],
		{ stdio: ["ignore", fs.openSync(out, "w"), "ignore"], env: environment });
	for (let i = 0; i < 1500; i++) {
		url = fs.readFileSync(out, "utf8").trim();
		if (url) break;
		await sleep(20);
	}
	if (!url) throw new Error("the engine does not start");
	environment.MM_CLICKHOUSE_URL = url;
	return { child, end: new Promise((done) => child.on("exit", done)), start: engine };
}

async function door(name) {
	const one = await serve(dir, bin, ["--spool", join(dir, name)], environment);
	if (!one.port) complain(name, "does not start:", one.text());
	return { ...one, start: () => door(name) };
}

// ---- the load: a client keeps to its door, and sends again what was not answered

const acknowledged = new Set();
let made = 0;

async function client(which, going) {
	let waiting = null;
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	while (going.on || waiting) {
		waiting ??= Array.from({ length: random(2) ? 1 : 1 + random(30) }, () => `e${++made}`);
		const events = waiting.map((id) => JSON.stringify({ event: "a", event_id: id, anonymous_id: `v${made % 50}` }));
		const code = await send(sk, processes[which].port, agent, events);
		if (code === 202) {
			for (const id of waiting) acknowledged.add(id);
			waiting = null;
		}
		await sleep(code === 202 ? 2 : 20);
	}
	agent.destroy();
}

const processes = { engine: await engine() };
execFileSync(join(bin, "mm-schema"), { env: environment, stdio: "ignore" });
processes.a = await door("a");
processes.b = await door("b");
const going = { on: true };
const clients = ["a", "a", "b", "b"].map((which) => client(which, going));

for (let round = 0; round < rounds; round++) {
	await sleep(100 + random(1500));
	const which = ["a", "b", "a", "b", "engine"][random(5)];
	processes[which].child.kill("SIGKILL");
	await processes[which].end;
	if (random(2)) await sleep(random(1000));
	processes[which] = await processes[which].start();
}
going.on = false;
await Promise.all(clients);
for (const which of ["a", "b"]) {
	processes[which].child.kill("SIGTERM");
	if ((await processes[which].end) !== 0) complain(which, "ends with another status");
	execFileSync(join(bin, "mm-insert"), ["--drain", join(dir, which)], { env: environment, stdio: "inherit" });
}

// ---- what has become of them

async function ask(sql) {
	const answer = await fetch(`${url}?database=millimetric`, { method: "POST", body: sql,
		headers: { "x-clickhouse-user": "millimetric", "x-clickhouse-key": "a-password-of-the-test" } });
	return (await answer.text()).trim();
}
const rows = (await ask("SELECT event_id, count() FROM events GROUP BY event_id FORMAT TSV")).split("\n");
const seen = new Map(rows.filter(Boolean).map((line) => line.split("\t")));
for (const id of acknowledged) if (!seen.has(id)) complain(id, "was acknowledged, and is lost");
for (const [id, n] of seen) if (n !== "1") complain(id, "is stored", n, "times");
const total = await ask("SELECT count() FROM events"), rollup = await ask("SELECT sum(events) FROM daily_rollup");
if (total !== rollup) complain("the rollup holds", rollup, "of", total);
if ((await ask("SELECT uniqExact(ip_hash) FROM events")) !== "1") complain("a visitor has several hashes");
console.log(`${acknowledged.size} acknowledged, ${seen.size} stored`);
processes.engine.child.kill("SIGTERM");
await processes.engine.end;
if (!failed) fs.rmSync(dir, { recursive: true });
else console.log(`SEED=${seed}; files in ${dir}`);
process.exit(failed ? 1 : 0);
