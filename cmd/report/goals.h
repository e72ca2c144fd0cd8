/*
 * The goals of mm-report: --goal, --value and --currency share a list, since a value is of
 * the goal that it stands behind.
 */
#ifndef MM_GOALS_H
#define MM_GOALS_H

#include "ask/overview.h"
#include "base/opt.h"

struct goals {
	struct overview_goal v[OVERVIEW_GOALS];
	size_t n;
};

/* Reads the options; spans are into argv.  Returns false with the error filled. */
bool goals_read(struct goals *, const struct opt_list *, struct refusal *);

/* Says which of them found nothing, and what there is instead. */
void goals_tell(const struct overview *);

#endif
