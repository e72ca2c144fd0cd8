/*
 * The work of mm-dedup: what makes two events one, the window of what was
 * seen, and what is known beforehand.
 */
#ifndef MM_DEDUP_JOB_H
#define MM_DEDUP_JOB_H

#include "cmd/cli/intake.h"
#include "event/event.h"
#include "event/id_window_file.h"

struct dedup_job {
	struct intake in;
	struct span project; /* of events that name none */

	/* the options */
	const char *state_path, *learn_path, *by;
	uint64_t window, within;

	/* what follows is the module's */
	struct event event;
	struct id_window seen;
	struct id_window_file file;
	unsigned fields; /* of --by FIELDS, a bit each; 0 with by_line: the whole line */
	bool by_line;
	struct buf key;
	uint64_t without_key, learned;
};

#define DEDUP_JOB_INIT                                                             \
	{                                                                          \
		.in = INTAKE_INIT, .window = 1000000, .file = ID_WINDOW_FILE_INIT, \
		.by = "event_id"                                                   \
	}

/*
 * Reads --by, makes the window, reads the state and what is to be learnt.
 * False after a message.
 */
bool dedup_job_start(struct dedup_job *);

/* Passes on what is new, saves the state, sums up.  The status. */
int dedup_job_run(struct dedup_job *, char **files, size_t count);

void dedup_job_release(struct dedup_job *);

#endif
