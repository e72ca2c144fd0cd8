/*
 * The statement and the body of an insert: a Native block where that is sure
 * to store what JSON would, else the rows as they are.
 */
#ifndef MM_PAYLOAD_H
#define MM_PAYLOAD_H

#include "native.h"

struct payload {
	/* what was made last: the statement, with a final NUL, and the body */
	struct buf sql;
	const struct span *parts;
	size_t count;
	bool is_native;

	/* the module's */
	struct clickhouse *clickhouse;
	const char *table;
	bool native; /* is wanted */
	bool barred; /* not for this batch: the server refused it */
	bool stale;  /* the columns are to be asked for again */
	uint64_t asked_ms;
	size_t into; /* bytes of sql before the names */
	struct columns columns;
	struct native block;
	struct span rows;
};

/* The pointers are kept; the table's name may be any.  False: out of memory. */
bool payload_init(struct payload *, struct clickhouse *, const char *table, bool native);
void payload_release(struct payload *);

/* The next rows are those of another batch. */
void payload_new_batch(struct payload *);

/*
 * Makes the request for these rows (as native_encode takes them), which must
 * stay while it is sent.  Asks for the table's columns when they are not
 * known, are out of date or were asked for a minute ago; fails only when that
 * does, in passing.
 */
enum clickhouse_status payload_make(struct payload *, struct span rows, struct clickhouse_error *);

/*
 * Whether a request that was refused with this error may be good as JSON: it
 * was a block, and the table may have changed or the server may not know how
 * to read it.  The rest of the batch is then made as JSON.
 */
bool payload_give_way(struct payload *, const struct clickhouse_error *);

#endif
