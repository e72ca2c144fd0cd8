/*
 * Dates and periods in words: "16 May 2026", "1 to 30 June 2026".
 */
#ifndef MM_DATEWORD_H
#define MM_DATEWORD_H

#include "ask/period.h"

enum dateword {
	DATEWORD_DAY,   /* 16 May 2026 */
	DATEWORD_SHORT, /* 16 May */
	DATEWORD_MONTH, /* May 2026 */
	DATEWORD_TIME,  /* 16 May 2026, 19:30 */
	DATEWORD_HOUR,  /* 19:30 */
};

/* The instant, in ms within TIMESTAMP_MIN and TIMESTAMP_MAX, as clocks of the zone show it. */
void dateword_add(struct buf *, const struct zone *, int64_t ms, enum dateword);

/*
 * From the first to the last day of a period of whole days, or else from time
 * to time; without the zone.
 */
void dateword_period(struct buf *, const struct period *);

#endif
