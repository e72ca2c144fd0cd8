/*
 * The page of a report: one HTML document that needs nothing else.
 */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include "ask/overview.h"
#include "event/reject.h"

struct page {
	struct span title;
	struct span project; /* the text of a UUID */
	int64_t made;        /* the clock, in ms */
	const struct overview *overview;
	const struct overview_goal *goals; /* what the overview was asked for */
	struct reject_counts *rejected;    /* NULL: nothing is known about it; gets sorted */
};

/*
 * Appends the whole document, UTF-8.  The buffer's `failed` tells that memory
 * was out.
 */
void page_add(struct buf *, const struct page *);

#endif
