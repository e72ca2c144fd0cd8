/*
 * Decides which lines make a batch: by the lines alone, so that the same input
 * is always cut at the same places.
 *
 * Either there is one batch that lines join in turn, or one for each month
 * that rows lie in.  Then at most CUTTER_OPEN_MAX of them are open at a time,
 * and together they are no larger than one batch may be.  When all are taken,
 * one that no line has joined for CUTTER_STALE lines has to go; while there is
 * none, rows of further months share the last batch: better a batch of several
 * months than many small ones.
 */
#ifndef MM_CUTTER_H
#define MM_CUTTER_H

#include "store/batch.h"

enum { CUTTER_OPEN_MAX = 24, CUTTER_STALE = 10000 };

struct cutter_open {
	struct batch batch;
	int month;
	uint64_t used; /* when a line joined last, in lines */
};

struct cutter {
	struct cutter_open open[CUTTER_OPEN_MAX];
	size_t n; /* that may be open */
	/* the module's */
	size_t max_rows, max_bytes, bytes;
	const struct batch_place *place;
	uint64_t lines;
};

/* Limits of at least 1, and a place as batch_init takes them; the place is kept.
   Returns false when memory is out; release the cutter then, too. */
bool cutter_init(
    struct cutter *, size_t max_rows, size_t max_bytes, bool by_month, const struct batch_place *);
void cutter_release(struct cutter *);

/*
 * The month (years * 12 + months) that the key `timestamp` of a row, a JSON
 * object, lies in, by its text as ClickHouse reads it or by RFC 3339 in UTC; 0
 * when there is none.
 */
int cutter_month(const char *p, size_t n);

/* The batch that a line of n bytes joins for certain, whatever its month; NULL:
   cutter_ahead_of has to be asked. */
struct batch *cutter_sure(struct cutter *, size_t n);

/*
 * The batch that has to go before a line of n bytes and this month can join
 * (ask again until there is none); `month` is 0 without by_month.
 */
struct batch *cutter_ahead_of(struct cutter *, int month, size_t n);

/*
 * Adds a line that nothing has to go ahead of.  Returns the batch it joined;
 * NULL: memory is out.
 */
struct batch *cutter_add(struct cutter *, int month, uint64_t line, const char *p, size_t n);

/* A batch that has rows, first that which waited longest; NULL: none has. */
struct batch *cutter_rest(struct cutter *);

/*
 * To be called once a batch has gone, and the caller has put another one (of
 * the same limits) in its place or emptied it.
 */
bool cutter_gone(struct cutter *, struct batch *);

#endif
