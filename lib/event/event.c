#include "event/event.h"

#include "base/timestamp.h"
#include "base/uuid.h"

#include "base/banned.h"

enum fault {
	FAULT_REQUIRED,
	FAULT_TYPE,
	FAULT_SHORT,
	FAULT_LONG,
	FAULT_LARGE,
	FAULT_TIME,
	FAULT_TIME_RANGE,
	FAULT_URL,
	FAULT_IP,
	FAULT_UUID,
};

/* What the text of a string field must be, beyond its length. */
enum form {
	FORM_ANY,
	FORM_TIME,
	FORM_URL,
	FORM_IP,
	FORM_UUID,
};

struct field {
	struct span name;
	enum json_type type;
	enum form form;
	bool required;
	bool empty_is_absent; /* collectors send "" for what they do not know */
	size_t min, max;      /* strings: UTF-16 units; objects: minified bytes */
};

#define NAME(s)                    \
	{                          \
		(s), sizeof(s) - 1 \
	}
#define STRING JSON_STRING

/* SPEC 1 and 2.  max 0: no bound but the line's. */
static const struct field fields[EVENT_FIELDS] = {
	[EVENT_EVENT] = { NAME("event"), STRING, FORM_ANY, true, false, 1, 128 },
	[EVENT_EVENT_ID] = { NAME("event_id"), STRING, FORM_ANY, false, false, 1, 128 },
	[EVENT_TIMESTAMP] = { NAME("timestamp"), STRING, FORM_TIME, false, false, 0, 0 },
	[EVENT_ANONYMOUS_ID] = { NAME("anonymous_id"), STRING, FORM_ANY, false, false, 1, 128 },
	[EVENT_USER_ID] = { NAME("user_id"), STRING, FORM_ANY, false, false, 1, 256 },
	[EVENT_SESSION_ID] = { NAME("session_id"), STRING, FORM_ANY, false, false, 1, 128 },
	[EVENT_URL] = { NAME("url"), STRING, FORM_URL, false, false, 0, 2048 },
	[EVENT_PATH] = { NAME("path"), STRING, FORM_ANY, false, false, 0, 2048 },
	[EVENT_REFERRER] = { NAME("referrer"), STRING, FORM_ANY, false, false, 0, 2048 },
	[EVENT_PROPERTIES] = { NAME("properties"), JSON_OBJECT, FORM_ANY, false, false, 0, 8192 },
	[EVENT_IP] = { NAME("ip"), STRING, FORM_IP, false, true, 0, 0 },
	[EVENT_USER_AGENT] = { NAME("user_agent"), STRING, FORM_ANY, false, true, 0, 0 },
	[EVENT_HOST] = { NAME("host"), STRING, FORM_ANY, false, true, 0, 0 },
	[EVENT_RECEIVED_AT] = { NAME("received_at"), STRING, FORM_TIME, false, true, 0, 0 },
	[EVENT_PROJECT_ID] = { NAME("project_id"), STRING, FORM_UUID, false, true, 0, 0 },
	[EVENT_SENT_AT] = { NAME("sent_at"), STRING, FORM_TIME, false, true, 0, 0 },
	[EVENT_UA_HINTS] = { NAME("ua_hints"), JSON_OBJECT, FORM_ANY, false, false, 0, 0 },
};

/* The keys of the stored row that a client cannot set (SPEC 4). */
static const struct span server_owned[] = {
	NAME("event_name"),
	NAME("source"),
	NAME("medium"),
	NAME("campaign"),
	NAME("source_confidence"),
	NAME("source_rule_id"),
	NAME("country"),
	NAME("device_type"),
	NAME("browser"),
	NAME("os"),
	NAME("ip_hash"),
};

void
event_init(struct event *e)
{
	memset(e, 0, sizeof(*e));
}

void
event_release(struct event *e)
{
	buf_release(&e->scratch);
	buf_release(&e->url_scratch);
	buf_release(&e->words);
}

struct span
event_field_name(enum event_field f)
{
	return fields[f].name;
}

/* ---- keys ---- */

/* The length is constant in each call, so that comparing is a few loads. */
#define IF_NAMED(p, name, f)                            \
	if (memcmp((p), (name), sizeof(name) - 1) == 0) \
	return (f)

