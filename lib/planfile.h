/*
 * Tracking plans as they are written, mm-plan(5): reads the JSON text of one
 * and says all that is wrong with it.
 */
#ifndef MM_PLANFILE_H
#define MM_PLANFILE_H

#include "plan.h"

enum {
	PLANFILE_ERRORS_MAX = 1000,
	PLANFILE_BYTES = 4 << 20, /* of a plan's text, at most */
};

struct plan_error {
	size_t line;       /* from 1 */
	struct span where; /* "events.signup.properties.plan.type"; n is 0 for the whole plan */
	struct span what;  /* "expected a string, not a number" */
	struct span shown; /* further lines, indented, each with its end; or n is 0 */
};

/* Starts as all zero; by line. */
struct plan_errors {
	struct plan_error *error;
	size_t n, more; /* more: those that did not fit */
	struct arena arena;
};

void plan_errors_release(struct plan_errors *);

/*
 * Reads a plan of n bytes into *plan, which needs the text no longer than this
 * call.  Assertions are compiled in *exprs, which is made when the plan has any
 * and it is NULL, and belongs to the caller; where exprs is NULL itself they
 * are not compiled.  Returns false when there are errors; the plan is released
 * then.
 */
bool plan_read(
    struct plan *plan, const char *p, size_t n, struct exprs **exprs, struct plan_errors *errors);

#endif
