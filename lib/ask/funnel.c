#include "ask/funnel.h"

#include <stdio.h>

#include "base/opt.h"

#include "base/banned.h"

void
funnel_init(struct funnel *f)
{
	*f = (struct funnel){ .window_ms = FUNNEL_WINDOW_DEFAULT };
}

bool
funnel_add_step(struct funnel *f, struct span step, struct refusal *e)
{
	if (f->steps == FUNNEL_STEPS_MAX)
		return refuse(
		    e, REFUSAL_INVALID_PARAMS, "step", "at most %d can be given", FUNNEL_STEPS_MAX);
	f->step[f->steps++] = step;
	return true;
}

static bool
set_window(struct funnel *f, struct span v, struct refusal *e)
{
	char text[32];

	/* 7 is seven of what? */
	if (v.n < sizeof(text) && v.n > 0 && (v.p[v.n - 1] < '0' || v.p[v.n - 1] > '9')) {
		memcpy(text, v.p, v.n);
		text[v.n] = '\0';
		if (strlen(text) == v.n && opt_duration(text, &f->window_ms))
			return true;
	}
	return refuse(e, REFUSAL_INVALID_PARAMS, "window",
	    "expected a span with its unit, such as 30m, 2h or 7d");
}

static bool
set_by(struct funnel *f, struct span v, struct refusal *e)
{
	if (span_eq(v, SPAN("anonymous_id")))
		f->by = PEOPLE_BY_ANONYMOUS_ID;
	else if (span_eq(v, SPAN("user_id")))
		f->by = PEOPLE_BY_USER_ID;
	else
		return refuse(e, REFUSAL_INVALID_PARAMS, "by", "expected one of " PEOPLE_BY);
	return true;
}

bool
funnel_set(struct funnel *f, struct span name, struct span value, struct refusal *e)
{
	if (span_eq(name, SPAN("from")))
		f->period.from = value;
	else if (span_eq(name, SPAN("to")))
		f->period.to = value;
	else if (span_eq(name, SPAN("period")))
		f->period.period = value;
	else if (span_eq(name, SPAN("tz")))
		f->period.tz = value;
	else if (span_eq(name, SPAN("compare")))
		f->compare = value;
	else if (span_eq(name, SPAN("window")))
		return set_window(f, value, e);
	else if (span_eq(name, SPAN("by")))
		return set_by(f, value, e);
	else
		return refuse(e, REFUSAL_INVALID_PARAMS, NULL,
		    "unknown parameter; expected from, to, period, tz, steps, window, by, compare");
	return true;
}

/* 1 for each step that the instant can be. */
static void
add_steps(struct question *q, const struct event_filter *pick, size_t steps)
{
	size_t i;

	for (i = 0; i < steps; i++) {
		buf_adds(&q->sql, i ? ", " : "maxForEach([");
		event_filter_add_condition(q, &pick[i]);
	}
	buf_adds(&q->sql, "]) AS is");
}

/* A row for each instant: events of one instant have no order. */
static void
add_rows(const struct funnel *f, const struct event_filter *pick, struct question *q)
{
	size_t i;

	buf_adds(&q->sql, "SELECT ");
	people_add_name(q, f->by);
	/* since 1900, so that 0 is no instant */
	buf_adds(&q->sql,
	    " AS person, toUInt64(toUnixTimestamp64Milli(timestamp) + 2208988800000) AS at, ");
	add_steps(q, pick, f->steps);
	buf_adds(&q->sql, "\nFROM ");
	people_add_from(q, f->by);
	buf_adds(&q->sql, "\nWHERE ");
	question_add_period(q, f->project);
	buf_adds(&q->sql, "\n  AND event_name IN (");
	for (i = 0; i < f->steps; i++) {
		buf_adds(&q->sql, i ? ", " : "");
		question_add_value(q, "String", pick[i].event);
	}
	buf_adds(&q->sql, ")\nGROUP BY person, at");
}

/*
 * Goes through a person's instants once, with the latest start of a chain that
 * has come to each step, and how long after its start the step was reached
 * first, -1: never.  windowFunnel does not do: it takes a row for several steps,
 * or with strict_increase for none, when an event is more than one step; and it
 * does not tell when.
 */
