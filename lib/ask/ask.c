#include "ask/ask.h"

#include <stdio.h>

#include "ask/bucket.h"
#include "ask/visit.h"
#include "base/ascii.h"

#include "base/banned.h"

enum {
	/* the last day that a Date holds, 2149-06-06 */
	DATE_DAYS = 65535,
};

/* ---- parameters by name --------------------------------------------------- */

void
ask_init(struct ask *a, enum ask_kind kind)
{
	*a = (struct ask){
		.kind = kind,
		.limit = kind == ASK_SOURCES ? ASK_SOURCES_ROWS : ASK_ROWS,
	};
}

/* The index of a word among "a|b|c", or -1. */
static int
choice(const char *words, struct span word)
{
	const char *p = words;
	int i;

	for (i = 0; *p; i++) {
		size_t n = strcspn(p, "|");

		if (span_eq(word, (struct span){ p, n }))
			return i;
		p += n + (p[n] == '|');
	}
	return -1;
}

static bool
set_choice(
    int *to, int first, const char *name, const char *words, struct span v, struct refusal *r)
{
	int i = choice(words, v);

	if (i < 0)
		return refuse(r, REFUSAL_INVALID_PARAMS, name, "expected one of %s", words);
	*to = first + i;
	return true;
}

static bool
set_limit(struct ask *a, struct span v, struct refusal *r)
{
	uint64_t max = a->kind == ASK_SOURCES ? ASK_SOURCES_ROWS_MAX : ASK_ROWS_MAX, limit;

	if (!ascii_number(v, max, &limit) || limit < 1)
		return refuse(r, REFUSAL_INVALID_PARAMS, "limit", "expected 1 to %llu",
		    (unsigned long long)max);
	a->limit = limit;
	return true;
}

static bool
add_condition(struct ask *a, struct span v, struct refusal *r)
{
	if (a->conditions == ASK_WHERE_MAX)
		return refuse(r, REFUSAL_INVALID_PARAMS, "where",
		    "at most %d conditions can be given", (int)ASK_WHERE_MAX);
	if (!condition_parse(&a->where[a->conditions], v, false, "where", r))
		return false;
	a->conditions++;
	return true;
}

/* Parameters that are text, and the kinds that have them. */
static struct span *
text_parameter(struct ask *a, struct span name)
{
	const struct {
		const char *name;
		bool has;
		struct span *to;
	} texts[] = {
		{ "from", true, &a->period.from },
		{ "to", true, &a->period.to },
		{ "period", true, &a->period.period },
		{ "tz", true, &a->period.tz },
		{ "event", true, &a->filter[FILTER_EVENT] },
		{ "source", a->kind == ASK_QUERY, &a->filter[FILTER_SOURCE] },
		{ "medium", a->kind == ASK_QUERY, &a->filter[FILTER_MEDIUM] },
		{ "user_id", a->kind == ASK_QUERY, &a->filter[FILTER_USER_ID] },
		{ "anonymous_id", a->kind == ASK_QUERY, &a->filter[FILTER_ANONYMOUS_ID] },
		{ "country", a->kind == ASK_QUERY, &a->filter[FILTER_COUNTRY] },
		{ "group_by", a->kind == ASK_STATS, &a->group_by },
		{ "compare", a->kind != ASK_QUERY, &a->compare },
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].has && span_eq(name, span_of(texts[i].name)))
			return texts[i].to;
	return NULL;
}

bool
ask_set(struct ask *a, struct span name, struct span value, struct refusal *r)
{
	static const char *const allowed[] = {
		("from, to, period, tz, event, source, medium, user_id, anonymous_id, country, where, "
		 "limit"),
		"from, to, period, tz, metric, event, group_by, interval, where, compare, limit",
		"from, to, period, tz, breakdown, by, event, where, compare, limit",
	};
	struct span *text = text_parameter(a, name);

	if (text) {
		*text = value;
		return true;
	}
	if (span_eq(name, SPAN("limit")))
		return set_limit(a, value, r);
	if (span_eq(name, SPAN("where")))
		return add_condition(a, value, r);
	if (a->kind == ASK_STATS && span_eq(name, SPAN("metric")))
		return set_choice(&a->metric, 0, "metric", ASK_METRICS, value, r);
	if (a->kind == ASK_STATS && span_eq(name, SPAN("interval")))
		return set_choice(&a->interval, INTERVAL_HOUR, "interval", ASK_INTERVALS, value, r);
	if (a->kind == ASK_SOURCES && span_eq(name, SPAN("breakdown")))
		return set_choice(&a->breakdown, 0, "breakdown", ASK_BREAKDOWNS, value, r);
	if (a->kind == ASK_SOURCES && span_eq(name, SPAN("by")))
		return set_choice(&a->by, 0, "by", ASK_BY, value, r);
	return refuse(
	    r, REFUSAL_INVALID_PARAMS, NULL, "unknown parameter; expected %s", allowed[a->kind]);
}

