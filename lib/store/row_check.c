#include "store/row_check.h"

#include "text/json.h"

#include "base/banned.h"

const char *const row_keys[ROW_KEYS] = { "event_name", "timestamp", "project_id", "anonymous_id" };

enum { EVENT_NAME, KEY_MAX = 128 };

/* As mm-enrich writes them: a UUID and a time have a length. */
#define HEAD "{\"project_id\":\""
#define TIME "\",\"timestamp\":\""
#define NAME "\",\"event_name\":\""
#define ID "\",\"event_id\":\""
#define PERSON "\",\"anonymous_id\":\""
enum {
	TIME_AT = sizeof(HEAD) - 1 + sizeof("00000000-0000-0000-0000-000000000000") - 1,
	NAME_AT = TIME_AT + sizeof(TIME) - 1 + sizeof("2026-01-31 23:59:59.999") - 1,
	VALUES_AT = NAME_AT + sizeof(NAME) - 1,
};

/* Behind a string at p that is plain and not empty, at its closing quote; or NULL. */
static const char *
behind(const char *p, const char *end)
{
	const char *quote = memchr(p, '"', (size_t)(end - p));

	return quote && quote != p && quote[-1] != '\\' ? quote : NULL;
}

bool
row_is_usual(struct span row)
{
	const char *p = row.p, *end = row.p + row.n;

	if (row.n < VALUES_AT || memcmp(p, HEAD, sizeof(HEAD) - 1) != 0 ||
	    memcmp(p + TIME_AT, TIME, sizeof(TIME) - 1) != 0 ||
	    memcmp(p + NAME_AT, NAME, sizeof(NAME) - 1) != 0)
		return false;
	p = behind(p + VALUES_AT, end);
	if (p && (size_t)(end - p) > sizeof(ID) && memcmp(p, ID, sizeof(ID) - 1) == 0)
		p = memchr(p + sizeof(ID) - 1, '"', (size_t)(end - p) - sizeof(ID) + 1);
	return p && (size_t)(end - p) > sizeof(PERSON) &&
	    memcmp(p, PERSON, sizeof(PERSON) - 1) == 0 && behind(p + sizeof(PERSON) - 1, end);
}

/* The place of a key among row_keys; ROW_KEYS for another. */
static unsigned
key_of(struct span name)
{
	unsigned i;

	for (i = 0; i < ROW_KEYS; i++)
		if (name.p && span_eq(name, span_of(row_keys[i])))
			break;
	return i;
}

unsigned
row_lacks(struct span object, bool *event)
{
	unsigned lacks = (1u << ROW_KEYS) - 1, i;
	char room[KEY_MAX];
	struct json_scan s;
	struct json_member m;
	struct span name;

	*event = false;
	json_open(&s, object.p, object.n);
	while (lacks && json_next(&s, &m)) {
		if (m.value.type == JSON_NULL ||
		    (m.value.type == JSON_STRING && m.value.raw.n == 2))
			continue;
		name = json_short_text(&m.key, room, sizeof(room));
		i = key_of(name);
		if (i < ROW_KEYS)
			lacks &= ~(1u << i);
		else
			*event |= name.p && span_eq(name, SPAN("event"));
	}
	*event = *event && (lacks & (1u << EVENT_NAME));
	return lacks;
}

bool
row_was_meant(struct span line)
{
	return span_holds(line, SPAN("\"event_name\""));
}
