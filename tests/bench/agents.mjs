// What lib/enrich/agent says of agents, beside what corpora that others made expect:
//
//   agents.mjs PROGRAM DATA UAP-CORE USER-AGENTS.json CRAWLERS.json [--list]
//
// PROGRAM is tests/bench/agents.c, DATA the folder with agent-families.tsv and
// agent-disagreements.tsv.  Prints a table; ends with 1 when a target is missed or
// a disagreement is not listed.  --list prints the unlisted ones as lines for
// agent-disagreements.tsv, each with its agent.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [program, data, uapCore, realFile, crawlerFile, option] = process.argv.slice(2);

// ---- reading ----

// The tests of uap-core are YAML of one regular shape: a list of maps of scalars.
const scalar = (text) => {
	if (text.startsWith("'")) return text.slice(1, text.lastIndexOf("'")).replaceAll("''", "'");
	if (!text.startsWith('"')) return text.replace(/\s+#.*/, '');
	const json = text.slice(0, text.lastIndexOf('"') + 1);
	return JSON.parse(json.replace(/\\x([0-9a-f]{2})/gi, '\\u00$1').replaceAll("\\'", "'"));
};

const uapTests = (name) => {
	const cases = [];
	for (const line of readFileSync(`${uapCore}/${name}.yaml`, 'utf8').split(/\r?\n/)) {
		const m = /^\s*(- )?\s*(user_agent_string|family|brand):\s*(.*)$/.exec(line);
		if (!m) continue;
		if (m[1]) cases.push({ corpus: name.replace(/.*\//, '') });
		cases.at(-1)[m[2]] = scalar(m[3].trim());
	}
	return cases.map((c) => ({ ...c, agent: c.user_agent_string }));
};

const table = (name) => readFileSync(`${data}/${name}`, 'utf8').split('\n')
	.map((line, i) => ({ at: `${name}:${i + 1}`, columns: line.split(/\t+/), line }))
	.filter(({ line }) => line && !line.startsWith('#'));

// ---- what we say ----

const ask = (agents) => execFileSync(program, {
	input: agents.map((a) => `${a.replace(/[\r\n]/g, ' ')}\n`).join(''),
	maxBuffer: 1 << 28,
}).toString().split('\n').map((line) => {
	const [browser, os, device, bot] = line.split('\t');
	return { browser, os, device, bot: bot === 'none' || bot === 'app' ? '-' : 'bot' };
});

// ---- comparing ----

const families = table('agent-families.tsv').map(({ columns: [column, family, answers] }) => (
	{ column, family: new RegExp(`^(?:${family})$`), answers: answers === '?' ? undefined : answers.split('|') }));
const expected = (column, family) =>
	families.find((f) => f.column === column && f.family.test(family))?.answers;

const hash = (agent) => createHash('sha256').update(agent).digest('hex').slice(0, 12);
const listed = new Map(table('agent-disagreements.tsv').map(({ at, columns, line }) => {
	if (columns.length !== 7) throw new Error(`${at}: expected seven columns`);
	return [columns.slice(0, 5).join('\t'), { at, line, met: false }];
}));
const unlisted = [];
const rows = [];

const disagree = (corpus, column, agent, want, have) => {
	const key = [corpus, column, hash(agent), want, have].join('\t');
	const entry = listed.get(key);
	if (entry) entry.met = true;
	else unlisted.push(`${key}\t?\t${agent}`);
};

// cases: { corpus, agent, answers }; counts those that have answers.
const compare = (column, cases, group) => {
	const seen = new Set();
	const counts = new Map();
	const known = cases.filter((c) => c.answers && !seen.has(`${c.agent}\t${c.answers}`) &&
		seen.add(`${c.agent}\t${c.answers}`));
	ask(known.map((c) => c.agent)).slice(0, known.length).forEach((ours, i) => {
		const { corpus, agent, answers } = known[i];
		const good = answers.includes(ours[column]);
		const want = answers.join('|');
		for (const name of new Set([group(answers), ''])) {
			const count = counts.get(name) ?? { all: 0, good: 0 };
			count.all++;
			count.good += good;
			counts.set(name, count);
		}
		if (!good) disagree(corpus, column, agent, want, ours[column]);
	});
	return { known: known.length, all: cases.length, counts };
};

const report = (title, { counts, all }, target) => {
	const total = counts.get('');
	for (const [name, { all: n, good }] of [...counts].sort((a, b) => b[1].all - a[1].all))
		if (name) rows.push([`${title}: ${name}`, n, good, null]);
	rows.push([`${title}: all that can be compared, of ${all}`, total.all, total.good, target]);
};

const byAnswer = (answers) => (answers.length === 1 ? answers[0].replace(/^-$/, 'none of these') :
	'by engine');

const uap = (column, names, target) => {
	const cases = names.flatMap(uapTests).map((c) => ({
		...c,
		answers: expected(column, column === 'device' ? `${c.brand ?? ''}/${c.family}` : c.family),
	}));
	report(`uap-core ${column}`, compare(column, cases, byAnswer), target);
	const named = cases.filter((c) => c.answers?.length === 1 && c.answers[0] !== '-');
	if (column !== 'device')
		report(`uap-core ${column}, ours by name`, compare(column, named, () => ''), target);
	return cases;
};

const browsers = uap('browser', ['tests/test_ua', 'test_resources/firefox_user_agent_strings',
	'test_resources/opera_mini_user_agent_strings', 'test_resources/pgts_browser_list',
	'test_resources/podcasting_user_agent_strings'], 99);
uap('os', ['tests/test_os', 'test_resources/additional_os_tests'], 99);
const devices = uap('device', ['tests/test_device'], 98);

const real = JSON.parse(readFileSync(realFile)).map((r) => (
	{ corpus: 'user-agents', agent: r.userAgent, answers: [r.deviceCategory] }));
report('user-agents device', compare('device', real, byAnswer), 98);

const crawlers = JSON.parse(readFileSync(crawlerFile)).flatMap((c) => c.instances)
	.map((agent) => ({ corpus: 'crawler-user-agents', agent, answers: ['bot'] }));
report('robots found in crawler-user-agents', compare('bot', crawlers, () => ''), 98);
report("robots found among uap-core's spiders", compare('bot', devices
	.filter((c) => c.family === 'Spider').map((c) => ({ ...c, answers: ['bot'] })), () => ''));
const people = (cases) => cases.map((c) => ({ ...c, answers: ['-'] }));
report('people found in user-agents', compare('bot', people(real), () => ''), 99.9);
report("people found among uap-core's chrome, firefox, safari, edge, opera", compare('bot',
	people(browsers.filter((c) => c.answers?.length === 1 && c.answers[0] !== '-')), () => ''));

// ---- the table ----

let failed = false;
console.log(`${'corpus'.padEnd(66)} ${'agents'.padStart(7)} ${'agree'.padStart(8)}  target`);
for (const [title, all, good, target] of rows) {
	const share = 100 * good / all;
	const verdict = target ? `${target} % ${share >= target ? 'met' : 'MISSED'}` : '';
	if (target && share < target) failed = true;
	console.log(`${title.padEnd(66)} ${String(all).padStart(7)} ` +
		`${share.toFixed(2).padStart(6)} %  ${verdict}`.trimEnd());
}
const stale = [...listed.values()].filter((entry) => !entry.met);
console.log(`\n${listed.size} disagreements are listed, ${unlisted.length} are not, ` +
	`${stale.length} listed ones did not occur`);
for (const { at } of stale) console.log(`${at}: no longer a disagreement of these corpora`);
if (unlisted.length || stale.length) failed = true;
if (option === '--list') console.log([...new Set(unlisted)].join('\n'));
process.exitCode = failed ? 1 : 0;
