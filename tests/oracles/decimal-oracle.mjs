// Compares the order of decimals with that of node's BigInt:
//
//   node tests/oracles/decimal-oracle.mjs build/tests/test_decimal
import { spawnSync } from "node:child_process";

const program = process.argv[2];
if (!program) {
	console.error("usage: decimal-oracle.mjs PROGRAM");
	process.exit(2);
}

// ---- random numbers with a fixed seed (mulberry32)

let state = 20261124;
function random(n) {
	state = (state + 0x6d2b79f5) | 0;
	let t = Math.imul(state ^ (state >>> 15), 1 | state);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) % n;
}
const pick = (list) => list[random(list.length)];
const digits = (n) => Array.from({ length: n }, () => pick(["0", "0", "1", "5", "9", String(random(10))])).join("");

function number() {
	const whole = random(3) ? pick(["1", "5", "9"]) + digits(random(random(5) ? 4 : 30)) : "0";
	const fraction = random(2) ? "" : "." + digits(1 + random(random(5) ? 4 : 30));
	const exponent = random(2) ? "" : pick(["e", "E"]) + pick(["", "+", "-"]) + random(random(3) ? 4 : 40);
	return pick(["", "", "-"]) + whole + fraction + exponent;
}

// The number times ten to the 100th.
const SCALE = 100;
function scaled(text) {
	const [mantissa, exponent] = text.replace("-", (m, at) => (at === 0 ? "" : m)).toLowerCase().split("e");
	const [whole, fraction = ""] = mantissa.split(".");
	const zeros = SCALE + Number(exponent || 0) - fraction.length;
	const value = BigInt(whole + fraction) * 10n ** BigInt(zeros);
	return text.startsWith("-") ? -value : value;
}

const cases = [];
for (let i = 0; i < 100000; i++) {
	const a = number();
	// often close to the other
	const b = random(3) ? number() : a.replace(/\d(?=[^\d]*$)/, String(random(10)));
	cases.push([a, b]);
}
const input = cases.map(([a, b]) => `${a} ${b}\n`).join("");
const run = spawnSync(program, ["--oracle"], { input, maxBuffer: 1 << 28 });
const answers = run.stdout.toString().trim().split("\n");
if (run.status !== 0 || answers.length !== cases.length) {
	console.error(`the program ended with ${run.status}, after ${answers.length} of ${cases.length} answers`);
	process.exit(1);
}

const unit = 10n ** BigInt(SCALE);
let wrong = 0;
cases.forEach(([a, b], i) => {
	const x = scaled(a);
	const y = scaled(b);
	const want = `${x < y ? -1 : x > y ? 1 : 0} ${x % unit === 0n ? 1 : 0}`;
	if (answers[i] !== want && wrong++ < 10)
		console.error(`${a} ${b}: ${answers[i]}, BigInt says ${want}`);
});
console.log(`decimal-oracle: ${cases.length} pairs, ${wrong} wrong`);
process.exit(wrong ? 1 : 0);
