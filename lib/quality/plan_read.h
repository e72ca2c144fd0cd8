/*
 * Tracking plans as they are written, mm-plan(5): reads the JSON text of one
 * and says all that is wrong with it.
 */
#ifndef MM_PLAN_READ_H
#define MM_PLAN_READ_H

#include "text/jsonfile.h"
#include "quality/plan.h"

enum { PLAN_BYTES = 4 << 20 }; /* of a plan's text, at most */

/*
 * Reads a plan of n bytes into *plan, which needs the text no longer than this
 * call.  Assertions are compiled in *exprs, which is made when the plan has any
 * and it is NULL, and belongs to the caller; where exprs is NULL itself they
 * are not compiled.  Returns false when there are errors; the plan is released
 * then.
 */
bool plan_read(struct plan *plan, const char *p, size_t n, struct exprs **exprs,
    struct jsonfile_errors *errors);

#endif
