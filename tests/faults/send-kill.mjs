// send-kill.mjs MM_BIN [ROUNDS] [EVENTS]: mm-send over one file of more events than mm-serve knows ids of,
// killed (-9) at random moments, and now and then mm-serve as well; the same command again, until it ends.
// Then each event is in ClickHouse once, also in the rollup.  SEED=N chooses as a former run.
import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keysIn, serve } from "./serving.mjs";
import { random, seed } from "./signalling.mjs";

const [bin, rounds, count] = [process.argv[2], Number(process.argv[3] ?? 12), Number(process.argv[4] ?? 200000)];
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const dir = fs.mkdtempSync(join(fs.existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "mm-send-kill-"));
let failed = 0;
const complain = (...text) => {
	failed++;
	console.log("FAILED:", ...text);
};
const password = "a-password-of-the-test";
fs.writeFileSync(join(dir, "password"), password + "\n", { mode: 0o600 });
fs.writeFileSync(join(dir, "sk"), keysIn(dir, bin) + "\n", { mode: 0o600 });
const env = { ...process.env, MM_CLICKHOUSE_USER: "millimetric", MM_CLICKHOUSE_PASSWORD: password,
	XDG_STATE_HOME: join(dir, "state") };

// a third each: with an event_id, with a time alone, with neither, of which some lines are alike
const lines = Array.from({ length: count }, (_, i) => JSON.stringify(
	i % 3 === 0 ? { event: "id", event_id: `e${i}`, timestamp: "2026-05-01T10:00:00Z", properties: { n: i } }
		: i % 3 === 1 ? { event: "time", timestamp: "2026-05-02T10:00:00Z", properties: { n: i } }
			: { event: "neither", properties: { n: i - i % 2000 } }));
fs.writeFileSync(join(dir, "in"), lines.join("\n") + "\n");

const out = join(dir, "url");
const engine = spawn(join(bin, "mm-clickhouse"), ["-d", join(dir, "data"), "--password-file", join(dir, "password")],
	{ stdio: ["ignore", fs.openSync(out, "w"), "ignore"], env });
for (let i = 0; i < 1500 && !env.MM_CLICKHOUSE_URL; i++) {
	env.MM_CLICKHOUSE_URL = fs.readFileSync(out, "utf8").trim();
	await sleep(20);
}
execFileSync(join(bin, "mm-schema"), { env, stdio: "ignore" });
const open = () => {
	fs.rmSync(join(dir, "socket"), { force: true });
	return serve(dir, bin, ["--listen", `unix:${join(dir, "socket")}`, "--spool", join(dir, "spool")], env);
};
let door = await open(), kills = 0, doors = 0;

function send() {
	const child = spawn(join(bin, "mm-send"), ["--api", `unix:${join(dir, "socket")}`, "--key-file", join(dir, "sk"),
		"--summary", "json", join(dir, "in")], { env, stdio: ["ignore", "ignore", "pipe"] });
	let text = "";
	child.stderr.on("data", (d) => (text += d));
	return { child, end: new Promise((done) => child.on("exit", (code, signal) => done(code ?? signal))), text: () => text };
}

let last = null;
for (let round = 0; round < rounds; round++) {
	const one = send();
	await sleep(30 + random(350));
	if (random(4) === 0) {
		door.child.kill("SIGKILL");
		await door.end;
		door = await open();
		doors++;
		await sleep(random(200));
	}
	one.child.kill("SIGKILL");
	const end = await one.end;
	// it was faster: it has ended, or has said that it has
	if (end !== "SIGKILL" || one.text().includes('"sent":')) {
		last = one;
		if (end !== 0 && end !== "SIGKILL") complain("mm-send ends with", end, one.text());
		break;
	}
	kills++;
}
if (!last) {
	last = send();
	const end = await last.end;
	if (end !== 0) complain("mm-send ends with", end, last.text());
}
const summary = JSON.parse(last.text().trim().split("\n").pop());
if (summary.lines !== count || summary.sent + summary.known !== count) complain("not all of it:", last.text());
if (kills === 0) complain("it was never killed");

door.child.kill("SIGTERM");
if ((await door.end) !== 0) complain("mm-serve ends with another status");
execFileSync(join(bin, "mm-insert"), ["--drain", join(dir, "spool")], { env, stdio: "inherit" });
async function ask(sql) {
	const answer = await fetch(`${env.MM_CLICKHOUSE_URL}?database=millimetric`, { method: "POST", body: sql,
		headers: { "x-clickhouse-user": "millimetric", "x-clickhouse-key": password } });
	return (await answer.text()).trim();
}
const want = { id: 0, time: 0, neither: 0 };
for (const line of lines) want[JSON.parse(line).event]++;
for (const event of Object.keys(want)) {
	const got = await ask(`SELECT count(), uniqExact(event_id) FROM events WHERE event_name = '${event}' FORMAT TSV`);
	if (got !== `${want[event]}\t${want[event]}`) complain(`${event}: ${want[event]} events, stored are ${got}`);
}
const rollup = await ask("SELECT sum(events) FROM daily_rollup");
if (rollup !== String(count)) complain("the rollup holds", rollup);
if (fs.readdirSync(join(dir, "state/millimetric/send")).length) complain("something is left in the spool");
console.log(`${kills} kills of mm-send, ${doors} of mm-serve; the last run sent ${summary.sent} and knew ${summary.known}`);
engine.kill("SIGTERM");
await new Promise((done) => engine.on("exit", done));
if (!failed) fs.rmSync(dir, { recursive: true });
else console.log(`SEED=${seed}; files in ${dir}`);
process.exit(failed ? 1 : 0);