static int
field_named(const char *p, size_t n)
{
	switch (n) {
	case 2:
		IF_NAMED(p, "ip", EVENT_IP);
		break;
	case 3:
		IF_NAMED(p, "url", EVENT_URL);
		break;
	case 4:
		IF_NAMED(p, "path", EVENT_PATH);
		IF_NAMED(p, "host", EVENT_HOST);
		break;
	case 5:
		IF_NAMED(p, "event", EVENT_EVENT);
		break;
	case 7:
		IF_NAMED(p, "user_id", EVENT_USER_ID);
		IF_NAMED(p, "sent_at", EVENT_SENT_AT);
		break;
	case 8:
		IF_NAMED(p, "event_id", EVENT_EVENT_ID);
		IF_NAMED(p, "referrer", EVENT_REFERRER);
		IF_NAMED(p, "ua_hints", EVENT_UA_HINTS);
		break;
	case 9:
		IF_NAMED(p, "timestamp", EVENT_TIMESTAMP);
		break;
	case 10:
		IF_NAMED(p, "session_id", EVENT_SESSION_ID);
		IF_NAMED(p, "properties", EVENT_PROPERTIES);
		IF_NAMED(p, "user_agent", EVENT_USER_AGENT);
		IF_NAMED(p, "project_id", EVENT_PROJECT_ID);
		break;
	case 11:
		IF_NAMED(p, "received_at", EVENT_RECEIVED_AT);
		break;
	case 12:
		IF_NAMED(p, "anonymous_id", EVENT_ANONYMOUS_ID);
		break;
	}
	return -1;
}

static struct span
inside(const struct json_value *string)
{
	return (struct span){ string->raw.p + 1, string->raw.n - 2 };
}

/* The field that a key names, also when it is written with escapes; or -1. */
static int
field_of(const struct json_value *key)
{
	/* the longest name, each of its characters as a \u escape */
	char room[12 * JSON_ESCAPE_MAX + 2];
	struct span k = inside(key);

	if (key->escaped)
		k = json_short_text(key, room, sizeof(room));
	return k.p ? field_named(k.p, k.n) : -1;
}

/* As json_plain_key, in the scratch. */
static struct span
plain_key(struct event *e, const struct json_value *key)
{
	char *w = e->scratch.p + e->scratch.n;
	struct span k = json_plain_key(key, w);

	if (k.p == w)
		e->scratch.n += k.n;
	return k;
}

static void
note_unknown(struct event *e, const struct json_value *key)
{
	struct span k = plain_key(e, key);
	size_t i;

	for (i = 0; i < e->unknown_count && i < EVENT_UNKNOWN_MAX; i++)
		if (span_eq(e->unknown[i], k))
			return;
	if (i < EVENT_UNKNOWN_MAX)
		e->unknown[i] = k;
	e->unknown_count++;
}

/* ---- complaints; only lines that are rejected come here ---- */

/*
 * Ends the words written since `start` as a complaint.  While the list grows
 * its texts are offsets into `words`, which may move; event_parse turns them
 * into pointers at its end.
 */
static void
complain(struct event *e, struct span field, size_t start, struct span kind)
{
	if (e->complaints == EVENT_COMPLAINTS_MAX)
		return;
	e->complaint[e->complaints++] = (struct complaint){
		.field = field,
		.text = { NULL, e->words.n - start },
		.kind = kind,
	};
}

static void
settle_words(struct event *e)
{
	const char *p = e->words.p;
	size_t i;

	for (i = 0; i < e->complaints; i++) {
		struct complaint *c = &e->complaint[i];

		if (e->words.failed)
			c->text = SPAN("(out of memory)");
		else
			c->text.p = p;
		p += c->text.n;
	}
}

