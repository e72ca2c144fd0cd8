#include "text/json_walk.h"

#include "base/banned.h"

static void walk_object(struct json_walk *, struct span raw);

/* Adds a key to the path. */
static void
push(struct json_walk *w, const struct json_value *key)
{
	char *room;

	if (w->path.n > 0)
		buf_addc(&w->path, '.');
	room = buf_room(&w->path, key->raw.n);
	if (room)
		w->path.n += json_unescape(key->raw, room);
}

static void walk_array(struct json_walk *, struct span raw);

/* Nested as deep as the scanner allows. */
static void
walk_value(struct json_walk *w, const struct json_value *v)
{
	if (v->type == JSON_OBJECT)
		walk_object(w, v->raw);
	else if (v->type == JSON_ARRAY)
		walk_array(w, v->raw);
	else
		w->value(w->context, (struct span){ w->path.p, w->path.n }, v);
}

static void
walk_array(struct json_walk *w, struct span raw)
{
	struct json_scan scan;
	struct json_value v;

	json_open(&scan, raw.p, raw.n);
	if (!json_enter_array(&scan))
		return;
	while (json_next_element(&scan, &v))
		walk_value(w, &v);
}

static void
walk_object(struct json_walk *w, struct span raw)
{
	struct json_scan scan;
	struct json_member m;
	size_t before = w->path.n;

	json_open(&scan, raw.p, raw.n);
	while (json_next(&scan, &m)) {
		push(w, &m.key);
		if (w->key)
			w->key(w->context, (struct span){ w->path.p, w->path.n }, &m.key);
		walk_value(w, &m.value);
		w->path.n = before;
	}
}

bool
json_walk(struct json_walk *w, const char *p, size_t n)
{
	buf_reset(&w->path);
	walk_object(w, (struct span){ p, n });
	return !w->path.failed;
}

void
json_walk_release(struct json_walk *w)
{
	buf_release(&w->path);
}
