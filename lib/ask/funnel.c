#include "ask/funnel.h"

#include <stdio.h>

#include "base/ascii.h"
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

static bool
set_limit(struct funnel *f, struct span v, struct refusal *e)
{
	if (ascii_number(v, ASK_ROWS_MAX, &f->limit) && f->limit > 0)
		return true;
	return refuse(e, REFUSAL_INVALID_PARAMS, "limit", "expected 1 to %d", ASK_ROWS_MAX);
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
	else if (span_eq(name, SPAN("group_by")))
		f->group_by = value;
	else if (span_eq(name, SPAN("limit")))
		return set_limit(f, value, e);
	else if (span_eq(name, SPAN("window")))
		return set_window(f, value, e);
	else if (span_eq(name, SPAN("by")))
		return set_by(f, value, e);
	else
		return refuse(e, REFUSAL_INVALID_PARAMS, NULL,
		    "unknown parameter; expected from, to, period, tz, steps, window, by, group_by, "
		    "limit, compare");
	return true;
}

/* A bit for each step that the event can be. */
static void
add_steps(struct question *q, const struct event_filter *pick, size_t steps)
{
	size_t i;

	for (i = 0; i < steps; i++) {
		buf_adds(&q->sql, " + bitShiftLeft(toUInt64(");
		event_filter_add_condition(q, &pick[i]);
		buf_addf(&q->sql, "), %zu)", i);
	}
}

/* BEFORE(x): what the element before has, 0 for the first. */
#define BEFORE(array) "arrayPushFront(arrayPopBack(" array "), toUInt64(0))"
#define AT(hit) "bitShiftRight(" hit ", 10)" /* FUNNEL_STEPS_MAX bits */

/* Adds what the person's first event that is the first step has of the names. */
static void
add_entry(const struct grouping *g, struct question *q)
{
	size_t i;

	for (i = 0; i < g->n; i++) {
		buf_adds(&q->sql, i > 0 ? ", " : ",\n  argMinIf(tuple(");
		group_add_value(q, &g->by[i]);
	}
	if (g->n > 0)
		buf_adds(&q->sql, "), (timestamp, event_id), bitAnd(hit, 1) = 1) AS entry");
}

/*
 * A row for each person who began: `hits`, their instants in order, with the steps that each
 * can be in its lowest bits.  Events of one instant have no order: they are one hit.
 */
static void
add_hits(const struct funnel *f, const struct event_filter *pick, const struct grouping *g,
    struct question *q)
{
	size_t i;

	buf_addf(&q->sql, "SELECT %s", g->n > 0 ? "entry, " : "");
	buf_adds(&q->sql,
	    "if(arrayExists((h, b) -> " AT("h") " = " AT("b") ", sorted, " BEFORE(
		"sorted") "),\n"
			  "  arrayMap(g -> arrayReduce('groupBitOr', g),\n"
			  "    arraySplit((h, b) -> " AT("h") " != " AT("b") ", sorted, " BEFORE(
			      "sorted") ")),\n"
					"  sorted) AS hits\nFROM\n(\nSELECT ");
	people_add_name(q, f->by);
	/* since 1900, so that 0 is no instant */
	buf_adds(&q->sql,
	    " AS person,\n  arraySort(groupArray("
	    "bitShiftLeft(toUInt64(toUnixTimestamp64Milli(timestamp) + 2208988800000), 10)");
	add_steps(q, pick, f->steps);
	buf_adds(&q->sql, " AS hit)) AS sorted");
	add_entry(g, q);
	buf_adds(&q->sql, "\nFROM ");
	people_add_from(q, f->by);
	buf_adds(&q->sql, "\nWHERE ");
	question_add_period(q, f->project);
	buf_adds(&q->sql, "\n  AND event_name IN (");
	for (i = 0; i < f->steps; i++) {
		buf_adds(&q->sql, i ? ", " : "");
		question_add_value(q, "String", pick[i].event);
	}
	buf_adds(&q->sql, ")\nGROUP BY person\nHAVING bitAnd(groupBitOr(hit), 1) = 1\n)");
}

/*
 * For each step and hit: startN, when the latest chain began that comes to the step with
 * this hit, 0 for none, and latestN, the same up to this hit.  A chain goes on from what was
 * reached before the hit.  windowFunnel does not do: it takes a row for several
 * steps, or with strict_increase for none, when an event is more than one step; and it
 * does not tell when.  arrayFold costs six times as much.
 */
static void
add_people(const struct funnel *f, const struct event_filter *pick, const struct grouping *g,
    struct question *q)
{
	const char *entry = g->n > 0 ? "entry, " : "";
	size_t i;

