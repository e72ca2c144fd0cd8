/*
 * Rows, which are JSON objects, as one block of ClickHouse's Native format:
 * the number of columns and of rows, then column by column its name, its type
 * and all its values.
 *
 * A block stores what the same rows would store as JSONEachRow.  Where that
 * is not certain (a type that is not known here, a number in an odd form, a
 * key twice, a default that the server evaluates for some rows only), there
 * is no block, and JSON is to be sent: the server has the last word on what
 * is good.
 */
#ifndef MM_NATIVE_H
#define MM_NATIVE_H

#include "store/columns.h"
#include "store/pieces.h"

/* What is in one block stays in one block on the server, whatever the format:
   only then is a deduplication token the same in both. */
enum { NATIVE_ROWS_MAX = 1000000 };

struct native_column {
	const struct column *column;
	bool quick;        /* plain text under a plain name */
	size_t rows;       /* that have a value */
	uint64_t elements; /* of all arrays so far */
	struct pieces offsets, nulls, data;
	/* the row that has begun to add a value, from 1, and what was before it */
	size_t begun, rows_before, nulls_before, data_before;
	uint64_t elements_before;
};

struct native {
	struct native_column *columns; /* of the table, by place */
	size_t n, rows;
	/* the block, once native_end has said so */
	struct span *parts;
	size_t count;
	struct buf names; /* of its columns, quoted, for INSERT INTO t (names) */

	/* the module's */
	struct piece_pool *pool;
	struct buf **lent; /* of the parts: the piece that each is, or NULL */
	size_t cap, parts_cap;
	size_t left; /* bytes that the values may still take */
	struct native_column **by_name;
	struct buf heads;
};

enum native_result {
	NATIVE_BLOCK,
	NATIVE_ODD,     /* send JSON */
	NATIVE_NO_KEY,  /* the same, since the table has no such column, as far as is known */
	NATIVE_NO_ROOM, /* out of memory */
};

/*
 * Makes ready for blocks for this table; what was is forgotten.  All zero,
 * before the first call, is none.  The pool must stay as long as the native
 * does; the columns until a block has been ended.  Returns false when memory
 * is out.
 */
bool native_begin(struct native *, const struct columns *, struct piece_pool *);
void native_release(struct native *);

/* Gives back the memory of the block, or of what there is of one: no rows are in it. */
void native_clear(struct native *);

/*
 * Adds a row, without newline.  NATIVE_BLOCK: it has been scanned, is an object
 * in the sense of json.h, and is in the block.  All else: it is not, and no
 * more is known of it; the block is as it was.
 */
enum native_result native_add(struct native *, struct span row);

/* Makes the parts of the rows that have been added; they are valid until the
   next call, and together take at most about twice the bytes of the rows. */
enum native_result native_end(struct native *);

/* Gives back the memory of a part that has been read: there is no block any more. */
void native_read(struct native *, size_t part);

/* The block of these rows, each with a newline: all steps at once, for tests and the fuzzer. */
enum native_result native_encode(struct native *, struct span rows);

#endif