/* ---- query ---------------------------------------------------------------- */

static const struct query_column {
	const char *name;
	enum column_role role;
} query_columns[] = {
	{ "timestamp", COLUMN_TIME },
	{ "event_name", COLUMN_MORE },
	{ "event_id", COLUMN_HIDDEN },
	{ "anonymous_id", COLUMN_MORE },
	{ "user_id", COLUMN_MORE },
	{ "session_id", COLUMN_HIDDEN },
	{ "source", COLUMN_MORE },
	{ "medium", COLUMN_MORE },
	{ "campaign", COLUMN_HIDDEN },
	{ "source_confidence", COLUMN_HIDDEN },
	{ "source_rule_id", COLUMN_HIDDEN },
	{ "url", COLUMN_HIDDEN },
	{ "path", COLUMN_MORE },
	{ "referrer", COLUMN_HIDDEN },
	{ "country", COLUMN_MORE },
	{ "device_type", COLUMN_HIDDEN },
	{ "browser", COLUMN_HIDDEN },
	{ "os", COLUMN_HIDDEN },
	{ "properties", COLUMN_HIDDEN },
};

enum { QUERY_COLUMNS = sizeof(query_columns) / sizeof(query_columns[0]) };

/* The next column of a row; who names it wants to see it in a table. */
static void
add_field(struct question *q, const struct query_column *c, bool named)
{
	buf_addf(&q->sql, "%s%s", q->column_count ? ", " : "SELECT ", c->name);
	question_add_column(
	    q, c->name, named && c->role == COLUMN_HIDDEN ? COLUMN_MORE : c->role, KIND_TEXT);
}

static bool
refuse_fields(struct refusal *r)
{
	struct buf names = BUF_INIT;
	size_t i;

	for (i = 0; i < QUERY_COLUMNS; i++)
		buf_addf(&names, "%s%s", i ? ", " : "", query_columns[i].name);
	refuse(r, REFUSAL_INVALID_PARAMS, "fields",
	    "expected some of %.*s, each once, separated by commas", (int)names.n, names.p);
	buf_release(&names);
	return false;
}

static bool
add_fields(const struct ask *a, struct question *q, struct refusal *r)
{
	bool seen[QUERY_COLUMNS] = { false };
	struct span rest = a->fields;
	size_t i;

	for (i = 0; !rest.p && i < QUERY_COLUMNS; i++)
		add_field(q, &query_columns[i], false);
	while (rest.p) {
		size_t n = span_find(rest, SPAN(","));

		for (i = 0; i < QUERY_COLUMNS; i++)
			if (span_eq((struct span){ rest.p, n }, span_of(query_columns[i].name)))
				break;
		if (i == QUERY_COLUMNS || seen[i])
			return refuse_fields(r);
		seen[i] = true;
		add_field(q, &query_columns[i], true);
		rest = n == rest.n ? (struct span){ NULL, 0 }
				   : (struct span){ rest.p + n + 1, rest.n - n - 1 };
	}
	return true;
}

/* Oldest first is the order of the table: nothing is sorted, and nobody holds it all. */
static void
add_order(const struct ask *a, struct question *q)
{
	if (!a->all) {
		buf_adds(&q->sql, "\nORDER BY timestamp DESC, event_id DESC");
		question_add_limit(q, a->limit);
		return;
	}
	if (a->after.p) {
		buf_adds(&q->sql,
		    "\n  AND (timestamp > {from:DateTime64(3, 'UTC')} OR event_id > {after:String})");
		question_add_param(q, "after", a->after);
	}
	buf_adds(&q->sql, "\nORDER BY timestamp, event_id");
	q->stream = true;
}

static void
add_conditions(const struct ask *a, struct question *q)
{
	size_t i;

	for (i = 0; i < a->conditions; i++) {
		buf_adds(&q->sql, "\n  AND ");
		condition_add(q, &a->where[i]);
	}
}

