/*
 * What is stored of a project, from when to when, and whether a period of it is
 * whole: only then may it be compared with another one.
 *
 *     struct extent x;
 *     if (extent_ask(c, project, now, &x, &e) == CLICKHOUSE_OK &&
 *         extent_is_whole(&x, &period, "events", now)) ...
 */
#ifndef MM_EXTENT_H
#define MM_EXTENT_H

#include "ask/question.h"

struct extent {
	bool empty;          /* nothing is stored of the project */
	int64_t first, last; /* its first and its last event, in ms */
	int64_t first_day;   /* the first day of daily_rollup, which keeps longer than events */
	uint64_t kept_days;  /* of mm-schema --retention; 0: all are kept, or that can't be seen */
	int64_t kept_from;   /* what is older than this is deleted, in ms */
};

/* Asks; `project` is the text of a UUID, `now` the clock in ms. */
enum clickhouse_status extent_ask(struct clickhouse *, struct span project, int64_t now,
    struct extent *, struct clickhouse_error *);

/*
 * Whether all events of the period can be there: it begins no earlier than the day of
 * the first event and than what retention keeps, and it is over at `now`.
 * extent_tell appends nothing then, else a sentence without its full stop that says
 * why, for people.  `table` is the one that is read, as struct question has it.
 */
bool extent_is_whole(const struct extent *, const struct period *, const char *table, int64_t now);
void extent_tell(
    const struct extent *, const struct period *, const char *table, int64_t now, struct buf *);

/* The same about a period that another one would be compared with. */
void extent_tell_before(
    const struct extent *, const struct period *, const char *table, int64_t now, struct buf *);

/* Appends the day that the clocks of the zone show. */
void extent_add_day(struct buf *, const struct zone *, int64_t ms);

#endif