	buf_addf(&q->sql, "SELECT %s[toInt64(0)", entry);
	for (i = 2; i <= f->steps; i++)
		buf_addf(&q->sql,
		    ",\n  if(arrayExists(s -> s > 0, start%zu), toInt64(arrayFirst((h, s) -> s > 0, "
		    "arrayMap(h -> " AT(
			"h") ", hits), start%zu)\n"
			     "    - arrayFirst(s -> s > 0, start%zu)), toInt64(-1))",
		    i, i, i);
	buf_addf(&q->sql,
	    "] AS took\nFROM\n(\nSELECT %shits,\n"
	    "  arrayMap(h -> if(bitTest(h, 0), " AT("h") ", 0), hits) AS start1",
	    entry);
	for (i = 2; i <= f->steps; i++)
		buf_addf(&q->sql,
		    ",\n  arrayFill(s -> s > 0, start%zu) AS latest%zu,\n"
		    "  arrayMap((h, b) -> if(bitTest(h, %zu) AND b > 0 AND " AT(
			"h") " <= b + {window:UInt64}, b, 0),\n"
			     "    hits, " BEFORE("latest%zu") ") AS start%zu",
		    i - 1, i - 1, i - 1, i - 1, i);
	buf_adds(&q->sql, "\nFROM\n(\n");
	add_hits(f, pick, g, q);
	buf_adds(&q->sql, "\n)\n)");
}

/* WITH FILL makes rows of the steps that nobody came to. */
static void
add_steps_sql(const struct funnel *f, const struct event_filter *pick, struct question *q)
{
	static const struct grouping none = { .n = 0 };
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
	add_people(f, pick, &none, q);
	buf_addf(&q->sql,
	    "\n)\nARRAY JOIN arrayMap(i -> toUInt8(i), range(1, %zu)) AS step\n"
	    "GROUP BY step\n"
	    "ORDER BY step WITH FILL FROM 1 TO %zu\n"
	    ")\nORDER BY step",
	    f->steps + 1, f->steps + 1);
}

/* A row for each group, with what came to each step. */
static void
add_groups_sql(const struct funnel *f, const struct event_filter *pick, const struct grouping *g,
    struct question *q)
{
	size_t i;

	buf_adds(&q->sql, "SELECT ");
	for (i = 0; i < g->n; i++)
		buf_addf(&q->sql, "tupleElement(entry, %zu) AS %s, ", i + 1, g->by[i].column);
	for (i = 1; i <= f->steps; i++)
		buf_addf(&q->sql, "countIf(took[%zu] >= 0) AS step_%zu, ", i, i);
	buf_addf(&q->sql, "round(step_%zu / step_1, 4) AS conversion\nFROM\n(\n", f->steps);
	add_people(f, pick, g, q);
	buf_adds(&q->sql, "\n)\nGROUP BY ");
	for (i = 0; i < g->n; i++)
		buf_addf(&q->sql, "%s%s", i ? ", " : "", g->by[i].column);
	buf_adds(&q->sql, "\nORDER BY step_1 DESC, conversion DESC");
	for (i = 0; i < g->n; i++)
		buf_addf(&q->sql, ", %s", g->by[i].column);
	question_add_limit(q, f->limit ? f->limit : ASK_ROWS);
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

static void
build_steps(const struct funnel *f, const struct event_filter *pick, struct question *q)
{
	question_add_column(q, "step", COLUMN_KEY, KIND_NUMBER);
	question_add_column(q, "event", COLUMN_KEY, KIND_TEXT);
	question_add_column(q, "visitors", COLUMN_VALUE, KIND_NUMBER);
	question_add_column(q, "conversion", COLUMN_BESIDE, KIND_SHARE);
	question_add_column(q, "step_conversion", COLUMN_MORE, KIND_SHARE);
	question_set_title(q, "of step before");
	question_add_column(q, "median_seconds", COLUMN_MORE, KIND_SECONDS);
	question_set_title(q, "median time");
	add_steps_sql(f, pick, q);
}

static void
build_groups(const struct funnel *f, const struct event_filter *pick, const struct grouping *g,
    struct question *q)
{
	static const char *const names[FUNNEL_STEPS_MAX] = { "step_1", "step_2", "step_3", "step_4",
		"step_5", "step_6", "step_7", "step_8", "step_9", "step_10" };
	size_t i;

	for (i = 0; i < g->n; i++)
		group_add_column(q, &g->by[i]);
	for (i = 0; i < f->steps; i++) {
		question_add_column(q, names[i], i ? COLUMN_MORE : COLUMN_BESIDE, KIND_NUMBER);
		question_title_as(q, f->step[i]);
	}
	question_add_column(q, "conversion", COLUMN_VALUE, KIND_SHARE);
	add_groups_sql(f, pick, g, q);
}

static bool
build(const void *what, struct question *q, struct refusal *e)
{
	const struct funnel *f = what;
	struct event_filter pick[FUNNEL_STEPS_MAX];
	struct grouping g;

	if (!check(f, pick, e) || !grouping_parse(&g, f->group_by, false, e))
		return false;
	snprintf(q->why, sizeof(q->why), "only single events tell in which order they came");
	question_add_number(q, "window", f->window_ms);
	if (g.n > 0)
		build_groups(f, pick, &g, q);
	else
		build_steps(f, pick, q);
	return true;
}

bool
funnel_question(const struct funnel *f, int64_t now, struct question *q, struct refusal *e)
{
	struct period period;
	bool good = question_period(&period, &f->period, now, e);

	question_begin(q, period);
	if (!good ||
	    !compare_question(
		q, f->compare, now, build, f, f->group_by.p ? "step_1 DESC" : "step", e))
		return false;
	if (q->sql.failed)
		return refuse(e, REFUSAL_INTERNAL, NULL, "out of memory");
	return true;
}
