// What the tests of mm-serve under load share: its key and salt, starting it, sending to it.
import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import { join } from "node:path";

// Makes salt and keys in the folder, without limits; the secret key.
export function keysIn(dir, bin) {
	fs.writeFileSync(join(dir, "salt"), "0123456789abcdef-test-salt\n", { mode: 0o600 });
	const key = (...options) => execFileSync(join(bin, "mm-key"), [...options, "--keys", join(dir, "keys")],
		{ stdio: ["ignore", "pipe", "ignore"] }).toString().trim();
	const sk = key("mint", "--kind", "sk");
	key("limits", "--track", "off", "--batch", "off");
	return sk;
}

// Starts mm-serve on a port of its own; port 0: it has ended, and text() says why.
export async function serve(dir, bin, options, env) {
	const child = spawn(join(bin, "mm-serve"), ["--keys", join(dir, "keys"), "--salt-file", join(dir, "salt"),
		"--listen", "127.0.0.1:0", ...options], { env, stdio: ["ignore", "ignore", "pipe"] });
	let text = "", ended = false;
	child.stderr.on("data", (d) => (text += d));
	const end = new Promise((done) => child.on("exit", (code, signal) => {
		ended = true;
		done(code ?? signal);
	}));
	while (!/127\.0\.0\.1:\d+/.test(text) && !ended) await new Promise((done) => setTimeout(done, 2));
	const port = Number(text.match(/127\.0\.0\.1:(\d+)/)?.[1] ?? 0);
	return { child, end, port, text: () => text };
}

// Sends events (JSON texts), one alone by track, several by batch; the status, 0: no answer.
export function send(sk, port, agent, events) {
	const path = events.length > 1 ? "/v1/batch" : "/v1/track";
	const body = events.length > 1 ? `{"events":[${events}]}` : events[0];
	const headers = { authorization: `Bearer ${sk}`, "content-type": "application/json", "content-length": Buffer.byteLength(body) };
	return new Promise((done) => {
		const r = http.request({ port, path, method: "POST", agent, headers }, (a) => {
			a.resume();
			a.on("end", () => done(a.statusCode));
			a.on("error", () => done(0));
		});
		r.on("error", () => done(0));
		r.end(body);
	});
}
