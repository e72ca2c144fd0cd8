#include "ask/bucket.h"

#include <stdio.h>

#include "base/banned.h"

/*
 * Adds the start of the hour that an event lies in, in ms, for any time that is
 * stored.  2000-01-01 less 100 years is before all of them, so that the
 * remainders are not negative.
 */
static void
add_hour(struct question *q, const char *zone, bool utc)
{
	char time[64] = "timestamp";

	if (q->shift)
		snprintf(
		    time, sizeof(time), "addMilliseconds(timestamp, %lld)", (long long)q->shift);
	buf_addf(&q->sql, "toUnixTimestamp64Milli(%s) - ", time);
	if (utc)
		buf_addf(&q->sql, "(toUnixTimestamp64Milli(%s) + 3155760000000) %% 3600000", time);
	else /* where clocks are half an hour off */
		buf_addf(&q->sql,
		    "(toUnixTimestamp64Milli(%s) + 3155760000000) %% 1000 - toSecond(%s, %s) * 1000 "
		    "- toMinute(%s, %s) * 60000",
		    time, time, zone, time, zone);
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

void
bucket_add_shift(struct question *q, enum interval interval)
{
	if (q->shift && interval != INTERVAL_HOUR)
		buf_adds(&q->sql, interval == INTERVAL_MONTH ? "addMonths(" : "addDays(");
}

void
bucket_end(struct question *q, enum interval interval)
{
	if (q->shift && interval != INTERVAL_HOUR)
		buf_addf(&q->sql, ", %lld)", (long long)q->shift);
	buf_adds(&q->sql, " AS bucket, ");
	if (q->half)
		buf_addf(&q->sql, "%s AS at, ", interval == INTERVAL_HOUR ? "hour" : "bucket");
	question_add_column(q, "bucket", COLUMN_BUCKET, KIND_TEXT);
}

void
bucket_add(struct question *q, enum interval interval)
{
	bool utc = zone_is_utc(q->period.zone);
	const char *zone = question_bind_zone(q);

	bucket_add_shift(q, interval);
	if (interval == INTERVAL_DAY)
		question_add_day(q, zone);
	else if (interval == INTERVAL_WEEK)
		question_add_monday(q, zone);
	else if (interval == INTERVAL_MONTH)
		question_add_first(q, zone);
	else
		add_hour_name(q, zone, utc);
	bucket_end(q, interval);
}

static void
add_names(struct question *q, const char *const *names, size_t n, const char *before)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_addf(&q->sql, "%s%s", i ? ", " : before, names[i]);
}

void
bucket_add_end(struct question *q, enum interval interval, const char *const *names, size_t n)
{
	bool hours = interval == INTERVAL_HOUR, buckets = interval != INTERVAL_NONE;
	const char *bucket = hours ? "hour" : "bucket";

	if (buckets)
		buf_addf(&q->sql, "\nGROUP BY %s", bucket);
	add_names(q, names, n, buckets ? ", " : "\nGROUP BY ");
	buf_adds(&q->sql, "\nORDER BY ");
	if (buckets)
		buf_addf(&q->sql, "%s, ", bucket);
	buf_adds(&q->sql, "value DESC");
	add_names(q, names, n, ", ");
}
