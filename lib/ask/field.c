#include "ask/field.h"

#include "base/banned.h"

#define UTM(name) "decodeURLFormComponent(extractURLParameter(ifNull(url, ''), '" name "'))"

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
	{ "utm_term", UTM("utm_term"), FIELD_TEXT, OF_FIRST, false, true },
	{ "utm_content", UTM("utm_content"), FIELD_TEXT, OF_FIRST, false, true },
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
add_field(struct grouping *g, struct span name, bool visits)
{
	const struct field *f = field_find(name);
	size_t i;

	if (!f || !f->groups || f->of == (visits ? OF_ANY : OF_FIRST_VIEW) ||
	    (!visits && f->of == OF_LAST_VIEW))
		return false;
	for (i = 0; i < g->n; i++)
		if (g->by[i] == f)
			return false;
	if (g->n == GROUPING_MAX)
		return false;
	g->by[g->n++] = f;
	return true;
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
		if (!add_field(g, (struct span){ text.p, n }, visits))
			return refuse(r, REFUSAL_INVALID_GROUP_BY, "group_by",
			    visits ? "of visits and visitors: expected one of " FIELD_VISIT_GROUPS
				     ", or several, each once, with commas between; path and "
				     "event_name are of events, which count and uniques are about"
				   : "expected one of " FIELD_EVENT_GROUPS
				     ", or several, each once, with commas between");
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
field_add_key(struct question *q, const struct field *f)
{
	field_add(q, f);
	if (strcmp(f->name, f->sql) != 0)
		buf_addf(&q->sql, " AS %s", f->name);
	buf_adds(&q->sql, ", ");
	question_add_column(
	    q, f->name, COLUMN_KEY, f->type == FIELD_NUMBER ? KIND_NUMBER : KIND_TEXT);
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
	};

	k->word = breakdowns[breakdown].word;
	k->keys = breakdowns[breakdown].keys;
	k->by.n = 0;
	k->by.by[k->by.n++] = field_find(span_of(breakdowns[breakdown].first));
	if (breakdowns[breakdown].second)
		k->by.by[k->by.n++] = field_find(span_of(breakdowns[breakdown].second));
}

void
breakdown_add_columns(const struct breakdown_keys *k, struct question *q)
{
	size_t i;

	for (i = 0; i < k->by.n; i++)
		question_add_column(q, k->by.by[i]->name, COLUMN_KEY, KIND_TEXT);
}
