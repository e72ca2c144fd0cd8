#include "ask/compare.h"

#include <stdio.h>

#include "ask/extent.h"
#include "ask/time_words.h"

#include "base/banned.h"

enum { DAY_MS = 86400000 };

/* ---- the other period ----------------------------------------------------------- */

static bool
find_period(
    const struct period *p, struct span text, int64_t now, struct period *other, struct refusal *r)
{
	other->zone = p->zone;
	if (span_eq(text, SPAN(COMPARE_PREVIOUS)))
		return period_previous(p, other) ||
		    refuse(r, REFUSAL_INVALID_PARAMS, "compare",
			"the period before would begin before the year 1900");
	return time_words_period(text.p, text.n, p->zone, now, &other->from, &other->to) ||
	    refuse(r, REFUSAL_INVALID_PARAMS, "compare",
		"previous, or a period: " TIME_WORDS_PERIOD_EXPECTED);
}

/* Days since 1970 on the zone's clock. */
static int64_t
day_of(const struct zone *z, int64_t ms)
{
	int64_t seconds = ms / 1000 - (ms % 1000 < 0);

	return timestamp_day(ms + INT64_C(1000) * zone_offset(z, seconds));
}

static int64_t
month_of(const struct zone *z, int64_t ms)
{
	int year, month, day;

	date_from_days(day_of(z, ms), &year, &month, &day);
	return (int64_t)year * 12 + month;
}

/* From one bucket to another: milliseconds, days or months. */
static int64_t
distance(const struct zone *z, enum interval interval, int64_t from, int64_t to)
{
	if (interval == INTERVAL_HOUR)
		return to - from;
	if (interval == INTERVAL_MONTH)
		return month_of(z, to) - month_of(z, from);
	return day_of(z, to) - day_of(z, from);
}

/* The start of the bucket that comes so many after that of ms. */
static int64_t
bucket_after(const struct zone *z, enum interval interval, int64_t ms, size_t count)
{
	int64_t start = bucket_start(z, interval, ms);

	while (count-- > 0 && start <= TIMESTAMP_MAX)
		start = bucket_next(z, interval, start);
	return start;
}

/* Aligns the buckets of both, and ends the other where the first has no more. */
static void
align(struct question *q, struct question *other)
{
	const struct zone *z = q->period.zone;
	enum interval interval = q->interval;
	const struct period *p = &q->period, *o = &other->period;
	size_t buckets = bucket_count(z, interval, p->from, p->to);
	int64_t end = bucket_after(z, interval, o->from, buckets), unpaired;

	other->shift = distance(
	    z, interval, bucket_start(z, interval, o->from), bucket_start(z, interval, p->from));
	if (end < o->to) {
		other->period.to = end;
		q->other_cut = true;
	}
	unpaired = bucket_after(
	    z, interval, p->from, bucket_count(z, interval, o->from, other->period.to));
	if (interval == INTERVAL_HOUR)
		snprintf(q->unpaired, sizeof(q->unpaired), "%lld", (long long)unpaired);
	else
		date_format(q->unpaired, day_of(z, unpaired) * DAY_MS);
}

/* ---- one statement of two -------------------------------------------------------- */

static bool
is_key(const struct question_column *c)
{
	return c->role == COLUMN_KEY || c->role == COLUMN_BUCKET;
}

static void
add_keys(struct question *q, size_t columns, const char *before)
{
	size_t i;

	for (i = 0; i < columns; i++) {
		if (!is_key(&q->columns[i]))
			continue;
		buf_addf(&q->sql, "%s%s", before, q->columns[i].alias);
		before = ", ";
		if (q->columns[i].role == COLUMN_BUCKET)
			buf_adds(&q->sql, ", at");
	}
}

/* The names of a half's columns: keys keep theirs, since nothing is made of them. */
static void
add_half(struct question *q, size_t columns, bool first)
{
	size_t i;

	buf_addf(&q->sql, "SELECT %d AS now", first);
	add_keys(q, columns, ", ");
	for (i = 0; i < columns; i++)
		if (!is_key(&q->columns[i]))
			buf_addf(&q->sql, ", %s AS c%zu", q->columns[i].alias, i);
	buf_adds(&q->sql, "\nFROM\n(\n");
}

/* What a number is in one of the periods: where nothing is there, 0 of what is counted. */
static void
add_number(struct question *q, size_t i, bool first)
{
	if (q->columns[i].kind == KIND_NUMBER)
		buf_addf(&q->sql, "if(countIf(now = %d) > 0, sumIf(c%zu, now = %d), 0)", first, i,
		    first);
	else
		buf_addf(&q->sql, "anyIf(toNullable(c%zu), now = %d)", i, first);
}