static bool
query(const struct ask *a, struct question *q, struct refusal *r)
{
	static const struct {
		const char *name, *condition;
	} filters[FILTERS] = {
		[FILTER_EVENT] = { "event", "event_name = {event:String}" },
		[FILTER_SOURCE] = { "source", "source = {source:String}" },
		[FILTER_MEDIUM] = { "medium", "medium = {medium:String}" },
		[FILTER_USER_ID] = { "user_id", "user_id = {user_id:String}" },
		[FILTER_ANONYMOUS_ID] = { "anonymous_id", "anonymous_id = {anonymous_id:String}" },
		[FILTER_COUNTRY] = { "country", "country = upper({country:String})" },
	};
	size_t i;

	snprintf(q->why, sizeof(q->why), "single events are only there");
	if (!add_fields(a, q, r))
		return false;
	if (a->after.p && !a->all)
		return refuse(r, REFUSAL_INVALID_PARAMS, "after", "goes with all");
	buf_adds(&q->sql, "\nFROM events\nWHERE ");
	question_add_period(q, a->project);
	for (i = 0; i < FILTERS; i++) {
		if (!a->filter[i].p)
			continue;
		if (i == FILTER_EVENT)
			question_note_event(q, a->filter[i]);
		if (i == FILTER_USER_ID && a->filter[i].n == 0) {
			buf_adds(&q->sql, "\n  AND ifNull(user_id, '') = ''");
			continue;
		}
		buf_addf(&q->sql, "\n  AND %s", filters[i].condition);
		question_add_param(q, filters[i].name, a->filter[i]);
	}
	add_conditions(a, q);
	add_order(a, q);
	return true;
}

/* ---- stats ---------------------------------------------------------------- */

/* Why the rollup can't answer exactly; false: it can. */
static bool
needs_events(
    const struct ask *a, const struct question *q, const struct grouping *g, char *why, size_t n)
{
	size_t i;

	for (i = 0; i < g->n; i++) {
		const struct field *f = g->by[i].field;

		if (!f || !f->in_rollup) {
			snprintf(why, n, "daily_rollup has no %s", f ? f->name : "properties");
			return true;
		}
	}
	for (i = 0; i < a->conditions; i++) {
		const struct field *f = a->where[i].field;

		if (!f || !f->in_rollup) {
			snprintf(why, n, "daily_rollup has no %s", f ? f->name : "properties");
			return true;
		}
	}
	if (a->from_events)
		snprintf(why, n, "%s", ASK_WHY_EVENTS);
	else if (a->interval == INTERVAL_HOUR)
		snprintf(why, n, "hours are finer than the days of daily_rollup");
	else if (a->interval != INTERVAL_NONE && !zone_is_utc(q->period.zone))
		snprintf(why, n, "the days of daily_rollup are those of UTC, not of %s",
		    zone_name(q->period.zone));
	else if (!period_is_of_days(&q->period))
		snprintf(why, n, "the period does not begin and end at midnight UTC");
	else if (q->period.from < 0 || timestamp_day(q->period.to) > DATE_DAYS)
		snprintf(why, n, "daily_rollup holds days from 1970 to 2149");
	else
		return false;
	return true;
}

/* Sets the table that is read, and why; whether it is the rollup. */
static bool
chooses_rollup(const struct ask *a, struct question *q, const struct grouping *g)
{
	if (needs_events(a, q, g, q->why, sizeof(q->why)))
		return false;
	q->table = "daily_rollup";
	snprintf(q->why, sizeof(q->why), "whole days of UTC, and it holds all that is asked for");
	return true;
}

static void
add_where(const struct ask *a, struct question *q, bool rollup)
{
	if (rollup)
		question_add_days(q, a->project);
	else
		question_add_period(q, a->project);
	add_conditions(a, q);
	if (!a->filter[FILTER_EVENT].p)
		return;
	question_note_event(q, a->filter[FILTER_EVENT]);
	buf_adds(&q->sql, "\n  AND event_name = {event:String}");
	question_add_param(q, "event", a->filter[FILTER_EVENT]);
}

/* What names a bucket. */
static void
add_bucket(const struct ask *a, struct question *q, bool rollup)
{
	if (!rollup) {
		bucket_add(q, q->interval);
		return;
	}
	bucket_add_shift(q, q->interval);
	if (a->interval == INTERVAL_DAY)
		buf_adds(&q->sql, q->half ? "toDate32(day)" : "day");
	else
		buf_addf(&q->sql, "addDays(toDate32(day), 1 - %s(day))",
		    a->interval == INTERVAL_WEEK ? "toDayOfWeek" : "toDayOfMonth");
	bucket_end(q, q->interval);
}

static bool
check_pageviews(const struct ask *a, struct refusal *r)
{
	return a->metric != METRIC_PAGEVIEWS || !a->filter[FILTER_EVENT].p ||
	    refuse(r, REFUSAL_INVALID_PARAMS, "event",
		"pageviews are the events $pageview; of others ask for count");
}

