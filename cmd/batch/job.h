/*
 * The work of mm-batch: events gathered in bodies, or taken out of them.
 */
#ifndef MM_BATCH_JOB_H
#define MM_BATCH_JOB_H

#include "cmd/cli/intake.h"
#include "event/body.h"
#include "event/event.h"
#include "store/batch.h"

struct batch_job {
	struct intake in;
	bool debatch;
	uint64_t max_age, max_bytes, max_events; /* max_bytes and in.max_line 0: not given */
	struct event event;                      /* strict_keys is an option */

	/* what follows is the module's */
	uint64_t bodies, bodies_rejected, events;

	/* making bodies */
	struct batch batch;        /* the lines of the body that is made */
	struct body_faults faults; /* of those lines */
	const char *faulty_name;   /* the first that is invalid */
	uint64_t faulty_line;
	uint64_t started_ms; /* when the first line came */

	/* undoing it */
	struct body body;
};

/* Settles what depends on the direction; false after a message. */
bool batch_job_start(struct batch_job *);

/* Reads the files to their end, or standard input.  Returns the status. */
int batch_job_run(struct batch_job *, char **files, size_t count);

#endif
