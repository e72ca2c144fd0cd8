/*
 * The work of mm-classify on lines: each gets the answer to where its visitor came from.
 */
#ifndef MM_CLASSIFY_JOB_H
#define MM_CLASSIFY_JOB_H

#include "cmd/cli/crew.h"
#include "enrich/reclassify.h"

struct classify_job {
	/* the options */
	struct intake in;
	struct crew crew;
	unsigned rules;
	bool only_changed;
	const struct hosts *hosts;
};

/* Reads the files to their end, or standard input.  Returns the status. */
int classify_job_run(struct classify_job *, char **files, size_t count);

#endif
