/*
 * The part of a report that shows how a period went: charts of its intervals
 * beside those before it, and their figures as a table.
 */
#ifndef MM_TREND_H
#define MM_TREND_H

#include "ask/overview.h"

/* Appends the inside of a section that has a heading of level 2. */
void trend_add(struct buf *, const struct overview *);

#endif
