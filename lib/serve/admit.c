#include "serve/admit.h"

#include "base/ascii.h"
#include "text/json.h"
#include "text/url_query.h"

#include "base/banned.h"

/* The token of "Bearer TOKEN"; false: it is something else. */
static bool
read_bearer(struct span value, struct span *token)
{
	static const char scheme[] = "bearer";
	size_t i, n = sizeof(scheme) - 1;

	if (value.n <= n || value.p[n] != ' ')
		return false;
	for (i = 0; i < n; i++)
		if (ascii_lower(value.p[i]) != scheme[i])
			return false;
	for (; n < value.n && value.p[n] == ' '; n++)
		;
	*token = (struct span){ value.p + n, value.n - n };
	return true;
}

static struct span
key_of_query(struct span query, bool *several)
{
	struct span found = { NULL, 0 };
	struct url_param p;

	if (!query.p)
		return found;
	while (url_next_param(&query, &p)) {
		if (!span_eq(p.name, SPAN("key")))
			continue;
		*several |= found.p != NULL;
		found = p.value.p ? p.value : SPAN("");
	}
	return found;
}

/* The member "key" of a JSON object; a body that is none has no key. */
static struct span
key_of_body(struct span body, bool *several)
{
	struct span found = { NULL, 0 };
	struct json_scan s;
	struct json_member m;

	if (json_open(&s, body.p, body.n) != JSON_OBJECT)
		return found;
	while (json_next(&s, &m)) {
		if (!span_eq(m.key.raw, SPAN("\"key\"")) || m.value.type != JSON_STRING)
			continue;
		*several |= found.p != NULL;
		found = (struct span){ m.value.raw.p + 1, m.value.raw.n - 2 };
	}
	return s.reason ? (struct span){ NULL, 0 } : found;
}

/* Where the key stands; *open: where others may see it. */
static enum denial
find_token(const struct http_request *r, bool anywhere, bool whole, struct span *token, bool *open)
{
	struct span header = http_header(r, SPAN("authorization"));
	bool several = false;

	*open = false;
	*token = (struct span){ NULL, 0 };
	if (anywhere)
		*token = key_of_query(r->query, &several);
	if (header.p) {
		if (several || token->p)
			return DENIAL_TWO_KEYS;
		return read_bearer(header, token) ? DENIAL_NONE : DENIAL_NOT_BEARER;
	}
	if (anywhere && whole && !token->p)
		*token = key_of_body(r->body, &several);
	if (several)
		return DENIAL_TWO_KEYS;
	*open = true;
	return token->p ? DENIAL_NONE : DENIAL_MISSING_TOKEN;
}

static enum denial
check_scope(enum key_kind kind, enum admit_scope scope)
{
	if (scope == ADMIT_ACCOUNT)
		return kind == KEY_AK ? DENIAL_NONE : DENIAL_NOT_ACCOUNT;
	if (kind == KEY_AK)
		return DENIAL_ACCOUNT;
	switch (scope) {
	case ADMIT_ANYBODY:
		break;
	case ADMIT_SEND:
	case ADMIT_IDENTIFY:
		return kind == KEY_RK ? DENIAL_SCOPE_SEND : DENIAL_NONE;
	case ADMIT_FORGET:
		return kind == KEY_SK ? DENIAL_NONE : DENIAL_FORGET;
	case ADMIT_READ:
		return kind == KEY_RK ? DENIAL_NONE : DENIAL_SCOPE_READ;
	case ADMIT_MCP:
		return kind == KEY_PK ? DENIAL_KIND_MCP : DENIAL_NONE;
	case ADMIT_ACCOUNT:
		break;
	}
	return DENIAL_NONE;
}

/* A page of this machine, as of a tool that tries servers out. */
static bool
is_local(struct span origin)
{
	static const struct span local[] = { { "http://localhost", 16 }, { "http://127.0.0.1", 16 },
		{ "http://[::1]", 12 } };
	size_t i, n;

	for (i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		n = local[i].n;
		if (origin.n >= n && memcmp(origin.p, local[i].p, n) == 0 &&
		    (origin.n == n || origin.p[n] == ':'))
			return true;
	}
	return false;
}

/*
 * Assistants are no pages: one that is has to be on the key's list, whatever its kind,
 * lest a name that is bound anew to this address lets a page in.
 */
static bool
allows_origin(const struct key *key, enum admit_scope scope, struct span origin)
{
	size_t i;

	if (scope != ADMIT_MCP && scope != ADMIT_ACCOUNT)
		return key_allows_origin(key, origin);
	if (!origin.p || is_local(origin))
		return true;
	for (i = 0; i < key->origins && !span_eq(key->origin[i], origin); i++)
		;
	return i < key->origins;
}

enum denial
admit(const struct keys *keys, const struct http_request *r, enum admit_scope scope, bool whole,
    int64_t now, const struct key **key)
{
	struct key_token t;
	struct span token;
	enum denial why;
	bool open;

	*key = NULL;
	why = find_token(r, scope == ADMIT_SEND, whole, &token, &open);
	if (why != DENIAL_NONE)
		return why;
	/* a secret that has been in a URL is in somebody's log: it is not even looked up */
	if (open && key_token_read(&t, token) == KEY_FORM_GOOD && t.kind != KEY_PK)
		return DENIAL_KEY_PLACE;
	switch (keys_find(keys, token, now, key)) {
	case KEY_OK:
		break;
	case KEY_MALFORMED:
		return DENIAL_MALFORMED_KEY;
	case KEY_MISTYPED:
		return DENIAL_MISTYPED_KEY;
	case KEY_UNKNOWN:
		return DENIAL_UNKNOWN_KEY;
	case KEY_REVOKED:
		return DENIAL_REVOKED_KEY;
	}
	why = check_scope((*key)->kind, scope);
	if (why == DENIAL_NONE && !allows_origin(*key, scope, http_header(r, SPAN("origin"))))
		why = DENIAL_ORIGIN;
	return why;
}
