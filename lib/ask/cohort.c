#include "ask/cohort.h"

#include <stdio.h>

#include "base/banned.h"

#define NAMES(what)                                                                              \
	{                                                                                        \
		what "1", what "2", what "3", what "4", what "5", what "6", what "7", what "8",  \
		    what "9", what "10", what "11", what "12", what "13", what "14", what "15",  \
		    what "16", what "17", what "18", what "19", what "20", what "21", what "22", \
		    what "23", what "24", what "25", what "26", what "27", what "28", what "29", \
		    what "30"                                                                    \
	}

static const char *const names[2][COHORT_LATER_MAX] = {
	[COHORT_DAY] = NAMES("day_"),
	[COHORT_WEEK] = NAMES("week_"),
};

static int
days_of(const struct cohort *c)
{
	return c->interval == COHORT_WEEK ? 7 : 1;
}

static void
add_condition(struct question *q, const struct event_filter *pick)
{
	if (pick->event.p)
		event_filter_add_condition(q, pick);
	else
		buf_adds(&q->sql, "1");
}

/* A row for each interval that somebody was there in. */
static void
add_visits(const struct cohort *c, const struct event_filter *start,
    const struct event_filter *back, struct question *q)
{
	const char *zone = question_bind_zone(q);

	buf_adds(&q->sql, "SELECT ");
	people_add_name(q, c->by);
	buf_adds(&q->sql, " AS person, ");
	if (c->interval == COHORT_WEEK)
		question_add_monday(q, zone);
	else
		question_add_day(q, zone);
	buf_adds(&q->sql, " AS day,\n  max(timestamp < {to:DateTime64(3, 'UTC')} AND ");
	add_condition(q, start);
	buf_adds(&q->sql, ") AS starts, max(");
	add_condition(q, back);
	buf_adds(&q->sql, ") AS returns\nFROM ");
	people_add_from(q, c->by);
	buf_adds(&q->sql,
	    "\nWHERE project_id = {project:UUID} AND timestamp >= {from:DateTime64(3, 'UTC')} AND "
	    "timestamp < {end:DateTime64(3, 'UTC')}\nGROUP BY person, day");
}

static void
add_people(const struct cohort *c, const struct event_filter *start,
    const struct event_filter *back, struct question *q)
{
	uint64_t i;

	buf_adds(&q->sql, "SELECT cohort, retention(day = cohort");
	for (i = 1; i <= c->later; i++)
		buf_addf(&q->sql, ", day = cohort + %d AND returns", (int)i * days_of(c));
	buf_adds(&q->sql,
	    ") AS was\nFROM\n(\n"
	    "SELECT person, day, returns, minIf(day, starts) OVER (PARTITION BY person) AS cohort,\n"
	    "  max(starts) OVER (PARTITION BY person) AS began\nFROM\n(\n");
	add_visits(c, start, back, q);
	buf_adds(&q->sql, "\n)\n)\nWHERE began\nGROUP BY person, cohort");
}

static void
add_sql(const struct cohort *c, const struct event_filter *start, const struct event_filter *back,
    struct question *q)
{
	uint64_t i;

	buf_adds(&q->sql, "SELECT cohort, visitors");
	for (i = 1; i <= c->later; i++)
		buf_addf(&q->sql, ",\n  if(cohort + %d < {today:Date32}, n[%d], NULL) AS %s",
		    (int)i * days_of(c), (int)i + 1, names[c->interval][i - 1]);
	buf_adds(&q->sql,
	    "\nFROM\n(\nSELECT cohort, count() AS visitors, sumForEach(was) AS n\nFROM\n(\n");
	add_people(c, start, back, q);
	buf_adds(&q->sql, "\n)\nGROUP BY cohort\n)\nORDER BY cohort");
}

static bool
check(const struct cohort *c, struct event_filter *start, struct event_filter *back,
    struct refusal *e)
{
	start->event.p = back->event.p = NULL;
	if (c->later < 1 || c->later > COHORT_LATER_MAX)
		return refuse(
		    e, REFUSAL_INVALID_PARAMS, "later", "expected 1 to %d", COHORT_LATER_MAX);
	return (!c->start.p || event_filter_parse(start, c->start, "start", e)) &&
	    (!c->back.p || event_filter_parse(back, c->back, "back", e));
}

static void
bind_times(const struct cohort *c, int64_t now, struct question *q)
{
	enum interval interval = c->interval == COHORT_WEEK ? INTERVAL_WEEK : INTERVAL_DAY;
	const struct zone *zone = q->period.zone;
	/* the zone's clock shows the date that UTC has so much later */
	int64_t start = bucket_start(zone, interval, now);
	int64_t end = q->period.to;
	uint64_t i;

	for (i = 0; i <= c->later && end <= TIMESTAMP_MAX; i++)
		end = bucket_next(zone, interval, bucket_start(zone, interval, end));
	if (end > TIMESTAMP_MAX)
		end = TIMESTAMP_MAX;
	timestamp_format(q->end, end);
	question_add_param(q, "end", (struct span){ q->end, TIMESTAMP_TEXT });
	date_format(q->today, start + INT64_C(1000) * zone_offset(zone, start / 1000));
	question_add_param(q, "today", (struct span){ q->today, DATE_TEXT });
	question_bind_period(q, c->project);
}

bool
cohort_question(const struct cohort *c, int64_t now, struct question *q, struct refusal *e)
{
	struct event_filter start, back;
	struct period period;
	bool good = question_period(&period, &c->period, now, e);
	uint64_t i;

	question_begin(q, period);
	if (!good || !check(c, &start, &back, e))
		return false;
	snprintf(q->why, sizeof(q->why), "only single events tell who came back");
	question_add_column(q, "cohort", COLUMN_TIME, KIND_TEXT);
	question_add_column(q, "visitors", COLUMN_VALUE, KIND_NUMBER);
	for (i = 0; i < c->later; i++)
		question_add_column(q, names[c->interval][i], COLUMN_LATER, KIND_NUMBER);
	bind_times(c, now, q);
	add_sql(c, &start, &back, q);
	if (q->sql.failed)
		return refuse(e, REFUSAL_INTERNAL, NULL, "out of memory");
	return true;
}
