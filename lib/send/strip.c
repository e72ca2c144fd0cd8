#include "send/strip.h"

#include "event/event.h"

#include "base/banned.h"

enum { NAME_MAX_BYTES = 32 }; /* of a key, unescaped; none of ours is longer */

static bool
is_context(const struct json_value *key)
{
	static const enum event_field fields[] = { EVENT_IP, EVENT_USER_AGENT, EVENT_HOST,
		EVENT_RECEIVED_AT, EVENT_PROJECT_ID };
	char room[6 * NAME_MAX_BYTES];
	struct span name = json_short_text(key, room, sizeof(room));
	size_t i;

	for (i = 0; name.p && i < sizeof(fields) / sizeof(fields[0]); i++)
		if (span_eq(name, event_field_name(fields[i])))
			return true;
	return false;
}

struct span
strip_context(struct buf *b, const char *p, size_t n)
{
	struct json_scan s;
	struct json_member m;

	buf_reset(b);
	buf_addc(b, '{');
	json_open(&s, p, n);
	while (json_next(&s, &m)) {
		if (is_context(&m.key))
			continue;
		if (b->n > 1)
			buf_addc(b, ',');
		buf_add(b, m.key.raw.p, m.key.raw.n);
		buf_addc(b, ':');
		buf_add(b, m.value.raw.p, m.value.raw.n);
	}
	buf_addc(b, '}');
	return (struct span){ b->failed ? NULL : b->p, b->n };
}
