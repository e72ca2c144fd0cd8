/*
 * Times as people say them: "2026-01-31", "-7d", "today", "this-month+1d".
 */
#ifndef MM_TIME_WORDS_H
#define MM_TIME_WORDS_H

#include "base/buf.h"
#include "ask/zone.h"

/* For messages: what can be said. */
#define TIME_WORDS_EXPECTED                                                                   \
	"expected a date such as 2026-01-31, an RFC 3339 time, or words such as -7d, today, " \
	"yesterday, this-month, today-7d"

/*
 * Parses an instant, in ms since 1970 within TIMESTAMP_MIN and TIMESTAMP_MAX:
 *
 *     2026-01-31T18:00:00+01:00    RFC 3339
 *     2026-01-31                   the first instant of that day in the zone
 *     now, today, yesterday, tomorrow, {this,last,next}-{hour,week,month,year}
 *                                  the first instant of it; weeks begin on Monday
 *     -7d, -24h, today-7d, this-month+36h, 2026-01-31-1w
 *                                  that much later or earlier than the time or word,
 *                                  or than now: s, m, h are spans of time, d and w days of the
 *                                  calendar, at the same time of the day
 *
 * `now` is the clock, in ms.  Returns false when the text is none of these or
 * the instant is out of bounds.
 */
bool time_words_parse(const char *p, size_t n, const struct zone *, int64_t now, int64_t *ms);

/* For messages: what a period can be. */
#define TIME_WORDS_PERIOD_EXPECTED                                                          \
	"expected a word such as yesterday, last-week or this-month, a year, month or day " \
	"such as 2026, 2026-05 or 2026-05-16, or -7d for that long up to now"

/*
 * Parses a period, from its first instant to the first one after it:
 *
 *     today, yesterday, tomorrow, {this,last,next}-{hour,week,month,year}
 *     2026, 2026-05, 2026-05-16    the year, month or day in the zone
 *     -7d, -24h, ..                so long, as above, up to now
 *
 * Returns false when the text is none of these or the period is out of bounds.
 */
bool time_words_period(
    const char *p, size_t n, const struct zone *, int64_t now, int64_t *from, int64_t *to);

#endif
