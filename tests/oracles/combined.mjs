// combined.mjs [LINES]: combined logs with odd lines, read by a parser of its own, against
// mm-import: events, skips and rejects must be the same.  SEED=N chooses as a former run.
import { spawnSync } from "node:child_process";

const lines = Number(process.argv[2] ?? 20000);
const seed = Number(process.env.SEED ?? Date.now() % 1e6);
let state = seed + 1;
const random = (n) => {
	state = (state * 48271) % 2147483647;
	return state % n;
};
const pick = (list) => list[random(list.length)];

const odd = ["%20", "\\xc3\\xa9", "\\\"", "\\\\", "\\t", "\\xff", "é", " ", "'", "<", "?", "&a=b", "#f", "\\x80-", "+", "{}", "日本", "\\x0a", "[x]"];
const text = (n) => Array.from({ length: random(n) }, () => (random(3) ? pick(["a", "b", "/", "index", "9", ".", "-"]) : pick(odd))).join("");
const address = () => pick(["203.0.113.7", "2001:db8::17", "::ffff:203.0.113.9", "host.example", "256.1.1.1", "198.51.100.23", "2001:DB8:0:0::1"]);
const request = () =>
	pick([
		() => `${pick(["GET", "GET", "GET", "POST", "HEAD"])} /${text(12)} HTTP/1.${random(2)}`,
		() => `GET /${text(6)}.${pick(["css", "JS", "php", "html", "png", "woff2", "x"])}${pick(["", "?v=1"])} HTTP/2.0`,
		() => `GET /${text(5)}`,
		() => pick(["-", "", "\\x16\\x03\\x01", "foo bar", "get / HTTP/1.1"]),
	])();
const time = () => `${String(1 + random(31)).padStart(2, "0")}/${pick(["Jan", "Feb", "Jun", "Dec"])}/2026:${String(random(24)).padStart(2, "0")}:05:09 ${pick(["+0000", "-0330", "+0545"])}`;
const make = () => {
	let s = `${address()} - ${pick(["-", "bob", "a b"])} [${time()}] "${request()}" ${pick(["200", "200", "304", "301", "404", "101", "503", "-"])} ${random(9)}`;
	if (random(4)) s += ` "${pick(["-", "https://a.example/" + text(4), ""])}" "${pick(["-", "Mozilla/5.0 " + text(6)])}"`;
	return random(40) ? s : s.slice(0, random(s.length));
};

// ---- the parser: bytes as Latin-1, one regular expression ----
const quoted = String.raw`"((?:[^"\\]|\\.)*)"`;
const shape = new RegExp(String.raw`^(\S+) (\S+) (.+?) \[([^\]]{19,})\] ${quoted} (\d{1,5}|-)(?: +([^" ]+))?(?: +${quoted})?(?: +${quoted})? *$`, "s");
const letters = { n: "\n", r: "\r", t: "\t", b: "\b", v: "\v", f: "\f" };
const unescape = (s) =>
	s.replace(/\\x([0-9a-fA-F]{2})|\\(.)/gs, (_, hex, c) => (hex ? String.fromCharCode(parseInt(hex, 16)) : letters[c] ?? c));
const utf8 = (latin1) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.from(latin1, "latin1"));
const months = "JanFebMarAprMayJunJulAugSepOctNovDec";
function when(s) {
	const m = /^(\d\d)\/(\w{3})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/.exec(s);
	const month = m ? months.indexOf(m[2]) / 3 : -1;
	if (month < 0) return null;
	const ms = Date.UTC(m[3], month, m[1], m[4], m[5], m[6]);
	if (new Date(ms).getUTCDate() !== Number(m[1])) return null;
	return new Date(ms - (m[7] + 1) * (m[8] * 60 + Number(m[9])) * 60000).toISOString().replace(".000Z", "Z");
}
const asset = /\.(css|js|png|woff2)$/i;
const ip = (s) => {
	if (/^(?!256)\d+(\.\d+){3}$/.test(s)) return s;
	if (!s.includes(":")) return undefined;
	const host = new URL(`http://[${s}]/`).hostname.slice(1, -1);
	return s.startsWith("::ffff:") ? s.slice(7) : host;
};
// Without those of four bytes, and surrogates, which are not made here.
// Control characters, blanks and what is no UTF-8 as %XX; the rest stays.
const valid = /([\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2})/;
const path = (latin1) => {
	let out = "";
	for (const part of latin1.split(valid))
		out += part.length > 1 && valid.test(part) ? utf8(part)
			: part.replace(/[\x00-\x20\x7f-\xff]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0"));
	return out;
};
function parse(line) {
	const m = shape.exec(line);
	if (!m) return "reject";
	const t = when(m[4]);
	if (!t) return "reject";
	const r = unescape(m[5]), status = m[6] === "-" ? null : Number(m[6]);
	const q = /^([A-Z_-]{2,32}) (.+?)(?: HTTP\/[^ ]{1,7})?$/s.exec(r);
	if (q && q[1] !== "GET") return "method";
	if (!q || q[2][0] !== "/") return "request";
	if (status >= 400 || (status !== null && status < 200)) return "status";
	if (status >= 300 && status !== 304) return "redirect";
	const target = q[2].split("#")[0];
	if (asset.test(target.split("?")[0])) return "asset";
	const e = { event: "$pageview", timestamp: t, url: "https://shop.example" + path(target) };
	const referrer = unescape(m[8] ?? ""), agent = unescape(m[9] ?? "");
	if (referrer && referrer !== "-") e.referrer = utf8(referrer);
	const client = ip(m[1]);
	if (client) e.ip = client;
	if (agent && agent !== "-") e.user_agent = utf8(agent);
	return e;
}

const log = Array.from({ length: lines }, make).filter((l) => l.trim());
const run = spawnSync("mm-import", ["combined", "-q", "--site", "shop.example", "--summary", "json"], {
	input: log.join("\n") + "\n", encoding: "utf8", maxBuffer: 1 << 30,
});
const events = run.stdout.split("\n").filter(Boolean);
const counts = {};
let at = 0, bad = 0;
for (const l of log) {
	const want = parse(Buffer.from(l).toString("latin1"));
	if (typeof want === "string") {
		counts[want] = (counts[want] ?? 0) + 1;
		continue;
	}
	const { event_id, ...got } = JSON.parse(events[at++] ?? "{}");
	if (JSON.stringify(got) !== JSON.stringify(want) && bad++ < 5)
		console.log(`${l}\n  want ${JSON.stringify(want)}\n  got  ${JSON.stringify(got)}`);
}
const { skipped, rejected } = JSON.parse(run.stderr.trim().split("\n").at(-1));
const { reject = 0, ...skips } = counts;
const same = Object.keys({ ...skipped, ...skips }).every((k) => skipped[k] === skips[k]) && rejected === reject;
console.log(`seed ${seed}: ${log.length} lines, ${at} events, ${bad} differ; skips ${JSON.stringify(skips)} ${JSON.stringify(skipped)}, rejects ${reject} ${rejected}`);
process.exit(bad === 0 && same && at === events.length && at > lines / 10 ? 0 : 1);
