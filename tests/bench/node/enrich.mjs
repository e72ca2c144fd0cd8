// What mm-enrich does, as a Node service would do it, tuned: events of FILE to rows on standard
// output, in pieces of 64 KiB, with what repeats remembered.  For the bench alone: its rows are
// like mm-enrich's, attribution is by parameters and a few hosts only.
//
//   node enrich.mjs DATABASE FILE
import { createHmac } from "node:crypto";
import { createReadStream, readFileSync, writeSync } from "node:fs";
import { LRUCache } from "lru-cache";
import { Reader } from "maxmind";
import UAParser from "ua-parser-js";
import { z } from "zod";

const text = (max) => z.string().min(1).max(max).nullish();
const event = z.object({
	event: z.string().min(1).max(128),
	event_id: text(128),
	timestamp: z.string().datetime({ offset: true }).nullish(),
	anonymous_id: text(128),
	user_id: text(256),
	session_id: text(128),
	url: z.string().max(2048).nullish(),
	path: z.string().max(2048).nullish(),
	referrer: z.string().max(2048).nullish(),
	properties: z.record(z.unknown()).nullish(),
	ip: z.string().nullish(),
	user_agent: z.string().nullish(),
	host: z.string().nullish(),
	received_at: z.string().datetime({ offset: true }).nullish(),
});

const [database, file] = process.argv.slice(2);
const salt = process.env.MM_IP_SALT ?? "";
const countries = new Reader(readFileSync(database));
const agents = new LRUCache({ max: 4096 });
const addresses = new LRUCache({ max: 65536 });
const networks = { "facebook.com": "facebook", "t.co": "twitter", "google.com": "google", "bing.com": "bing" };

function remember(cache, key, make) {
	let value = cache.get(key);
	if (value === undefined) cache.set(key, (value = make()));
	return value;
}

function agentOf(ua) {
	return remember(agents, ua, () => {
		const a = new UAParser(ua).getResult();
		return { device: a.device.type ?? "desktop", browser: a.browser.name ?? "", os: a.os.name ?? "" };
	});
}

function addressOf(ip, date) {
	return remember(addresses, date + ip, () => {
		const found = countries.get(ip);
		return {
			country: found?.country?.iso_code ?? found?.country_code ?? "",
			hash: createHmac("sha256", salt + date).update(ip).digest("hex").slice(0, 32),
		};
	});
}

function parse(url) {
	try {
		return url ? new URL(url) : null;
	} catch {
		return null;
	}
}

function sourceOf(page, referrer) {
	const q = page?.searchParams;
	const source = q?.get("utm_source");
	if (source) return [source.toLowerCase(), q.get("utm_medium") ?? "", q.get("utm_campaign")];
	if (q?.has("gclid")) return ["google", "paid", q.get("utm_campaign")];
	if (q?.has("fbclid")) return ["facebook", "paid", q.get("utm_campaign")];
	if (!referrer) return ["direct", "direct", null];
	const host = referrer.hostname.replace(/^www\./, "");
	if (page && host === page.hostname) return ["internal", "internal", null];
	return [networks[host] ?? host, networks[host] ? "organic" : "referral", null];
}

function rowOf(line) {
	const checked = event.safeParse(JSON.parse(line));
	if (!checked.success) return "";
	const e = checked.data;
	const page = parse(e.url);
	const [source, medium, campaign] = sourceOf(page, parse(e.referrer));
	const time = new Date(e.timestamp ?? e.received_at ?? Date.now()).toISOString();
	const agent = agentOf(e.user_agent ?? "");
	const address = e.ip ? addressOf(e.ip, (e.received_at ?? time).slice(0, 10)) : { country: "", hash: "" };
	return JSON.stringify({
		timestamp: time.replace("T", " ").slice(0, 23),
		event_name: e.event,
		event_id: e.event_id ?? "",
		anonymous_id: e.anonymous_id ?? "",
		user_id: e.user_id ?? null,
		session_id: e.session_id ?? "",
		source, medium, campaign,
		url: e.url ?? null,
		path: e.path ?? page?.pathname ?? null,
		referrer: e.referrer ?? null,
		country: address.country,
		device_type: agent.device, browser: agent.browser, os: agent.os,
		ip_hash: address.hash,
		properties: JSON.stringify(e.properties ?? {}),
	}) + "\n";
}

let rest = "", ready = "";
for await (const piece of createReadStream(file, { encoding: "utf8", highWaterMark: 256 * 1024 })) {
	const lines = (rest + piece).split("\n");
	rest = lines.pop();
	for (const line of lines) {
		ready += rowOf(line);
		if (ready.length >= 64 * 1024) {
			writeSync(1, ready);
			ready = "";
		}
	}
}
writeSync(1, ready + (rest ? rowOf(rest) : ""));