static const enum visit_metric visit_metrics[] = {
	[METRIC_COUNT] = VISIT_NONE,
	[METRIC_UNIQUES] = VISIT_NONE,
	[METRIC_VISITS] = VISIT_COUNT,
	[METRIC_PAGEVIEWS] = VISIT_NONE,
	[METRIC_BOUNCE_RATE] = VISIT_BOUNCE_RATE,
	[METRIC_VISIT_DURATION] = VISIT_DURATION,
	[METRIC_VIEWS_PER_VISIT] = VISIT_VIEWS,
	[METRIC_EVENTS_PER_USER] = VISIT_NONE,
	[METRIC_NEW] = VISIT_NEW,
	[METRIC_RETURNING] = VISIT_RETURNING,
};

static bool
visits(const struct ask *a, struct question *q, struct refusal *r)
{
	const struct visit v = {
		.project = a->project,
		.group_by = a->group_by,
		.metric = visit_metrics[a->metric],
		.where = a->where,
		.conditions = a->conditions,
		.limit = a->limit,
	};

	q->interval = (enum interval)a->interval;
	return visit_question(&v, q, r);
}

static bool
stats(const struct ask *a, struct question *q, struct refusal *r)
{
	static const struct {
		const char *value, *rollup, *object;
	} metrics[] = {
		[METRIC_COUNT] = { "count()", "sum(events)", "{\"metric\":\"count\",\"rows\":[" },
		[METRIC_UNIQUES] = { "uniq(anonymous_id)", "uniqMerge(uniques)",
		    "{\"metric\":\"uniques\",\"rows\":[" },
		[METRIC_PAGEVIEWS] = { "count()", "sum(events)",
		    "{\"metric\":\"pageviews\",\"rows\":[" },
		[METRIC_EVENTS_PER_USER] = { "if(count() > 0, round(count() / "
					     "uniq(anonymous_id), 2), NULL)",
		    "if(sum(events) > 0, round(sum(events) / uniqMerge(uniques), 2), NULL)",
		    "{\"metric\":\"events_per_user\",\"rows\":[" },
	};
	const char *names[GROUPING_MAX];
	struct grouping g;
	bool rollup;
	size_t i;

	if (visit_metrics[a->metric] != VISIT_NONE)
		return visits(a, q, r);
	if (!grouping_parse(&g, a->group_by, false, r) || !check_pageviews(a, r))
		return false;
	rollup = chooses_rollup(a, q, &g);
	q->object = metrics[a->metric].object;
	q->interval = (enum interval)a->interval;
	buf_adds(&q->sql, "SELECT ");
	if (a->interval != INTERVAL_NONE)
		add_bucket(a, q, rollup);
	for (i = 0; i < g.n; i++) {
		names[i] = g.by[i].column;
		group_add(q, &g.by[i]);
	}
	question_add_column(q, "value", COLUMN_VALUE,
	    a->metric == METRIC_EVENTS_PER_USER ? KIND_MEAN : KIND_NUMBER);
	buf_addf(&q->sql, "%s AS value\nFROM %s\nWHERE ",
	    rollup ? metrics[a->metric].rollup : metrics[a->metric].value, q->table);
	add_where(a, q, rollup);
	if (a->metric == METRIC_PAGEVIEWS)
		buf_adds(&q->sql, "\n  AND event_name = '$pageview'");
	bucket_add_end(q, q->interval, names, g.n);
	question_add_limit(q, a->limit);
	return true;
}

/* ---- sources -------------------------------------------------------------- */

