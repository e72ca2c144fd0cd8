/*
 * Makes the block of a batch while its rows are read, ahead of the connections
 * that send it: so a row is scanned only once.
 */
#ifndef MM_AHEAD_H
#define MM_AHEAD_H

#include "store/batch.h"
#include "store/native.h"

/* All zero makes no blocks. */
struct ahead {
	struct columns_watch watch;
	bool doubt; /* the last line has a key that the table lacks, as far as is known; to
	               be cleared when it turns out to be no row */
	/* the module's */
	struct piece_pool *pool;
	struct native *blocks;
	size_t n, max;
	struct native *open;   /* the block that is being made */
	uint64_t stored_first; /* rows to be stored before the table is asked about again */
};

/*
 * For `batches` batches, of which one is being read and the others may be on
 * their way.  The connection is used for nothing else.  The pointers are kept.
 * Returns false when memory is out.
 */
bool ahead_init(
    struct ahead *, struct clickhouse *, const char *table, struct piece_pool *, size_t batches);

/* The batches have no blocks any more. */
void ahead_release(struct ahead *);

/*
 * Adds the row (without newline) that joins the batch next to the batch's
 * block.  The first one begins it, and asks for the table's columns if need be;
 * where that fails, not again before more than the `stored` rows are.
 *
 * True: the row is in the block, and so has been scanned: it is an object in
 * the sense of json.h.  All else is left to the caller.
 */
bool ahead_add(struct ahead *, struct batch *, uint64_t stored, struct span row);

/* A row joins the batch that is not in its block: there will be none. */
void ahead_give_up(struct ahead *);

/* All rows of the batch are there: it is `encoded` when there is a block of them. */
void ahead_end(struct ahead *, struct batch *);

#endif
