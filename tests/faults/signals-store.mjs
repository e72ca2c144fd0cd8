// Sends signals at random moments to the commands that change tables, while they read
// a FIFO, a slow pipe or a file, and checks that each line is accounted for, at once
// and after the same command has run again:
//
//   MM_CLICKHOUSE_URL=... node tests/faults/signals-store.mjs BIN insert|forget
//
//   SEED=N    chooses as a former run did, which printed its seed
//   ROUNDS=N  how many (default 24)
//
// mm-insert: after INT, TERM and HUP the rows up to some line are all stored, kept in
// the spool or rejected (of a file, rows behind it are still there); a signal that is ignored, or stops it for a while, changes
// nothing; of any other it dies.  Run again with the whole input, and the spool
// drained, each row is stored once, whatever the signal was.
//
// mm-forget: it has a record for each of the first lines, whose people are gone, and
// says from which line on that is not so.  Run again, all are gone, and nobody else.
import { spawn, execFileSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cut, environment, feed, harmless, opened, orderly, random, seed } from "./signalling.mjs";

const [bin, job] = process.argv.slice(2);
if (!bin || !["insert", "forget"].includes(job)) {
	console.error("usage: signals-store.mjs BIN insert|forget");
	process.exit(2);
}
const rounds = Number(process.env.ROUNDS ?? 24);

const stopping = ["SIGSTOP", "SIGTSTP"];
const deadly = ["SIGKILL", "SIGALRM", "SIGUSR2", "SIGVTALRM", "SIGPROF", "SIGPWR", "SIGXCPU", "SIGQUIT", "SIGABRT", "SIGSEGV"];
const kinds = [orderly, orderly, harmless, stopping, deadly, deadly];
const dir = mkdtempSync(join(tmpdir(), "mm-signals-"));
writeFileSync(join(dir, "salt"), "a salt that only tests use\n", { mode: 0o600 });
const { MM_IP_SALT: _, ...env } = environment;

async function sql(text, database) {
	const answer = await fetch(`${process.env.MM_CLICKHOUSE_URL}?database=${database}`, {
		method: "POST",
		body: text,
		headers: { "X-ClickHouse-User": process.env.MM_CLICKHOUSE_USER, "X-ClickHouse-Key": process.env.MM_CLICKHOUSE_PASSWORD },
	});
	const said = await answer.text();
	if (!answer.ok)
		throw new Error(said);
	return said;
}

// Runs it to its end; with a signal, this is sent after so many ms.
async function command(name, args, input, { source = "file", signal, when, again } = {}) {
	const file = join(dir, "in");
	rmSync(file, { force: true });
	if (source === "fifo")
		execFileSync("mkfifo", [file]);
	else if (source === "file")
		writeFileSync(file, input);
	const child = spawn(join(bin, name), source === "pipe" ? args : [...args, file], { stdio: ["pipe", "pipe", "pipe"], env });
	let out = "", err = "", ended = false, hangs = false;
	child.stdout.on("data", (d) => (out += d));
	child.stderr.on("data", (d) => (err += d));
	child.stdin.on("error", () => {});
	const end = new Promise((resolve) => child.on("close", (code, by) => {
		ended = true;
		resolve({ code, by });
	}));
	const feeding = (async () => {
		if (source === "pipe")
			await feed((t) => child.stdin.write(t), input, cut(input, 20000, 2000, 20));
		child.stdin.end();
		const fd = source === "fifo" ? await opened(file, () => ended) : null;
		if (fd === null)
			return;
		await feed((t) => writeSync(fd, t), input, cut(input, 20000, 2000, 20));
		closeSync(fd);
	})();
	const send = (s) => {
		if (!ended)
			process.kill(child.pid, s);
	};
	if (signal) {
		await sleep(when);
		send(signal);
		if (stopping.includes(signal)) {
			await sleep(again);
			send("SIGCONT");
		}
	}
	const watchdog = setTimeout(() => {
		hangs = true;
		child.kill("SIGKILL");
	}, 120000);
	const { code, by } = await end;
	clearTimeout(watchdog);
	await feeding;
	return { code, by, out, err, hangs };
}

let failures = 0, cutShort = 0, at = "";
function complain(what, run) {
	failures++;
	console.error(`mm-${job}: ${at}: ${what}${run ? `\n  status ${run.code ?? run.by}; ${run.err.slice(0, 400)}` : ""}`);
}

// The first run's end; whether it ended by itself.
function judge(run, signal, good) {
	const finished = run.by === null && run.code === good;
	if (run.hangs)
		complain("it hangs", run);
	// before main it has its default
	const early = ["SIGPIPE", "SIGXFSZ"].includes(signal) && run.by === signal && !run.out && !run.err;
	if ((harmless.includes(signal) || stopping.includes(signal)) && !finished && !early)
		complain("it did not go on", run);
	if (!finished && run.by !== signal)
		complain("it ended with a status of its own", run);
	if (!finished)
		cutShort++;
	return finished;
}

const LINES = 400;
const isBad = (n) => n % 13 === 0;
const found = (text) => [...text.matchAll(/<(\d+)>/g)].map((m) => Number(m[1]));

