#include "event/reject.h"

#include <sodium.h>
#include <stdlib.h>

#include "text/json.h"

#include "base/banned.h"

static bool
same_field(const struct complaint *a, const struct complaint *b)
{
	return (a->field.p == NULL) == (b->field.p == NULL) && span_eq(a->field, b->field);
}

static void
add_field_errors(struct buf *b, const struct reject *r)
{
	size_t i;
	const struct complaint *last = NULL;

	for (i = 0; i < r->complaints; i++) {
		const struct complaint *c = &r->complaint[i];

		if (!c->field.p)
			continue;
		if (last && same_field(last, c)) {
			buf_addc(b, ',');
		} else {
			buf_adds(b, last ? "],\"" : "\"");
			buf_add(b, c->field.p, c->field.n);
			buf_adds(b, "\":[");
		}
		json_add_string(b, c->text.p, c->text.n);
		last = c;
	}
	if (last)
		buf_addc(b, ']');
}

static void
add_form_errors(struct buf *b, const struct reject *r)
{
	size_t i;
	bool first = true;

	for (i = 0; i < r->complaints; i++) {
		const struct complaint *c = &r->complaint[i];

		if (c->field.p)
			continue;
		if (!first)
			buf_addc(b, ',');
		json_add_string(b, c->text.p, c->text.n);
		first = false;
	}
}

void
reject_add_head(struct buf *b, const struct reject *r)
{
	buf_adds(b, "{");
	if (r->file) {
		size_t n = strlen(r->file);

		/* a file's name need not be UTF-8; then it is left out */
		if (utf8_valid(r->file, n, NULL)) {
			buf_adds(b, "\"file\":");
			json_add_string(b, r->file, n);
			buf_addc(b, ',');
		}
	}
	buf_adds(b, "\"line\":");
	buf_addu(b, r->line);
	buf_addc(b, ',');
	reject_add_reasons(b, r);
	buf_addc(b, ',');
}

void
reject_add_reasons(struct buf *b, const struct reject *r)
{
	buf_addf(b, "\"error\":\"%s\",\"details\":{\"fieldErrors\":{", r->error);
	add_field_errors(b, r);
	buf_adds(b, "},\"formErrors\":[");
	add_form_errors(b, r);
	buf_adds(b, "]}");
}

void
buf_add_base64(struct buf *b, const char *p, size_t n)
{
	size_t room = sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_ORIGINAL);
	char *w = buf_room(b, room);

	if (!w)
		return;
	sodium_bin2base64(w, room, (const unsigned char *)p, n, sodium_base64_VARIANT_ORIGINAL);
	b->n += strlen(w);
}

void
reject_add(struct buf *b, const struct reject *r, const char *p, size_t n)
{
	reject_add_head(b, r);
	if (utf8_valid(p, n, NULL)) {
		buf_adds(b, "\"input\":");
		json_add_string(b, p, n);
	} else {
		buf_adds(b, "\"input_base64\":\"");
		buf_add_base64(b, p, n);
		buf_addc(b, '"');
	}
	buf_adds(b, "}\n");
}

void
reject_explain(struct buf *b, const struct reject *r)
{
	size_t i;

	for (i = 0; i < r->complaints; i++) {
		const struct complaint *c = &r->complaint[i];

		if (i)
			buf_adds(b, "; ");
		if (c->field.p) {
			buf_add(b, c->field.p, c->field.n);
			buf_adds(b, ": ");
		}
		buf_add(b, c->text.p, c->text.n);
	}
}

/* ---- tally ---- */

static char *
copy(struct span s)
{
	char *p = malloc(s.n + 1);

	if (p) {
		memcpy(p, s.p, s.n);
		p[s.n] = '\0';
	}
	return p;
}

static bool
equals(const char *text, struct span s)
{
	if (!text || !s.p)
		return text == s.p;
	return strlen(text) == s.n && memcmp(text, s.p, s.n) == 0;
}

static void
tally_one(struct tally *t, const struct complaint *c)
{
	struct span kind = c->kind.p ? c->kind : c->text;
	struct span field = c->counted_field.p ? c->counted_field : c->field;
	size_t i;

	for (i = 0; i < t->rows; i++) {
		if (equals(t->row[i].field, field) && equals(t->row[i].kind, kind)) {
			t->row[i].count++;
			return;
		}
	}
	/* an unknown key can be as long as a line */
	if (t->rows == TALLY_MAX || field.n > TALLY_FIELD_MAX) {
		t->more++;
		return;
	}
	t->row[i].field = field.p ? copy(field) : NULL;
	t->row[i].kind = copy(kind);
	t->row[i].count = 1;
	if (!t->row[i].kind || (field.p && !t->row[i].field)) {
		free(t->row[i].field);
		free(t->row[i].kind);
		t->more++;
		return;
	}
	t->rows++;
}

void
tally_add(struct tally *t, const struct complaint *c, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		tally_one(t, &c[i]);
}

void
tally_release(struct tally *t)
{
	size_t i;

	for (i = 0; i < t->rows; i++) {
		free(t->row[i].field);
		free(t->row[i].kind);
	}
	t->rows = 0;
}

static bool
same_name(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a, b) == 0;
}

static bool
field_seen_before(const struct tally *t, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (same_name(t->row[j].field, t->row[i].field))
			return true;
	return false;
}

static void
add_kinds(const struct tally *t, struct buf *b, size_t i)
{
	size_t j;

	for (j = i; j < t->rows; j++) {
		if (!same_name(t->row[j].field, t->row[i].field))
			continue;
		if (j > i)
			buf_addc(b, ',');
		json_add_string(b, t->row[j].kind, strlen(t->row[j].kind));
		buf_addc(b, ':');
		buf_addu(b, t->row[j].count);
	}
}

void
tally_add_json(const struct tally *t, struct buf *b)
{
	size_t i;
	bool first = true;

	buf_addc(b, '{');
	for (i = 0; i < t->rows; i++) {
		if (field_seen_before(t, i))
			continue;
		buf_adds(b, first ? "\"" : ",\"");
		buf_adds(b, t->row[i].field ? t->row[i].field : "");
		buf_adds(b, "\":{");
		add_kinds(t, b, i);
		buf_addc(b, '}');
		first = false;
	}
	buf_addc(b, '}');
}

/* ---- reading them back ---- */

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
add_reasons(struct reject_counts *r, struct span list, struct span field)
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
add_fields(struct reject_counts *r, struct span object)
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
add_details(struct reject_counts *r, struct span object)
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
reject_count(struct reject_counts *r, const char *p, size_t n)
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
reject_counts_release(struct reject_counts *r)
{
	tally_release(&r->tally);
	buf_release(&r->field);
	buf_release(&r->text);
}
