/*
 * Numbers as people read them: 12,345, 6.7%, +8.9%.
 */
#ifndef MM_FIGURE_H
#define MM_FIGURE_H

#include "buf.h"

#define FIGURE_NONE "\u2013" /* where there is no number */

/* In groups of three digits. */
void figure_count(struct buf *, uint64_t);

/*
 * part of whole, at most 1, in percent with one decimal; 0.0% and 100.0% only
 * where that is exact, else ≈0% and ≈100%.  FIGURE_NONE when whole is 0.
 */
void figure_share(struct buf *, uint64_t part, uint64_t whole);

/*
 * By how much `now` differs from `before`, in percent with a sign, "no change"
 * where that rounds to nothing; FIGURE_NONE when `before` is 0.
 */
void figure_change(struct buf *, uint64_t now, uint64_t before);

/* From share to share, in points of percent with a sign: "+1.2 points". */
void figure_points(struct buf *, double now, double before);

#endif