async function insert(number, { source, signal }) {
	const lines = Array.from({ length: LINES }, (_, i) => i + 1);
	const row = (n) => isBad(n) ? `no row <${n}>` : `{"project_id":"00000000-0000-0000-0000-000000000000","timestamp":"2026-05-16 19:00:00.000","event_name":"e","event_id":"r${number}<${n}>","anonymous_id":"a"}`;
	const input = lines.map((n) => row(n) + "\n").join("");
	const spool = join(dir, "spool"), rejects = join(dir, "rejects");
	const args = ["-q", "--database", "signals", "--spool", spool, "--max-rows", "50", "--rejects", rejects];
	const stored = async () => found(await sql(`SELECT event_id FROM events WHERE startsWith(event_id, 'r${number}<')`, "signals"));
	const waiting = () => existsSync(spool) ? readdirSync(spool, { recursive: true }).filter((f) => f.endsWith(".ndjson"))
		.flatMap((f) => found(readFileSync(join(spool, f), "utf8"))) : [];
	const run = await command("mm-insert", args, input, { source, signal, when: random(random(2) ? 40 : 250), again: random(60) });
	const finished = judge(run, signal, 1);
	const kept = new Set([...await stored(), ...waiting()]), rejected = existsSync(rejects) ? found(readFileSync(rejects, "utf8")) : [];
	const there = new Set([...kept, ...rejected]), last = Math.max(0, ...(source === "file" ? kept : there));
	// what a file has is not kept a second time, and it may have been read on
	if ((orderly.includes(signal) || finished) && lines.some((n) => n <= last && !there.has(n)))
		complain(`lines are missing: ${there.size} are there, the last is ${last}`, run);
	// of a pipe it may have stored all that it has read
	const rest = source === "file" || waiting().length > 0;
	if (orderly.includes(signal) && !finished && there.size > 0 && last < LINES && rest && !/the same command sends the rest|kept/.test(run.err))
		complain("it does not say what becomes of the rest", run);
	if (finished && there.size !== LINES)
		complain(`it ended by itself with ${there.size} of ${LINES} lines`, run);
	rmSync(rejects, { force: true });
	const second = await command("mm-insert", args, input);
	if (second.code !== 1)
		complain("the second run failed", second);
	const drained = await command("mm-insert", ["-q", "--database", "signals", "--drain", spool], "", { source: "pipe" });
	if (drained.code !== 0)
		complain("draining failed", drained);
	const all = (await stored()).sort((a, b) => a - b), want = lines.filter((n) => !isBad(n));
	if (all.join() !== want.join())
		complain(`${all.length} rows are stored, ${new Set(all).size} different ones, of ${want.length}`, second);
	if (found(readFileSync(rejects, "utf8")).join() !== lines.filter(isBad).join())
		complain("the second run's rejects are not the bad lines", second);
	rmSync(spool, { recursive: true, force: true });
	rmSync(rejects, { force: true });
}

async function forget(number, { source, signal }) {
	const people = Array.from({ length: 12 }, (_, i) => i + 1);
	const name = (n) => `r${number}<${n}>`;
	await sql(`INSERT INTO events (event_name, timestamp, user_id) VALUES ${[...people, 13].map((n) => `('e', '2026-05-16 19:00:00', '${name(n)}')`).join()}`, "signals");
	const input = people.map((n) => `{"user_id":"${name(n)}"}\n`).join("");
	const left = async () => found(await sql(`SELECT user_id FROM events WHERE startsWith(ifNull(user_id, ''), 'r${number}<') ORDER BY 1`, "signals"));
	const args = ["-q", "--database", "signals", "--salt-file", join(dir, "salt")];
	const run = await command("mm-forget", args, input, { source, signal, when: random(random(2) ? 40 : 700), again: random(60) });
	const finished = judge(run, signal, 0), records = run.out.split("\n").length - 1, still = await left();
	if (run.out && !run.out.endsWith("\n"))
		complain("a record is torn", run);
	if (finished && records !== people.length)
		complain(`${records} records of ${people.length}`, run);
	if (people.slice(0, records).some((n) => still.includes(n)))
		complain("somebody with a record is still there", run);
	if (orderly.includes(signal) && !finished && records < people.length && run.err && !/may not be forgotten/.test(run.err))
		complain("it does not say who may not be forgotten", run);
	const second = await command("mm-forget", args, input);
	if (second.code !== 0)
		complain("the second run failed", second);
	if ((await left()).join() !== "13")
		complain(`not only the other one is left: ${await left()}`, second);
}

execFileSync(join(bin, "mm-schema"), ["--database", "signals"], { stdio: "inherit" });
for (let number = 0; number < rounds; number++) {
	const kind = kinds[number % kinds.length];
	const one = { source: ["fifo", "pipe", "file"][random(3)], signal: kind[random(kind.length)] };
	at = `round ${number}, ${one.signal} while it reads a ${one.source}`;
	await (job === "insert" ? insert : forget)(number, one);
}
rmSync(dir, { recursive: true });
if (failures > 0 || (rounds >= 20 && cutShort === 0)) {
	console.error(`signals: ${failures} failures in ${rounds} rounds, ${cutShort} cut in the middle; SEED=${seed}`);
	process.exit(1);
}
console.log(`signals: ${rounds} rounds, ${cutShort} of them cut in the middle: each line is accounted for`);
