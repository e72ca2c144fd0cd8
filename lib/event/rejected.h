/*
 * What a rejects file (reject.h) holds, counted by field and reason: neither
 * the lines themselves nor any value of them.
 */
#ifndef MM_REJECTED_H
#define MM_REJECTED_H

#include "event/reject.h"

struct rejected {
	uint64_t lines;
	struct tally tally;     /* fields unescaped; a line counts for each of its reasons */
	struct buf field, text; /* the module's */
};

/*
 * Counts the record [p, p+n).  False: it is none of a rejected line, or memory
 * is out; the counts are then of no use.  All zero before the first.
 */
bool rejected_add(struct rejected *, const char *p, size_t n);
void rejected_release(struct rejected *);

#endif
