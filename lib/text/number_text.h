/*
 * Numbers as people read them: 12,345, 6.7%, +8.9%, 4m 48s.
 */
#ifndef MM_NUMBER_TEXT_H
#define MM_NUMBER_TEXT_H

#include "base/buf.h"

#define NUMBER_TEXT_NONE "\u2013" /* where there is no number */

/* In groups of three digits. */
void number_text_count(struct buf *, uint64_t);

/* A decimal such as -1234.5, its whole part likewise; what is none as it is. */
void number_text_decimal(struct buf *, struct span);

/*
 * part of whole, at most 1, in percent with one decimal; 0.0% and 100.0% only
 * where that is exact, else ≈0% and ≈100%.  NUMBER_TEXT_NONE when whole is 0.
 */
void number_text_share(struct buf *, uint64_t part, uint64_t whole);

/* A share of 1, likewise, but in ASCII: <0.1% and >99.9% are not exact. */
void number_text_percent(struct buf *, double share);

/*
 * By how much `now` differs from `before`, in percent with a sign, "no change"
 * where that rounds to nothing; NUMBER_TEXT_NONE when `before` is 0.
 */
void number_text_change(struct buf *, uint64_t now, uint64_t before);

/* The same of a sum; `before` is not 0.  Sums below 0 have no percentage: NUMBER_TEXT_NONE. */
void number_text_growth(struct buf *, double now, double before);

/* A difference as a share of 1, in ASCII: +25.0%, -3.1%, 0.0% only where that is exact. */
void number_text_difference(struct buf *, double share);

/* From share to share, in points of percent with a sign: "+1.2 points". */
void number_text_points(struct buf *, double now, double before);

/* Seconds, not negative, in the units that matter: "0s", "250ms", "28.9s", "4m 48s", "3d 4h". */
void number_text_span(struct buf *, double seconds);

#endif
