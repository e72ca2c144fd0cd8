// No user and no password of a URL is stored, however oddly it is written:
//
//   node tests/oracles/userinfo-oracle.mjs build/bin/mm-enrich
//
// Odd texts are generated from a fixed seed and sent as referrer, path and url.
// Where node's URL (the WHATWG standard), alone or behind a base, finds a user
// or a password, what is stored must be the same URL without them.  Where it
// finds none because the text is broken, they must be gone as well.  A text
// that has neither must be stored as it is.
import { spawnSync } from "node:child_process";

const program = process.argv[2];
if (!program) {
	console.error("usage: userinfo-oracle.mjs MM-ENRICH");
	process.exit(2);
}

let state = 20261128; // mulberry32
function random(n) {
	state = (state + 0x6d2b79f5) | 0;
	let t = Math.imul(state ^ (state >>> 15), 1 | state);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) % n;
}
const pick = (list) => list[random(list.length)];
const some = (n, make) => Array.from({ length: random(n + 1) }, make).join("");

const SECRET = /Kim|Sesame/i;
const special = ["http:", "https:", "HTTP:", "hTTps:", "ws:", "wss:", "ftp:", "ht\ttp:", "http\n:", " https:", "\u0001http:"];
const other = ["foo:", "git+ssh:", "postgres:", "x-1.y:", "ssh:", "SFTP:", "fo\to:"];
const nested = ["view-source:https:", "feed:http:", "blob:https:", "http://https:", "https:////http:"];
const slashes = () => pick(["//", "//", "//", "///", "////", "\\\\", "/\\", "\\/", "//\\", "\\//", "/\t/", "\n//", "/ /", "/".repeat(9)]);
const user = () => pick(["Kim", "Kim", "K%69mKim", "KimÄ", "Kim.b-c_d~!$&'()*+,;="]);
const password = () => pick(["Sesame", "Sesame", "Sesame@", "Sesame:Sesame", "%53Sesame", "Sesame@Sesame", "Sesame[]{}|^", "Sesameß"]);
const userinfo = () => pick([() => `${user()}:${password()}@`, () => `${user()}:${password()}@`, () => `${user()}@`, () => `:${password()}@`,
	() => `${user()}:@`])();
const host = () => pick(["example.com", "EXAMPLE.com:8080", "localhost", "127.0.0.1", "[::1]:80", "bücher.de", "a.b.c:443", "example.com:"]);
const rest = () => pick(["", "/", "/a/b", "?q=1", "#f", "/@name", "/a@b?c@d#e@f", "\\a", "/x:y@z", "?u=name@host", "/a b", "/%40"]);

// What a text is, and what is to become of it.
const kinds = [
	() => ({ text: pick(special) + pick([slashes(), slashes(), "/", "\\", ""]) + userinfo() + host() + rest() }),
	() => ({ text: pick(other) + slashes() + userinfo() + host() + rest() }),
	() => ({ text: pick(nested) + slashes() + userinfo() + host() + rest() }),
	() => ({ text: pick(["", " ", "\t"]) + slashes() + userinfo() + host() + rest() }),
	() => ({ text: `${user()}:${password()}@` + host() + rest(), bare: true }),
	() => ({ text: pick(other) + `${user()}:${password()}@` + host() + rest(), bare: true }),
	// broken: a character that ends an authority in the password
	() => ({ text: pick([...special, ...other]) + "//Kim:Ses" + pick(["/", "?", "#"]) + "Sesame@" + host() + rest(), broken: true }),
	() => ({ text: pick(special) + slashes() + userinfo() + pick(["", "a b", "[::1", "exa<mple", "1.2.3.999", "x:99999"]) + rest() }),
	// none of it
	() => ({ text: pick(["http:", "https:", "foo:"]) + "//" + host() + rest(), plain: true }),
	() => ({ text: pick(["/a", "a/b", "x", ""]) + pick(["@name", "/@name/1", "/a@b", "/p?mail=a@b.c", "/p?u=http://h/@x", "@"]), plain: true }),
	() => ({ text: pick(["/npm:react@18.2.0/", "/w/User:Bob@meta", "mailto:bob@example.com", "urn:a:b@c", "data:text/plain,a@b", "img@2x.png",
		"about:blank", "android-app://com.google.android.gm/", "", "xmpp:a@b.c", "foo:/a:b@c"]), plain: true }),
];

const COUNT = 30000;
const cases = [];
for (let i = 0; i < COUNT; i++)
	cases.push(pick(kinds)());
const input = cases.map((c, i) => ["referrer", "path", "url"].map((field) =>
	JSON.stringify({ event: "x", event_id: `${i} ${field}`, timestamp: "2026-05-16T19:00:00Z", anonymous_id: "a", [field]: c.text })).join("\n") + "\n").join("");
const run = spawnSync(program, ["--no-ip-hash", "-q"], { input, maxBuffer: 1 << 30 });
if (run.status !== 0 && run.status !== 1) {
	console.error(`userinfo-oracle: ${program} failed: ${run.stderr}`);
	process.exit(1);
}

function parsed(text) {
	for (const base of [undefined, "https://base.example/", "https://base.example/"]) {
		try {
			return new URL(text, base);
		} catch {
			// not this way
		}
	}
	return null;
}

let failures = 0, found = 0, rows = 0, urls = 0;
function complain(c, field, stored, what) {
	if (++failures <= 20)
		console.error(`${field} ${JSON.stringify(c.text)}: ${what}: ${JSON.stringify(stored)}`);
}

for (const line of run.stdout.toString().trimEnd().split("\n")) {
	const row = JSON.parse(line);
	const [number, field] = row.event_id.split(" ");
	const c = cases[number], stored = row[field];
	rows++;
	if (field === "url")
		urls++;
	if (c.plain) {
		if (stored !== c.text && stored !== c.text.replace(/[\t\n\r]/g, "").trim())
			complain(c, field, stored, "changed");
		continue;
	}
	for (const value of [row.url, row.path, row.referrer, row.source])
		if (SECRET.test(value ?? ""))
			complain(c, field, value, "still there");
	const theirs = parsed(c.text);
	if (c.bare || c.broken || !theirs || (theirs.username === "" && theirs.password === ""))
		continue;
	found++;
	theirs.username = theirs.password = "";
	if (parsed(stored)?.href !== theirs.href)
		complain(c, field, stored, `is not ${theirs.href}`);
}
if (failures > 0 || rows < 2 * COUNT || urls < COUNT / 4 || found < COUNT / 3) {
	console.error(`userinfo-oracle: ${failures} differences; ${rows} rows, ${urls} by url; in ${found} node found what we took out`);
	process.exit(1);
}
console.log(`userinfo-oracle: ${rows} rows; in ${found} node found a user or a password, in none it is stored`);
