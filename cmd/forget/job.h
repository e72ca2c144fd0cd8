/*
 * The work of mm-forget: lines are gathered in batches, and the people of a
 * batch are forgotten at once.
 */
#ifndef MM_FORGET_JOB_H
#define MM_FORGET_JOB_H

#include "event/forget.h"
#include "cmd/forget/audit.h"
#include "cmd/cli/intake.h"
#include "tables/staging.h"
#include "cmd/cli/store.h"

enum { FORGET_LINES = 10000 }; /* of a batch at most */

struct forget_job {
	struct intake in;
	struct store store;
	struct forget_batch batch; /* the options, and what was done */
	struct forget_key key;
	bool wait;
	bool recount; /* with batch.rebuild: also what lacks events of inserts that broke off */

	/* what follows is the module's */
	struct forget line;
	struct clickhouse *clickhouse;
	struct staging staging;
	struct buf rows, record; /* ids to be sent; audit records */
	struct forgotten *people;
	uint64_t *events, *left;
	size_t n;
	uint64_t sessions_left;
	bool incomplete;
	int status;
};

/* Reads the files to their end, or standard input.  Returns the status. */
int forget_job_run(struct forget_job *, char **files, size_t count);

#endif
