#include "ask/field.h"

#include <stdio.h>

#include "base/near.h"

#include "base/banned.h"

static const struct field fields[] = {
	{ "event_name", "event_name", FIELD_TEXT, OF_ANY, true, true },
	{ "source", "source", FIELD_TEXT, OF_FIRST, true, true },
	{ "medium", "medium", FIELD_TEXT, OF_FIRST, true, true },
	{ "campaign", "campaign", FIELD_NULL, OF_FIRST, false, true },
	{ "source_rule_id", "source_rule_id", FIELD_TEXT, OF_FIRST, false, true },
	{ "country", "country", FIELD_TEXT, OF_FIRST, true, true },
	{ "device_type", "device_type", FIELD_TEXT, OF_FIRST, true, true },
	{ "browser", "browser", FIELD_TEXT, OF_FIRST, false, true },
	{ "os", "os", FIELD_TEXT, OF_FIRST, false, true },
	{ "path", "path", FIELD_NULL, OF_ANY, false, true },
	{ "url", "url", FIELD_NULL, OF_ANY, false, true },
	{ "host", "lower(domain(ifNull(url, '')))", FIELD_TEXT, OF_FIRST, false, true },
	{ "referrer", "referrer", FIELD_NULL, OF_FIRST, false, true },
	{ "user_id", "user_id", FIELD_NULL, OF_ANY, false, true },
	{ "anonymous_id", "anonymous_id", FIELD_TEXT, OF_ANY, false, false },
	{ "session_id", "session_id", FIELD_TEXT, OF_ANY, false, false },
	{ "utm_term", FIELD_UTM("utm_term"), FIELD_TEXT, OF_FIRST, false, true },
	{ "utm_content", FIELD_UTM("utm_content"), FIELD_TEXT, OF_FIRST, false, true },
	/* 1 is Monday; toDayOfWeek of a Date32 is right for any time that is stored */
	{ "weekday", "toDayOfWeek(toDate32(timestamp, ?))", FIELD_NUMBER, OF_FIRST, false, true },
	{ "hour_of_day", "toHour(timestamp, ?)", FIELD_NUMBER, OF_FIRST, false, true },
	{ "entry_path", "path", FIELD_NULL, OF_FIRST_VIEW, false, true },
	{ "exit_path", "path", FIELD_NULL, OF_LAST_VIEW, false, true },
};

const struct field *
field_find(struct span name)
{
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (span_eq(name, span_of(fields[i].name)))
			return &fields[i];
	return NULL;
}

static bool
is_of(const struct field *f, bool visits)
{
	return f->groups && f->of != (visits ? OF_ANY : OF_FIRST_VIEW) &&
	    (visits || f->of != OF_LAST_VIEW);
}

static void
add_field(struct grouping *g, const struct field *f)
{
	g->by[g->n++] = (struct group){ f, { .depth = 0 }, span_of(f->name), f->name };
}

static bool
add_property(struct grouping *g, struct span name)
{
	static const char *const columns[QUESTION_KEYS_MAX] = { "property_1", "property_2",
		"property_3", "property_4", "property_5", "property_6", "property_7",
		"property_8" };
	struct group *to = &g->by[g->n];
	size_t i, properties = 0;

	for (i = 0; i < g->n; i++)
		properties += !g->by[i].field;
	if (properties == QUESTION_KEYS_MAX || !question_can_name(name) ||
	    !property_parse(&to->property, name))
		return false;
	to->field = NULL;
	to->name = name;
	to->column = columns[properties];
	g->n++;
	return true;
}

static bool
add_name(struct grouping *g, struct span name, bool visits)
{
	static const char prefix[] = "properties.";
	const struct field *f = field_find(name);
	size_t i;

	for (i = 0; i < g->n; i++)
		if (span_eq(name, g->by[i].name))
			return false;
	if (g->n == GROUPING_MAX)
		return false;
	if (!visits && name.n > strlen(prefix) && memcmp(name.p, prefix, strlen(prefix)) == 0)
		return add_property(g, name);
	if (!f || !is_of(f, visits))
		return false;
	add_field(g, f);
	return true;
}