static void
fault(struct event *e, enum event_field f, enum fault what, const char *reason)
{
	const struct field *d = &fields[f];
	struct buf *w = &e->words;
	size_t start = w->n;

	switch (what) {
	case FAULT_REQUIRED:
		buf_adds(w, "Required");
		break;
	case FAULT_TYPE:
		buf_addf(w, "Expected %s, received %s", json_type_name(d->type), reason);
		break;
	case FAULT_SHORT:
		buf_addf(w, "Too short: at least %zu character", d->min);
		break;
	case FAULT_LONG:
		buf_addf(w, "Too long: at most %zu characters", d->max);
		break;
	case FAULT_LARGE:
		buf_addf(w, "Too large: at most %zu bytes when minified", d->max);
		break;
	case FAULT_TIME:
		buf_adds(w, "Invalid date-time: expected RFC 3339, as 2026-05-16T19:00:00Z");
		break;
	case FAULT_TIME_RANGE:
		buf_adds(w, "Out of range: the years 1900 to 2299 can be stored");
		break;
	case FAULT_URL:
		buf_addf(w, "Invalid URL: %s", reason);
		break;
	case FAULT_IP:
		buf_adds(w, "Invalid IP address");
		break;
	case FAULT_UUID:
		buf_adds(w, "Invalid UUID");
		break;
	}
	complain(e, d->name, start, (struct span){ NULL, 0 });
}

static void
fault_no_object(struct event *e, const struct json_scan *s, enum json_type type)
{
	e->complaint[e->complaints++] = complaint_no_object(s, type, &e->words);
}

static void
fault_memory(struct event *e)
{
	size_t start = e->words.n;

	buf_adds(&e->words, "Out of memory");
	complain(e, (struct span){ NULL, 0 }, start, (struct span){ NULL, 0 });
}

static bool
is_server_owned(struct span key)
{
	size_t i;

	for (i = 0; i < sizeof(server_owned) / sizeof(server_owned[0]); i++)
		if (span_eq(server_owned[i], key))
			return true;
	return false;
}

static void
fault_unknown_keys(struct event *e)
{
	struct buf *w = &e->words;
	size_t i, start;

	for (i = 0; i < e->unknown_count && i < EVENT_UNKNOWN_MAX; i++) {
		start = w->n;
		buf_adds(w,
		    is_server_owned(e->unknown[i]) ? "Set by mm-enrich, not by clients"
						   : "Unknown key");
		complain(e, e->unknown[i], start, (struct span){ NULL, 0 });
	}
	if (e->unknown_count > EVENT_UNKNOWN_MAX) {
		start = w->n;
		buf_addf(w, "More than %d unknown keys", EVENT_UNKNOWN_MAX);
		complain(e, (struct span){ NULL, 0 }, start, (struct span){ NULL, 0 });
	}
}

/* ---- checks ---- */

static void
check_time(struct event *e, enum event_field f)
{
	int64_t *to = f == EVENT_TIMESTAMP ? &e->timestamp
	    : f == EVENT_SENT_AT           ? &e->sent_at
					   : &e->received_at;
	struct span s = event_text(e, f);

	if (!timestamp_parse(s.p, s.n, to))
		fault(e, f, FAULT_TIME, NULL);
	else if (*to < TIMESTAMP_MIN || *to > TIMESTAMP_MAX)
		fault(e, f, FAULT_TIME_RANGE, NULL);
}

static void
check_url(struct event *e, enum event_field f)
{
	struct span s = event_text(e, f);
	const char *reason = url_split(&e->url, s.p, s.n, &e->url_scratch);

	if (reason)
		fault(e, f, FAULT_URL, reason);
}

static void
check_form(struct event *e, enum event_field f)
{
	struct span s;

	switch (fields[f].form) {
	case FORM_ANY:
		break;
	case FORM_TIME:
		check_time(e, f);
		break;
	case FORM_URL:
		check_url(e, f);
		break;
	case FORM_IP:
		s = event_text(e, f);
		if (!ip_parse(&e->ip, s.p, s.n))
			fault(e, f, FAULT_IP, NULL);
		break;
	case FORM_UUID:
		if (!uuid_valid(event_text(e, f)))
			fault(e, f, FAULT_UUID, NULL);
		break;
	}
}

static void
check_field(struct event *e, enum event_field f)
{
	const struct field *d = &fields[f];
	const struct json_value *v = &e->value[f];

	if (v->type == JSON_NULL && !d->required) {
		e->present &= ~(1u << f);
		return;
	}
	if (v->type != d->type) {
		fault(e, f, FAULT_TYPE, json_type_name(v->type));
		return;
	}
	if (d->type == JSON_OBJECT) {
		if (d->max && v->minified > d->max)
			fault(e, f, FAULT_LARGE, NULL);
		return;
	}
	if (v->utf16 == 0 && d->empty_is_absent) {
		e->present &= ~(1u << f);
		return;
	}
	if (v->utf16 < d->min)
		fault(e, f, FAULT_SHORT, NULL);
	if (d->max && v->utf16 > d->max)
		fault(e, f, FAULT_LONG, NULL);
	check_form(e, f);
}

