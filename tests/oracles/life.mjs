// Two lives as people live them, and what their tables must hold in the end,
// counted from what happened and not from the files:
//
//   life.mjs logs DIR     three days of two sites behind a load balancer, in
//                         local time: DIR/SITE.N has the lines of hour N, and
//                         DIR/want.json the counts
//   life.mjs segment DIR  five years of an export of Segment: DIR/export.ndjson
//
// The generator is a small linear congruential one: the same lives every time.
import { writeFileSync } from "node:fs";

const [what, dir] = process.argv.slice(2);
let state = 20260516;
const below = (n) => {
	state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
	return Math.floor((state / 2 ** 32) * n);
};
const pick = (list) => list[below(list.length)];

function logs() {
	const HOURS = 72, ZONE = 2; // +0200: the log's midnight is not that of UTC
	const start = Date.UTC(2026, 4, 15, 22); // 16 May, 00:00 +0200
	const countries = { "192.0.2.": [[1, 15, "DE"], [17, 31, "FR"], [33, 47, "GB"]] };
	const people = [
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
	];
	const robots = ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "curl/8.5.0",
		"Mozilla/5.0 (Linux; Android 6.0.1) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36 (compatible; bingbot/2.0)"];
	// a referrer or a query, and the source that either means
	const origins = [["-", "", "direct"], ["https://www.google.com/", "", "google"], ["https://t.co/x", "", "twitter"],
		["-", "?utm_source=chatgpt.com", "chatgpt"], ["https://www.google.com/", "?gclid=abc", "google"],
		["https://blog.example.net/post", "", "blog.example.net"], ["-", "?utm_medium=email", "unknown"],
		["https://deref-gmx.net/mail/client/x/dereferrer/?redirectUrl=y", "", "gmx"], ["SELF", "", "internal"]];
	const months = ["Jan", "Feb", "Mar", "Apr", "May"];
	const two = (n) => String(n).padStart(2, "0");
	const stamp = (ms) => {
		const t = new Date(ms + ZONE * 3600e3);
		return `${two(t.getUTCDate())}/${months[t.getUTCMonth()]}/${t.getUTCFullYear()}:${two(t.getUTCHours())}:${two(
			t.getUTCMinutes())}:${two(t.getUTCSeconds())} +0200`;
	};
	const want = {};
	for (const site of ["shop.example", "blog.example"]) {
		const count = { events: 0, visitors: new Set(), sources: {}, countries: {}, odd: 0 };
		for (let hour = 0; hour < HOURS; hour++) {
			const lines = [];
			for (let i = 0, n = 3 + below(8); i < n; i++) {
				const ms = start + hour * 3600e3 + Math.floor(((i + 0.5) * 3600e3) / n / 1000) * 1000;
				const [low, high, country] = pick(countries["192.0.2."]);
				const ip = `192.0.2.${low + below(Math.min(6, high - low))}`;
				const robot = below(6) === 0;
				const agent = pick(robot ? robots : people);
				const [referrer, query, source] = pick(origins);
				const kind = below(12);
				let path = pick(["/", "/pricing", "/posts/1", "/gr%C3%BC%C3%9Fe"]), method = "GET", status = 200;
				let counts = !robot;
				if (kind === 0) [path, counts] = [pick(["/app.css", "/logo.png?v=2", "/a/font.woff2"]), false];
				else if (kind === 1) [status, counts] = [pick([404, 500, 301]), false];
				else if (kind === 2) [method, counts] = [pick(["POST", "HEAD", "OPTIONS"]), false];
				else if (kind === 3) path = "/odd\\x22" + pick(["\\xFF", "\xff\xfe"]); // escaped, or the bytes
				const from = referrer === "SELF" ? `https://${site}/` : referrer;
				// what the client says of itself stands to the left of what the balancer saw
				const forwarded = `${below(3) === 0 ? "1.2.3.4, " : ""}${ip}, 10.0.0.9`;
				lines.push(`10.0.0.5 - - [${stamp(ms)}] "${method} ${path}${query} HTTP/1.1" ${status} 512 ` +
					`"${from}" "${agent}" "${forwarded}"\n`);
				if (!counts)
					continue;
				count.events++;
				count.odd += kind === 3;
				count.visitors.add(`${new Date(ms).toISOString().slice(0, 10)} ${ip} ${agent}`);
				count.sources[source] = (count.sources[source] ?? 0) + 1;
				count.countries[country] = (count.countries[country] ?? 0) + 1;
			}
			writeFileSync(`${dir}/${site}.${hour}`, Buffer.from(lines.join(""), "latin1"));
		}
		want[site] = { events: count.events, visitors: count.visitors.size, odd: count.odd,
			sources: Object.entries(count.sources).sort().map(([k, n]) => `${k}=${n}`).join(" "),
			countries: Object.entries(count.countries).sort().map(([k, n]) => `${k}=${n}`).join(" ") };
	}
	writeFileSync(`${dir}/want.json`, JSON.stringify(want));
}

function segment() {
	const COUNT = 6000, YEARS = 5;
	const start = Date.UTC(2021, 5, 1), span = YEARS * 365 * 86400e3;
	const lines = [];
	const sums = { users: new Set(), revenue: 0 };
	for (let i = 0; i < COUNT; i++) {
		const ms = start + Math.floor((span * i) / COUNT) + below(1000);
		const user = 1234567890123456000n + BigInt(below(700)); // beyond 2^53
		const cents = below(100000);
		const time = new Date(ms).toISOString();
		const kind = below(3);
		const context = `"context":{"ip":"192.0.2.${1 + below(15)}","userAgent":"Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0","page":{"url":"https://shop.example/p?i=${i}"}}`;
		const ids = `"messageId":"m-${i}","anonymousId":"a-${below(2000)}","userId":${user},"timestamp":"${time}"`;
		if (kind === 0)
			lines.push(`{"type":"page",${ids},${context},"properties":{"title":"T ${i}"}}`);
		else if (kind === 1)
			lines.push(`{"type":"identify",${ids},${context},"traits":{"big":${user}00}}`);
		else
			lines.push(`{"type":"track","event":"Order Completed",${ids},${context},"properties":{"revenue":${cents / 100}}}`);
		sums.users.add(user);
		if (kind === 2)
			sums.revenue += cents;
	}
	// one in twenty comes again, up to a thousand lines later
	const all = [];
	const late = new Map();
	lines.forEach((line, i) => {
		all.push(line, ...(late.get(i) ?? []));
		if (below(20) === 0) {
			const at = Math.min(lines.length - 1, i + 1 + below(1000));
			late.set(at, [...(late.get(at) ?? []), line]);
		}
	});
	writeFileSync(`${dir}/export.ndjson`, all.join("\n") + "\n");
	const users = [...sums.users].reduce((sum, user) => sum + user, 0n);
	writeFileSync(`${dir}/want`, `${COUNT}\t${sums.users.size}\t${users}\t${sums.revenue}\n`);
	console.log(`${all.length} lines`);
}

({ logs, segment })[what]();
