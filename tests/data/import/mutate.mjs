// mutate.mjs FILE ROUNDS: the records of FILE (see check.mjs) with some bytes changed at random,
// through mm-import, whose events must pass mm-validate.  SEED=N chooses as a former run.
import { readFileSync } from "node:fs";
import { spawnSync } from "node:child_process";

const cases = readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean).map((l) => JSON.parse(l));
const seed = Number(process.env.SEED ?? Date.now() % 1e6);
let state = seed + 1;
const random = (n) => {
	state = (state * 48271) % 2147483647;
	return state % n;
};
const odd = [34, 92, 0, 255, 91, 93, 44, 45, 32, 13, 120, 123, 125, 58, 57];
const inputs = Map.groupBy ? Map.groupBy(cases, (c) => c.format) : new Map();
if (!Map.groupBy) for (const c of cases) inputs.set(c.format, [...(inputs.get(c.format) ?? []), c]);

let bad = 0;
for (const [format, list] of inputs) {
	const pieces = [];
	for (let k = 0; k < Number(process.argv[3]); k++)
		for (const { input } of list) {
			const bytes = Buffer.from(input);
			for (let j = random(4); j >= 0; j--) {
				const at = random(bytes.length || 1);
				bytes[at] = random(2) ? odd[random(odd.length)] : bytes[at] ^ (1 << random(8));
			}
			pieces.push(random(5) ? bytes : bytes.subarray(0, random(bytes.length)), Buffer.from("\n"));
		}
	const options = { input: Buffer.concat(pieces), maxBuffer: 1 << 30 };
	const ours = spawnSync("mm-import", [format, "-q", "--keep", "asset,method,redirect,status", "--site", "x.example", "--trusted-proxy", "10.0.0.0/8"], options);
	const valid = spawnSync("mm-validate", ["--strict-keys"], { input: ours.stdout, maxBuffer: 1 << 30 });
	if (ours.status <= 2 && valid.status === 0 && valid.stdout.equals(ours.stdout)) continue;
	bad++;
	console.log(`${format}: ${ours.status ?? ours.signal} ${ours.stderr}\n${valid.stderr}`);
}
console.log(`seed ${seed}, ${bad} formats wrong`);
process.exit(bad ? 1 : 0);
