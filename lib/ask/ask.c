#include "ask/ask.h"

#include <stdio.h>

#include "base/ascii.h"

#include "base/banned.h"

enum {
	GROUPS = 8,
	/* the last day that a Date holds, 2149-06-06 */
	DATE_DAYS = 65535,
};

static const struct group {
	const char *name;
	bool in_rollup;
} groups[GROUPS] = {
	{ "event_name", true },
	{ "source", true },
	{ "medium", true },
	{ "country", true },
	{ "device_type", true },
	{ "browser", false },
	{ "os", false },
	{ "path", false },
};

struct grouping {
	const struct group *by[GROUPS];
	size_t n;
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
		{ "tz", true, &a->period.tz },
		{ "event", a->kind != ASK_SOURCES, &a->filter[FILTER_EVENT] },
		{ "source", a->kind == ASK_QUERY, &a->filter[FILTER_SOURCE] },
		{ "medium", a->kind == ASK_QUERY, &a->filter[FILTER_MEDIUM] },
		{ "user_id", a->kind == ASK_QUERY, &a->filter[FILTER_USER_ID] },
		{ "anonymous_id", a->kind == ASK_QUERY, &a->filter[FILTER_ANONYMOUS_ID] },
		{ "country", a->kind == ASK_QUERY, &a->filter[FILTER_COUNTRY] },
		{ "group_by", a->kind == ASK_STATS, &a->group_by },
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
		"from, to, tz, event, source, medium, user_id, anonymous_id, country, limit",
		"from, to, tz, metric, event, group_by, interval, limit",
		"from, to, tz, breakdown, limit",
	};
	struct span *text = text_parameter(a, name);

	if (text) {
		*text = value;
		return true;
	}
	if (span_eq(name, SPAN("limit")))
		return set_limit(a, value, r);
	if (a->kind == ASK_STATS && span_eq(name, SPAN("metric")))
		return set_choice(&a->metric, 0, "metric", ASK_METRICS, value, r);
	if (a->kind == ASK_STATS && span_eq(name, SPAN("interval")))
		return set_choice(&a->interval, INTERVAL_HOUR, "interval", ASK_INTERVALS, value, r);
	if (a->kind == ASK_SOURCES && span_eq(name, SPAN("breakdown")))
		return set_choice(&a->breakdown, 0, "breakdown", ASK_BREAKDOWNS, value, r);
	return refuse(
	    r, REFUSAL_INVALID_PARAMS, NULL, "unknown parameter; expected %s", allowed[a->kind]);
}

/* The name's place in the table; GROUPS when it is none of them. */
static size_t
find_group(struct span name)
{
	size_t i;

	for (i = 0; i < GROUPS && !span_eq(name, span_of(groups[i].name)); i++)
		;
	return i;
}

static bool
parse_groups(struct span text, struct grouping *g, struct refusal *r)
{
	bool seen[GROUPS + 1] = { false };
	const char *comma;

	g->n = 0;
	if (!text.p)
		return true;
	do {
		size_t i, n;

		comma = memchr(text.p, ',', text.n);
		n = comma ? (size_t)(comma - text.p) : text.n;
		i = find_group((struct span){ text.p, n });

		if (i == GROUPS || seen[i])
			return refuse(r, REFUSAL_INVALID_GROUP_BY, "group_by",
			    "expected one of " ASK_GROUPS ", or several, each once, with commas "
			    "between");
		seen[i] = true;
		g->by[g->n++] = &groups[i];
		if (comma)
			text = (struct span){ comma + 1, text.n - n - 1 };
	} while (comma);
	return true;
}

/* ---- query ---------------------------------------------------------------- */

