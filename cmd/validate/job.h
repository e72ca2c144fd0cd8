/*
 * What mm-validate does with a line: valid by itself, by the plan, by expressions.
 */
#ifndef MM_VALIDATE_JOB_H
#define MM_VALIDATE_JOB_H

#include "cmd/cli/intake.h"
#include "cmd/validate/assertions.h"
#include "cmd/validate/plans.h"
#include "cmd/validate/quality.h"
#include "cmd/validate/waiting.h"
#include "event/event.h"

struct job {
	struct intake in;
	struct event event;
	struct plans plans;
	struct assertions assertions;
	struct quality quality;
	struct waiting waiting;
};

/* Passes the line at hand on, rejects or drops it; once expressions have answered, if there are any. */
void job_take(void *job);

/* Asks what is asked of a line, and does nothing else: in the child process of expressions. */
void job_ask(void *job, const char *p, size_t n);

/* For intake.add_counts. */
void job_add_counts(void *job, bool json, bool asked, struct buf *);

#endif
