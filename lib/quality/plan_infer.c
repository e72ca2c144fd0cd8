#include "quality/plan_infer.h"

#include <stdlib.h>

#include "text/json.h"

#include "base/banned.h"

/* ---- one property ---- */

static void
add_types(struct buf *b, const struct profile_field *f)
{
	unsigned types = f->types;
	bool several;
	const char *begin = "";
	int t;

	/* an integer is a number: a plan names only the wider one */
	if (types >> PROFILE_NUMBER & 1)
		types &= ~(1u << PROFILE_INTEGER);
	several = (types & (types - 1)) != 0;
	buf_adds(b, several ? "\"type\": [" : "\"type\": ");
	for (t = 0; t < PROFILE_TYPES; t++) {
		if (!(types >> t & 1))
			continue;
		buf_addf(b, "%s\"%s\"", begin, profile_type_name((enum profile_type)t));
		begin = ", ";
	}
	if (several)
		buf_addc(b, ']');
}

/* Whether the strings are one of a few values, as far as can be told. */
static bool
is_enum(const struct profile_field *f)
{
	const unsigned plain = 1u << PROFILE_STRING | 1u << PROFILE_NULL;

	return !(f->types & ~plain) && !f->many && f->value_count > 0 &&
	    f->strings >= PLANGUESS_EVENTS_MIN &&
	    f->strings >= (uint64_t)PLANGUESS_REPEATS * f->value_count;
}

static int
compare_text(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	int order = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);

	return order ? order : x->n < y->n ? -1 : x->n > y->n;
}

static void
add_enum(struct buf *b, const struct profile *p, const struct profile_field *f)
{
	struct span value[PROFILE_VALUES_MAX];
	unsigned i;

	for (i = 0; i < f->value_count; i++)
		value[i] = dict_text(&p->values, f->value[i]);
	qsort(value, f->value_count, sizeof(value[0]), compare_text);
	buf_adds(b, ", \"enum\": [");
	for (i = 0; i < f->value_count; i++) {
		if (i)
			buf_adds(b, ", ");
		json_add_string(b, value[i].p, value[i].n);
	}
	buf_adds(b, f->types >> PROFILE_NULL & 1 ? ", null]" : "]");
}

static void
add_property(struct buf *b, const struct profile *p, const struct profile_event *e,
    const struct profile_field *f)
{
	struct span name = dict_text(&p->field_names, f->name);

	buf_adds(b, "        ");
	json_add_string(b, name.p, name.n);
	buf_adds(b, ": { ");
	add_types(b, f);
	if (profile_present(f) + f->of[PROFILE_NULL] == e->count)
		buf_adds(b, ", \"required\": true");
	if (f->strings && f->dates == f->strings)
		buf_adds(b, ", \"format\": \"date\"");
	else if (f->strings && f->date_times == f->strings)
		buf_adds(b, ", \"format\": \"date-time\"");
	else if (is_enum(f))
		add_enum(b, p, f);
	buf_adds(b, " }");
}

/* ---- events ---- */

static void
add_properties(struct buf *b, const struct profile *p, const struct profile_event *e)
{
	const struct profile_field *f;
	const char *begin = "\n";

	for (f = profile_at(p, e->first); f; f = profile_at(p, f->next)) {
		if (!f->property)
			continue;
		buf_adds(b, begin);
		add_property(b, p, e, f);
		begin = ",\n";
	}
}

static bool
has_properties(const struct profile *p, const struct profile_event *e)
{
	const struct profile_field *f;

	for (f = profile_at(p, e->first); f; f = profile_at(p, f->next))
		if (f->property)
			return true;
	return false;
}

static void
add_event(struct buf *b, const struct profile *p, const struct profile_event *e, struct span name)
{
	/* a name with a * is a glob in a plan, of which others may get hold */
	bool glob = memchr(name.p, '*', name.n) != NULL;
	bool lists = !glob && has_properties(p, e);

	buf_adds(b, "    ");
	json_add_string(b, name.p, name.n);
	buf_adds(b, ": {");
	if (glob || e->more)
		buf_addf(b, " \"unknownProperties\": \"allow\"%s", lists ? "," : " ");
	if (lists) {
		buf_adds(b, "\n      \"properties\": {");
		add_properties(b, p, e);
		buf_adds(b, "\n      }\n    ");
	}
	buf_addc(b, '}');
}

void
plan_infer(const struct profile *p, struct buf *b)
{
	const char *begin = "\n";
	uint32_t i;

	buf_addf(b,
	    "{\n  \"version\": \"1\",\n  \"severity\": \"error\",\n  \"unknownEvents\": \"%s\",\n"
	    "  \"unknownProperties\": \"warn\",\n  \"events\": {",
	    p->more ? "allow" : "warn");
	for (i = 0; i < p->names.n; i++) {
		if (p->event[i].count == 0)
			continue;
		buf_adds(b, begin);
		add_event(b, p, &p->event[i], dict_text(&p->names, i));
		begin = ",\n";
	}
	buf_adds(b, "\n  }\n}\n");
}
