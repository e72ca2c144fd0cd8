#include "funnel.h"

#include <stdio.h>

#include "banned.h"

/* 1 for each step that the row can be. */
static void
add_steps(struct question *q, const struct pick *pick, size_t steps)
{
	size_t i;

	for (i = 0; i < steps; i++) {
		buf_adds(&q->sql, i ? ", " : "[");
		pick_add_condition(q, &pick[i]);
	}
	buf_adds(&q->sql, "] AS is");
}

static void
add_rows(const struct funnel *f, const struct pick *pick, struct question *q)
{
	size_t i;

	buf_adds(&q->sql, "SELECT ");
	people_add_name(q, f->by);
	/* unsigned, as windowFunnel wants it: since 1900 */
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
	buf_adds(&q->sql, ")");
}

/*
 * windowFunnel tells how far somebody came, not when.  That is found by going
 * through the person's rows once, with the latest start of a chain that has
 * come to each step, and how long after its start the step was reached first.
 */
static void
add_people(const struct funnel *f, const struct pick *pick, struct question *q)
{
	size_t i;

	buf_adds(&q->sql, "SELECT windowFunnel({window:UInt64})(at");
	for (i = 1; i <= f->steps; i++)
		buf_addf(&q->sql, ", is[%zu]", i);
	buf_adds(&q->sql,
	    ") AS level,\n"
	    "  arrayFold((acc, x) -> (\n"
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
	buf_adds(&q->sql, "\n)\nGROUP BY person\nHAVING level > 0");
}

/* WITH FILL makes rows of the steps that nobody came to. */
static void
add_sql(const struct funnel *f, const struct pick *pick, struct question *q)
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
	    "SELECT step, countIf(level >= step) AS visitors,\n"
	    "  quantileExactIf(took[step], level >= step AND took[step] >= 0) AS median\n"
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
check(const struct funnel *f, struct pick *pick, struct refusal *e)
{
	size_t i;

	if (f->steps < FUNNEL_STEPS_MIN || f->steps > FUNNEL_STEPS_MAX)
		return refuse(e, REFUSAL_INVALID_PARAMS, "step", "expected %d to %d of them",
		    FUNNEL_STEPS_MIN, FUNNEL_STEPS_MAX);
	if (f->window_ms == 0 || f->window_ms > FUNNEL_WINDOW_MAX)
		return refuse(
		    e, REFUSAL_INVALID_PARAMS, "window", "expected more than 0 and at most 366d");
	for (i = 0; i < f->steps; i++) {
		if (!pick_parse(&pick[i], f->step[i], "step", e))
			return false;
	}
	return true;
}

bool
funnel_question(const struct funnel *f, int64_t now, struct question *q, struct refusal *e)
{
	struct pick pick[FUNNEL_STEPS_MAX];
	struct period period;
	bool good = period_resolve(&period, &f->period, now, e);

	question_begin(q, period);
	if (!good || !check(f, pick, e))
		return false;
	snprintf(q->why, sizeof(q->why), "only single events tell in which order they came");
	question_add_column(q, "step", COLUMN_KEY, true);
	question_add_column(q, "event", COLUMN_KEY, false);
	question_add_column(q, "visitors", COLUMN_VALUE, true);
	question_add_column(q, "conversion", COLUMN_MORE, true);
	question_add_column(q, "step_conversion", COLUMN_MORE, true);
	question_add_column(q, "median_seconds", COLUMN_MORE, true);
	question_add_number(q, "window", f->window_ms);
	add_sql(f, pick, q);
	if (q->sql.failed)
		return refuse(e, REFUSAL_INTERNAL, NULL, "out of memory");
	return true;
}
