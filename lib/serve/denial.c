#include "serve/denial.h"

#include "base/banned.h"

#define TEXT(s)                  \
	{                        \
		s, sizeof(s) - 1 \
	}
#define BODY(code, details) TEXT("{\"error\":\"" code "\",\"details\":\"" details "\"}\n")
#define LATER "Retry-After: 1\r\n"
#define CHALLENGE "WWW-Authenticate: Bearer\r\n"

static const struct {
	unsigned status;
	struct span body, fields;
} denials[DENIALS] = {
	[DENIAL_NONE] = { 200, TEXT(""), TEXT("") },
	[DENIAL_NOT_FOUND] = { 404, BODY("not_found", "there is nothing at this path"), TEXT("") },
	[DENIAL_METHOD] = { 405, BODY("method_not_allowed", "see the Allow header"), TEXT("") },
	[DENIAL_MEDIA_TYPE] = { 415,
	    BODY("unsupported_media_type",
		"send JSON as application/json (curl: -H 'Content-Type: application/json') or "
		"text/plain"),
	    TEXT("") },
	[DENIAL_ENCODING] = { 415,
	    BODY("unsupported_media_type", "send the body as it is: no Content-Encoding"),
	    TEXT("Accept-Encoding: identity\r\n") },
	[DENIAL_MISSING_TOKEN] = { 401,
	    BODY("missing_bearer_token", "send the key as Authorization: Bearer KEY"),
	    TEXT(CHALLENGE) },
	[DENIAL_NOT_BEARER] = { 401,
	    BODY("missing_bearer_token", "Authorization is there, but is not Bearer KEY"),
	    TEXT(CHALLENGE) },
	[DENIAL_MALFORMED_KEY] = { 401,
	    BODY("malformed_api_key",
		"a key looks like pk_live_0a1b2c3d_ and 32 characters or more"),
	    TEXT(CHALLENGE) },
	[DENIAL_MISTYPED_KEY] = { 401,
	    BODY("malformed_api_key",
		"its checksum is wrong: a character is missing, added or mistyped"),
	    TEXT(CHALLENGE) },
	[DENIAL_UNKNOWN_KEY] = { 401, BODY("invalid_api_key", "there is no such key"),
	    TEXT(CHALLENGE) },
	[DENIAL_REVOKED_KEY] = { 401, BODY("invalid_api_key", "the key was revoked"),
	    TEXT(CHALLENGE) },
	[DENIAL_KEY_PLACE] = { 401,
	    BODY("key_kind_mismatch",
		"only a pk may stand in the URL or the body; others travel as Authorization: "
		"Bearer KEY"),
	    TEXT(CHALLENGE) },
	[DENIAL_TWO_KEYS] = { 401, BODY("malformed_api_key", "there are several keys; send one"),
	    TEXT(CHALLENGE) },
	[DENIAL_ORIGIN] = { 403,
	    BODY("origin_not_allowed",
		"the Origin is not on the key's list; 'mm-key origins' adds it, and a server of "
		"your own uses an sk"),
	    TEXT("") },
	[DENIAL_SCOPE_READ] = { 403, BODY("insufficient_scope", "reading needs an rk"), TEXT("") },
	[DENIAL_SCOPE_SEND] = { 403,
	    BODY("insufficient_scope", "sending events needs a pk or an sk"), TEXT("") },
	[DENIAL_FORGET] = { 403,
	    BODY("forget_requires_secret_key", "forgetting somebody needs an sk"), TEXT("") },
	[DENIAL_ACCOUNT] = { 403, BODY("key_kind_not_allowed", "an ak is for /mcp/account alone"),
	    TEXT("") },
	[DENIAL_NOT_ACCOUNT] = { 403,
	    BODY("account_key_required", "/mcp/account needs an ak; an rk or sk goes to /mcp"),
	    TEXT("") },
	[DENIAL_KIND_MCP] = { 403,
	    BODY("key_kind_not_allowed", "an assistant needs an rk, which reads, or an sk"),
	    TEXT("") },
	[DENIAL_RATE] = { 429, TEXT("{\"error\":\"rate_limited\",\"retry_after_s\":1}\n"),
	    TEXT(LATER) },
	[DENIAL_FAILURES] = { 429, TEXT("{\"error\":\"rate_limited\",\"retry_after_s\":1}\n"),
	    TEXT(LATER) },
	[DENIAL_FULL] = { 503,
	    BODY("spool_full", "nothing was stored: there is no room; send it again later"),
	    TEXT("Retry-After: 10\r\n") },
	[DENIAL_DISK] = { 503,
	    BODY("not_stored",
		"nothing was stored: the disk, or the pipe of -o -, has failed; send it again"),
	    TEXT(LATER) },
	[DENIAL_BUSY] = { 503, BODY("busy", "too many questions wait; ask again later"),
	    TEXT(LATER) },
	[DENIAL_NO_STORE] = { 503, BODY("not_available", "this server only takes events"),
	    TEXT("") },
	[DENIAL_MEMORY] = { 500, BODY("internal_error", "out of memory"), TEXT("") },
};

unsigned
denial_status(enum denial r)
{
	return denials[r].status;
}

struct span
denial_body(enum denial r)
{
	return denials[r].body;
}

struct span
denial_fields(enum denial r)
{
	return denials[r].fields;
}
