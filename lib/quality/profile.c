#include "quality/profile.h"

#include <stdlib.h>

#include "base/timestamp.h"

#include "base/banned.h"

enum {
	NAMES_BYTES = 512 * 1024,
	FIELD_NAMES_BYTES = 2 * 1024 * 1024,
	VALUES_MAX = 50000,
	VALUES_BYTES = 1024 * 1024,
};

const char *
profile_type_name(enum profile_type t)
{
	static const char *const names[] = { "null", "boolean", "integer", "number", "string",
		"array", "object" };

	return names[t];
}

bool
profile_init(struct profile *p, bool learns)
{
	*p = (struct profile){ .learns = learns };
	p->event = calloc(PROFILE_EVENTS_MAX, sizeof(*p->event));
	p->field = calloc(PROFILE_FIELDS_MAX, sizeof(*p->field));
	if (p->event && p->field && dict_init(&p->names, PROFILE_EVENTS_MAX, NAMES_BYTES) &&
	    dict_init(&p->field_names, PROFILE_FIELDS_MAX, FIELD_NAMES_BYTES) &&
	    dict_init(&p->values, learns ? VALUES_MAX : 1, VALUES_BYTES))
		return true;
	profile_release(p);
	return false;
}

void
profile_release(struct profile *p)
{
	free(p->event);
	free(p->field);
	dict_release(&p->names);
	dict_release(&p->field_names);
	dict_release(&p->values);
	buf_release(&p->scratch);
	*p = (struct profile){ 0 };
}

struct profile_event *
profile_name(struct profile *p, struct span name)
{
	uint32_t before = p->names.n, number = dict_put(&p->names, 0, name);

	if (number == DICT_NONE) {
		p->more++;
		return NULL;
	}
	if (number == before)
		p->event[number] = (struct profile_event){ .first = DICT_NONE, .last = DICT_NONE };
	return &p->event[number];
}

struct profile_event *
profile_find(const struct profile *p, struct span name)
{
	uint32_t number = dict_get(&p->names, 0, name);

	return number == DICT_NONE ? NULL : &p->event[number];
}

/* ---- fields ---- */

/* Fields and properties may have one name: two scopes for each event. */
static uint32_t
scope_of(const struct profile *p, const struct profile_event *row, bool property)
{
	return (uint32_t)(row - p->event) * 2 + property;
}

const struct profile_field *
profile_find_field(
    const struct profile *p, const struct profile_event *row, bool property, struct span name)
{
	return profile_at(p, dict_get(&p->field_names, scope_of(p, row, property), name));
}

static struct profile_field *
field_new(struct profile *p, struct profile_event *row, uint32_t scope, struct span name)
{
	uint32_t number;

	if (row->fields == PROFILE_EVENT_FIELDS_MAX || name.n > PROFILE_NAME_MAX)
		return NULL;
	number = dict_put(&p->field_names, scope, name);
	if (number == DICT_NONE)
		return NULL;
	p->field[number] =
	    (struct profile_field){ .name = number, .property = scope % 2, .next = DICT_NONE };
	if (row->last == DICT_NONE)
		row->first = number;
	else
		p->field[row->last].next = number;
	row->last = number;
	row->fields++;
	return &p->field[number];
}

struct profile_field *
profile_field(struct profile *p, struct profile_event *row, bool property, struct span name)
{
	uint32_t scope = scope_of(p, row, property);
	uint32_t number = dict_get(&p->field_names, scope, name);

	return number == DICT_NONE ? field_new(p, row, scope, name) : &p->field[number];
}

uint64_t
profile_present(const struct profile_field *f)
{
	uint64_t n = 0;
	int t;

	for (t = PROFILE_NULL + 1; t < PROFILE_TYPES; t++)
		n += f->of[t];
	return n;
}

/* ---- values ---- */

static bool
is_integer(struct span raw)
{
	return !memchr(raw.p, '.', raw.n) && !memchr(raw.p, 'e', raw.n) &&
	    !memchr(raw.p, 'E', raw.n);
}

