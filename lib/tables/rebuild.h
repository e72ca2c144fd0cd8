/*
 * Aggregating anew, without some people, the days and sessions that their
 * events are in.
 *
 * It is done before the events are deleted, so that a run which is killed can
 * be repeated: what it works on can still be found.  A month is built beside
 * the table (the days or sessions concerned from events, all others as they
 * are, since events of theirs may have expired) and put in place by REPLACE
 * PARTITION, which readers see as one step.
 */
#ifndef MM_REBUILD_H
#define MM_REBUILD_H

#include "tables/erase.h"

struct rebuild_counts {
	uint64_t days;
	uint64_t days_left; /* not aggregated anew: some of their events have expired */
	uint64_t sessions;
};

/*
 * Finds the days and sessions of the people in @ids, by their events, hidden
 * ones included, and keeps them in the staging tables @days and @visits.  May
 * be called again, to find more.  False with the error.
 */
bool rebuild_find(struct staging *, const struct erase_table *, struct rebuild_counts *);

/*
 * Whether the aggregates count all events of what was found.  They do not where
 * an insert broke off between the table and its views.  Its rows, sent again,
 * are known to the table and new to the view, so that what has been aggregated
 * anew from the table would count them twice.  False with the error: then
 * CLICKHOUSE_CONFIG, or CLICKHOUSE_TRANSIENT where events keep arriving.
 */
bool rebuild_check(struct staging *);

/*
 * Aggregates them anew.  Where events keep arriving meanwhile, so that no
 * moment is found at which a month can be replaced without losing any, the
 * error is CLICKHOUSE_TRANSIENT; months that were replaced are whole.
 */
bool rebuild(struct staging *, const char *database);

/* Counts the sessions that still name one of the people. */
bool rebuild_left(struct staging *, uint64_t *sessions);

#endif
