/*
 * The intervals of a question about rows that have a time, called timestamp.
 */
#ifndef MM_BUCKET_H
#define MM_BUCKET_H

#include "ask/question.h"

/*
 * Adds "... AS bucket, ", the name of the interval (not INTERVAL_NONE) that a row's
 * timestamp lies in, by the period's zone, and the column.  Once a question.
 */
void bucket_add(struct question *, enum interval);

/*
 * What bucket_add does around the name, for who makes another: the name, a date, stands
 * between.  Half of a comparison gets "at", what its buckets are ordered by, as well.
 */
void bucket_add_shift(struct question *, enum interval);
void bucket_end(struct question *, enum interval);

/*
 * Adds the end, from GROUP BY to ORDER BY, of a question whose rows are a bucket
 * (but with INTERVAL_NONE), the `names` and "value": by bucket, then by value.
 */
void bucket_add_end(struct question *, enum interval, const char *const *names, size_t n);

#endif