static bool
refuse_name(struct span name, bool visits, struct refusal *r)
{
	struct near near;
	char meant[NEAR_NAME_MAX + 16] = "";
	size_t i;

	near_begin(&near, name);
	/* one that is known came twice, or is of the others */
	for (i = 0; !field_find(name) && i < sizeof(fields) / sizeof(fields[0]); i++)
		if (is_of(&fields[i], visits))
			near_try(&near, span_of(fields[i].name));
	if (near.best.p)
		snprintf(meant, sizeof(meant), "did you mean %s? ", near.best.p);
	return refuse(r, REFUSAL_INVALID_GROUP_BY, "group_by",
	    visits ? "%sof visits and visitors: expected one of " FIELD_VISIT_GROUPS
		     ", or several, each once, separated by commas; path, "
		     "event_name and properties are of events, which count and "
		     "uniques are about"
		   : "%sexpected one of " FIELD_EVENT_GROUPS ", " FIELD_PROPERTY
		     ", or several, each once, separated by commas",
	    meant);
}

bool
grouping_parse(struct grouping *g, struct span text, bool visits, struct refusal *r)
{
	const char *comma;

	g->n = 0;
	if (!text.p)
		return true;
	do {
		size_t n;

		comma = memchr(text.p, ',', text.n);
		n = comma ? (size_t)(comma - text.p) : text.n;
		if (!add_name(g, (struct span){ text.p, n }, visits))
			return refuse_name((struct span){ text.p, n }, visits, r);
		if (comma)
			text = (struct span){ comma + 1, text.n - n - 1 };
	} while (comma);
	return true;
}

void
field_add(struct question *q, const struct field *f)
{
	const char *zone = strchr(f->sql, '?');

	if (!zone) {
		buf_adds(&q->sql, f->sql);
		return;
	}
	buf_add(&q->sql, f->sql, (size_t)(zone - f->sql));
	buf_adds(&q->sql, question_bind_zone(q));
	buf_adds(&q->sql, zone + 1);
}

void
field_add_value(struct question *q, const struct field *f)
{
	static const char *const before[] = {
		[FIELD_TEXT] = "toString(",
		[FIELD_NULL] = "CAST(",
		[FIELD_NUMBER] = "(",
	};

	buf_adds(&q->sql, before[f->type]);
	field_add(q, f);
	buf_adds(&q->sql, f->type == FIELD_NULL ? ", 'Nullable(String)')" : ")");
}

void
group_add_column(struct question *q, const struct group *g)
{
	const struct field *f = g->field;

	if (f)
		question_add_column(
		    q, f->name, COLUMN_KEY, f->type == FIELD_NUMBER ? KIND_NUMBER : KIND_TEXT);
	else
		question_add_key(q, g->name, g->column);
}

void
group_add(struct question *q, const struct group *g)
{
	const struct field *f = g->field;

	if (f)
		field_add(q, f);
	else
		property_add_text(q, &g->property, property_bind(q, &g->property));
	if (!f || strcmp(f->name, f->sql) != 0)
		buf_addf(&q->sql, " AS %s", g->column);
	buf_adds(&q->sql, ", ");
	group_add_column(q, g);
}

void
group_add_value(struct question *q, const struct group *g)
{
	if (g->field)
		field_add_value(q, g->field);
	else
		property_add_text(q, &g->property, property_bind(q, &g->property));
}

/* ---- of sources ------------------------------------------------------------ */

void
breakdown_keys(struct breakdown_keys *k, int breakdown)
{
	static const struct {
		const char *word, *keys, *first, *second;
	} breakdowns[] = {
		[BREAKDOWN_SOURCE_MEDIUM] = { "source_medium", "source, medium", "source",
		    "medium" },
		[BREAKDOWN_SOURCE] = { "source", "source", "source", NULL },
		[BREAKDOWN_CAMPAIGN] = { "campaign", "campaign", "campaign", NULL },
		[BREAKDOWN_RULE] = { "source_rule_id", "source_rule_id", "source_rule_id", NULL },
		[BREAKDOWN_TERM] = { "utm_term", "utm_term", "utm_term", NULL },
		[BREAKDOWN_CONTENT] = { "utm_content", "utm_content", "utm_content", NULL },
	};

	k->word = breakdowns[breakdown].word;
	k->keys = breakdowns[breakdown].keys;
	k->by.n = 0;
	add_field(&k->by, field_find(span_of(breakdowns[breakdown].first)));
	if (breakdowns[breakdown].second)
		add_field(&k->by, field_find(span_of(breakdowns[breakdown].second)));
}

void
breakdown_add_columns(const struct breakdown_keys *k, struct question *q)
{
	size_t i;

	for (i = 0; i < k->by.n; i++)
		question_add_column(q, k->by.by[i].column, COLUMN_KEY, KIND_TEXT);
}
