/*
 * What a report is made of, as a page or as mail.
 */
#ifndef MM_REPORT_H
#define MM_REPORT_H

#include "ask/overview.h"
#include "event/reject.h"

struct report {
	struct span title;
	struct span project; /* the text of a UUID */
	int64_t made;        /* the clock, in ms */
	const struct overview *overview;
	const struct overview_goal *goals; /* what the overview was asked for */
	struct reject_counts *rejected;    /* NULL: nothing is known about it; gets sorted */
};

#endif
