// What the tests of signals share: random numbers with a seed that is printed, the
// kinds of signals, and how a command is fed.
import { constants, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export const seed = Number(process.env.SEED ?? 0) || (Date.now() % 1000000007);
console.log(`SEED=${seed}`);
let state = seed;
export function random(n) {
	state = (state + 0x6d2b79f5) | 0;
	let t = Math.imul(state ^ (state >>> 15), 1 | state);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) % n;
}

export const orderly = ["SIGINT", "SIGTERM", "SIGHUP"];
export const harmless = ["SIGPIPE", "SIGXFSZ", "SIGCHLD", "SIGURG", "SIGWINCH", "SIGCONT"];

// the runtime of sanitizers would take some signals for itself
const handles = ["segv", "sigbus", "abort", "sigill", "sigtrap", "sigfpe"].map((s) => `handle_${s}=0`).join(":");
export const environment = { ...process.env, ASAN_OPTIONS: [process.env.ASAN_OPTIONS, handles].filter(Boolean).join(":") };

// Opens the FIFO for writing once it is opened for reading; null: it never was.
export async function opened(file, gone) {
	while (!gone()) {
		try {
			return openSync(file, constants.O_WRONLY | constants.O_NONBLOCK);
		} catch {
			await sleep(2);
		}
	}
	return null;
}

// Writes the text in pieces, with pauses; what nobody reads any more is no matter.
export async function feed(write, text, pieces) {
	for (const piece of pieces) {
		if (piece.pause)
			await sleep(piece.pause);
		try {
			write(text.slice(piece.from, piece.to));
		} catch {
			return;
		}
	}
}

// Such pieces, of at most `large` characters, many of at most `small`.
export function cut(text, large, small, pause) {
	const pieces = [];
	for (let from = 0; from < text.length;) {
		const to = Math.min(text.length, from + 1 + random(random(2) ? large : small));
		pieces.push({ from, to, pause: random(3) ? 0 : random(pause) });
		from = to;
	}
	return pieces;
}