static void
sources(const struct ask *a, struct question *q)
{
	static const char *const values[] = {
		"count() AS events, uniq(anonymous_id) AS uniques, "
		"round(countIf(medium = 'paid') / count(), 4) AS paid_share\nFROM events",
		/* the table's name tells its columns from those of the answer */
		"sum(daily_rollup.events) AS events, uniqMerge(daily_rollup.uniques) AS uniques, "
		"round(sumIf(daily_rollup.events, medium = 'paid') / sum(daily_rollup.events), 4) "
		"AS paid_share\nFROM daily_rollup",
	};
	static const char *const objects[] = {
		[BREAKDOWN_SOURCE_MEDIUM] = "{\"breakdown\":\"source_medium\",\"rows\":[",
		[BREAKDOWN_SOURCE] = "{\"breakdown\":\"source\",\"rows\":[",
		[BREAKDOWN_CAMPAIGN] = "{\"breakdown\":\"campaign\",\"rows\":[",
		[BREAKDOWN_RULE] = "{\"breakdown\":\"source_rule_id\",\"rows\":[",
		[BREAKDOWN_TERM] = "{\"breakdown\":\"utm_term\",\"rows\":[",
		[BREAKDOWN_CONTENT] = "{\"breakdown\":\"utm_content\",\"rows\":[",
	};
	struct breakdown_keys k;
	bool rollup;
	size_t i;

	breakdown_keys(&k, a->breakdown);
	rollup = chooses_rollup(a, q, &k.by);
	q->object = objects[a->breakdown];
	buf_adds(&q->sql, "SELECT ");
	for (i = 0; i < k.by.n; i++)
		group_add(q, &k.by.by[i]);
	question_add_column(q, "events", COLUMN_VALUE, KIND_NUMBER);
	question_add_column(q, "uniques", COLUMN_MORE, KIND_NUMBER);
	question_add_column(q, "paid_share", COLUMN_MORE, KIND_SHARE);
	buf_addf(&q->sql, "%s\nWHERE ", values[rollup]);
	add_where(a, q, rollup);
	buf_addf(&q->sql, "\nGROUP BY %s\nORDER BY events DESC, %s", k.keys, k.keys);
	question_add_limit(q, a->limit);
}

static bool
check_filters(const struct ask *a, struct refusal *r)
{
	static const char *const names[FILTERS] = {
		[FILTER_EVENT] = "event",
		[FILTER_SOURCE] = "source",
		[FILTER_MEDIUM] = "medium",
		[FILTER_USER_ID] = "user_id",
		[FILTER_ANONYMOUS_ID] = "anonymous_id",
		[FILTER_COUNTRY] = "country",
	};
	size_t i;

	for (i = 0; i < FILTERS; i++)
		if (a->filter[i].n > ASK_TEXT_MAX)
			return refuse(r, REFUSAL_INVALID_PARAMS, names[i],
			    "expected at most %d bytes", ASK_TEXT_MAX);
	return true;
}

static bool
is_of_visits(const struct ask *a)
{
	return (a->kind == ASK_STATS && visit_metrics[a->metric] != VISIT_NONE) ||
	    (a->kind == ASK_SOURCES && a->by == BY_VISITS);
}

/* Takes the event's name and its conditions apart. */
static bool
parse_event(struct ask *a, struct refusal *r)
{
	struct event_filter pick;

	if (!a->filter[FILTER_EVENT].p)
		return true;
	if (is_of_visits(a))
		return refuse(r, REFUSAL_INVALID_PARAMS, "event",
		    "this is of whole visits, whatever their events are: ask for where "
		    "event_name=NAME, visits with such an event, or count events");
	if (!event_filter_parse(&pick, a->filter[FILTER_EVENT], "event", r))
		return false;
	a->filter[FILTER_EVENT] = pick.event;
	memcpy(a->where + a->conditions, pick.filter, pick.filters * sizeof(*pick.filter));
	a->conditions += pick.filters;
	return true;
}

/* Those of visits are of visits. */
static bool
check_where(const struct ask *a, struct refusal *r)
{
	bool visits = is_of_visits(a);
	size_t i;

	for (i = 0; i < a->conditions && !visits; i++)
		if (!condition_is_of_events(&a->where[i]))
			return refuse(r, REFUSAL_INVALID_PARAMS, "where",
			    "%s is of visits; of events ask for path", a->where[i].field->name);
	return true;
}

static bool
build(const void *what, struct question *q, struct refusal *r)
{
	const struct ask *a = what;

	switch (a->kind) {
	case ASK_QUERY:
		return query(a, q, r);
	case ASK_STATS:
		return stats(a, q, r);
	case ASK_SOURCES:
		if (a->by == BY_VISITS)
			visit_sources(
			    &(struct visit){
				.project = a->project,
				.where = a->where,
				.conditions = a->conditions,
				.limit = a->limit,
			    },
			    a->breakdown, q);
		else
			sources(a, q);
		break;
	}
	return true;
}

bool
ask_question(const struct ask *a, int64_t now, struct question *q, struct refusal *r)
{
	struct ask own = *a;
	struct period period;
	bool good = question_period(&period, &a->period, now, r);

	question_begin(q, period);
	if (!good || !check_filters(a, r) || !check_where(a, r) || !parse_event(&own, r) ||
	    !compare_question(q, a->compare, now, build, &own, NULL, r))
		return false;
	if (q->sql.failed)
		return refuse(r, REFUSAL_INTERNAL, NULL, "out of memory");
	return true;
}
