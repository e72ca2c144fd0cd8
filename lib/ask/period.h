/*
 * The period that a question is about: from the first instant to the first
 * one after it, the zone whose days it is cut into, and its intervals.
 */
#ifndef MM_PERIOD_H
#define MM_PERIOD_H

#include "ask/zone.h"
#include "base/timestamp.h"

struct period {
	int64_t from, to; /* ms; to is not part of it */
	struct zone *zone;
};

void period_release(struct period *);

/*
 * The period of the same length on the clocks of the zone that ends where this
 * one begins; the zone stays this one's.  False: it would begin before
 * TIMESTAMP_MIN.
 */
bool period_before(const struct period *, struct period *before);

/*
 * What people compare it with: as many months before it when it is of whole months, as a
 * year is, else period_before.
 */
bool period_previous(const struct period *, struct period *previous);

/* Whether it begins and ends at midnight UTC. */
bool period_is_of_days(const struct period *);

/*
 * Intervals that a period is cut into: hours, days, weeks and months of a zone.
 * The names of these buckets are those that the SQL of ask.h gives them:
 * "2026-05-16" for a day, a week (its Monday) and a month (its first),
 * "2026-05-16T19:00:00+02:00" for an hour, with Z in UTC.
 */
enum interval { INTERVAL_NONE, INTERVAL_HOUR, INTERVAL_DAY, INTERVAL_WEEK, INTERVAL_MONTH };

/* The first instant of the bucket that ms lies in, and of the one after it. */
int64_t bucket_start(const struct zone *, enum interval, int64_t ms);
int64_t bucket_next(const struct zone *, enum interval, int64_t start);

/* The instant that a bucket's name stands for; false: no name of one. */
bool bucket_parse(const struct zone *, struct span name, int64_t *start);

/* Buckets that [from, to) touches. */
size_t bucket_count(const struct zone *, enum interval, int64_t from, int64_t to);

#endif
