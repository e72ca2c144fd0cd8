/*
 * Lines gathered until they are sent together.
 *
 * Where a batch ends depends on nothing but the lines and the two limits, so
 * the same input is always cut at the same places.
 */
#ifndef MM_BATCH_H
#define MM_BATCH_H

#include "buf.h"

struct batch_row {
	size_t end;    /* of the row in bytes.p, behind its newline */
	uint64_t line; /* where it stands in its file, from 1 */
};

struct batch {
	struct buf bytes; /* the rows, each with a newline */
	struct batch_row *rows;
	size_t n;
	/* the caller's: the file that they are from, and whether they are safe there */
	const char *name;
	bool in_place;
	/* the module's */
	size_t cap, max_rows, max_bytes;
};

/* Limits of at least 1.  Returns false when memory is out. */
bool batch_init(struct batch *, size_t max_rows, size_t max_bytes);
void batch_release(struct batch *);
void batch_reset(struct batch *); /* empty again; keeps the memory */

/* Whether a line of n bytes may still join.  One alone always may. */
bool batch_fits(const struct batch *, size_t n);

/* Whether no further line may join, however short. */
bool batch_is_full(const struct batch *);

/* Copies a line that fits and adds its newline.  False: memory is out. */
bool batch_add(struct batch *, uint64_t line, const char *p, size_t n);

/* Takes out the rows i for which keep[i] is false; the others stay in order. */
void batch_keep(struct batch *, const bool *keep);

/*
 * Makes rows of the lines that have been put into `bytes` of an empty batch,
 * whatever the limits.  Returns false when memory is out.
 */
bool batch_index(struct batch *);

/* The bytes of the rows [first, first + count). */
struct span batch_rows(const struct batch *, size_t first, size_t count);

#endif