static size_t
find_value(const struct question *q)
{
	size_t i;

	for (i = 0; i < q->column_count && q->columns[i].role != COLUMN_VALUE; i++)
		;
	return i;
}

static void
add_columns(struct question *q, size_t columns, size_t value)
{
	static const char alone[] = "{whole:UInt8} = 1";
	size_t i;

	for (i = 0; i < columns; i++) {
		buf_adds(&q->sql, i ? ", " : "SELECT ");
		if (!is_key(&q->columns[i])) {
			add_number(q, i, true);
			buf_adds(&q->sql, " AS ");
		}
		buf_adds(&q->sql, q->columns[i].alias);
	}
	buf_addf(&q->sql, ",\n  if(%s", alone);
	if (q->interval != INTERVAL_NONE) {
		buf_addf(&q->sql, " AND at < %s",
		    q->interval == INTERVAL_HOUR ? "{unpaired:Int64}"
						 : "toDate32({unpaired:String})");
		question_add_param(q, "unpaired", span_of(q->unpaired));
	}
	buf_adds(&q->sql, ", ");
	add_number(q, value, false);
	buf_addf(&q->sql,
	    ", NULL) AS previous,\n  if(previous > 0, round(toFloat64(%s) / toFloat64(previous) - "
	    "1, 4), NULL) AS change\nFROM\n(\n",
	    q->columns[value].alias);
	q->whole[0] = '1';
	question_add_param(q, "whole", (struct span){ q->whole, 1 });
}

/* Puts both into one statement, in the first. */
static void
join(struct question *q, const struct question *other, const char *order)
{
	size_t columns = q->column_count, value = find_value(q);
	struct buf first = q->sql;

	q->sql = (struct buf)BUF_INIT;
	add_columns(q, columns, value);
	add_half(q, columns, true);
	buf_add(&q->sql, first.p, first.n);
	buf_adds(&q->sql, "\n)\nUNION ALL\n");
	add_half(q, columns, false);
	question_add_part(q, other);
	buf_adds(&q->sql, "\n)\nWHERE {whole:UInt8} = 1\n)");
	add_keys(q, columns, "\nGROUP BY ");
	buf_addf(&q->sql, "\nORDER BY %s%s%s%s DESC NULLS LAST, previous DESC NULLS LAST",
	    q->interval != INTERVAL_NONE ? "at, " : "", order ? order : "", order ? ", " : "",
	    q->columns[value].alias);
	add_keys(q, columns, ", ");
	q->sql.failed |= first.failed;
	buf_release(&first);
	question_add_column(q, "previous", COLUMN_MORE, q->columns[value].kind);
	question_add_column(
	    q, "change", q->interval == INTERVAL_NONE ? COLUMN_BESIDE : COLUMN_MORE, KIND_CHANGE);
	q->compares = true;
	q->other = other->period;
	q->other.zone = NULL;
	q->other_table = other->table;
}

static bool
build_both(struct question *q, struct question *other, compare_build *build, const void *what,
    struct refusal *r)
{
	q->half = other->half = true;
	if (!build(what, q, r))
		return false;
	if (q->interval != INTERVAL_NONE)
		align(q, other);
	q->half = false;
	return build(what, other, r);
}

bool
compare_question(struct question *q, struct span text, int64_t now, compare_build *build,
    const void *what, const char *order, struct refusal *r)
{
	struct question other;
	struct period period;
	bool good;

	if (!text.p)
		return build(what, q, r);
	if (!find_period(&q->period, text, now, &period, r))
		return false;
	question_begin(&other, period);
	good = build_both(q, &other, build, what, r);
	if (good) {
		join(q, &other, order);
		if (q->limit)
			question_add_limit(q, q->limit);
	}
	other.period.zone = NULL; /* it is the first's */
	question_release(&other);
	return good;
}

/* ---- whether both are whole -------------------------------------------------------- */

enum clickhouse_status
compare_check(struct clickhouse *c, struct question *q, int64_t now, struct buf *why,
    struct clickhouse_error *e)
{
	struct period other = q->other;
	enum clickhouse_status status;
	struct extent x;

	if (!q->compares)
		return CLICKHOUSE_OK;
	status = extent_ask(c, q->project, now, &x, e);
	if (status != CLICKHOUSE_OK)
		return status;
	other.zone = q->period.zone;
	q->whole[0] = '1';
	extent_tell(&x, &q->period, q->table, now, why);
	if (why->n == 0)
		extent_tell_before(&x, &other, q->other_table, now, why);
	if (why->n > 0) {
		buf_adds(why, "; so nothing is compared");
		q->whole[0] = '0';
	} else if (q->other_cut) {
		buf_adds(why,
		    "the other period is longer: what it has beyond the last interval of this one "
		    "is left out");
	}
	return CLICKHOUSE_OK;
}
