// What mm-serve answers: [what it is, method and path, headers, body, status, answer, headers].
// PK, SK, RK, AK stand for keys, PK2 for one of another project, OLD for one that was revoked.
// An answer that is a word is the code of an error.  A header of null must not be there.
const json = "application/json";
const sk = { authorization: "Bearer SK", "content-type": json };
const pk = { authorization: "Bearer PK", "content-type": json, origin: "https://www.example.com" };
const rk = { authorization: "Bearer RK" };
const as = (key, more) => ({ authorization: `Bearer ${key}`, "content-type": json, ...more });
const event = '{"event":"signup"}';
const ok = '{"ok":true,"event_id":null}';
const batch = (n, one = event) => `{"events":[${Array(n).fill(one).join(",")}]}`;
const properties = (bytes) => `{"event":"a","properties":{"a":"${"x".repeat(bytes - 8)}"}}`;
const invalid = (fields, forms = []) =>
	JSON.stringify({ error: "invalid_payload", details: { fieldErrors: fields, formErrors: forms } });

export const cases = [
	// events
	["an event alone", "POST /v1/track", sk, event, 202, ok, { "content-type": json }],
	["its id comes back", "POST /v1/track", sk, '{"event":"a","event_id":"o1"}', 202, '{"ok":true,"event_id":"o1"}'],
	["as it was sent", "POST /v1/track", sk, '{"event":"a","event_id":"\\u006f2"}', 202, '{"ok":true,"event_id":"\\u006f2"}'],
	["the id again", "POST /v1/track", sk, '{"event":"a","event_id":"o1"}', 202, '{"ok":true,"event_id":"o1"}'],
	["by a page", "POST /v1/track", pk, event, 202, ok, { "access-control-allow-origin": "https://www.example.com", vary: "Origin" }],
	["without a type", "POST /v1/track", { authorization: "Bearer SK" }, event, 202, ok],
	["as text", "POST /v1/track", as("SK", { "content-type": "text/plain;charset=UTF-8" }), event, 202, ok],
	["a type in capitals", "POST /v1/track", as("SK", { "content-type": "Application/JSON; charset=utf-8" }), event, 202, ok],
	["a form", "POST /v1/track", as("SK", { "content-type": "application/x-www-form-urlencoded" }), event, 415, "unsupported_media_type"],
	["a type that begins like one", "POST /v1/track", as("SK", { "content-type": "application/jsonp" }), event, 415, "unsupported_media_type"],
	["compressed", "POST /v1/track", as("SK", { "content-encoding": "gzip" }), event, 415, "unsupported_media_type"],
	["white space and unknown keys", "POST /v1/track", sk, ' {"event": "a", "x": [1, {"y": 2}]} ', 202, ok],
	["context keys of a client", "POST /v1/track", sk, '{"event":"a","ip":"nonsense","received_at":7,"project_id":"x","host":1,"user_agent":[]}', 202, ok],
	["no event", "POST /v1/track", sk, "{}", 400, invalid({ event: ["Required"] })],
	["no object", "POST /v1/track", sk, "[]", 400, "invalid_payload"],
	["nothing", "POST /v1/track", sk, "", 400, "invalid_payload"],
	["no JSON", "POST /v1/track", sk, '{"event":"a"', 400, "invalid_payload"],
	["two events", "POST /v1/track", sk, event + "\n" + event, 400, "invalid_payload"],
	["a type that is wrong", "POST /v1/track", sk, '{"event":7}', 400, invalid({ event: ["Expected string, received number"] })],
	["8 KiB of properties", "POST /v1/track", sk, properties(8192), 202, ok],
	["a byte more", "POST /v1/track", sk, properties(8193), 400, invalid({ properties: ["Too large: at most 8192 bytes when minified"] })],
	["a time that can't be", "POST /v1/track", sk, '{"event":"a","timestamp":"2026-02-30T00:00:00Z"}', 400, "invalid_payload"],
	["64 KiB", "POST /v1/track", sk, event + " ".repeat(65536 - event.length), 202, ok],
	["a byte more than 64 KiB", "POST /v1/track", sk, event + " ".repeat(65537 - event.length), 413, ""],
	["not UTF-8", "POST /v1/track", sk, Buffer.from([...Buffer.from('{"event":"'), 0xff, ...Buffer.from('"}')]), 400, "invalid_payload"],

	// batches
	["one of a batch", "POST /v1/batch", sk, batch(1), 202, '{"ok":true,"count":1}'],
	["1000", "POST /v1/batch", sk, batch(1000), 202, '{"ok":true,"count":1000}'],
	["1001", "POST /v1/batch", sk, batch(1001), 400, invalid({ events: ["Too long: at most 1000 events"] })],
	["none", "POST /v1/batch", sk, '{"events":[]}', 400, invalid({ events: ["Too short: at least 1 event"] })],
	["no events", "POST /v1/batch", sk, event, 400, invalid({ events: ["Required"] })],
	["an array", "POST /v1/batch", sk, "[]", 400, "invalid_payload"],
	["one that is bad", "POST /v1/batch", sk, '{"events":[{"event":"a"},{"event":""}]}', 400, invalid({ "events[1].event": ["Too short: at least 1 character"] })],
	["an id twice in a batch", "POST /v1/batch", sk, batch(2, '{"event":"a","event_id":"twice"}'), 202, '{"ok":true,"count":2}'],
	["a batch by a page", "POST /v1/batch", pk, batch(2), 202, '{"ok":true,"count":2}'],

	// identify
	["who somebody is", "POST /v1/identify", sk, '{"anonymous_id":"a","user_id":"u","traits":{"plan":"pro"}}', 200, '{"ok":true}'],
	["nobody", "POST /v1/identify", sk, '{"user_id":"u"}', 400, invalid({ anonymous_id: ["Required"] })],
	["by a page", "POST /v1/identify", pk, '{"anonymous_id":"a","user_id":"u"}', 200, '{"ok":true}'],

	// keys
	["no key", "POST /v1/track", { "content-type": json }, event, 401, "missing_bearer_token", { "www-authenticate": "Bearer" }],
	["no key, nothing else right", "POST /v1/track", { "content-type": json }, "[", 401, "missing_bearer_token"],
	["another scheme", "POST /v1/track", as("", { authorization: "Basic YTpi" }), event, 401, "missing_bearer_token"],
	["a scheme in capitals", "POST /v1/track", as("", { authorization: "BEARER SK" }), event, 202, ok],
	["no token", "POST /v1/track", as("", { authorization: "Bearer" }), event, 401, "missing_bearer_token"],
	["a password", "POST /v1/track", as("hunter2"), event, 401, "malformed_api_key"],
	["a character less", "POST /v1/track", as("SHORT"), event, 401, "malformed_api_key"],
	["a key of nobody", "POST /v1/track", as("NOBODY"), event, 401, "invalid_api_key"],
	["a revoked key", "POST /v1/track", as("OLD"), event, 401, "invalid_api_key"],
	["a reading key sends", "POST /v1/track", as("RK"), event, 403, "insufficient_scope"],
	["a key of the account sends", "POST /v1/track", as("AK"), event, 403, "key_kind_not_allowed"],
	["in the URL", "POST /v1/track?key=PK", { "content-type": "text/plain", origin: "https://www.example.com" }, event, 202, ok],
	["in the body", "POST /v1/track", { "content-type": "text/plain", origin: "https://www.example.com" }, '{"key":"PK","event":"a"}', 202, ok],
	["in a batch's body", "POST /v1/batch", { "content-type": "text/plain", origin: "https://www.example.com" }, '{"events":[{"event":"a"}],"key":"PK"}', 202, '{"ok":true,"count":1}'],
	["a secret key in the URL", "POST /v1/track?key=SK", { "content-type": json }, event, 401, "key_kind_mismatch"],
	["a secret key in the body", "POST /v1/track", { "content-type": json }, '{"key":"SK","event":"a"}', 401, "key_kind_mismatch"],
	["two keys", "POST /v1/track?key=PK", sk, event, 401, "malformed_api_key"],
	["two keys in the URL", "POST /v1/track?key=PK&key=PK", { "content-type": json }, event, 401, "malformed_api_key"],
	["in the URL of identify", "POST /v1/identify?key=PK", { "content-type": json, origin: "https://www.example.com" }, '{"anonymous_id":"a","user_id":"u"}', 401, "missing_bearer_token"],

	// origins
	["a page without an origin", "POST /v1/track", as("PK"), event, 403, "origin_not_allowed"],
	["another origin", "POST /v1/track", as("PK", { origin: "https://evil.example" }), event, 403, "origin_not_allowed", { "access-control-allow-origin": null }],
	["another scheme of it", "POST /v1/track", as("PK", { origin: "http://www.example.com" }), event, 403, "origin_not_allowed"],
	["a null origin", "POST /v1/track", as("PK", { origin: "null" }), event, 403, "origin_not_allowed"],
	["a server with an origin", "POST /v1/track", as("SK", { origin: "https://evil.example" }), event, 202, ok, { "access-control-allow-origin": null }],
	["the origin before the body", "POST /v1/track", as("PK", { origin: "https://evil.example" }), "[", 403, "origin_not_allowed"],

	// preflight
	["a preflight", "OPTIONS /v1/track", { origin: "https://www.example.com", "access-control-request-method": "POST" }, "", 204, "", { "access-control-allow-origin": "https://www.example.com", "access-control-allow-methods": "POST", "access-control-allow-headers": "Authorization, Content-Type" }],
	["a stranger's", "OPTIONS /v1/track", { origin: "https://evil.example" }, "", 403, "origin_not_allowed", { "access-control-allow-origin": null }],
	["without an origin", "OPTIONS /v1/batch", {}, "", 403, "origin_not_allowed"],
	["for forgetting", "OPTIONS /v1/forget", { origin: "https://www.example.com" }, "", 405, "method_not_allowed", { "access-control-allow-origin": null }],

	// paths and methods
	["no such path", "GET /", {}, "", 404, "not_found"],
	["a path with a slash behind", "POST /v1/track/", sk, event, 404, "not_found"],
	["a path with dots", "POST /v1/../v1/track", sk, event, 404, "not_found"],
	["an escaped path", "POST /v1/%74rack", sk, event, 404, "not_found"],
	["GET of events", "GET /v1/track", sk, "", 405, "method_not_allowed", { allow: "POST, OPTIONS" }],
	["PUT", "PUT /v1/batch", sk, batch(1), 405, "method_not_allowed"],
	["POST of a question", "POST /v1/stats", rk, "{}", 405, "method_not_allowed", { allow: "GET, HEAD" }],
	["health is private", "GET /healthz", {}, "", 404, "not_found"],
	["metrics are private", "GET /metrics", {}, "", 404, "not_found"],

	// scopes of the other routes
	["forgetting by a page", "POST /v1/forget", pk, '{"user_id":"u"}', 403, "forget_requires_secret_key"],
	["forgetting by a reader", "POST /v1/forget", as("RK"), '{"user_id":"u"}', 403, "forget_requires_secret_key"],
	["forgetting by nobody", "POST /v1/forget", { "content-type": json }, '{"user_id":"u"}', 401, "missing_bearer_token"],
	["reading by a server", "GET /v1/stats?period=today", { authorization: "Bearer SK" }, "", 403, "insufficient_scope"],
	["reading by a page", "GET /v1/query?period=today", { authorization: "Bearer PK" }, "", 403, "insufficient_scope"],
	["reading by nobody", "GET /v1/sources?period=today", {}, "", 401, "missing_bearer_token"],
	["reading with the key in the URL", "GET /v1/stats?key=RK", {}, "", 401, "missing_bearer_token"],
	["the report by nobody", "GET /report", {}, "", 401, "missing_bearer_token"],
];

