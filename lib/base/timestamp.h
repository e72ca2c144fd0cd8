/*
 * RFC 3339 date-times to milliseconds since 1970-01-01T00:00:00Z, and back to
 * the text that ClickHouse reads.  UTC only, proleptic Gregorian calendar.
 */
#ifndef MM_TIMESTAMP_H
#define MM_TIMESTAMP_H

#include <stdatomic.h>

#include "base/buf.h"

/* What DateTime64(3) holds: the years 1900 to 2299. */
#define TIMESTAMP_MIN INT64_C(-2208988800000)
#define TIMESTAMP_MAX INT64_C(10413791999999)

enum {
	TIMESTAMP_TEXT = 23, /* "YYYY-MM-DD hh:mm:ss.mmm" */
	DATE_TEXT = 10,      /* "YYYY-MM-DD" */
	DATETIME_TEXT = 19,  /* "YYYY-MM-DD hh:mm:ss" */
};

/*
 * Parses "YYYY-MM-DDThh:mm:ss[.fraction](Z|+hh:mm|-hh:mm)": RFC 3339, with 1
 * to 9 fraction digits, rounded down to milliseconds; 'T' and 'Z' in either
 * case.  A leap second (23:59:60 in UTC) is the second that follows it.
 * Returns false when the text is no such date-time or the date does not exist.
 */
bool timestamp_parse(const char *p, size_t n, int64_t *ms);

/* Parses "YYYY-MM-DD" as its midnight in UTC. */
bool date_parse(const char *p, size_t n, int64_t *ms);

/* Parses "YYYY-MM-DD hh:mm:ss", of UTC, to seconds since 1970; no leap second. */
bool datetime_parse(const char *p, size_t n, int64_t *seconds);

/* Writes TIMESTAMP_TEXT bytes, no NUL; ms within the bounds above. */
void timestamp_format(char *w, int64_t ms);

/* Writes DATE_TEXT bytes, no NUL: the day in UTC that ms lies in. */
void date_format(char *w, int64_t ms);

/* Days since 1970-01-01 of ms, rounded down. */
int64_t timestamp_day(int64_t ms);

/*
 * Days from 1970-01-01 to a date, and back.  Months 1 to 12, days 1 to 31;
 * the days lie in the years 1 to 9999.
 */
int64_t days_from_date(int year, int month, int day);
void date_from_days(int64_t days, int *year, int *month, int *day);

/* The clock. */
int64_t timestamp_now(void);

/* Milliseconds of a clock that nobody sets: for how long something takes. */
uint64_t timestamp_monotonic(void);

/* Waits until that clock says `until`, or *stop is set, which is seen within 100 ms; stop may be NULL. */
void timestamp_sleep_until(uint64_t until, const atomic_int *stop);

#endif
