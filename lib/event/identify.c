#include "event/identify.h"

#include "base/banned.h"

enum {
	KEY_UNKNOWN = -1, /* no key of events either */
	KEY_RESERVED = -2 /* `event` and `properties`: known of events, not here */
};

void
identify_release(struct identify *id)
{
	buf_release(&id->event);
	buf_release(&id->words);
	event_release(&id->checker);
}

static void
complain(struct identify *id, struct span field, struct span text)
{
	if (id->complaints < IDENTIFY_COMPLAINTS_MAX)
		id->complaint[id->complaints++] =
		    (struct complaint){ .field = field, .text = text };
}

static int
field_named(struct span k)
{
	int f;

	if (span_eq(k, SPAN("traits")))
		return EVENT_PROPERTIES;
	for (f = 0; f < EVENT_FIELDS; f++)
		if (span_eq(k, event_field_name((enum event_field)f)))
			return f == EVENT_EVENT || f == EVENT_PROPERTIES ? KEY_RESERVED : f;
	return KEY_UNKNOWN;
}

static int
field_of(const struct json_value *key)
{
	/* the longest name, each of its characters as a \u escape */
	char room[12 * JSON_ESCAPE_MAX + 2];
	struct span k = json_short_text(key, room, sizeof(room));

	return k.p ? field_named(k) : KEY_UNKNOWN;
}

static void
add_member(struct buf *to, struct span key, struct span value)
{
	buf_adds(to, to->n > 0 ? ",\"" : "{\"");
	buf_add(to, key.p, key.n);
	buf_adds(to, "\":");
	buf_add(to, value.p, value.n);
}

/*
 * A key that is dropped.  With strict_keys it goes into the event, for
 * event_parse to complain of; but not those that would have a meaning there.
 */
static void
take_unknown(struct identify *id, const struct json_member *m, int key, bool *reserved)
{
	if (!id->strict_keys)
		return;
	if (key == KEY_RESERVED)
		*reserved = true;
	else
		add_member(
		    &id->event, (struct span){ m->key.raw.p + 1, m->key.raw.n - 2 }, m->value.raw);
}

/* Reads the members; false with a complaint when the line is no JSON object. */
static bool
read_members(struct identify *id, const char *p, size_t n)
{
	struct json_scan s;
	struct json_member m;
	enum json_type type = json_open(&s, p, n);
	bool reserved = false;

	if (type != JSON_OBJECT)
		json_whole(&s, &m.value);
	while (type == JSON_OBJECT && json_next(&s, &m)) {
		int f = field_of(&m.key);

		if (f < 0) {
			take_unknown(id, &m, f, &reserved);
			continue;
		}
		id->value[f] = m.value;
		id->present |= 1u << f;
	}
	if (type != JSON_OBJECT || s.reason) {
		id->complaint[id->complaints++] = complaint_no_object(&s, type, &id->words);
		return false;
	}
	if (reserved)
		complain(id, (struct span){ NULL, 0 },
		    SPAN("Unknown key: event and properties are set here, from traits"));
	return true;
}

static bool
has(const struct identify *id, int f)
{
	return (id->present >> f & 1) != 0;
}

static void
add_field(struct identify *id, int f)
{
	if (has(id, f) && id->value[f].type != JSON_NULL)
		add_member(&id->event, event_field_name((enum event_field)f), id->value[f].raw);
	id->present &= ~(1u << f);
}

static void
add_required(struct identify *id, int f)
{
	struct span name = event_field_name((enum event_field)f);

	if (!has(id, f))
		complain(id, name, SPAN("Required"));
	else if (id->value[f].type == JSON_NULL)
		complain(id, name, SPAN("Expected string, received null"));
	add_field(id, f);
}

static void
build(struct identify *id)
{
	int f;

	add_member(&id->event, SPAN("event"), SPAN("\"$identify\""));
	add_required(id, EVENT_ANONYMOUS_ID);
	add_required(id, EVENT_USER_ID);
	add_field(id, EVENT_PROPERTIES);
	for (f = 0; f < EVENT_FIELDS; f++)
		add_field(id, f);
	buf_addc(&id->event, '}');
}

/* The event's own bounds are ours: what is wrong with it is wrong with the line. */
static void
check(struct identify *id)
{
	struct event *e = &id->checker;
	size_t i;

	if (id->event.failed) {
		complain(id, (struct span){ NULL, 0 }, SPAN("Out of memory"));
		return;
	}
	e->strict_keys = id->strict_keys;
	e->outside = id->outside;
	if (event_parse(e, id->event.p, id->event.n))
		return;
	for (i = 0; i < e->complaints; i++) {
		struct complaint c = e->complaint[i];

		if (c.field.p && span_eq(c.field, event_field_name(EVENT_PROPERTIES)))
			c.field = SPAN("traits");
		if (id->complaints < IDENTIFY_COMPLAINTS_MAX)
			id->complaint[id->complaints++] = c;
	}
}

bool
identify(struct identify *id, const char *p, size_t n)
{
	id->complaints = 0;
	id->present = 0;
	buf_reset(&id->event);
	buf_reset(&id->words);
	if (read_members(id, p, n)) {
		build(id);
		check(id);
	}
	return id->complaints == 0;
}
