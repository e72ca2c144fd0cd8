#include "quality/excerpt.h"

#include "base/ascii.h"
#include "event/event.h"
#include "quality/findings.h"

#include "base/banned.h"

#define ELLIPSIS "\xe2\x80\xa6"
#define PROPERTIES "properties"

struct excerpt {
	struct buf *b;
	size_t end;
	bool first; /* no member is there yet */
	bool cut;
};

/* ---- values ---- */

/* Whether four numbers with points between them begin at p, as of an IPv4 address. */
static bool
begins_ipv4(const char *p, const char *end)
{
	int points = 0, digits = 0;

	for (; p < end && digits <= 3; p++) {
		if (ascii_is_digit(*p) && points == 3)
			return true;
		if (ascii_is_digit(*p)) {
			digits++;
		} else if (*p == '.' && digits > 0) {
			points++;
			digits = 0;
		} else {
			break;
		}
	}
	return false;
}

/* Whether an IP address may stand in the text, whatever is around it. */
static bool
holds_address(struct span s)
{
	enum { COLONS = 7 }; /* of an IPv6 address that is written in full */
	const char *p, *end = s.p + s.n;
	int colons = 0;

	for (p = s.p; p < end; p++) {
		if (ascii_is_digit(*p) && begins_ipv4(p, end))
			return true;
		if (*p == ':')
			colons++;
		else if (!ascii_is_hex(*p))
			colons = 0;
		if (colons == COLONS || (*p == ':' && p > s.p && p[-1] == ':'))
			return true;
	}
	return false;
}

/* Whether it may tell who the visitor is; the text has no escapes. */
static bool
tells_who(struct span s)
{
	return memchr(s.p, '@', s.n) || holds_address(s) || span_holds(s, SPAN("Mozilla/"));
}

static void
add_cut(struct buf *b, struct span s, size_t max)
{
	struct span shown = text_cut(s, max);

	buf_add(b, shown.p, shown.n);
	if (shown.n < s.n)
		buf_adds(b, ELLIPSIS);
}

static void
add_value(struct buf *b, const struct json_value *v, size_t max)
{
	struct span s = { v->raw.p + 1, v->raw.n - 2 };

	switch (v->type) {
	case JSON_STRING:
		buf_addc(b, '"');
		if (v->escaped || tells_who(s))
			buf_adds(b, ELLIPSIS);
		else
			add_cut(b, s, max);
		buf_addc(b, '"');
		break;
	case JSON_ARRAY:
		buf_adds(b, v->minified > 2 ? "[" ELLIPSIS "]" : "[]");
		break;
	case JSON_OBJECT:
		buf_adds(b, v->minified > 2 ? "{" ELLIPSIS "}" : "{}");
		break;
	case JSON_NULL:
	case JSON_BOOLEAN:
	case JSON_NUMBER:
		add_cut(b, v->raw, EXCERPT_VALUE_MAX);
		break;
	}
}

/* ---- members ---- */

/* Begins a member, when there is still room. */
static bool
begin_member(struct excerpt *x, const struct json_value *key)
{
	if (x->cut || x->b->n >= x->end) {
		x->cut = true;
		return false;
	}
	if (!x->first)
		buf_addc(x->b, ',');
	x->first = false;
	buf_addc(x->b, '"');
	add_cut(x->b, (struct span){ key->raw.p + 1, key->raw.n - 2 }, EXCERPT_NAME_MAX);
	buf_adds(x->b, "\":");
	return true;
}

static void
end_object(struct excerpt *x)
{
	if (x->cut)
		buf_adds(x->b, x->first ? ELLIPSIS : "," ELLIPSIS);
	buf_addc(x->b, '}');
}

/* Whether the key is that word, in snake_case, kebab-case or camelCase. */
static bool
is_same_name(struct span key, const char *word)
{
	size_t i;

	for (i = 0; i < key.n; i++) {
		if (key.p[i] == '_' || key.p[i] == '-')
			continue;
		if (*word == '\0' || (key.p[i] | 0x20) != *word++)
			return false;
	}
	return *word == '\0';
}

static bool
is_hidden(struct span key)
{
	static const char *const hidden[] = { "ip", "ipaddress", "ipaddr", "clientip", "remoteaddr",
		"remoteip", "realip", "xrealip", "forwardedfor", "xforwardedfor", "useragent",
		"httpuseragent", "ua", "uahints" };
	size_t i;

	for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (is_same_name(key, hidden[i]))
			return true;
	return false;
}

