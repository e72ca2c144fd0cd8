#include "ask/inventory.h"

#include "ask/property.h"

#include "base/banned.h"

/* Opens the question; false with the error filled.  *all: no period was given. */
static bool
begin(const struct inventory *in, int64_t now, struct question *q, bool *all, struct refusal *r)
{
	struct period_text text = in->period;
	struct period period;
	bool good;

	*all = !text.from.p && !text.to.p && !text.period.p;
	if (*all) {
		/* what the days of daily_rollup can be */
		text.from = SPAN("1970-01-01");
		text.to = SPAN("2149-06-06");
	}
	good = question_period(&period, &text, now, r);
	question_begin(q, period);
	return good;
}

bool
inventory_events(const struct inventory *in, int64_t now, struct question *q, struct refusal *r)
{
	bool all;

	if (!begin(in, now, q, &all, r))
		return false;
	question_add_column(q, "event_name", COLUMN_KEY, KIND_TEXT);
	question_add_column(q, "count", COLUMN_VALUE, KIND_NUMBER);
	question_add_column(q, "first_day", COLUMN_TIME, KIND_TEXT);
	question_add_column(q, "last_day", COLUMN_TIME, KIND_TEXT);
	if (all) {
		q->table = "daily_rollup";
		buf_adds(&q->sql,
		    "SELECT event_name, sum(daily_rollup.events) AS count, min(day) AS first_day, "
		    "max(day) AS last_day\nFROM daily_rollup\nWHERE ");
		question_add_days(q, in->project);
	} else {
		const char *zone = question_bind_zone(q);

		buf_adds(&q->sql, "SELECT event_name, count() AS count, min(");
		question_add_day(q, zone);
		buf_adds(&q->sql, ") AS first_day, max(");
		question_add_day(q, zone);
		buf_adds(&q->sql, ") AS last_day\nFROM events\nWHERE ");
		question_add_period(q, in->project);
	}
	buf_adds(&q->sql, "\nGROUP BY event_name\nORDER BY count DESC, event_name");
	question_add_limit(q, in->limit);
	return !q->sql.failed || refuse(r, REFUSAL_INTERNAL, NULL, "out of memory");
}

bool
inventory_properties(const struct inventory *in, int64_t now, struct question *q, struct refusal *r)
{
	bool all;

	if (!begin(in, now, q, &all, r))
		return false;
	question_add_column(q, "property", COLUMN_KEY, KIND_TEXT);
	question_add_column(q, "count", COLUMN_VALUE, KIND_NUMBER);
	question_add_column(q, "types", COLUMN_MORE, KIND_TEXT);
	question_add_column(q, "distinct_values", COLUMN_MORE, KIND_NUMBER);
	question_add_column(q, "common_values", COLUMN_MORE, KIND_TEXT);
	buf_adds(&q->sql,
	    "SELECT p.1 AS property, count() AS count, "
	    "arraySort(groupUniqArray(p.2)) AS types, uniq(p.3) AS distinct_values, "
	    "topK(5)(p.3) AS common_values\nFROM\n(\nSELECT arrayJoin(");
	property_add_listing(q);
	buf_adds(&q->sql, ") AS p\nFROM\n(\nSELECT properties\nFROM events\nWHERE ");
	question_add_period(q, in->project);
	if (in->event.p) {
		question_note_event(q, in->event);
		buf_adds(&q->sql, "\n  AND event_name = {event:String}");
		question_add_param(q, "event", in->event);
	}
	buf_addf(&q->sql,
	    "\nORDER BY timestamp DESC\nLIMIT %d\n)\n)\nGROUP BY property\n"
	    "ORDER BY count DESC, property",
	    INVENTORY_SAMPLE);
	question_add_limit(q, in->limit);
	return !q->sql.failed || refuse(r, REFUSAL_INTERNAL, NULL, "out of memory");
}