static void
add_people(const struct funnel *f, const struct event_filter *pick, struct question *q)
{
	buf_adds(&q->sql,
	    "SELECT arrayFold((acc, x) -> (\n"
	    "    arrayMap((i, hit) -> multiIf(NOT hit, acc.1[i], i = 1, x.1,\n"
	    "      acc.1[i - 1] > 0 AND x.1 <= acc.1[i - 1] + {window:UInt64}, acc.1[i - 1], "
	    "acc.1[i]),\n"
	    "      arrayEnumerate(x.2), x.2),\n"
	    "    arrayMap((i, hit) -> multiIf(NOT hit OR acc.2[i] >= 0, acc.2[i], i = 1, "
	    "toInt64(0),\n"
	    "      acc.1[i - 1] > 0 AND x.1 <= acc.1[i - 1] + {window:UInt64}, "
	    "toInt64(x.1 - acc.1[i - 1]), toInt64(-1)),\n"
	    "      arrayEnumerate(x.2), x.2)),\n"
	    "    arraySort(groupArray((at, is))),\n");
	buf_addf(&q->sql,
	    "    (arrayWithConstant(%zu, toUInt64(0)), arrayWithConstant(%zu, toInt64(-1)))).2 AS "
	    "took\nFROM\n(\n",
	    f->steps, f->steps);
	add_rows(f, pick, q);
	buf_adds(&q->sql, "\n)\nGROUP BY person\nHAVING took[1] = 0");
}

/* WITH FILL makes rows of the steps that nobody came to. */
static void
add_sql(const struct funnel *f, const struct event_filter *pick, struct question *q)
{
	size_t i;

	buf_adds(&q->sql, "SELECT step, [");
	for (i = 0; i < f->steps; i++) {
		buf_adds(&q->sql, i ? ", " : "");
		question_add_value(q, "String", f->step[i]);
	}
	buf_adds(&q->sql,
	    "][step] AS event, visitors,\n"
	    "  if(visitors = 0, 0, round(visitors / first_value(visitors) OVER (ORDER BY step), "
	    "4)) AS conversion,\n"
	    "  multiIf(visitors = 0, 0, step = 1, 1, round(visitors / lagInFrame(visitors) OVER "
	    "(ORDER BY step ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), 4)) AS step_conversion,\n"
	    "  if(visitors = 0, NULL, round(median / 1000, 3)) AS median_seconds\n"
	    "FROM\n(\n"
	    "SELECT step, countIf(took[step] >= 0) AS visitors,\n"
	    "  quantileExactIf(took[step], took[step] >= 0) AS median\n"
	    "FROM\n(\n");
	add_people(f, pick, q);
	buf_addf(&q->sql,
	    "\n)\nARRAY JOIN arrayMap(i -> toUInt8(i), range(1, %zu)) AS step\n"
	    "GROUP BY step\n"
	    "ORDER BY step WITH FILL FROM 1 TO %zu\n"
	    ")\nORDER BY step",
	    f->steps + 1, f->steps + 1);
}

static bool
check(const struct funnel *f, struct event_filter *pick, struct refusal *e)
{
	size_t i;

	if (f->steps < FUNNEL_STEPS_MIN || f->steps > FUNNEL_STEPS_MAX)
		return refuse(e, REFUSAL_INVALID_PARAMS, "step", "expected %d to %d of them",
		    FUNNEL_STEPS_MIN, FUNNEL_STEPS_MAX);
	if (f->window_ms == 0 || f->window_ms > FUNNEL_WINDOW_MAX)
		return refuse(
		    e, REFUSAL_INVALID_PARAMS, "window", "expected more than 0 and at most 366d");
	for (i = 0; i < f->steps; i++) {
		if (!event_filter_parse(&pick[i], f->step[i], "step", e))
			return false;
	}
	return true;
}

static bool
build(const void *what, struct question *q, struct refusal *e)
{
	const struct funnel *f = what;
	struct event_filter pick[FUNNEL_STEPS_MAX];

	if (!check(f, pick, e))
		return false;
	snprintf(q->why, sizeof(q->why), "only single events tell in which order they came");
	question_add_column(q, "step", COLUMN_KEY, KIND_NUMBER);
	question_add_column(q, "event", COLUMN_KEY, KIND_TEXT);
	question_add_column(q, "visitors", COLUMN_VALUE, KIND_NUMBER);
	question_add_column(q, "conversion", COLUMN_BESIDE, KIND_SHARE);
	question_add_column(q, "step_conversion", COLUMN_MORE, KIND_SHARE);
	question_set_title(q, "of step before");
	question_add_column(q, "median_seconds", COLUMN_MORE, KIND_SECONDS);
	question_set_title(q, "median time");
	question_add_number(q, "window", f->window_ms);
	add_sql(f, pick, q);
	return true;
}

bool
funnel_question(const struct funnel *f, int64_t now, struct question *q, struct refusal *e)
{
	struct period period;
	bool good = question_period(&period, &f->period, now, e);

	question_begin(q, period);
	if (!good || !compare_question(q, f->compare, now, build, f, "step", e))
		return false;
	if (q->sql.failed)
		return refuse(e, REFUSAL_INTERNAL, NULL, "out of memory");
	return true;
}
