/*
 * Several threads that do the work of one on the lines of an intake.
 *
 * Each thread reads by itself, one at a time: the whole lines that a read has given
 * are its block.  It works on them as the command's one thread would on all lines,
 * but with an intake of the block's own, which keeps the output in memory and notes
 * what is to be told.  When all blocks before it have been, a block is written and its
 * notes are told, by whichever thread has ended the last one that was missing.  So
 * outputs, messages, counts and status are those of one thread, also when an output
 * fails in the middle; lines are never copied, and input that waits is worked on at once.
 */
#ifndef MM_CREW_H
#define MM_CREW_H

#include "cmd/cli/intake.h"

enum { CREW_JOBS_MAX = 64, CREW_COUNTS = 32 };

struct crew {
	/* the option; 1: all is done on the caller's thread, by worker[0] */
	uint64_t jobs;

	/* Takes the line at hand of the intake, which is not the command's own.  It touches
	   nothing but `worker` and the intake, and what it writes for a line depends on the line. */
	void (*take)(void *worker, struct intake *);
	/* may be NULL: moves what the worker has counted to v (CREW_COUNTS), and sets it to 0 */
	void (*count)(void *worker, uint64_t *v);
	/* may be NULL: called in the order of the input, with the intake of a block: before what
	   `take` has written there is.  `file` tells whether it is of the same as the last one */
	void (*settle)(void *context, struct intake *, size_t file);
	/* may be NULL: called by one thread at a time, before lines are worked on */
	void (*refresh)(void *context);
	void *context;

	void *worker[CREW_JOBS_MAX];  /* one each */
	uint64_t counts[CREW_COUNTS]; /* when crew_run is back: of all lines */
};

/* The row of a command's option table. */
#define CREW_JOBS(c)                                                                          \
	{                                                                                     \
		'j', "jobs", OPT_NUMBER, "N", "threads to work on (default 1)", &(c).jobs, 1, \
		    CREW_JOBS_MAX                                                             \
	}

/*
 * Works on all lines of the intake, which is open.  Returns false after a message when
 * memory or threads are out; the status is then STATUS_ERROR, after intake_end.
 */
bool crew_run(struct crew *, struct intake *);

/*
 * Whether there is but one job, or no `option` (NULL) that needs all lines on one thread;
 * false after a message.
 */
bool crew_may(const struct crew *, const char *option);

#endif
