/*
 * What mm-insert works with: the connections, the spool and the batches of one
 * table, opened, used and closed together.
 */
#ifndef MM_INSERT_JOB_H
#define MM_INSERT_JOB_H

#include "store/payload.h"
#include "store/batch_cut.h"
#include "store/delivery.h"
#include "cmd/cli/intake.h"
#include "cmd/cli/progress.h"
#include "cmd/cli/store.h"

/* The limits of a batch, unless options say otherwise. */
enum { INSERT_MAX_BYTES = 64 << 20, INSERT_MAX_ROWS = 100000 };

#define INSERT_NOT_GIVEN UINT64_MAX

/* What has become of rows and files, of all tables. */
struct insert_counts {
	uint64_t requests, native, stored, drained, refused, retries;
	uint64_t forgotten;
	uint64_t kept, kept_in_place, cut, lost, stuck, waiting, locked;
	uint64_t aside, set_aside; /* files, by this run and in all */
	bool away, broken;
	int spool_error;
};

struct insert_job {
	struct intake in;
	struct store store;
	/* for the delivery's connections, and one to ask about the table ahead */
	struct clickhouse *clickhouse[DELIVERY_CONNECTIONS_MAX + 1];
	struct spool spool;
	struct batch_cut cut;
	struct ahead ahead;
	struct piece_pool pool;
	struct batch_place place;
	struct delivery delivery;
	struct progress progress;
	struct insert_counts counts;
	struct buf rejects_path, scratch;

	/* the options */
	const char *table, *spool_dir, *drain_dir;
	int compress, format, summary;
	uint64_t connections, max_age, max_bytes, max_rows, retry_for, spool_max, timeout;
	bool by_partition, follow;
	bool checks; /* the table is that of events: rows are looked at */

	const char *name;    /* of the file that is read */
	bool regular;        /* it can be read again */
	bool unread;         /* a signal came before its end */
	bool in_place;       /* it is one of the spool's */
	uint64_t started_ms; /* when the first row of the open batches came */
	uint64_t dropped;    /* rows that were left in their file */
	uint64_t events;     /* lines that are events, no rows */
	bool halted;         /* no room is left: the input was not read to its end */
};

/* Opens all that delivers rows to the table; false after a message. */
bool insert_open(struct insert_job *);

/* Adds what has become of rows to job->counts and closes what insert_open opened. */
void insert_close(struct insert_job *);

/* Draws the progress when it is time. */
void insert_tick(void *job);

#endif
