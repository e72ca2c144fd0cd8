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

#include "columns.h"

/* What is in one block stays in one block on the server, whatever the format:
   only then is a deduplication token the same in both. */
enum { NATIVE_ROWS_MAX = 1000000 };

struct native_column {
	const struct column *column;
	bool quick;        /* plain text under a plain name */
	size_t rows;       /* that are in the buffers */
	uint64_t elements; /* of all arrays so far */
	struct buf offsets, nulls, data;
};

struct native {
	struct native_column *columns; /* of the table, by place */
	size_t n;
	struct span *parts; /* the block, once native_encode has said so */
	size_t count;
	struct buf names; /* of its columns, quoted, for INSERT INTO t (names) */

	/* the module's */
	size_t cap, rows;
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

/* All zero is a table without columns.  Forgets what was; the columns must
   stay until the next call.  Returns false when memory is out. */
bool native_begin(struct native *, const struct columns *);
void native_release(struct native *);

/*
 * Encodes the rows, each an object that the scanner of json.h accepts, with a
 * newline.  The parts are valid until the next call, and together take at
 * most about twice the bytes of the rows.
 */
enum native_result native_encode(struct native *, struct span rows);

#endif