static void
query(const struct ask *a, struct question *q)
{
	static const struct {
		const char *name;
		enum column_role role;
	} columns[] = {
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
	buf_adds(&q->sql, "SELECT ");
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		buf_addf(&q->sql, "%s%s", i ? ", " : "", columns[i].name);
		question_add_column(q, columns[i].name, columns[i].role, KIND_TEXT);
	}
	buf_adds(&q->sql, "\nFROM events\nWHERE ");
	question_add_period(q, a->project);
	for (i = 0; i < FILTERS; i++) {
		if (!a->filter[i].p)
			continue;
		if (i == FILTER_USER_ID && a->filter[i].n == 0) {
			buf_adds(&q->sql, "\n  AND ifNull(user_id, '') = ''");
			continue;
		}
		buf_addf(&q->sql, "\n  AND %s", filters[i].condition);
		question_add_param(q, filters[i].name, a->filter[i]);
	}
	buf_adds(&q->sql, "\nORDER BY timestamp DESC, event_id DESC");
	question_add_limit(q, a->limit);
}

/* ---- stats ---------------------------------------------------------------- */

/* Why the rollup can't answer exactly; false: it can. */
static bool
needs_events(
    const struct ask *a, const struct question *q, const struct grouping *g, char *why, size_t n)
{
	size_t i;

	for (i = 0; i < g->n; i++) {
		if (!g->by[i]->in_rollup) {
			snprintf(why, n, "daily_rollup has no %s", g->by[i]->name);
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
	if (!a->filter[FILTER_EVENT].p)
		return;
	buf_adds(&q->sql, "\n  AND event_name = {event:String}");
	question_add_param(q, "event", a->filter[FILTER_EVENT]);
}

/*
 * Adds the start of the hour that an event lies in, in ms, for any time that is
 * stored.  2000-01-01 less 100 years is before all of them, so that the
 * remainders are not negative.
 */
static void
add_hour(struct question *q, const char *zone, bool utc)
{
	static const char since[] = "(toUnixTimestamp64Milli(timestamp) + 3155760000000)";

	buf_adds(&q->sql, "toUnixTimestamp64Milli(timestamp) - ");
	if (utc)
		buf_addf(&q->sql, "%s %% 3600000", since);
	else /* where clocks are half an hour off */
		buf_addf(&q->sql,
		    "%s %% 1000 - toSecond(timestamp, %s) * 1000 - toMinute(timestamp, %s) * 60000",
		    since, zone, zone);
}

/* The name of an hour by RFC 3339; %z is wrong where a zone has crossed the date line. */
static void
add_hour_name(struct question *q, const char *zone, bool utc)
{
	buf_adds(&q->sql,
	    utc ? "formatDateTime(fromUnixTimestamp64Milli("
		: "concat(formatDateTime(fromUnixTimestamp64Milli(");
	add_hour(q, zone, utc);
	if (utc) {
		buf_adds(&q->sql, " AS hour, 'UTC'), '%Y-%m-%dT%H:%i:%SZ')");
		return;
	}
	buf_addf(&q->sql,
	    " AS hour, %s) AS clock, '%%Y-%%m-%%dT%%H:%%i:%%S'), "
	    "if((intDiv(toInt64(toDate32(clock)) * 86400000 + toHour(clock) * 3600000 + "
	    "toMinute(clock) * 60000 + toSecond(clock) * 1000 - hour, 60000) AS ahead) < 0, "
	    "'-', '+'), leftPad(toString(intDiv(abs(ahead), 60)), 2, '0'), ':', "
	    "leftPad(toString(abs(ahead) %% 60), 2, '0'))",
	    zone);
}

/* The expression that names a bucket, and what rows are grouped by for it. */
static void
add_bucket(const struct ask *a, struct question *q, bool rollup)
{
	bool utc = zone_is_utc(q->period.zone);
	const char *zone = question_bind_zone(q);

	if (rollup && a->interval == INTERVAL_DAY)
		buf_adds(&q->sql, "day");
	else if (rollup)
		buf_adds(&q->sql, "addDays(toDate32(day), 1 - toDayOfWeek(day))");
	else if (a->interval == INTERVAL_DAY)
		question_add_day(q, zone);
	else if (a->interval == INTERVAL_WEEK)
		question_add_monday(q, zone);
	else
		add_hour_name(q, zone, utc);
	buf_adds(&q->sql, " AS bucket, ");
	question_add_column(q, "bucket", COLUMN_BUCKET, KIND_TEXT);
}

static void
add_names(struct question *q, const struct grouping *g, const char *before)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		buf_addf(&q->sql, "%s%s", i ? ", " : before, g->by[i]->name);
}

static void
add_order(const struct ask *a, struct question *q, const struct grouping *g)
{
	bool hours = a->interval == INTERVAL_HOUR, buckets = a->interval != INTERVAL_NONE;
	const char *bucket = hours ? "hour" : "bucket";

	if (buckets)
		buf_addf(&q->sql, "\nGROUP BY %s", bucket);
	add_names(q, g, buckets ? ", " : "\nGROUP BY ");
	buf_adds(&q->sql, "\nORDER BY ");
	if (buckets)
		buf_addf(&q->sql, "%s, ", bucket);
	buf_adds(&q->sql, "value DESC");
	add_names(q, g, ", ");
}

static bool
stats(const struct ask *a, struct question *q, struct refusal *r)
{
	static const char *const values[][2] = {
		[METRIC_COUNT] = { "count()", "sum(events)" },
		[METRIC_UNIQUES] = { "uniq(anonymous_id)", "uniqMerge(uniques)" },
	};
	struct grouping g;
	bool rollup;
	size_t i;

	if (!parse_groups(a->group_by, &g, r))
		return false;
	rollup = chooses_rollup(a, q, &g);
	q->object = a->metric == METRIC_COUNT ? "{\"metric\":\"count\",\"rows\":["
					      : "{\"metric\":\"uniques\",\"rows\":[";
	q->interval = (enum interval)a->interval;
	buf_adds(&q->sql, "SELECT ");
	if (a->interval != INTERVAL_NONE)
		add_bucket(a, q, rollup);
	for (i = 0; i < g.n; i++) {
		buf_addf(&q->sql, "%s, ", g.by[i]->name);
		question_add_column(q, g.by[i]->name, COLUMN_KEY, KIND_TEXT);
	}
	question_add_column(q, "value", COLUMN_VALUE, KIND_NUMBER);
	buf_addf(&q->sql, "%s AS value\nFROM %s\nWHERE ", values[a->metric][rollup], q->table);
	add_where(a, q, rollup);
	add_order(a, q, &g);
	buf_adds(&q->sql, "");
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
	bool media = a->breakdown == BREAKDOWN_SOURCE_MEDIUM;
	const char *keys = media ? "source, medium" : "source";
	bool rollup = chooses_rollup(a, q, &(struct grouping){ .n = 0 });

	q->object = media ? "{\"breakdown\":\"source_medium\",\"rows\":["
			  : "{\"breakdown\":\"source\",\"rows\":[";
	question_add_column(q, "source", COLUMN_KEY, KIND_TEXT);
	if (media)
		question_add_column(q, "medium", COLUMN_KEY, KIND_TEXT);
	question_add_column(q, "events", COLUMN_VALUE, KIND_NUMBER);
	question_add_column(q, "uniques", COLUMN_MORE, KIND_NUMBER);
	question_add_column(q, "paid_share", COLUMN_MORE, KIND_SHARE);
	buf_addf(&q->sql, "SELECT %s, %s\nWHERE ", keys, values[rollup]);
	add_where(a, q, rollup);
	buf_addf(&q->sql, "\nGROUP BY %s\nORDER BY events DESC, %s", keys, keys);
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

bool
ask_question(const struct ask *a, int64_t now, struct question *q, struct refusal *r)
{
	struct period period;
	bool good = question_period(&period, &a->period, now, r);

	question_begin(q, period);
	if (!good || !check_filters(a, r))
		return false;
	switch (a->kind) {
	case ASK_QUERY:
		query(a, q);
		break;
	case ASK_STATS:
		if (!stats(a, q, r))
			return false;
		break;
	case ASK_SOURCES:
		sources(a, q);
		break;
	}
	if (q->sql.failed)
		return refuse(r, REFUSAL_INTERNAL, NULL, "out of memory");
	return true;
}