/* The key without escapes; p is NULL when that is long, so no key that is known. */
static struct span
key_of(const struct json_value *key, char *room, size_t n)
{
	return json_short_text(key, room, n);
}

enum { KEY_ROOM = 128 };

/* The members of `properties` of which the key is `wanted`, or those of which it is not. */
static void
add_some(struct excerpt *x, struct span object, struct span wanted, bool equal)
{
	char room[KEY_ROOM];
	struct json_scan s;
	struct json_member m;

	json_open(&s, object.p, object.n);
	while (json_next(&s, &m)) {
		struct span key = key_of(&m.key, room, sizeof(room));
		struct span inside = { m.key.raw.p + 1, m.key.raw.n - 2 };

		if (span_eq(inside, wanted) != equal || !key.p || is_hidden(key) || tells_who(key))
			continue;
		if (begin_member(x, &m.key))
			add_value(x->b, &m.value, EXCERPT_VALUE_MAX);
	}
}

static void
add_properties(struct excerpt *x, struct span object, struct span wanted)
{
	struct excerpt inner = { x->b, x->end, true, false };

	buf_addc(x->b, '{');
	add_some(&inner, object, wanted, true);
	add_some(&inner, object, wanted, false);
	end_object(&inner);
}

/* Fields of which the value may be seen. */
static bool
is_shown(struct span key)
{
	static const enum event_field shown[] = { EVENT_EVENT, EVENT_EVENT_ID, EVENT_TIMESTAMP,
		EVENT_ANONYMOUS_ID, EVENT_USER_ID, EVENT_SESSION_ID, EVENT_URL, EVENT_PATH,
		EVENT_REFERRER, EVENT_HOST, EVENT_RECEIVED_AT, EVENT_PROJECT_ID, EVENT_SENT_AT };
	size_t i;

	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		if (span_eq(key, event_field_name(shown[i])))
			return true;
	return false;
}

static void
add_member(struct excerpt *x, const struct json_member *m, struct span key, struct span field)
{
	struct span prefix = SPAN(PROPERTIES ".");
	struct span wanted = { "", 0 };

	if (!begin_member(x, &m->key))
		return;
	if (span_eq(key, SPAN(PROPERTIES)) && m->value.type == JSON_OBJECT) {
		if (field.n > prefix.n && memcmp(field.p, prefix.p, prefix.n) == 0)
			wanted = (struct span){ field.p + prefix.n, field.n - prefix.n };
		add_properties(x, m->value.raw, wanted);
	} else if (is_shown(key) || m->value.type == JSON_NULL) {
		add_value(x->b, &m->value,
		    span_eq(key, SPAN("event")) ? EXCERPT_NAME_MAX : EXCERPT_VALUE_MAX);
	} else {
		buf_adds(x->b, ELLIPSIS);
	}
}

/* When a member is shown: the event's name, what the field is in, properties, the rest. */
enum { PLACES = 4 };

static int
place_of(struct span key, struct span field)
{
	size_t n = key.n;

	if (span_eq(key, SPAN("event")))
		return 0;
	if (field.n >= n && memcmp(field.p, key.p, n) == 0 && (field.n == n || field.p[n] == '.'))
		return 1;
	return span_eq(key, SPAN(PROPERTIES)) ? 2 : 3;
}

static void
add_members(struct excerpt *x, const char *p, size_t n, struct span field, int place)
{
	char room[KEY_ROOM];
	struct json_scan s;
	struct json_member m;

	json_open(&s, p, n);
	while (json_next(&s, &m)) {
		struct span key = key_of(&m.key, room, sizeof(room));

		if (key.p && place_of(key, field) == place && !is_hidden(key) && !tells_who(key))
			add_member(x, &m, key, field);
	}
}

void
excerpt_add(struct buf *b, const char *p, size_t n, struct span field)
{
	struct excerpt x = { b, b->n + EXCERPT_MAX, true, false };
	struct json_scan s;
	int place;

	if (json_skim(&s, p, n) != JSON_OBJECT || s.reason)
		return;
	buf_addc(b, '{');
	for (place = 0; place < PLACES; place++)
		add_members(&x, p, n, field, place);
	end_object(&x);
}
