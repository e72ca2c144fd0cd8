/*
 * Delivery of batches to a table of ClickHouse, so that no row is lost and
 * none is stored twice.
 *
 * Each request carries a deduplication token made of its bytes, so sending it
 * again is harmless.  What fails in passing is tried again; what can't be
 * delivered is kept in a spool.
 *
 * Of a batch with rows that the server refuses, these are sifted out first and
 * the others sent as one request, so that its token is the same whenever the
 * same rows come again.  Where that is not possible, the batch is taken apart
 * until the refused rows stand alone.
 */
#ifndef MM_SINK_H
#define MM_SINK_H

#include "batch.h"
#include "clickhouse.h"
#include "compress.h"
#include "sieve.h"
#include "spool.h"

struct sink_config {
	struct clickhouse *clickhouse;
	const char *database; /* that of the connection; part of the token */
	const char *table;    /* any name; it is quoted */
	enum compress_kind compress;
	uint64_t retry_ms; /* how long after its first failure a request is tried again */
	struct spool *spool;
	const volatile sig_atomic_t *stop; /* may be NULL; ends waiting for a retry */

	void *context;
	/* a row (without newline) that the server refuses; of the rows that were
	   sifted out of a batch only the first SINK_REASONS have their own reason */
	void (*reject)(
	    void *context, uint64_t line, const char *p, size_t n, const struct clickhouse_error *);
	/* the first failure of a request that is tried again */
	void (*retry)(void *context, const struct clickhouse_error *);
	/* from here on rows are kept: the state is AWAY or BROKEN */
	void (*fail)(void *context, const struct clickhouse_error *);
};

enum { SINK_REASONS = 100 };

enum sink_state {
	SINK_READY,
	SINK_AWAY,   /* given up for now: one try from time to time */
	SINK_BROKEN, /* somebody has to fix something: no more tries */
	SINK_LOST,   /* the spool can't be written: stop reading */
};

struct sink {
	struct sink_config config;
	enum sink_state state;
	bool in_place; /* set by the caller: the batch is safe where it came from */

	uint64_t batches, stored;     /* requests that were stored, their rows */
	uint64_t refused;             /* rows handed to reject */
	uint64_t kept, kept_in_place; /* rows that wait, in the spool or not */
	uint64_t retries;             /* requests that were sent again */
	uint64_t lost;                /* rows that neither was possible for */
	bool broken;                  /* has been BROKEN */
	int spool_error;              /* errno of LOST */

	/* the module's */
	uint64_t next_try_ms;
	uint64_t in_vain; /* rows refused in a row, with nothing stored before */
	struct sieve sieve;
	struct compressor *compressor;
	struct buf sql, body;
};

/* Returns false when memory is out.  The config's pointers are kept. */
bool sink_init(struct sink *, const struct sink_config *);
void sink_release(struct sink *);

/*
 * Stores the rows of the batch, rejects or keeps them; takes refused ones out
 * of it.  Returns false when rows are lost (SINK_LOST): the input must not be
 * read any further.
 */
bool sink_deliver(struct sink *, struct batch *);

/* Keeps the rows without trying to store them.  Returns as sink_deliver. */
bool sink_keep(struct sink *, const struct batch *);

enum { SINK_TOKEN_LENGTH = 32 };

/*
 * The deduplication token of a request: BLAKE2b-128 (RFC 7693) over database,
 * table and bytes, in hexadecimal, with a final NUL.
 */
void sink_token(
    const char *database, const char *table, struct span bytes, char token[SINK_TOKEN_LENGTH + 1]);

#endif
