/*
 * The work of mm-forget: lines are gathered in batches, and the people of a
 * batch are forgotten at once.
 */
#ifndef MM_FORGET_JOB_H
#define MM_FORGET_JOB_H

#include "event/forget.h"
#include "cmd/forget/audit.h"
#include "cmd/cli/intake.h"
#include "cmd/cli/store.h"
#include "tables/erasure.h"

enum { FORGET_LINES = 10000 }; /* of a batch at most */

struct forget_job {
	struct intake in;
	struct store store;
	struct erasure erasure; /* the options, the project, and what was done */
	struct forget_key key;

	/* what follows is the module's */
	struct forget line;
	struct clickhouse *clickhouse;
	struct forget_times times;
	struct buf record; /* of audit */
	struct forgotten *people;
	bool incomplete;
	int status;
};

/* Reads the files to their end, or standard input.  Returns the status. */
int forget_job_run(struct forget_job *, char **files, size_t count);

#endif
