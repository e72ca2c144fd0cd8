/*
 * The statement and the body of an insert: a Native block where that is sure
 * to store what JSON would, else the rows as they are.
 */
#ifndef MM_PAYLOAD_H
#define MM_PAYLOAD_H

#include "store/batch.h"
#include "store/native.h"

struct payload {
	/* what was made last: the statement, with a final NUL, and the body */
	struct buf sql;
	struct clickhouse_body body;
	bool is_native;
	bool spent; /* the body has been read, and is no more */

	/* the module's */
	bool native; /* is wanted */
	bool barred; /* not for this batch: the server refused it */
	size_t into; /* bytes of sql before the names */
	struct columns_watch watch;
	struct native own, *block; /* of `rows`; that of the body */
	struct piece_pool *pool;
	struct span rows;
	struct buf gathered; /* those that are sent, where others are left out */
	struct batch_window window;
};

/* The pointers are kept; the table's name may be any.  False: out of memory. */
bool payload_init(
    struct payload *, struct clickhouse *, const char *table, bool native, struct piece_pool *);
void payload_release(struct payload *);

/* The next rows are those of another batch. */
void payload_new_batch(struct payload *);

/*
 * Makes the request for the rows [first, first + count) of a batch, which must
 * stay while it is sent.  Not all of them are those of a batch without a file.
 * Asks for the table's columns when they are not known, are out of date or were
 * asked for a minute ago; fails only when that does, in passing.  A block is given back piece by piece as the body is read.
 */
enum clickhouse_status payload_make(
    struct payload *, const struct batch *, size_t first, size_t count, struct clickhouse_error *);

/*
 * Makes the request for a block of this table that has been ended.  False when
 * it can't be: blocks are not wanted, the server has refused one of this
 * batch, it has been read before, or memory is out.
 */
bool payload_adopt(struct payload *, struct native *);

/*
 * Whether a request that was refused with this error may be good as JSON: it
 * was a block, and the table may have changed or the server may not know how
 * to read it.  The rest of the batch is then made as JSON; there is no block any
 * more.
 */
bool payload_give_way(struct payload *, const struct clickhouse_error *);

/* ---- ahead ----------------------------------------------------------------- */

/*
 * Makes the block of a batch while its rows are read, ahead of the connections
 * that send it: so a row is scanned only once.  All zero makes no blocks.
 */
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
