#include "quality/plan.h"

#include <stdlib.h>

#include "base/timestamp.h"

#include "base/banned.h"

/* Longer keys, if they are written with escapes, are in no plan (quality/plan_read). */
enum { KEY_ROOM = 2048, WORD_BITS = 64 };

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
	a->seen = calloc(p->most_properties / WORD_BITS + 1, sizeof(*a->seen));
	a->next = calloc(p->properties + p->names.n + 1, sizeof(*a->next));
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

static void
complain(struct plan_answer *a, enum plan_severity severity, struct span field, struct span text)
{
	struct plan_complaints *to = severity == PLAN_WARN ? &a->warnings : &a->errors;

	if (severity == PLAN_ALLOW || to->n > PLAN_COMPLAINTS_MAX)
		return;
	if (to->n == PLAN_COMPLAINTS_MAX) {
		field = (struct span){ NULL, 0 };
		text = SPAN("More than 64 complaints by the plan");
	}
	to->complaint[to->n++] = (struct complaint){ .field = field, .text = text };
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

/* ---- unknown properties ------------------------------------------------ */

/* The field that the key names, at the end of a->words, which has room for it. */
static struct span
field_of(struct plan_answer *a, const struct json_value *key)
{
	size_t start = a->words.n;
	char *w;
	struct span k;

	buf_adds(&a->words, "properties.");
	w = a->words.p + a->words.n;
	k = json_plain_key(key, w);
	if (k.p != w)
		memcpy(w, k.p, k.n);
	a->words.n += k.n;
	return (struct span){ a->words.p + start, a->words.n - start };
}

static void
note_unknown(struct plan_answer *a, const struct json_value *key)
{
	struct span field;
	size_t i;

	if (a->unknowns == PLAN_UNKNOWN_MAX) {
		a->unknowns_more = true;
		return;
	}
	field = field_of(a, key);
	for (i = 0; i < a->unknowns; i++) {
		if (span_eq(a->unknown[i], field)) {
			a->words.n -= field.n;
			return;
		}
	}
	a->unknown[a->unknowns++] = field;
}

static void
complain_unknown(struct plan_answer *a)
{
	enum plan_severity severity = a->event->unknown_properties;
	size_t i;

	for (i = 0; i < a->unknowns; i++)
		complain(a, severity, a->unknown[i], SPAN("Unknown property"));
	if (a->unknowns_more)
		complain(a, severity, SPAN("properties"), SPAN("More than 32 unknown properties"));
}

/* Makes room for the names of unknown properties, so that none of them moves. */
static bool
ready_words(struct plan_answer *a, const struct json_value *properties)
{
	size_t room = properties->raw.n + PLAN_UNKNOWN_MAX * sizeof("properties.");

	a->unknowns = 0;
	a->unknowns_more = false;
	buf_reset(&a->words);
	if (buf_room(&a->words, room))
		return true;
	complain_memory(a);
	return false;
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
	int64_t ms;

	switch (check->kind) {
	case PLAN_MIN_LENGTH:
		return f->value->utf16 >= check->length;
	case PLAN_MAX_LENGTH:
		return f->value->utf16 <= check->length;
	case PLAN_PATTERN:
		return pattern_search(check->pattern, f->text.p, f->text.n);
	case PLAN_DATE:
		return date_parse(f->text.p, f->text.n, &ms);
	case PLAN_DATE_TIME:
		return timestamp_parse(f->text.p, f->text.n, &ms);
	default:
		return true;
	}
}

/* A check of numbers or strings holds for values of other types. */
static bool
holds(const struct plan_check *check, const struct form *f)
{
	if (check->kind == PLAN_ENUM)
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

static void
check_value(struct plan_answer *a, const struct plan_property *p, const struct json_value *v)
{
	struct form f; /* filled as far as the type of the value needs it */
	size_t i;

	f.value = v;
	if (v->type == JSON_NUMBER)
		f.number = decimal_read(v->raw);
	if (!is_expected(p->types, &f)) {
		complain(a, p->severity, p->field, p->unexpected[v->type]);
		return;
	}
	if (p->checks == 0 || (v->type == JSON_STRING && !read_text(a, &f)))
		return;
	for (i = 0; i < p->checks; i++)
		if (!holds(&p->check[i], &f))
			complain(a, p->severity, p->field, p->check[i].text);
}

/* ---- one event --------------------------------------------------------- */

/* Notes the last value of each property that the plan has; others as unknown. */
static void
read_properties(struct plan_answer *a, const struct json_value *properties)
{
	const struct plan_event *x = a->event;
	uint32_t *next = a->next + x->first;
	struct json_scan s;
	struct json_member m;
	char room[KEY_ROOM];

	json_open(&s, properties->raw.p, properties->raw.n);
	while (json_next(&s, &m)) {
		struct span key = json_short_text(&m.key, room, sizeof(room));
		uint32_t i = *next;

		/* they mostly come in the order in which they came last time */
		if (!key.p)
			i = DICT_NONE;
		else if (!dict_is(&x->names, i, 0, key))
			i = dict_get(&x->names, 0, key);
		if (i != DICT_NONE) {
			a->value[i] = m.value;
			a->seen[i / WORD_BITS] |= UINT64_C(1) << i % WORD_BITS;
			*next = i;
			next = a->next + x->first + 1 + i;
		} else if (x->unknown_properties != PLAN_ALLOW) {
			note_unknown(a, &m.key);
		}
	}
}

static void
check_properties(struct plan_answer *a)
{
	const struct plan_event *x = a->event;
	size_t i;

	for (i = 0; i < x->names.n; i++) {
		const struct plan_property *p = &x->property[i];

		if (a->seen[i / WORD_BITS] >> i % WORD_BITS & 1)
			check_value(a, p, &a->value[i]);
		else if (p->required)
			complain(a, p->severity, p->field, SPAN("Required"));
	}
}

void
plan_judge(struct plan_answer *a, struct event *e)
{
	const struct json_value *properties = &e->value[EVENT_PROPERTIES];

	a->errors.n = a->warnings.n = 0;
	a->event = find_event(a->plan, event_text(e, EVENT_EVENT));
	if (!a->event) {
		complain(a, a->plan->unknown_events, SPAN("event"), SPAN("Unknown event"));
		return;
	}
	memset(a->seen, 0, (a->event->names.n / WORD_BITS + 1) * sizeof(*a->seen));
	a->unknowns = 0;
	if (event_has(e, EVENT_PROPERTIES) && ready_words(a, properties))
		read_properties(a, properties);
	check_properties(a);
	if (a->unknowns)
		complain_unknown(a);
}
