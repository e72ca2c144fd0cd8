/*
 * Deleting the rows of people from the table events.
 *
 * The ids reach the server once, as rows of a staging table, and every
 * statement after that names only the table: so no query log, no mutation and
 * no message holds an id, and dropping the table leaves nothing behind.
 *
 * Rows are deleted in two steps.  A lightweight DELETE hides them from every
 * reader; APPLY DELETED MASK then writes the parts concerned anew without
 * them.  The second needs no ids, so they need not outlive the first.
 */
#ifndef MM_ERASE_H
#define MM_ERASE_H

#include "tables/staging.h"

/* What an id in the staging table is. */
enum erase_kind {
	ERASE_USER = 1,
	ERASE_ANONYMOUS = 2,
	ERASE_LINKED = 3, /* the visitor behind a user: rows without a user_id */
};

/*
 * SQL: whether a row, by its project_id, user_id and anonymous_id, is of one of
 * the people.  The first part says less than the second, but so that the
 * indices of both ids are used.  Without quotes, since it also stands in
 * settings; never NULL, since it is negated.
 */
#define ERASE_PERSON                                                                       \
	"((user_id IN (SELECT id FROM @ids WHERE kind = 1) OR anonymous_id IN "            \
	"(SELECT id FROM @ids WHERE kind != 1)) AND "                                      \
	"((isNotNull(user_id) AND (project_id, assumeNotNull(user_id)) IN "                \
	"(SELECT project_id, id FROM @ids WHERE kind = 1)) OR (project_id, anonymous_id) " \
	"IN (SELECT project_id, id FROM @ids WHERE kind = 2) OR (isNull(user_id) AND "     \
	"(project_id, anonymous_id) IN (SELECT project_id, id FROM @ids WHERE kind = 3))))"

/* What is known of the tables. */
struct erase_table {
	bool has_ttl;         /* events expire */
	unsigned projections; /* tables with projections that refuse a DELETE; the module's */
};

/*
 * Looks whether the tables are there and are such as can be worked on: not
 * Distributed, not replicated, and keeping parts that are empty; with
 * `aggregates` also daily_rollup and sessions, partitioned by month.  False
 * with the error.
 */
bool erase_check(struct staging *, bool aggregates, struct erase_table *);

/*
 * Sets the tables with projections to have these made anew by a DELETE, which
 * they refuse otherwise (code 344).  False with the error.
 */
bool erase_prepare(struct staging *, const struct erase_table *);

/*
 * Appends an id to the rows for erase_stage: of the line `number`, from 0; a
 * JSON string with its quotes.
 */
void erase_add(
    struct buf *rows, struct span project, uint64_t number, enum erase_kind, struct span id);

/*
 * Stores the ids in the staging table @ids.  With `linked`, also the
 * anonymous_ids that occur with a user_id among them.
 */
bool erase_stage(struct staging *, const struct buf *rows, bool linked);

/*
 * Counts the events of each line: to[0 .. n), each row once a line.  With
 * `hidden`, also those that are deleted, but still in their parts.
 */
bool erase_count(struct staging *, bool hidden, uint64_t *to, size_t n);

/* Hides the rows.  Appends the mutation's id and a newline to `ids`. */
bool erase_hide(struct staging *, struct buf *ids);

/*
 * Has the parts of events, or of daily_rollup and sessions, or all written anew
 * without hidden rows; with `wait`, returns once that is done.  Appends the
 * mutations' ids, each with a newline, to `ids`.
 */
bool erase_purge(struct staging *, bool events, bool aggregates, bool wait, struct buf *ids);

#endif
