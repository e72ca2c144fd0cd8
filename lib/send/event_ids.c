#include "send/event_ids.h"

#include "base/banned.h"

void
event_ids_release(struct event_ids *ids)
{
	buf_release(&ids->line);
}

struct span
event_ids_give(struct event_ids *ids, const char *p, size_t n)
{
	static const char key[] = ",\"event_id\":\"";
	struct buf *b = &ids->line;
	size_t brace = n;
	char *w;

	/* the last one that closes: only white space is behind it; an event has members */
	while (p[brace - 1] != '}')
		brace--;
	brace--;
	buf_reset(b);
	w = buf_room(b, n + sizeof(key) + UUID_TEXT);
	if (!w)
		return (struct span){ NULL, 0 };
	/* of a key that stands twice, as after "event_id":null, the last one counts */
	memcpy(w, p, brace);
	memcpy(w + brace, key, sizeof(key) - 1);
	repeats_id(&ids->repeats, p, n, w + brace + sizeof(key) - 1);
	w += brace + sizeof(key) - 1 + UUID_TEXT;
	*w++ = '"';
	memcpy(w, p + brace, n - brace);
	b->n = n + sizeof(key) + UUID_TEXT;
	return (struct span){ b->p, b->n };
}
