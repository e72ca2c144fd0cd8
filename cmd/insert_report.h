/*
 * What mm-insert works on, and what it says at its end: where the rows are that
 * are not stored, and the command that sends them.
 */
#ifndef MM_INSERT_REPORT_H
#define MM_INSERT_REPORT_H

#include "batch.h"
#include "intake.h"
#include "sink.h"
#include "spool.h"
#include "store.h"

/* The limits of a batch, unless options say otherwise. */
enum { INSERT_MAX_BYTES = 32 << 20, INSERT_MAX_ROWS = 100000 };

struct insert_job {
	struct intake in;
	struct store store;
	struct clickhouse *clickhouse;
	struct batch batch;
	struct spool spool;
	struct sink sink;
	struct buf rejects_path, scratch;

	/* the options */
	const char *table, *spool_dir;
	int compress, summary;
	uint64_t max_age, max_bytes, max_rows, retry_for, timeout;

	const char *name;    /* of the file that the batch is from */
	bool regular;        /* it can be read again */
	uint64_t started_ms; /* when the batch's first row came */
	uint64_t dropped;    /* rows that a signal left in their file */
	bool cut;            /* a signal ended a batch early, and it was kept */
};

/* Ends the input, tells what became of the rows, and returns the exit status. */
int insert_report(struct insert_job *);

#endif
