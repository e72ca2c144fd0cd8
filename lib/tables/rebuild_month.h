/*
 * One month of a table of aggregates: some keys of it aggregated anew, between
 * two inserts.
 */
#ifndef MM_REBUILD_MONTH_H
#define MM_REBUILD_MONTH_H

#include "tables/erase.h"

/* Events of other days than a Date holds are not counted by days. */
#define REBUILD_HAS_DAY "toDate32(timestamp) BETWEEN '1970-01-01' AND '2149-06-06'"

/*
 * A table of aggregates.  The words are $table (and $table_mv, its view);
 * $touched and $kept, the tables of the keys that are worked on, and of those
 * that may be missing in $table; $keys and $keys_of_event, their columns there
 * and in events; $countable, the events that have a key; $definition, of a
 * table of keys.
 */
struct rebuild_aggregate {
	const char *table;
	const char *noun; /* for one key */
	struct staging_word words[8];
};

/* What has been inserted of s->month, or of all where that is empty: the newest
   blocks, and inserts that run.  s->words are those of a table of aggregates. */
struct rebuild_moment {
	uint64_t events, aggregates, running;
};

enum { REBUILD_TRIES = 20, REBUILD_POLL_MS = 100 };

bool rebuild_look(struct staging *, struct rebuild_moment *);

/* Looks once no insert runs, or after ten seconds. */
bool rebuild_await_quiet(struct staging *, struct rebuild_moment *);

bool rebuild_undisturbed(const struct rebuild_moment *before, const struct rebuild_moment *after);

/*
 * Puts anew what s->month has of the $touched keys, from the events of all but
 * the people in @ids; s->words are the table's.  False with the error; then keys
 * may be missing, and are in $kept.
 */
bool rebuild_month(struct staging *, const struct rebuild_aggregate *, const char *database);

#endif
