#include "quality/baseline.h"

#include "base/ascii.h"

#include "base/banned.h"

/* Counts beyond 2^53 are no counts: JSON's readers do not agree on them. */
#define COUNT_MAX (UINT64_C(1) << 53)

#define NO_REPORT "is not a report that --report-format json wrote"
#define DAMAGED "is a report, but a part of it is not as --report-format json writes it"

static bool
is_key(const struct json_member *m, const char *key)
{
	struct span s = { m->key.raw.p + 1, m->key.raw.n - 2 };

	return span_eq(s, span_of(key));
}

static bool
read_count(const struct json_value *v, uint64_t *count)
{
	return v->type == JSON_NUMBER && ascii_number(v->raw, COUNT_MAX, count);
}

/* The string's text, unescaped into b. */
static bool
read_text(const struct json_value *v, struct buf *b, struct span *text)
{
	char *w;

	if (v->type != JSON_STRING)
		return false;
	buf_reset(b);
	w = buf_room(b, v->raw.n);
	if (!w)
		return false;
	*text = (struct span){ w, json_unescape(v->raw, w) };
	return true;
}

/* ---- a field: {"field":NAME,"null":N,"types":{TYPE:N,..}} ---- */

static bool
read_type(const struct json_member *m, uint64_t of[PROFILE_TYPES])
{
	int t;

	for (t = PROFILE_NULL + 1; t < PROFILE_TYPES; t++)
		if (is_key(m, profile_type_name((enum profile_type)t)))
			return read_count(&m->value, &of[t]);
	return true;
}

static bool
read_types(const struct json_value *v, uint64_t of[PROFILE_TYPES])
{
	struct json_scan s;
	struct json_member m;

	if (v->type != JSON_OBJECT)
		return false;
	json_open(&s, v->raw.p, v->raw.n);
	while (json_next(&s, &m))
		if (!read_type(&m, of))
			return false;
	return true;
}

static bool
read_field(struct profile *p, struct profile_event *row, const struct json_value *v)
{
	struct span prefix = SPAN("properties."), name = { NULL, 0 };
	uint64_t of[PROFILE_TYPES] = { 0 };
	struct profile_field *f;
	struct json_scan s;
	struct json_member m;
	bool property;

	if (v->type != JSON_OBJECT)
		return false;
	json_open(&s, v->raw.p, v->raw.n);
	while (json_next(&s, &m)) {
		if ((is_key(&m, "field") && !read_text(&m.value, &p->scratch, &name)) ||
		    (is_key(&m, "null") && !read_count(&m.value, &of[PROFILE_NULL])) ||
		    (is_key(&m, "types") && !read_types(&m.value, of)))
			return false;
	}
	if (!name.p)
		return false;
	property = name.n >= prefix.n && memcmp(name.p, prefix.p, prefix.n) == 0;
	if (property)
		name = (struct span){ name.p + prefix.n, name.n - prefix.n };
	f = profile_field(p, row, property, name);
	if (f)
		memcpy(f->of, of, sizeof(of));
	else
		row->more++;
	return true;
}

/* Calls for each element of the array. */
static bool
read_fields(struct profile *p, struct profile_event *row, const struct json_value *v)
{
	struct json_scan s;
	struct json_value field;

	if (v->type != JSON_ARRAY)
		return false;
	json_open(&s, v->raw.p, v->raw.n);
	json_enter_array(&s);
	while (json_next_element(&s, &field))
		if (!read_field(p, row, &field))
			return false;
	return true;
}

/* ---- an event: {"event":NAME,"counted":N,"fields":[..],"fields_more":N} ---- */

static bool
read_event(struct profile *p, const struct json_value *v)
{
	struct json_value fields = { .type = JSON_NULL };
	struct profile_event *row = NULL;
	uint64_t count = 0, more = 0;
	struct json_scan s;
	struct json_member m;
	struct span name = { NULL, 0 };

	if (v->type != JSON_OBJECT)
		return false;
	json_open(&s, v->raw.p, v->raw.n);
	while (json_next(&s, &m)) {
		if (is_key(&m, "fields"))
			fields = m.value;
		if ((is_key(&m, "event") && !read_text(&m.value, &p->scratch, &name)) ||
		    (is_key(&m, "counted") && !read_count(&m.value, &count)) ||
		    (is_key(&m, "fields_more") && !read_count(&m.value, &more)))
			return false;
	}
	if (!name.p)
		return false;
	row = profile_name(p, name);
	if (!row)
		return true;
	row->count = count;
	row->more = more;
	return read_fields(p, row, &fields);
}

static bool
read_events(struct profile *p, const struct json_value *v)
{
	struct json_scan s;
	struct json_value event;

	if (v->type != JSON_ARRAY)
		return false;
	json_open(&s, v->raw.p, v->raw.n);
	json_enter_array(&s);
	while (json_next_element(&s, &event))
		if (!read_event(p, &event))
			return false;
	return true;
}

const char *
baseline_read(struct profile *p, const char *text, size_t n)
{
	uint64_t format = 0, more = 0;
	struct json_value events = { .type = JSON_NULL };
	struct json_scan s;
	struct json_member m;

	if (json_open(&s, text, n) != JSON_OBJECT)
		return NO_REPORT;
	while (json_next(&s, &m)) {
		if (is_key(&m, "report"))
			read_count(&m.value, &format);
		if (is_key(&m, "events_more"))
			read_count(&m.value, &more);
		if (is_key(&m, "events"))
			events = m.value;
	}
	if (s.reason || format == 0)
		return NO_REPORT;
	if (format != 1)
		return "is a report of a later version, which this one can't read";
	if (!read_events(p, &events))
		return DAMAGED;
	p->more += more;
	return NULL;
}
