// Compares patterns with node's regular expressions, flag u:
//
//   node tests/oracles/pattern-oracle.mjs build/tests/test_pattern
//
// Patterns are generated and mutated from a fixed seed.  Those that are made of
// what the language has must be accepted, and match the same texts; of mutated
// ones, what node refuses must be refused.
import { spawnSync } from "node:child_process";

const program = process.argv[2];
if (!program) {
	console.error("usage: pattern-oracle.mjs PROGRAM");
	process.exit(2);
}

// ---- random numbers with a fixed seed (mulberry32)

let state = 20261123;
function random(n) {
	state = (state + 0x6d2b79f5) | 0;
	let t = Math.imul(state ^ (state >>> 15), 1 | state);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) % n;
}
const pick = (list) => list[random(list.length)];

// ---- patterns and texts

const letters = ["a", "b", "a", "b", "c", "A", "0", "_", "-", " ", "\n", "é", "ß", "€", "\u2028", "\u00a0", "😀"];
const plain = letters.filter((c) => c !== "-");
const escapes = ["\\.", "\\*", "\\/", "\\[", "\\]", "\\{", "\\}", "\\\\", "\\^", "\\$", "\\|", "\\n", "\\t"];
const classes = ["\\d", "\\D", "\\s", "\\S", "\\w", "\\W"];

function member() {
	switch (random(6)) {
	case 0:
		return pick(classes);
	case 1:
		return pick(["a-c", "A-Z", "0-9", "à-ü", "\\.-\\/", "€-😀"]);
	case 2:
		return pick(["\\-", "\\]", "\\n", "[", ".", "$", "("]);
	default:
		return pick(plain);
	}
}

function atom(depth) {
	switch (random(depth > 0 ? 12 : 9)) {
	case 0:
		return ".";
	case 1:
		return pick(classes);
	case 2:
		return pick(escapes);
	case 3:
		return "[" + pick(["", "", "^"]) + Array.from({ length: random(4) }, member).join("") + "]";
	case 9:
	case 10:
	case 11:
		return pick(["(", "(?:"]) + alternatives(depth - 1) + ")";
	default:
		return pick(letters);
	}
}

const quantifier = () => pick(["", "", "", "", "*", "+", "?", "{2}", "{0,2}", "{1,}", "{0}", "*?", "??", "{1,3}?"]);
const piece = (depth) => (random(9) ? atom(depth) + quantifier() : pick(["^", "$"]));
const sequence = (depth) => Array.from({ length: random(4) }, () => piece(depth)).join("");
const alternatives = (depth) => Array.from({ length: random(5) ? 1 : 2 }, () => sequence(depth)).join("|");
const text = () => Array.from({ length: random(7) }, () => pick(letters)).join("");

function mutated(pattern) {
	const list = Array.from(pattern);
	const at = random(list.length + 1);
	if (random(2))
		list.splice(at, 1);
	else
		list.splice(at, 0, pick(["(", ")", "[", "]", "{", "}", "*", "?", "|", "^", "-", "a", "2"]));
	return list.join("");
}

function answer(pattern, subject) {
	let expression;
	try {
		expression = new RegExp(pattern, "u");
	} catch {
		return -1;
	}
	return expression.test(subject) ? 1 : 0;
}

// ---- the comparison

const hex = (s) => Buffer.from(s, "utf8").toString("hex");
const cases = [];
for (let i = 0; i < 60000; i++) {
	const pattern = alternatives(2);
	cases.push({ pattern, subject: text(), ours: true });
	if (i % 4 === 0)
		cases.push({ pattern: mutated(pattern), subject: text(), ours: false });
}
const input = cases.map((c) => hex(c.pattern) + " " + hex(c.subject) + "\n").join("");
const run = spawnSync(program, ["--oracle"], { input, maxBuffer: 1 << 28 });
const answers = run.stdout.toString().trim().split("\n").map(Number);
if (run.status !== 0 || answers.length !== cases.length) {
	console.error(`the program ended with ${run.status}, after ${answers.length} of ${cases.length} answers`);
	process.exit(1);
}

const seen = { 1: 0, 0: 0, "-1": 0 };
let wrong = 0;
cases.forEach((c, i) => {
	const want = answer(c.pattern, c.subject);
	const got = answers[i];
	seen[want]++;
	// punctuation may be escaped where node wants none
	const lenient = want === -1 && /\\[-!"#%&',:;<=>@_`~]/u.test(c.pattern);
	// {n} in {n} can be too much for us
	const large = got === -1 && (c.pattern.match(/[{+*?]/gu) || []).length > 8;
	// mutated: \0, \2 and (?< are not of our language
	const other = got === -1 && !c.ours;
	if (got === want || lenient || large || other)
		return;
	if (wrong++ < 10)
		console.error(`${JSON.stringify(c.pattern)} in ${JSON.stringify(c.subject)}: ${got}, node says ${want}`);
});
if (seen[1] < 5000 || seen[0] < 5000 || seen[-1] < 1000) {
	console.error("the cases are lopsided:", seen);
	wrong++;
}
console.log(`pattern-oracle: ${cases.length} patterns, ${wrong} wrong`);
process.exit(wrong ? 1 : 0);
