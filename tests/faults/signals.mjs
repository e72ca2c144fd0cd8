// Sends every signal at random moments to every filter, while it reads a FIFO, a
// slow pipe or a file, and checks that each line is accounted for:
//
//   node tests/faults/signals.mjs BIN
//
//   SEED=N      chooses as a former run did, which printed its seed
//   ROUNDS=N    how many of the cases, taken in random order (default 240)
//   ROUNDS=all  every one of them
//
// - A signal that ends the work in good order (INT, TERM, HUP): the lines up to some
//   one are all there, as output or as rejects, and the command dies by the signal.
// - One that is ignored, or stops and goes on: nothing is missing.
// - Any other: the command dies by it, never with a status of its own, and what has
//   been written is what would have been.
import { spawn, execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync, existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cut, environment, feed, harmless, opened, orderly, random, seed } from "./signalling.mjs";

const bin = process.argv[2];
if (!bin) {
	console.error("usage: signals.mjs BIN");
	process.exit(2);
}
const dir = mkdtempSync(join(tmpdir(), "mm-signals-"));
const LINES = 300; // together less than the buffer of a FIFO
const numbers = Array.from({ length: LINES }, (_, i) => i + 1);
const isBad = (n) => n % 13 === 0;
const time = '"timestamp":"2026-05-16T19:00:00Z","anonymous_id":"a"';
const event = (n) => `{"event":"${isBad(n) ? "" : "e"}","event_id":"<${n}>","ip":"203.0.113.7",${time}}`;
writeFileSync(join(dir, "salt"), "a salt that only tests use\n", { mode: 0o600 });
const salted = ["--salt-file", join(dir, "salt")];

// What each command is given; where a line's number is to be found is marked <N>.
const commands = [
	{ name: "mm-validate", line: event },
	{ name: "mm-validate", args: ["--assert", ".event_id"], line: event },
	{ name: "mm-enrich", args: salted, line: event },
	{ name: "mm-enrich", args: [...salted, "--jobs", "2"], line: event },
	{ name: "mm-hash-ip", args: salted, line: (n) => (isBad(n) ? event(n).replace(".7", ".777") : event(n)) },
	{ name: "mm-dedup", line: event },
	{ name: "mm-dedup", args: ["--state", "STATE"], line: event },
	{ name: "mm-batch", args: ["-n", "7"], line: event },
	{ name: "mm-batch", args: ["-d"], line: (n) => `{"events":[${event(n)}]}` },
	{ name: "mm-identify", line: (n) => (isBad(n) ? `{"user_id":"<${n}>"}` : `{"anonymous_id":"a","user_id":"<${n}>"}`) },
	{ name: "mm-classify", line: (n) => (isBad(n) ? `"<${n}>"` : `{"n":"<${n}>","url":"https://example.com/?gclid=1"}`) },
	{ name: "mm-import", args: ["combined"],
		line: (n) => (isBad(n) ? `no log <${n}>` : `203.0.113.7 - - [16/May/2026:19:00:00 +0000] "GET /<${n}> HTTP/1.1" 200 1 "-" "Mozilla/5.0"`) },
];
const found = (text) => [...text.matchAll(/(?:<|%3C)(\d+)(?:>|%3E)/gi)].map((m) => Number(m[1]));

const stopping = ["SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"];
const deadly = ["SIGALRM", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGPROF", "SIGIO", "SIGPWR", "SIGSTKFLT", "SIGSYS", "SIGTRAP", "SIGXCPU", "SIGQUIT",
	"SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV", "SIGKILL", 34, 64];
const sources = ["fifo", "pipe", "file"];
const cases = [];
for (const command of commands)
	for (const source of sources)
		for (const signal of [...orderly, ...orderly, ...harmless, ...stopping, ...deadly])
			cases.push({ command, source, signal });
for (let i = cases.length - 1; i > 0; i--) {
	const j = random(i + 1);
	[cases[i], cases[j]] = [cases[j], cases[i]];
}
const rounds = process.env.ROUNDS === "all" ? cases.length : Number(process.env.ROUNDS ?? 240);

