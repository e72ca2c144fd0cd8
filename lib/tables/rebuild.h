/*
 * Aggregating anew, without some people, the days and sessions that their
 * events are in: the keys of daily_rollup and of sessions.
 *
 * It is done before the events are deleted, so that a run which is killed can
 * be repeated.  Of each month the keys concerned are aggregated beside the
 * table, from the events that stay; then their rows are deleted where they
 * are, and what was aggregated takes their place.  All other keys stay as they
 * are, since events of theirs may have expired.  No part of the table goes,
 * so that no deduplication token does: REPLACE PARTITION would lose them.
 *
 * Between the two steps the keys are missing.  Which they are is kept in the
 * tables mm_forget_days and mm_forget_visits, which outlive a run that is
 * killed: the next one puts these keys right as well.
 */
#ifndef MM_REBUILD_H
#define MM_REBUILD_H

#include "tables/erase.h"

struct rebuild_counts {
	uint64_t days;
	uint64_t days_left; /* not aggregated anew: some of their events have expired */
	uint64_t sessions;
};

/* Whether a run that was killed has left keys behind that may be missing. */
bool rebuild_pending(struct staging *, bool *pending);

/*
 * Finds the days and sessions of the people in @ids, by their events, hidden
 * ones included, and those that a killed run has left behind, and keeps them in
 * the staging tables @days and @visits.  May be called again, to find more.
 * False with the error.
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
 * moment is found at which keys can be replaced without losing any, the error
 * is CLICKHOUSE_TRANSIENT; months that were done are whole.
 */
bool rebuild(struct staging *, const char *database);

/* All is done, also with the events: no key is to be found again. */
bool rebuild_done(struct staging *);

/* Counts the sessions that still name one of the people. */
bool rebuild_left(struct staging *, uint64_t *sessions);

/*
 * Waits until inserts into events that run now have ended, ten seconds at most.
 * False with the error.
 */
bool rebuild_await_inserts(struct staging *);

#endif
