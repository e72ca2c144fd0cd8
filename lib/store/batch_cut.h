/*
 * Decides which lines make a batch: by the lines alone, so that the same input
 * is always cut at the same places.
 *
 * Either there is one batch that lines join in turn, or one for each month
 * that rows lie in.  Then at most BATCH_CUT_OPEN_MAX of them are open at a time,
 * and together they are no larger than one batch may be.  When all are taken,
 * one that no line has joined for BATCH_CUT_STALE lines has to go; while there is
 * none, rows of further months share the last batch: better a batch of several
 * months than many small ones.
 */
#ifndef MM_BATCH_CUT_H
#define MM_BATCH_CUT_H

#include "store/batch.h"

enum { BATCH_CUT_OPEN_MAX = 24, BATCH_CUT_STALE = 10000 };

struct batch_cut_open {
	struct batch batch;
	int month;
	uint64_t used; /* when a line joined last, in lines */
};

struct batch_cut {
	struct batch_cut_open open[BATCH_CUT_OPEN_MAX];
	size_t n; /* that may be open */
	/* the module's */
	size_t max_rows, max_bytes, bytes;
	const struct batch_place *place;
	uint64_t lines;
};

/* Limits of at least 1, and a place as batch_init takes them; the place is kept.
   Returns false when memory is out; release it then, too. */
bool batch_cut_init(struct batch_cut *, size_t max_rows, size_t max_bytes, bool by_month,
    const struct batch_place *);
void batch_cut_release(struct batch_cut *);

/*
 * The month (years * 12 + months) that the key `timestamp` of a row, a JSON
 * object, lies in, by its text as ClickHouse reads it or by RFC 3339 in UTC; 0
 * when there is none.
 */
int batch_cut_month(const char *p, size_t n);

/* The batch that a line of n bytes joins for certain, whatever its month; NULL:
   batch_cut_ahead_of has to be asked. */
struct batch *batch_cut_sure(struct batch_cut *, size_t n);

/*
 * The batch that has to go before a line of n bytes and this month can join
 * (ask again until there is none); `month` is 0 without by_month.
 */
struct batch *batch_cut_ahead_of(struct batch_cut *, int month, size_t n);

/*
 * Adds a line that nothing has to go ahead of.  Returns the batch it joined;
 * NULL: memory is out.
 */
struct batch *batch_cut_add(struct batch_cut *, int month, uint64_t line, const char *p, size_t n);

/* A batch that has rows, first that which waited longest; NULL: none has. */
struct batch *batch_cut_rest(struct batch_cut *);

/*
 * To be called once a batch has gone, and the caller has put another one (of
 * the same limits) in its place or emptied it.
 */
bool batch_cut_gone(struct batch_cut *, struct batch *);

#endif
