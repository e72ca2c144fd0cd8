/*
 * Batches on their way: sent over several connections at once, kept in the
 * spool when they can't be, and delivered from there when they can.
 *
 * The caller's thread does all but the sending.  Until the first rows are
 * stored, and again after a failure, there is one request at a time, so that
 * what is wrong with all of them shows once.
 */
#ifndef MM_DELIVERY_H
#define MM_DELIVERY_H

#include "base/pool.h"
#include "store/sink.h"
#include "store/spool.h"

enum { DELIVERY_CONNECTIONS_MAX = 16 };

struct delivery_config {
	/* NULL, or what delivers in place of a sink: one of `carriers` for each
	   connection, on its thread, by sink_deliver's contract; of `sink`, only
	   `stop` is looked at then */
	void (*carry)(void *carrier, struct batch *, struct sink_task *);
	void *const *carriers;
	/* as for each connection, but for the member clickhouse; the callback
	   `retry` is called on its thread, several at once */
	struct sink_config sink;
	struct clickhouse *const *clickhouse;
	size_t connections;
	size_t max_rows, max_bytes; /* of batches .. */
	struct batch_place place;   /* .. and where they wait */
	struct spool *spool;
	/* the input never ends: reading goes on whatever ClickHouse does */
	bool follow;

	/* these are called on the caller's thread */
	void *context;
	/* a row that the server refuses; `name` is its batch's, or that of the
	   spool's file; `key` as sink.h has it */
	void (*reject)(void *context, const char *name, uint64_t line, struct span row,
	    struct span key, const char *reason);
	/* false: what was handed to reject can't be told; what waits is not deleted then */
	bool (*told)(void *context);
	/* from here on rows are kept; or, with `file`, this one of the spool stays */
	void (*fail)(void *context, const struct clickhouse_error *, const char *file);
	/* the first file of the spool that is set aside, since it is refused */
	void (*aside)(void *context, const struct clickhouse_error *, const char *file);
	/* from time to time while waiting */
	void (*tick)(void *context);
	/* may be NULL: a batch that was handed to delivery_send is stored or kept, all of
	   it, and will not be lost; `mark` is its batch's, and not 0 */
	void (*settled)(void *context, uint64_t mark);
};

enum delivery_state {
	DELIVERY_READY,
	DELIVERY_AWAY,   /* given up for now: one try from time to time */
	DELIVERY_BROKEN, /* somebody has to fix something: no more tries */
	DELIVERY_LOST,   /* the spool can't be written: stop reading */
};

struct delivery_item;

struct delivery {
	struct delivery_config config;
	enum delivery_state state;
	bool spares_spool; /* set by the caller: leave alone what waits there */

	uint64_t requests, stored;    /* requests that were stored, their rows */
	uint64_t native;              /* of the requests, those that were Native blocks */
	uint64_t drained;             /* of the rows, from the spool */
	uint64_t refused;             /* rows handed to reject */
	uint64_t forgotten;           /* rows of people who were forgotten: not stored */
	uint64_t kept, kept_in_place; /* rows of this run that wait, in the spool or not */
	uint64_t cut;                 /* rows kept by delivery_keep_cut */
	uint64_t retries;             /* requests that were sent again */
	uint64_t lost;                /* rows that neither was possible for */
	uint64_t stuck;               /* files of the spool that could not be delivered */
	uint64_t aside;               /* and that were set aside */
	bool outdated;                /* the table's columns may have changed */
	bool broken;                  /* something has to be put right */
	int spool_error;              /* errno of LOST, or of reading the spool */

	/* the module's */
	struct sink *sinks;
	struct delivery_item *items;
	struct pool *pool;
	size_t in_flight;
	struct batch part;        /* of a batch that was sent in pieces */
	_Atomic size_t too_large; /* for the server */
	bool parallel, impatient;
	uint64_t in_vain;
	unsigned failures;
	uint64_t next_try_ms, next_look_ms;
};

/* Returns false when memory or threads are out.  The pointers are kept. */
bool delivery_start(struct delivery *, const struct delivery_config *);
void delivery_stop(struct delivery *);

/* Whether the input may be read (further): what is read can be sent or kept. */
bool delivery_accepts(struct delivery *);

/*
 * Sends a batch, after what waits in the spool, or keeps it.  An empty one of
 * the same limits takes its place.  Returns as delivery_accepts.
 */
bool delivery_send(struct delivery *, struct batch *);

/* Keeps the rows of a batch that must not be sent, because it was cut short. */
void delivery_keep_cut(struct delivery *, struct batch *);

/* Does what is due; without waiting. */
void delivery_mind(struct delivery *);

/* Files were added to the spool: the next delivery_mind looks for them. */
void delivery_look(struct delivery *);

/* How long delivery_mind may not be called at most, in milliseconds. */
int delivery_patience(const struct delivery *);

/* Waits until nothing is on its way. */
void delivery_settle(struct delivery *);

/* Delivers what waits in the spool, as far as it goes; then nothing is on its way. */
void delivery_drain(struct delivery *);

#endif
