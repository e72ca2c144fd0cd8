/*
 * Ranked names as a table of a report: a bar below each, and its numbers.
 */
#ifndef MM_LISTING_H
#define MM_LISTING_H

#include "ask/overview.h"

enum { LISTING_NAME_WIDTH = 100 }; /* columns of a name that are shown */

/* What a table holds; texts are constants, in HTML. */
struct listing {
	enum overview_ranking rank;
	const char *column, *caption;
	const char *nameless; /* what an empty name means */
	bool paid;            /* with a column for the share that is paid */
};

/* Appends the table, and how many names are not in it. */
void listing_add(struct buf *, const struct overview *, const struct listing *);

/* Appends "and N more", unless that is none. */
void listing_add_more(struct buf *, uint64_t more);

#endif
