/*
 * The intervals that a period is cut into: hours, days and weeks of a zone.
 *
 * The names are those that the SQL of ask.h gives them: "2026-05-16" for a day
 * and for a week (its Monday), "2026-05-16T19:00:00+02:00" for an hour, with Z
 * in UTC.
 */
#ifndef MM_BUCKET_H
#define MM_BUCKET_H

#include "ask/zone.h"

enum interval { INTERVAL_NONE, INTERVAL_HOUR, INTERVAL_DAY, INTERVAL_WEEK };

/* The first instant of the bucket that ms lies in, and of the one after it. */
int64_t bucket_start(const struct zone *, enum interval, int64_t ms);
int64_t bucket_next(const struct zone *, enum interval, int64_t start);

/* The instant that a bucket's name stands for; false: no name of one. */
bool bucket_parse(const struct zone *, struct span name, int64_t *start);

/* Buckets that [from, to) touches. */
size_t bucket_count(const struct zone *, enum interval, int64_t from, int64_t to);

#endif
