// Compares url_split with node's URL, which implements the WHATWG standard:
//
//   node tests/oracles/url-oracle.mjs build/tests/test_url
//
// The URLs are generated and mutated from a fixed seed, all of them http or
// https.  Both must accept and refuse the same ones, split them alike, and
// give hosts the same name.  Differences that are intended (see url.h):
//
// - hosts outside ASCII, and "xn--" labels: what node refuses by the rules of
//   UTS #46 is accepted; what node accepts must have the same name when its
//   letters are those that we lower-case;
// - a host's name of more than 255 bytes is refused;
// - a trailing dot is no part of a name;
// - the parts are as written: node must make the same of them as of the whole.
import { spawnSync } from "node:child_process";

const program = process.argv[2];
if (!program) {
	console.error("usage: url-oracle.mjs PROGRAM");
	process.exit(2);
}

// ---- random numbers with a fixed seed (mulberry32)

let state = 20260517;
// As toWellFormed() does, which is younger than Debian's node.
function wellFormed(text) {
	return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}

function random(n) {
	state = (state + 0x6d2b79f5) | 0;
	let t = Math.imul(state ^ (state >>> 15), 1 | state);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) % n;
}
const pick = (list) => list[random(list.length)];
const some = (n, make) => Array.from({ length: random(n + 1) }, make).join("");
const rarely = (make) => (random(5) ? "" : make());

// ---- URLs

const word = () => some(6, () => pick([..."abcxyzABCXYZ0189-_"])) || "w";
const numeral = () => pick([
	() => String(random(300)), () => String(random(2 ** 31) * 4), () => "0x" + random(70000).toString(16),
	() => "0X" + random(300).toString(16).toUpperCase(), () => "0" + random(300).toString(8), () => "0x", () => "08",
	() => "00" + random(10), () => "4294967295", () => "4294967296", () => "65536", () => "", () => "1e1", () => "0xg",
])();
const hextet = () => pick([() => random(65536).toString(16), () => "0", () => "0000", () => "00a", () => "12345", () => "g",
	() => "", () => "ABCD"])();

function ip6() {
	const groups = Array.from({ length: pick([8, 8, 8, 7, 6, 3, 2, 1, 9]) }, () => (random(9) ? (random(3) ? hextet() : "0") : ""));
	const gap = random(3) ? [] : [random(groups.length)];
	for (const at of gap)
		groups.splice(at, pick([1, 1, 2, 3]), "");
	let text = groups.join(":");
	if (!random(3))
		text = text.replace(/:[^:]*$/, () => ":" + [numeral(), random(256), random(300), random(256)].slice(random(2)).join("."));
	return pick([text, text, text, "::" + text, text + "::", "::", "::1", "1::"]);
}

const names = ["example.com", "www.example.com", "EXAMPLE.com", "localhost", "a", "a.b.c.d.e", "1a.b", "a.1b", "-a-.b", "a_b.c",
	"a..b", ".a", "a.", "a..", ".", "..", "xn--bcher-kva.de", "xn--a", "xn--", "a.xn--zz--", "co.uk", "a!b", "a$b", "a&b", "a(b)", "a*b",
	"a+b", "a,b", "a;b", "a=b", "a'b", 'a"b', "a`b", "a{b}", "a~b", "0", "a.0", "a.0x", "x".repeat(63) + ".de", "y".repeat(64) + ".de",
	"z".repeat(255), "z".repeat(256)];
// letters whose lower case is as far from them as we know
const idn = ["bücher.de", "MÜNCHEN.de", "ÅÆØ.no", "ĄĆĘŁŃÓŚŹŻ.pl", "ąćęłńóśźż.pl", "ŽŠČŘ.cz", "пример.рф", "ПРИМЕР.РФ", "ЁЖ.рф", "Їжак.ua",
	"ελλαδα.gr", "ΕΛΛΑΔΑ.gr", "例え.jp", "例え。jp", "中国.cn", "한국.kr", "ไทย.th", "Ａ．Ｂ", "ＧＯ.com", "Հայ.am", "ğış.tr", "ő.hu",
	"a.bücher.xn--bcher-kva.de", "ü".repeat(20) + ".de", "\u{20000}.cn", "ü例.com"];
// what UTS #46 maps, ignores or refuses in its own way
const strange = ["ß.de", "ẞ.de", "İ.tr", "ς.gr", "a\u00adb.de", "\ufeffa.de", "ﬁ.de", "１.２.３.４", "①.de", "a\u0301.de", "\u200d.de", "؀.eg", "☃.net",
	"😀.de", "\ufffd.de", "a\u2024b", "ª.es", "\u0130"];

function host() {
	switch (random(12)) {
	case 0:
		return "[" + ip6() + "]" + rarely(() => pick(["x", ".", ":", "]", " "]));
	case 1:
		return Array.from({ length: pick([4, 4, 4, 1, 2, 3, 5]) }, numeral).join(".") + rarely(() => ".");
	case 2:
		return pick(idn);
	case 3:
		return random(3) ? pick(idn) : pick(strange);
	case 4:
		return pick(names).replace(/[a-z]/g, (c) => (random(4) ? c : "%" + c.charCodeAt(0).toString(16)));
	case 5:
		return pick(names) + pick(["%", "%2", "%41", "%2e", "%2E", "%00", "%25", "%c3%bc", "%ff", "%2f", "%zz", "%e2%82", "%C3%9C"]) + rarely(word);
	case 6:
		return word() + pick([..." \u0000\u0001\u001f\u007f<>^|`{}\"'%[]:@\\#?/"]) + word();
	case 7:
		return "";
	default:
		return pick(names);
	}
}

