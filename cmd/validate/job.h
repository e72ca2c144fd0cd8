/*
 * What mm-validate does with a line: valid by itself, by the plan, by expressions.
 */
#ifndef MM_VALIDATE_JOB_H
#define MM_VALIDATE_JOB_H

#include "cmd/cli/crew.h"
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
	struct crew crew;
};

/* Passes the line at hand on, rejects or drops it; once expressions have answered, if there are any. */
void job_take(void *job);

/* Asks what is asked of a line, and does nothing else: in the child process of expressions. */
void job_ask(void *job, const char *p, size_t n);

/* The option that needs all lines on one thread, or NULL. */
const char *job_of_one_thread(const struct job *);

/* Takes all lines; false after a message. */
bool job_take_lines(struct job *);

/* For intake.on_warning. */
void job_warn(
    void *job, const char *name, uint64_t number, const struct complaint *, size_t complaints);

/* For intake.add_counts. */
void job_add_counts(void *job, bool json, bool asked, struct buf *);

#endif
