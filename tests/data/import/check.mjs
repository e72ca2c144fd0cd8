// check.mjs FILE: runs mm-import over each record of FILE and compares what it makes of it.
//
// A line of FILE: name, format, args (may be left out), input; and what is expected: events
// (event_id only where it is not made of the line; none may lack), skipped (counts by reason), rejected (a count).
import { readFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { isDeepStrictEqual } from "node:util";

const cases = readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean).map((l) => JSON.parse(l));
const made = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
let bad = 0;
for (const c of cases) {
	const run = spawnSync("mm-import", [c.format, "-q", "--summary", "json", ...(c.args ?? [])], {
		input: c.input, encoding: "utf8",
	});
	let got;
	try {
		const summary = JSON.parse(run.stderr.trim().split("\n").at(-1));
		got = {
			events: run.stdout.split("\n").filter(Boolean).map((line) => {
				const { event_id, ...rest } = JSON.parse(line);
				// a UUID of version 8 is made of the line
				return made.test(event_id) ? rest : { event_id, ...rest };
			}),
			skipped: summary.skipped,
			rejected: summary.rejected,
		};
	} catch (e) {
		got = { error: String(e), stdout: run.stdout, stderr: run.stderr };
	}
	if (got.events && run.stdout.split("\n").filter(Boolean).some((l) => !JSON.parse(l).event_id)) got.error = "no event_id";
	const want = { events: c.events, skipped: c.skipped, rejected: c.rejected };
	if (isDeepStrictEqual(got, want) && run.status === (c.rejected ? 1 : 0)) continue;
	bad++;
	console.log(`${c.name}:\n  want ${JSON.stringify(want)}\n  got  ${JSON.stringify(got)} status ${run.status}`);
}
console.log(`${cases.length} records, ${bad} wrong`);
process.exit(bad ? 1 : 0);