let failures = 0, cutShort = 0;
async function run({ command, source, signal }, number) {
	const text = numbers.map((n) => command.line(n) + "\n").join("");
	const file = join(dir, `in.${number}`), rejects = join(dir, `rejects.${number}`);
	const args = [...(command.args ?? []), "-q", "--rejects", rejects].map((a) => (a === "STATE" ? join(dir, `state.${number}`) : a));
	const pieces = cut(text, 6000, 700, 6), opens = random(40), when = random(2) ? random(12) : random(90), again = random(30);
	if (source === "fifo")
		execFileSync("mkfifo", [file]);
	else if (source === "file")
		writeFileSync(file, text);
	const child = spawn(join(bin, command.name), source === "pipe" ? args : [...args, file], { stdio: ["pipe", "pipe", "pipe"], env: environment });
	let out = "", err = "", ended = false, hangs = false;
	child.stdout.on("data", (d) => (out += d));
	child.stderr.on("data", (d) => (err += d));
	child.stdin.on("error", () => {});
	const end = new Promise((resolve) => child.on("close", (code, by) => {
		ended = true;
		resolve({ code, by });
	}));
	const feeding = (async () => {
		if (source === "pipe") {
			await feed((t) => child.stdin.write(t), text, pieces);
			child.stdin.end();
		} else if (source === "fifo") {
			await sleep(opens);
			const fd = await opened(file, () => ended);
			if (fd === null)
				return;
			await feed((t) => writeSync(fd, t), text, pieces);
			closeSync(fd);
		}
	})();
	const send = (s) => {
		try {
			if (!ended)
				process.kill(child.pid, s);
		} catch {
			// it has just ended
		}
	};
	await sleep(when);
	const late = ended;
	send(signal);
	if (stopping.includes(signal)) {
		await sleep(again);
		send("SIGCONT");
		// one that comes just when the process stops may be taken before it has: as a shell's
		// "fg" would, ask once more
		setTimeout(() => send("SIGCONT"), 500);
	}
	const watchdog = setTimeout(() => {
		hangs = true;
		child.kill("SIGKILL");
	}, 60000);
	const { code, by } = await end;
	clearTimeout(watchdog);
	await feeding;

	const complain = (what) => {
		failures++;
		console.error(`${command.name} ${(command.args ?? []).join(" ")}: ${signal} while it reads a ${source}, after ${when} ms: ${what}` +
			`\n  status ${code ?? by}; ${err.slice(0, 300)}`);
	};
	const kept = existsSync(rejects) ? readFileSync(rejects, "utf8") : "";
	const whole = (t) => t.slice(0, t.lastIndexOf("\n") + 1);
	const passed = found(whole(out)), refused = found(whole(kept));
	const lines = [...passed, ...refused].sort((a, b) => a - b);
	const finished = code === 1 && by === null;
	// node has no names for signals of real time: these are a status of 0, which no run here has
	const killed = by === signal || (by === null && code === 0 && typeof signal === "number");
	if (hangs)
		complain("it hangs");
	if (passed.some((n, i) => i > 0 && n <= passed[i - 1]))
		complain("the output is out of order");
	if (new Set(lines).size !== lines.length)
		complain("a line is there twice");
	if (passed.some((n) => isBad(n) && command.args?.[0] !== "-d" && command.name !== "mm-batch"))
		complain("a bad line passed");
	const must = orderly.includes(signal) || finished;
	if (must && lines.some((n, i) => n !== i + 1))
		complain(`lines are missing: ${lines.length} are there, the last is ${lines.at(-1)}`);
	if (finished && lines.length !== LINES)
		complain(`it ended by itself with ${lines.length} of ${LINES} lines`);
	// before main it has its default
	const early = ["SIGPIPE", "SIGXFSZ"].includes(signal) && by === signal && lines.length === 0;
	if ([...harmless, ...stopping].includes(signal) && !finished && !early)
		complain("it did not go on");
	if (!finished && !killed)
		complain("it ended with a status of its own");
	if (must && (out !== whole(out) || kept !== whole(kept)))
		complain("a record is torn");
	if (!finished && !late && lines.length > 0)
		cutShort++;
	rmSync(file, { force: true });
	rmSync(rejects, { force: true });
}

let next = 0;
async function worker() {
	while (next < rounds) {
		const number = next++;
		await run(cases[number % cases.length], number);
	}
}
await Promise.all(Array.from({ length: 3 }, worker));
rmSync(dir, { recursive: true });
if (failures > 0 || (rounds >= 200 && cutShort === 0)) {
	console.error(`signals: ${failures} failures in ${rounds} rounds, ${cutShort} cut in the middle; SEED=${seed}`);
	process.exit(1);
}
console.log(`signals: ${rounds} rounds, ${cutShort} of them cut in the middle: each line is accounted for`);
