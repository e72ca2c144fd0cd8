#include "quality/plan.h"

#include <stdlib.h>

#include "base/banned.h"

/* Longer keys, if they are written with escapes, are in no plan (quality/plan_read). */
enum { KEY_ROOM = 2048, WORD_BITS = 64, INDEX_ROOM = 24 };

void
plan_release(struct plan *p)
{
	arena_release(&p->arena);
	*p = (struct plan){ .event = NULL };
}

bool
plan_answer_init(struct plan_answer *a, const struct plan *p)
{
	*a = (struct plan_answer){ .plan = p };
	a->value = calloc(p->most_properties + 1, sizeof(*a->value));
	a->seen = calloc(p->most_properties / WORD_BITS + PLAN_DEPTH + 1, sizeof(*a->seen));
	a->next = calloc(p->next + 1, sizeof(*a->next));
	if (a->value && a->seen && a->next)
		return true;
	plan_answer_release(a);
	return false;
}

void
plan_answer_release(struct plan_answer *a)
{
	free(a->value);
	free(a->seen);
	free(a->next);
	buf_release(&a->scratch);
	buf_release(&a->words);
	*a = (struct plan_answer){ .plan = NULL };
}

/* ---- which event it is ------------------------------------------------- */

/* Whether the glob, in which '*' is any text, matches the whole name. */
static bool
glob_matches(struct span glob, struct span name)
{
	size_t g = 0, i = 0, star = SIZE_MAX, from = 0;

	while (i < name.n) {
		if (g < glob.n && glob.p[g] == '*') {
			star = g++;
			from = i;
		} else if (g < glob.n && glob.p[g] == name.p[i]) {
			g++;
			i++;
		} else if (star != SIZE_MAX) {
			g = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (g < glob.n && glob.p[g] == '*')
		g++;
	return g == glob.n;
}

/* The plan's event of that name: an exact one, else the closest glob; or NULL. */
static const struct plan_event *
find_event(const struct plan *p, struct span name)
{
	uint32_t number = dict_get(&p->names, 0, name);
	size_t i;

	if (number != DICT_NONE)
		return &p->event[number];
	for (i = 0; i < p->globs; i++)
		if (glob_matches(p->glob[i]->name, name))
			return p->glob[i];
	return NULL;
}

/* ---- complaints -------------------------------------------------------- */

/* Where a value is.  What is not inside of an array has a field with its whole path. */
struct place {
	const struct place *up; /* the element around it, or of an element its array; or NULL */
	struct span field;      /* p is NULL for an element */
	size_t index;
};

static struct plan_complaints *
room_for(struct plan_answer *a, enum plan_severity severity)
{
	struct plan_complaints *to = severity == PLAN_WARN ? &a->warnings : &a->errors;

	return severity == PLAN_ALLOW || to->n > PLAN_COMPLAINTS_MAX ? NULL : to;
}

/*
 * Adds it behind those of the same field.  These come one after another, unless a
 * name with a point in it is spelt as a path is.
 */
static void
complain(struct plan_answer *a, enum plan_severity severity, struct span field, struct span text)
{
	struct plan_complaints *to = room_for(a, severity);
	struct complaint *c;
	size_t at, i;

	if (!to)
		return;
	if (to->n == PLAN_COMPLAINTS_MAX) {
		field = (struct span){ NULL, 0 };
		text = SPAN("More than 64 complaints by the plan");
	}
	c = to->complaint;
	for (at = to->n; at > 0 && !span_eq(c[at - 1].field, field);)
		at--;
	if (at == 0)
		at = to->n;
	for (i = to->n++; i > at; i--)
		c[i] = c[i - 1];
	c[at] = (struct complaint){ .field = field, .text = text };
}

void
plan_not_true(struct plan_answer *a, const struct plan_assert *x, enum expr_answer answer)
{
	complain(a, a->event->severity, SPAN("assert"), x->text[answer]);
}

static void
complain_memory(struct plan_answer *a)
{
	complain(a, PLAN_ERROR, (struct span){ NULL, 0 }, SPAN("Out of memory"));
}

/* Adds the path to a->words, which has room for it. */
static void
add_path(struct plan_answer *a, const struct place *at)
{
	if (at->up) {
		add_path(a, at->up);
		buf_addc(&a->words, '.');
	}
	if (at->field.p)
		buf_add(&a->words, at->field.p, at->field.n);
	else
		buf_addu(&a->words, at->index);
}

static void
complain_at(
    struct plan_answer *a, enum plan_severity severity, const struct place *at, struct span text)
{
	size_t start = a->words.n;

	if (!at->up) {
		complain(a, severity, at->field, text);
	} else if (room_for(a, severity)) {
		add_path(a, at);
		complain(
		    a, severity, (struct span){ a->words.p + start, a->words.n - start }, text);
	}
}

/*
 * Makes room for the paths of all that can be complained of, so that none of
 * them moves: the names of unknown properties are all in the event.
 */
static bool
ready_words(struct plan_answer *a, const struct json_value *properties)
{
	const size_t paths = 2 * (PLAN_COMPLAINTS_MAX + 1) + PLAN_UNKNOWN_MAX + 1;

	buf_reset(&a->words);
	if (buf_room(&a->words, properties->raw.n + paths * (a->plan->most_path + INDEX_ROOM)))
		return true;
	complain_memory(a);
	return false;
}

/* ---- unknown properties ------------------------------------------------ */

/* The path of the key in the object there, at the end of a->words. */
static struct span
path_of(struct plan_answer *a, const struct place *object, const struct json_value *key)
{
	size_t start = a->words.n;
	char *w;
	struct span k;

	add_path(a, object);
	buf_addc(&a->words, '.');
	w = a->words.p + a->words.n;
	k = json_plain_key(key, w);
	if (k.p != w)
		memcpy(w, k.p, k.n);
	a->words.n += k.n;
	return (struct span){ a->words.p + start, a->words.n - start };
}

static void
note_unknown(struct plan_answer *a, const struct plan_object *o, const struct place *object,
    const struct json_value *key)
{
	struct span path;
	size_t i;

	if (a->unknowns == PLAN_UNKNOWN_MAX) {
		if (o->unknown > a->unknowns_more)
			a->unknowns_more = o->unknown;
		return;
	}
	path = path_of(a, object, key);
	for (i = 0; i < a->unknowns; i++) {
		if (span_eq(a->unknown[i], path)) {
			a->words.n -= path.n;
			return;
		}
	}
	a->unknown[a->unknowns++] = path;
}

/* ---- values ------------------------------------------------------------ */

bool
plan_list_find(const struct plan_list *list, const struct decimal *number, size_t *at)
{
	size_t low = 0, high = list->numbers;
	int order = 1;

	while (low < high && order != 0) {
		size_t middle = low + (high - low) / 2;

		order = decimal_compare(&list->number[middle], number);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*at = high;
	return order == 0;
}

/* A value in the forms that checks ask for. */
struct form {
	const struct json_value *value;
	struct decimal number; /* of a number */
	struct span text;      /* of a string, without escapes */
};

static bool
in_list(const struct plan_list *list, const struct form *f)
{
	size_t at;

	switch (f->value->type) {
	case JSON_STRING:
		return dict_get(&list->strings, 0, f->text) != DICT_NONE;
	case JSON_NUMBER:
		return plan_list_find(list, &f->number, &at);
	case JSON_NULL:
		return list->null;
	case JSON_BOOLEAN:
		return f->value->raw.p[0] == 't' ? list->yes : list->no;
	default:
		return false;
	}
}

static bool
number_holds(const struct plan_check *check, const struct form *f)
{
	int order = decimal_compare(&f->number, &check->number);

	return check->kind == PLAN_MINIMUM ? order >= 0 : order <= 0;
}

static bool
string_holds(const struct plan_check *check, const struct form *f)
{
	switch (check->kind) {
	case PLAN_MIN_LENGTH:
		return f->value->utf16 >= check->length;
	case PLAN_MAX_LENGTH:
		return f->value->utf16 <= check->length;
	case PLAN_PATTERN:
		return pattern_search(check->pattern, f->text.p, f->text.n);
	case PLAN_FORMAT:
		return plan_format_holds(check->format, f->text);
	default:
		return true;
	}
}

/* A check of numbers or strings holds for values of other types. */
static bool
holds(const struct plan_check *check, const struct form *f)
{
	if (check->kind <= PLAN_ENUM)
		return in_list(&check->list, f);
	if (f->value->type == JSON_STRING)
		return string_holds(check, f);
	if (f->value->type == JSON_NUMBER && check->kind <= PLAN_MAXIMUM)
		return number_holds(check, f);
	return true;
}

/* The text of a string; false, with a complaint, when memory is out. */
static bool
read_text(struct plan_answer *a, struct form *f)
{
	const struct json_value *v = f->value;

	f->text = (struct span){ v->raw.p + 1, v->raw.n - 2 };
	if (!v->escaped)
		return true;
	buf_reset(&a->scratch);
	if (!buf_room(&a->scratch, v->raw.n)) {
		complain_memory(a);
		return false;
	}
	f->text = (struct span){ a->scratch.p, json_unescape(v->raw, a->scratch.p) };
	return true;
}

static bool
is_expected(unsigned types, const struct form *f)
{
	if (types == 0 || types >> f->value->type & 1)
		return true;
	return f->value->type == JSON_NUMBER && (types & PLAN_INTEGER) != 0 &&
	    decimal_is_whole(&f->number);
}

/* Memory for what is inside of the objects at hand. */
struct room {
	struct json_value *value;
	uint64_t *seen;
};

static void judge_inside(struct plan_answer *, const struct plan_property *,
    const struct json_value *, const struct place *, struct room);

static void
check_value(struct plan_answer *a, const struct plan_property *p, const struct json_value *v,
    const struct place *at, struct room room)
{
	struct form f; /* filled as far as the type of the value needs it */
	size_t i;

	f.value = v;
	if (v->type == JSON_NUMBER)
		f.number = decimal_read(v->raw);
	if (!is_expected(p->types, &f)) {
		complain_at(a, p->severity, at, p->unexpected[v->type]);
		return;
	}
	if (p->checks && (v->type != JSON_STRING || read_text(a, &f)))
		for (i = 0; i < p->checks; i++)
			if (!holds(&p->check[i], &f))
				complain_at(a, p->severity, at, p->check[i].text);
	if (p->object || p->items)
		judge_inside(a, p, v, at, room);
}

/* ---- objects and arrays; a plan bounds how deep they are looked into ---- */

/* Notes the last value of each property that the plan has; others as unknown. */
static void
read_properties(struct plan_answer *a, const struct plan_object *o, const struct json_value *v,
    const struct place *at, struct room room)
{
	uint32_t *next = a->next + o->first;
	struct json_scan s;
	struct json_member m;
	char buffer[KEY_ROOM];

	json_open(&s, v->raw.p, v->raw.n);
	while (json_next(&s, &m)) {
		struct span key = json_short_text(&m.key, buffer, sizeof(buffer));
		uint32_t i = *next;

		/* they mostly come in the order in which they came last time */
		if (!key.p)
			i = DICT_NONE;
		else if (!dict_is(&o->names, i, 0, key))
			i = dict_get(&o->names, 0, key);
		if (i != DICT_NONE) {
			room.value[i] = m.value;
			room.seen[i / WORD_BITS] |= UINT64_C(1) << i % WORD_BITS;
			*next = i;
			next = a->next + o->first + 1 + i;
		} else if (o->unknown != PLAN_ALLOW) {
			note_unknown(a, o, at, &m.key);
		}
	}
}

/* Checks the n properties whose values are at hand; `here` has all of their places but the field. */
static void
check_properties(struct plan_answer *a, const struct plan_property *property, size_t n,
    struct place here, struct room room)
{
	const struct room inner = { room.value + n, room.seen + n / WORD_BITS + 1 };
	size_t i;

	for (i = 0; i < n; i++) {
		const struct plan_property *p = &property[i];

		here.field = p->field;
		if (room.seen[i / WORD_BITS] >> i % WORD_BITS & 1)
			check_value(a, p, &room.value[i], &here, inner);
		else if (p->required)
			complain_at(a, p->severity, &here, SPAN("Required"));
	}
}

/* Judges what is in the object v, or, where it is NULL, what is missing. */
static void
judge_object(struct plan_answer *a, const struct plan_object *o, const struct json_value *v,
    const struct place *at, struct room room)
{
	const struct place inside = { .up = at->field.p ? at->up : at };
	size_t unknown = a->unknowns, unknowns;

	memset(room.seen, 0, (o->names.n / WORD_BITS + 1) * sizeof(*room.seen));
	if (v)
		read_properties(a, o, v, at, room);
	unknowns = a->unknowns;
	check_properties(a, o->property, o->names.n, inside, room);
	for (; unknown < unknowns; unknown++)
		complain(a, o->unknown, a->unknown[unknown], SPAN("Unknown property"));
}

static void
judge_items(struct plan_answer *a, const struct plan_property *items,
    const struct json_value *array, const struct place *at, struct room room)
{
	struct place here = { .up = at };
	struct json_scan s;

	room.seen[0] = 1;
	json_open(&s, array->raw.p, array->raw.n);
	json_enter_array(&s);
	for (; json_next_element(&s, room.value); here.index++)
		check_properties(a, items, 1, here, room);
}

static void
judge_inside(struct plan_answer *a, const struct plan_property *p, const struct json_value *v,
    const struct place *at, struct room room)
{
	if (p->object && v->type == JSON_OBJECT)
		judge_object(a, p->object, v, at, room);
	else if (p->items && v->type == JSON_ARRAY)
		judge_items(a, p->items, v, at, room);
}

/* ---- one event --------------------------------------------------------- */

void
plan_judge(struct plan_answer *a, struct event *e)
{
	const struct json_value *properties = &e->value[EVENT_PROPERTIES];
	const struct place at = { .field = SPAN("properties") };

	a->errors.n = a->warnings.n = 0;
	a->unknowns = 0;
	a->unknowns_more = PLAN_ALLOW;
	a->event = find_event(a->plan, event_text(e, EVENT_EVENT));
	if (!a->event) {
		complain(a, a->plan->unknown_events, SPAN("event"), SPAN("Unknown event"));
		return;
	}
	if (!event_has(e, EVENT_PROPERTIES) || !ready_words(a, properties))
		properties = NULL;
	judge_object(a, &a->event->object, properties, &at, (struct room){ a->value, a->seen });
	complain(a, a->unknowns_more, at.field, SPAN("More than 32 unknown properties"));
}
