/*
 * Delivery of batches to a table of ClickHouse over one connection, so that no
 * row is stored twice.
 *
 * Each request carries a deduplication token made of its bytes, so sending it
 * again is harmless.  What fails in passing is tried again; what can't be
 * delivered is left to the caller.
 *
 * Of a batch with rows that the server refuses, these are sifted out first and
 * the others sent as one request, so that its token is the same whenever the
 * same rows come again.  Where that is not possible, the batch is taken apart
 * until the refused rows stand alone.
 *
 * Rows of people who were forgotten are left out of what is sent to the table
 * events, before each request anew; tokens are made of the batch with them, so
 * that one which was stored before they were forgotten is known.
 *
 * A batch that is too large for a server (HTTP 413) is sent in pieces: halves,
 * halves of these and so on.  As they depend on the batch and on what the
 * server takes alone, their tokens are the same when it comes again.
 */
#ifndef MM_SINK_H
#define MM_SINK_H

#include <stdatomic.h>

#include "store/batch.h"
#include "clickhouse/clickhouse.h"
#include "store/compress.h"
#include "store/forgotten.h"
#include "store/payload.h"
#include "store/row_probe.h"

struct sink_config {
	struct clickhouse *clickhouse; /* the sink's alone */
	const char *database;          /* that of the connection; part of the token */
	const char *table;             /* any name; it is quoted */
	enum compress_kind compress;
	bool native;               /* send blocks of the Native format where that can be done */
	struct piece_pool *pool;   /* that blocks are made of; shared by all sinks */
	uint64_t retry_ms;         /* how long after its first failure a request is tried again */
	_Atomic size_t *too_large; /* bytes of the smallest body that the server has refused as
	                              too large, or 0; for all its sinks; NULL: the sink's own */
	const atomic_int *stop;    /* may be NULL; ends waiting for a retry */

	void *context;
	/* the first failure of a request that is tried again; may be NULL */
	void (*retry)(void *context, const struct clickhouse_error *);
	/* the first body that was too large, of so many bytes; may be NULL */
	void (*halve)(void *context, size_t bytes);
};

enum { SINK_REASONS = 100, SINK_PIECES = 64 };

/* What is to be done with a batch, and what has become of it. */
struct sink_task {
	/* set by the caller */
	bool once;   /* try a request once only */
	bool proven; /* rows have been stored before: refused ones are at fault */
	void *context;
	/* a row (without newline) that the server refuses; of the rows that were
	   sifted out of a batch only the first SINK_REASONS have their own reason.
	   `key`: the row's key that is no column, inside its quotes; or p is NULL */
	void (*reject)(void *context, uint64_t line, struct span row, struct span key,
	    const struct clickhouse_error *);

	uint64_t in_vain; /* rows refused in a row while not proven: in and out */

	/* the answer */
	uint64_t requests, stored; /* requests that were stored, their rows */
	uint64_t native;           /* of the requests, those that were Native blocks */
	uint64_t refused;          /* of the rows handed to reject the first so many are */
	uint64_t forgotten;        /* rows of people who were forgotten: not stored */
	uint64_t retries;          /* requests that were sent again */
	bool outdated;             /* the table's columns may be others than was known */
	bool hopeless;             /* it failed since so many rows were refused in vain */
	/* status is OK when all rows of the batch are stored, refused or forgotten; else none
	   of those that are still in it is refused, and some may be stored: it has
	   to come again as a whole, so that it is taken apart at the same places */
	struct clickhouse_error error;
	/* but where it was sent in pieces, those that are stored are out of it, and
	   each of the others, of so many rows, is to come again by itself; 0: one */
	size_t piece[SINK_PIECES], pieces;
};

struct sink {
	struct sink_config config;
	/* the module's */
	struct sink_task *task;
	uint64_t sifted; /* rows of the batch that were refused and taken out of it */
	unsigned odd;    /* answers of unknown meaning that the last request got */
	bool guarded;    /* the table is one that people are forgotten from */
	bool looked;     /* the list of them was just asked for */
	bool screened;   /* the batch's rows were compared with it */
	struct forgotten list;
	struct batch_window window;
	struct row_probe row_probe;
	struct compressor *compressor;
	struct payload payload;
	bool made;  /* the payload, and its body, for the rows at hand */
	bool split; /* the batch was too large */
	_Atomic size_t own_too_large;
	struct batch piece, rest; /* of a batch that was */
	struct buf compressed;
	struct span compressed_part;
	struct token *token;
};

/* Returns false when memory is out.  The config's pointers are kept. */
bool sink_init(struct sink *, const struct sink_config *);
void sink_release(struct sink *);

/*
 * Stores the rows of the batch or rejects them; takes refused ones out of it.
 * Reads back what the batch has in a file only where its block does not do.
 */
void sink_deliver(struct sink *, struct batch *, struct sink_task *);

/*
 * How long to wait before the next try of something that has failed `tries`
 * times, in milliseconds: exponential, with jitter, at most 10 s, and
 * RFC 9110's Retry-After at least.
 */
uint64_t sink_backoff_ms(unsigned tries, const struct clickhouse_error *);

#endif
