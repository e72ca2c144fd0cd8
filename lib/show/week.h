/*
 * Visits by the hours of a week: when people come.
 */
#ifndef MM_WEEK_H
#define MM_WEEK_H

#include "ask/overview.h"

enum { WEEK_DAYS = 7, WEEK_HOURS = 24, WEEK_LEVELS = 4 };

struct week {
	const uint64_t *visits;              /* the overview's */
	unsigned char level[OVERVIEW_HOURS]; /* 0: none, to WEEK_LEVELS: most */
	size_t busiest;                      /* hour of the week */
	bool shown;                          /* there are visits, and the period has each weekday */
};

/*
 * What is compared are visits a day of that weekday, of which a period may have more than
 * of others.
 */
void week_init(struct week *, const struct overview *);

/* "Monday"; 0 to 6. */
const char *week_day(size_t day);

/* A table in HTML, whose cells have the classes h0 to h4 and their number. */
void week_add(struct buf *, const struct week *);

#endif