static enum profile_type
type_of(const struct json_value *v)
{
	switch (v->type) {
	case JSON_NULL:
		break;
	case JSON_BOOLEAN:
		return PROFILE_BOOLEAN;
	case JSON_NUMBER:
		return is_integer(v->raw) ? PROFILE_INTEGER : PROFILE_NUMBER;
	case JSON_STRING:
		return PROFILE_STRING;
	case JSON_ARRAY:
		return PROFILE_ARRAY;
	case JSON_OBJECT:
		return PROFILE_OBJECT;
	}
	return PROFILE_NULL;
}

/* What may be one of a few values that mean something: no text of a person. */
static bool
is_word(struct span s)
{
	size_t i;

	if (s.n == 0 || s.n > PROFILE_VALUE_MAX)
		return false;
	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    !strchr("_-+/ ", c))
			return false;
	}
	return true;
}

static void
keep_value(struct profile *p, struct profile_field *f, struct span s)
{
	uint32_t before = p->values.n, number;

	if (f->many)
		return;
	number = is_word(s) ? dict_put(&p->values, (uint32_t)(f - p->field), s) : DICT_NONE;
	if (number == DICT_NONE || (number == before && f->value_count == PROFILE_VALUES_MAX)) {
		f->many = true;
		f->value_count = 0;
		return;
	}
	if (number == before)
		f->value[f->value_count++] = number;
}

static void
learn(struct profile *p, struct profile_field *f, const struct json_value *v)
{
	struct span s = { v->raw.p + 1, v->raw.n - 2 };
	int64_t ms;

	f->strings++;
	if (v->escaped) {
		f->many = true;
		f->value_count = 0;
		return;
	}
	keep_value(p, f, s);
	if (date_parse(s.p, s.n, &ms))
		f->dates++;
	else if (timestamp_parse(s.p, s.n, &ms))
		f->date_times++;
}

static void
count(struct profile *p, struct profile_field *f, const struct json_value *v)
{
	enum profile_type type = type_of(v);

	/* of a key that stands twice, the last one counts */
	if (f->last == p->sequence)
		f->of[f->last_type]--;
	f->last = p->sequence;
	f->last_type = type;
	f->of[type]++;
	f->types |= 1u << type;
	if (p->learns && type == PROFILE_STRING)
		learn(p, f, v);
}

/* The key's text; unescaped into the scratch buffer when it has escapes. */
static struct span
key_text(struct profile *p, const struct json_value *key)
{
	char *w;

	if (!key->escaped)
		return (struct span){ key->raw.p + 1, key->raw.n - 2 };
	buf_reset(&p->scratch);
	w = buf_room(&p->scratch, key->raw.n);
	return w ? (struct span){ w, json_unescape(key->raw, w) } : (struct span){ NULL, 0 };
}

static void
add_properties(struct profile *p, struct profile_event *row, struct span object)
{
	struct json_scan s;
	struct json_member m;
	/* events of one name mostly have their properties in one order */
	uint32_t guess = row->first, scope = scope_of(p, row, true);

	json_open(&s, object.p, object.n);
	while (json_next(&s, &m)) {
		struct span key = key_text(p, &m.key);
		struct profile_field *f;

		if (guess != DICT_NONE && key.p && dict_is(&p->field_names, guess, scope, key))
			f = &p->field[guess];
		else
			f = key.p ? profile_field(p, row, true, key) : NULL;
		if (!f) {
			row->more++;
			continue;
		}
		count(p, f, &m.value);
		guess = f->next;
	}
}

void
profile_add(struct profile *p, struct profile_event *row, const struct event *e)
{
	const unsigned hidden = 1u << EVENT_IP | 1u << EVENT_USER_AGENT | 1u << EVENT_UA_HINTS |
	    1u << EVENT_PROPERTIES | 1u << EVENT_EVENT;
	unsigned rest = e->present & ~hidden;

	row->count++;
	p->sequence++;
	while (rest) {
		enum event_field which = (enum event_field)__builtin_ctz(rest);
		struct profile_field *f = profile_field(p, row, false, event_field_name(which));

		rest &= rest - 1;
		if (f)
			count(p, f, &e->value[which]);
		else
			row->more++;
	}
	if (event_has(e, EVENT_PROPERTIES))
		add_properties(p, row, e->value[EVENT_PROPERTIES].raw);
}