// Whole requests as bytes: [what it is, the request, statuses in order, whether it stays open].
const post = (path, body, more = "") =>
	`POST ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer SK\r\nContent-Type: application/json\r\n${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
export const raw = [
	["two in one packet", post("/v1/track", event) + post("/v1/batch", batch(3)), [202, 202], true],
	["a hundred in one packet", post("/v1/track", event).repeat(100), Array(100).fill(202), true],
	["a bad one between", post("/v1/track", event) + post("/v1/track", "{}") + post("/v1/track", event), [202, 400, 202], true],
	["HTTP/1.0", post("/v1/track", event).replace("HTTP/1.1", "HTTP/1.0"), [202], false],
	["close", post("/v1/track", event, "Connection: close\r\n"), [202], false],
	["chunks", "POST /v1/track HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer SK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"event\":\r\n9\r\n\"signup\"}\r\n0\r\n\r\n", [202], true],
	["Expect, and the body is here", post("/v1/track", event, "Expect: 100-continue\r\n"), [202], true],
	["a length that is too short", post("/v1/track", event).replace(`: ${event.length}`, `: ${event.length - 3}`), [400], true],
	["a length and chunks", post("/v1/track", event, "Transfer-Encoding: chunked\r\n"), [400], false],
	["two lengths", post("/v1/track", event, "Content-Length: 1\r\n"), [400], false],
	["two keys", post("/v1/track", event, "Authorization: Bearer SK\r\n"), [400], false],
	["two hosts", post("/v1/track", event, "Host: b\r\n"), [400], false],
	["no host", post("/v1/track", event).replace("Host: a\r\n", ""), [400], false],
	["bare line feeds", post("/v1/track", event).replaceAll("\r\n", "\n"), [400], false],
	["a folded field", post("/v1/track", event, "X: a\r\n b\r\n"), [400], false],
	["HEAD", "HEAD /v1/stats HTTP/1.1\r\nHost: a\r\n\r\n", [401], true],
	["no HTTP", "hello\r\n\r\n", [400], false],
];
