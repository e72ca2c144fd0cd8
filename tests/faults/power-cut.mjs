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
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { contents, cut } from "./disk.mjs";
import { random, seed } from "./signalling.mjs";

const [build] = process.argv.slice(2);
const rounds = Number(process.env.ROUNDS ?? 60);
const top = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "mm-power-"));

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
