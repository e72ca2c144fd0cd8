#include "event/rejected.h"

#include "base/banned.h"

/* Reasons that tell a place are counted without it, as mm-validate counts them. */
static struct span
without_place(struct span text)
{
	static const char before[] = "Invalid JSON at byte offset ";
	const char *colon;
	size_t n;

	if (text.n < sizeof(before) || memcmp(text.p, before, sizeof(before) - 1) != 0)
		return text;
	colon = memchr(text.p, ':', text.n);
	n = colon ? (size_t)(colon - text.p) + 2 : text.n;
	return n < text.n ? (struct span){ text.p + n, text.n - n } : text;
}

static bool
unescape(struct buf *to, const struct json_value *v)
{
	char *w;

	buf_reset(to);
	w = buf_room(to, v->raw.n);
	if (w)
		to->n = json_unescape(v->raw, w);
	return w;
}

/* A list of texts, about a field, or about the whole line where p is NULL. */
static bool
add_reasons(struct rejected *r, struct span list, struct span field)
{
	struct complaint c = { .field = field };
	struct json_scan s;
	struct json_value v;

	json_open(&s, list.p, list.n);
	if (!json_enter_array(&s))
		return false;
	while (json_next_element(&s, &v)) {
		if (v.type != JSON_STRING || !unescape(&r->text, &v))
			return false;
		c.text = without_place((struct span){ r->text.p, r->text.n });
		tally_add(&r->tally, &c, 1);
	}
	return true;
}

static bool
add_fields(struct rejected *r, struct span object)
{
	struct json_scan s;
	struct json_member m;

	if (json_open(&s, object.p, object.n) != JSON_OBJECT)
		return false;
	while (json_next(&s, &m))
		if (!unescape(&r->field, &m.key) ||
		    !add_reasons(r, m.value.raw, (struct span){ r->field.p, r->field.n }))
			return false;
	return true;
}

static bool
is_key(const struct json_member *m, const char *name)
{
	char room[16];

	return span_eq(json_short_text(&m->key, room, sizeof(room)), span_of(name));
}

static bool
add_details(struct rejected *r, struct span object)
{
	struct json_scan s;
	struct json_member m;
	bool fields = false, form = false;

	if (json_open(&s, object.p, object.n) != JSON_OBJECT)
		return false;
	while (json_next(&s, &m)) {
		if (is_key(&m, "fieldErrors"))
			fields = add_fields(r, m.value.raw);
		else if (is_key(&m, "formErrors"))
			form = add_reasons(r, m.value.raw, (struct span){ NULL, 0 });
	}
	return fields && form;
}

bool
rejected_add(struct rejected *r, const char *p, size_t n)
{
	struct json_scan s;
	struct json_member m;
	bool details = false;

	if (json_open(&s, p, n) != JSON_OBJECT)
		return false;
	while (json_next(&s, &m))
		if (is_key(&m, "details"))
			details = add_details(r, m.value.raw);
	r->lines++;
	return details && s.reason == JSON_OK;
}

void
rejected_release(struct rejected *r)
{
	tally_release(&r->tally);
	buf_release(&r->field);
	buf_release(&r->text);
}
