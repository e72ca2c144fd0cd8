#include "send/verdict.h"

#include "base/ascii.h"
#include "text/json.h"

#include "base/banned.h"

enum {
	CODE_MAX = 64,   /* characters of an error's code */
	FIELD_MAX = 256, /* and of a field's name */
	HTTP_BAD_REQUEST = 400,
	HTTP_UNAUTHORIZED = 401,
	HTTP_FORBIDDEN = 403,
	HTTP_NOT_FOUND = 404,
	HTTP_METHOD = 405,
	HTTP_TIMEOUT = 408,
	HTTP_TOO_LARGE = 413,
	HTTP_UNPROCESSABLE = 422,
	HTTP_TOO_EARLY = 425,
	HTTP_TOO_MANY = 429,
};

void
verdict_release(struct verdict *v)
{
	buf_release(&v->words);
}

/* The member of that name of a JSON object; false: there is none. */
static bool
member(struct span object, const char *name, struct json_value *value)
{
	struct json_scan s;
	struct json_member m;
	bool found = false;

	if (!object.p || json_open(&s, object.p, object.n) != JSON_OBJECT)
		return false;
	while (json_next(&s, &m)) {
		char room[CODE_MAX];
		struct span key = json_short_text(&m.key, room, sizeof(room));

		if (!key.p || !span_eq(key, span_of(name)))
			continue;
		*value = m.value;
		found = true;
	}
	return found && !s.reason;
}

/* Copies the text of a string; it moves when more is added. */
static size_t
keep(struct verdict *v, const struct json_value *string)
{
	char *w = buf_room(&v->words, string->raw.n);
	size_t n = w ? json_unescape(string->raw, w) : 0;

	v->words.n += n;
	return n;
}

/* "events[3].url" or "events.3.url": the number, and what stands behind it. */
static bool
read_place(struct span name, size_t *index, struct span *field)
{
	static const char begin[] = "events";
	size_t i = sizeof(begin) - 1, n = 0, first;

	if (name.n <= i + 1 || memcmp(name.p, begin, i) != 0 ||
	    (name.p[i] != '[' && name.p[i] != '.'))
		return false;
	for (first = ++i; i < name.n && ascii_is_digit(name.p[i]); i++) {
		n = n * 10 + (size_t)(name.p[i] - '0');
		if (n >= BODY_EVENTS_MAX)
			return false;
	}
	if (i == first)
		return false;
	if (i < name.n && name.p[i] == ']')
		i++;
	if (i < name.n && name.p[i] == '.')
		i++;
	*index = n;
	*field = (struct span){ name.p + i, name.n - i };
	return true;
}

/* The first message of a list of them. */
static bool
first_text(const struct json_value *list, struct json_value *text)
{
	struct json_scan s;

	return json_open(&s, list->raw.p, list->raw.n) == JSON_ARRAY && json_enter_array(&s) &&
	    json_next_element(&s, text) && text->type == JSON_STRING;
}

struct place {
	size_t index, field, field_n, text, text_n;
};

/* Reads the fieldErrors; they are spans once the words do not move any more. */
static void
read_faults(struct verdict *v, struct span fields)
{
	struct place place[BODY_FAULTS_MAX];
	struct json_scan s;
	struct json_member m;
	size_t i;

	if (json_open(&s, fields.p, fields.n) != JSON_OBJECT)
		return;
	while (v->faults < BODY_FAULTS_MAX && json_next(&s, &m)) {
		struct place *f = &place[v->faults];
		char room[FIELD_MAX];
		struct span name = json_short_text(&m.key, room, sizeof(room)), field;
		struct json_value text;

		if (!name.p || !read_place(name, &f->index, &field) || !first_text(&m.value, &text))
			continue;
		f->field = v->words.n;
		buf_add(&v->words, field.p, field.n);
		f->field_n = field.n;
		f->text = v->words.n;
		f->text_n = keep(v, &text);
		v->faults++;
	}
	if (v->words.failed)
		v->faults = 0;
	for (i = 0; i < v->faults; i++) {
		const struct place *f = &place[i];

		v->fault[i] =
		    (struct verdict_fault){ f->index, { v->words.p + f->field, f->field_n },
			    { v->words.p + f->text, f->text_n } };
	}
}

/* The first of the formErrors, else of all that is said; n is 0 for none. */
static struct span
general_text(struct verdict *v, struct span details)
{
	struct json_value list, text;
	struct json_scan s;
	struct json_member m;
	size_t at = v->words.n, n = 0;

	if (member(details, "formErrors", &list) && first_text(&list, &text)) {
		n = keep(v, &text);
	} else if (member(details, "fieldErrors", &list) &&
	    json_open(&s, list.raw.p, list.raw.n) == JSON_OBJECT && json_next(&s, &m) &&
	    first_text(&m.value, &text)) {
		n = keep(v, &text);
	}
	return v->words.failed || n == 0 ? SPAN("") : (struct span){ v->words.p + at, n };
}