const anything = [..."abz019-._~!$&'()*+,;=:@%/?[]{}|^`<>\"\\ \u0000\u0001\u007f\u0080\u00a0éß例😀\ufeff\u2028", "%41", "%2f", "%zz", "..", "/./", "/../", "%2e%2e"];
const text = (n) => some(n, () => pick(anything));
const port = () => ":" + pick(["", "80", "443", "8080", "0", "00", "0000000080", "65535", "65536", "99999", "9".repeat(30), "8a", "-1", " 8", "8 ", "+8", "٣"]);
const user = () => text(3).replace(/[/?#\\]/g, "") + "@";
const slashes = () => (random(3) ? "//" : pick(["", "/", "///", "////", "\\\\", "\\", "/\\", "\\/", "//\\", "\\//"]));
const scheme = () => (random(4) ? pick(["http", "https"]) : pick(["HTTP", "Https", "hTTPs"]));

function url() {
	return scheme() + ":" + slashes() + rarely(user) + rarely(() => (random(3) ? "" : user())) + host() + (random(4) ? "" : port()) +
		(random(4) ? pick(["/", "\\"]) + text(8) : "") + (random(2) ? "?" + text(8) : "") + (random(3) ? "" : "#" + text(6));
}

const blanks = ["\t", "\n", "\r", "\r\n", " ", "\u0000", "\u001f", "\f", "\u00a0"];

function mutate(s) {
	const characters = [...s];
	for (let i = random(3); i >= 0; i--) {
		const at = random(characters.length + 1);
		switch (random(4)) {
		case 0:
			characters.splice(at, 1);
			break;
		case 1:
			characters.splice(at, 0, pick(anything));
			break;
		case 2:
			characters.splice(at, 0, pick(blanks));
			break;
		case 3:
			characters.splice(at, 1, pick([...":/@?#[]\\%.0"]));
		}
	}
	return characters.join("");
}

const padded = (s) => some(2, () => pick(blanks)) + s + some(2, () => pick(blanks));

// ---- what node says

function parsed(text) {
	try {
		return new URL(text);
	} catch {
		return null;
	}
}

const known = new Set([...idn.join(""), ...idn.join("").toLowerCase()]);

// The host that we found, decoded: which intended differences may apply to it.
function decoded(host) {
	try {
		return decodeURIComponent(host);
	} catch {
		return host;
	}
}

const isWeb = (s) => /^https?:/i.test(s.replace(/[\t\n\r]/g, "").replace(/^[\u0000-\u0020]+/, ""));
const withoutDot = (name) => name.replace(/(^|[^.])\.$/, "$1");

let reached = 0;
const complaints = [];

function compare(text, ours) {
	const theirs = parsed(text);
	const complain = (what) => complaints.push(`${JSON.stringify(text)}: ${what}\n  node: ${theirs && theirs.href}\n  ours: ${JSON.stringify(ours)}`);
	if (ours.reason) {
		// UTS #46 may have left characters out, so that the rest is not too long
		const long = ours.reason === "the host is too long" && (theirs?.hostname.length > 255 || /[^\u0000-\u007f]/.test(text));
		if (theirs && !long)
			complain("refused");
		return;
	}
	const name = decoded(ours.host);
	const foreign = /[^\u0000-\u007f]|xn--/i.test(name);
	if (!theirs) {
		if (!foreign)
			complain("accepted");
		return;
	}
	reached++;
	const sameName = ours.name === withoutDot(theirs.hostname);
	if (!sameName && (!foreign || [...name].every((c) => known.has(c) || c < "\u0080")))
		complain("another name");
	const again = `${ours.scheme}://${ours.userinfo === null ? "" : ours.userinfo + "@"}${ours.host}${ours.port === null ? "" : ":" + ours.port}` +
		`${ours.path}${ours.query === null ? "" : "?" + ours.query}${ours.fragment === null ? "" : "#" + ours.fragment}`;
	if (parsed(again)?.href !== theirs.href)
		complain("the parts together are another URL");
	if (parsed(`http://h${ours.path}?`)?.pathname !== theirs.pathname)
		complain("another path");
	if (parsed(`http://h/?${ours.query ?? ""}#`)?.search !== theirs.search)
		complain("another query");
	if (parsed(`http://h/#${ours.fragment ?? ""}|`)?.hash.slice(1, -1) !== theirs.hash.slice(1).replace(/^$/, ""))
		complain("another fragment");
	if ((ours.port || "") !== "" && parsed(`${ours.scheme}://h:${ours.port}`)?.port !== theirs.port)
		complain("another port");
}

// ---- run

const COUNT = 60000;
const urls = [];
while (urls.length < COUNT) {
	const made = url();
	const text = wellFormed([made, made, mutate(made), mutate(made), padded(made)][random(5)]);
	if (isWeb(text))
		urls.push(text);
}
const input = urls.map((u) => Buffer.from(u).toString("base64") + "\n").join("");
const run = spawnSync(program, ["--oracle"], { input, maxBuffer: 1 << 30 });
if (run.status !== 0) {
	console.error(`url-oracle: ${program} failed: ${run.stderr}`);
	process.exit(1);
}
const answers = run.stdout.toString().trimEnd().split("\n");
if (answers.length !== urls.length) {
	console.error(`url-oracle: ${urls.length} asked, ${answers.length} answered`);
	process.exit(1);
}
urls.forEach((u, i) => compare(u, JSON.parse(answers[i])));
for (const complaint of complaints.slice(0, 20))
	console.error(complaint);
if (complaints.length > 0 || reached < COUNT / 4) {
	console.error(`url-oracle: ${complaints.length} differences; ${reached} of ${COUNT} were accepted by both`);
	process.exit(1);
}
console.log(`url-oracle: ${COUNT} URLs, ${reached} of them accepted by both, split alike`);