static void
check_fields(struct event *e)
{
	unsigned rest = e->present | 1u << EVENT_EVENT;

	if (!event_has(e, EVENT_EVENT)) {
		fault(e, EVENT_EVENT, FAULT_REQUIRED, NULL);
		rest &= ~(1u << EVENT_EVENT);
	}
	while (rest) {
		enum event_field f = (enum event_field)__builtin_ctz(rest);

		rest &= rest - 1;
		check_field(e, f);
	}
	if (e->unknown_count)
		fault_unknown_keys(e);
}

/* What a collector alone can know. */
static const unsigned of_context = 1u << EVENT_IP | 1u << EVENT_USER_AGENT | 1u << EVENT_HOST |
    1u << EVENT_RECEIVED_AT | 1u << EVENT_PROJECT_ID;

/* Reads the members; false with a complaint when the line is no JSON object. */
static bool
read_members(struct event *e, const char *p, size_t n)
{
	struct json_scan s;
	struct json_value key, other;
	enum json_type t = json_open(&s, p, n);

	if (t != JSON_OBJECT || s.reason) {
		json_whole(&s, &other);
		fault_no_object(e, &s, t);
		return false;
	}
	while (json_next_key(&s, &key)) {
		int f = field_of(&key);

		/* read where it stays: a copy would wait for what was just stored */
		if (f >= 0)
			e->present |= 1u << f;
		else if (e->strict_keys)
			note_unknown(e, &key);
		if (!json_key_value(&s, f >= 0 ? &e->value[f] : &other))
			break;
	}
	if (s.reason) {
		fault_no_object(e, &s, t);
		return false;
	}
	if (e->outside) {
		e->ignored = e->present & of_context;
		e->present &= ~of_context;
	}
	return true;
}

bool
event_parse(struct event *e, const char *p, size_t n)
{
	e->present = e->ignored = e->unescaped = 0;
	e->complaints = e->unknown_count = 0;
	buf_reset(&e->scratch);
	buf_reset(&e->words);
	if (!buf_room(&e->scratch, n))
		fault_memory(e);
	else if (read_members(e, p, n))
		check_fields(e);
	if (e->complaints == 0)
		return true;
	settle_words(e);
	return false;
}

/* ---- text ---- */

struct span
event_raw(const struct event *e, enum event_field f)
{
	if (!event_has(e, f))
		return (struct span){ NULL, 0 };
	return inside(&e->value[f]);
}

struct span
event_text(struct event *e, enum event_field f)
{
	const struct json_value *v = &e->value[f];
	char *w;

	if (!event_has(e, f) || !v->escaped)
		return event_raw(e, f);
	if (e->unescaped >> f & 1)
		return e->text[f];
	/* event_parse made room for the whole line: earlier texts do not move */
	w = e->scratch.p + e->scratch.n;
	e->text[f] = (struct span){ w, json_unescape(v->raw, w) };
	e->scratch.n += e->text[f].n;
	e->unescaped |= 1u << f;
	return e->text[f];
}

/* ---- context ---- */

static void
put_text(struct event *e, enum event_field f, struct span text)
{
	if (!text.p)
		return;
	e->present |= 1u << f;
	e->unescaped |= 1u << f;
	e->value[f] = (struct json_value){ .type = JSON_STRING, .escaped = true };
	e->text[f] = text;
}

void
event_put_context(struct event *e, const struct event_context *c)
{
	e->present &= ~(of_context & ~(1u << EVENT_PROJECT_ID));
	put_text(e, EVENT_USER_AGENT, c->user_agent);
	put_text(e, EVENT_HOST, c->host);
	if (c->ip) {
		e->present |= 1u << EVENT_IP;
		e->ip = *c->ip;
	}
	e->present |= 1u << EVENT_RECEIVED_AT;
	e->received_at = c->received_at;
}