static enum clickhouse_status
refused(struct verdict *v, struct span details, struct clickhouse_error *e)
{
	struct json_value fields;
	struct span text;

	if (member(details, "fieldErrors", &fields))
		read_faults(v, fields.raw);
	if (v->faults > 0)
		return clickhouse_fail(e, CLICKHOUSE_BAD_DATA, "Refused by the server");
	text = general_text(v, details);
	return clickhouse_fail(e, CLICKHOUSE_BAD_DATA, "%.*s",
	    text.n ? (int)(text.n < 400 ? text.n : 400) : 21,
	    text.n ? text.p : "Refused by the server");
}

/* What to do about a key that is refused. */
static const char *
advice(struct span code)
{
	static const char *const table[][2] = {
		{ "missing_bearer_token",
		    "something on the way takes the Authorization header off" },
		{ "malformed_api_key", "this is not a key of such an API: look at --key-file" },
		{ "invalid_api_key", "the key is not known there, or was revoked" },
		{ "key_kind_mismatch", "it is another key of that kind" },
		{ "origin_not_allowed", "a pk is for the pages of its origins: use an sk" },
		{ "insufficient_scope", "an rk reads: sending needs an sk" },
		{ "key_kind_not_allowed", "sending needs an sk" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (span_eq(code, span_of(table[i][0])))
			return table[i][1];
	return "look at the key";
}

/* A code that may be shown: letters, digits and underscores. */
static struct span
code_of(struct span body, char room[CODE_MAX])
{
	struct json_value value;
	struct span code = SPAN("");
	size_t i;

	if (member(body, "error", &value) && value.type == JSON_STRING)
		code = json_short_text(&value, room, CODE_MAX);
	for (i = 0; i < code.n; i++)
		if (!ascii_is_letter(code.p[i]) && !ascii_is_digit(code.p[i]) && code.p[i] != '_')
			return SPAN("");
	return code.p && code.n < CODE_MAX ? code : SPAN("");
}

static bool
is_taken(struct span body)
{
	struct json_value ok;

	return member(body, "ok", &ok) && ok.type == JSON_BOOLEAN && ok.raw.p[0] == 't';
}

static enum clickhouse_status
judge(struct verdict *v, const struct post_answer *a, const char *url, struct clickhouse_error *e)
{
	struct span body = { a->body.p, a->body.n }, code;
	struct json_value details = { .raw = { NULL, 0 } };
	char room[CODE_MAX];

	if (a->http >= 200 && a->http < 300)
		return is_taken(body)
		    ? CLICKHOUSE_OK
		    : clickhouse_fail(e, CLICKHOUSE_UNKNOWN,
			  "%s answers HTTP %ld, but not that it took the events: is this the URL "
			  "of the API?",
			  url, a->http);
	code = code_of(body, room);
	member(body, "details", &details);
	switch (a->http) {
	case HTTP_BAD_REQUEST:
	case HTTP_UNPROCESSABLE:
		if (span_eq(code, SPAN("invalid_payload")))
			return refused(v, details.raw, e);
		break;
	case HTTP_TOO_LARGE:
		return clickhouse_fail(
		    e, CLICKHOUSE_BAD_DATA, "Too large for the server (HTTP 413)");
	case HTTP_UNAUTHORIZED:
	case HTTP_FORBIDDEN:
		return clickhouse_fail(e, CLICKHOUSE_CONFIG,
		    "%s refuses the key (HTTP %ld%s%.*s): %s", url, a->http, code.n ? ", " : "",
		    (int)code.n, code.p, advice(code));
	case HTTP_NOT_FOUND:
	case HTTP_METHOD:
		return clickhouse_fail(e, CLICKHOUSE_CONFIG,
		    "%s: no such API is there (HTTP %ld): --api is what stands before /v1/batch",
		    url, a->http);
	case HTTP_TIMEOUT:
	case HTTP_TOO_EARLY:
	case HTTP_TOO_MANY:
		return clickhouse_fail(
		    e, CLICKHOUSE_TRANSIENT, "%s answers HTTP %ld", url, a->http);
	default:
		break;
	}
	if (a->http >= 300 && a->http < 400)
		return clickhouse_fail(e, CLICKHOUSE_CONFIG,
		    "%s redirects (HTTP %ld), and a key is not carried on: give the URL that it "
		    "leads to",
		    url, a->http);
	return clickhouse_fail(e, a->http >= 500 ? CLICKHOUSE_TRANSIENT : CLICKHOUSE_CONFIG,
	    "%s answers HTTP %ld%s%.*s", url, a->http, code.n ? ", " : "", (int)code.n, code.p);
}

enum clickhouse_status
verdict_read(struct verdict *v, enum post_result r, const struct post_answer *a, const char *url,
    struct clickhouse_error *e)
{
	*e = (struct clickhouse_error){ .status = CLICKHOUSE_OK };
	v->faults = 0;
	buf_reset(&v->words);
	switch (r) {
	case POST_STOPPED:
		return clickhouse_fail(e, CLICKHOUSE_STOPPED, "stopped by a signal");
	case POST_SETUP:
		return clickhouse_fail(e, CLICKHOUSE_CONFIG, "%s: %s", url, a->reason);
	case POST_NETWORK:
		return clickhouse_fail(e, CLICKHOUSE_TRANSIENT, "%s: %s", url, a->reason);
	case POST_ANSWERED:
		break;
	}
	e->http = a->http;
	e->retry_after_ms = a->retry_after_ms;
	return judge(v, a, url, e);
}
