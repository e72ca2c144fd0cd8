/*
 * Forgetting people, the whole of it: their ids go on the list of those whose
 * events are refused, their events are hidden and taken out of the table and, if so
 * wished, out of the aggregates.
 *
 *     struct erasure e = { .staging = { .clickhouse = c, .project = p, .notice = f } };
 *     erase_add(&e.rows, e.staging.project, e.n++, ERASE_USER, id);
 *     if (!erasure_run(&e)) ... e.staging.error ...
 *     erasure_release(&e);
 *
 * A run that was killed or has failed may be repeated: it comes to the same end.
 */
#ifndef MM_ERASURE_H
#define MM_ERASURE_H

#include "tables/erase.h"

/* Starts as all zero but for what the owner sets. */
struct erasure {
	/* set by the owner */
	struct staging staging;
	bool allow;   /* take them off the list, and no more */
	bool dry_run; /* count, and change nothing */
	bool linked;  /* also the visitors of a user_id */
	bool rebuild; /* also the aggregates; set as well when a run before has to be ended */
	bool recount; /* with rebuild: without rebuild_check */
	bool wait;    /* end when no part holds the rows any more */

	/* the people: rows of erase_add, whose numbers are below n */
	struct buf rows;
	size_t n;
	uint64_t *events, *left; /* the owner's, n each: events found, and not yet hidden or gone */

	/* what was done */
	bool unsettled; /* more of theirs kept arriving */
	bool gone;      /* no part holds the rows any more; else they are hidden */
	uint64_t days, days_left, sessions, sessions_left;
	struct buf mutations; /* ids, a line each */
};

/*
 * Forgets the people at hand, in the project of `staging`.  True: they are on
 * the list and their events are hidden from every reader, and both are ClickHouse's
 * to keep; what of them kept arriving is in `left` and `unsettled`.  False with
 * staging.error: then all or part of it may be undone.
 */
bool erasure_run(struct erasure *);

/* The sum of `left`. */
uint64_t erasure_left(const struct erasure *);

/* Makes ready for other people; the owner's settings stay. */
void erasure_reset(struct erasure *);
void erasure_release(struct erasure *);

#endif
