/*
 * Tracking plans at the face of a command: --plan, --check-plan, --import-plan,
 * and what a plan only warns of.
 */
#ifndef MM_PLANS_H
#define MM_PLANS_H

#include "cmd/validate/assertions.h"
#include "cmd/cli/intake.h"
#include "quality/plan.h"
#include "text/jsonfile.h"

/* Starts as all zero. */
struct plans {
	/* the options */
	const char *file, *checked, *imported;

	/* may be set: told what is wrong with a plan, after messages */
	void (*on_errors)(void *errors_context, const char *file, const struct jsonfile_errors *);
	void *errors_context;

	/* with --plan, what it says of the event that plans_judge was given last */
	struct plan_answer answer;

	/* what follows is the module's */
	struct plan plan;
	struct complaint *all; /* of a rejected event: the plan's and the assertions' */
	uint64_t warned;       /* events */
	struct tally warnings;
};

/* Rows for the command's option table. */
#define PLANS_CHECK(p)                                                                         \
	{                                                                                      \
		0, "check-plan", OPT_STRING, "FILE", "check the tracking plan FILE, and exit", \
		    &(p).checked, 0, 0                                                         \
	}
#define PLANS_IMPORT(p)                                                                \
	{                                                                              \
		0, "import-plan", OPT_STRING, "FILE",                                  \
		    "convert the JSON Schema or Segment plan FILE to a tracking plan", \
		    &(p).imported, 0, 0                                                \
	}
#define PLANS_PLAN(p)                                                                         \
	{                                                                                     \
		0, "plan", OPT_STRING, "FILE", "check events against the tracking plan FILE", \
		    &(p).file, 0, 0                                                           \
	}

/*
 * Reads the plan of --plan, whose assertions become some of *assertions; to be
 * called before these are bound.  Does nothing without --plan.  Returns false
 * after messages; the status is then STATUS_ERROR.
 */
bool plans_start(struct plans *, struct assertions *);
void plans_release(struct plans *);

/*
 * Makes *plans judge by the plan of another, which must stay, on another thread; events
 * only, no assertions.  False when memory is out; to be unshared in any case.
 */
bool plans_share(struct plans *, const struct plans *);
void plans_unshare(struct plans *);

/*
 * --check-plan: says all that is wrong with the plan; the status.  Of one that is
 * in order, also what is to be said of its names, when that is asked for.
 */
int plans_check(const struct plans *, bool lint_names);

/*
 * --import-plan: writes a plan to standard output, and says what of the file is
 * not in it; the status, which is STATUS_REJECTED when there is any.
 */
int plans_import(const struct plans *);

/* Whether there is a plan to judge by. */
static inline bool
plans_any(const struct plans *p)
{
	return p->answer.plan != NULL;
}

/* The plan's version; p is NULL when there is none. */
static inline struct span
plans_version(const struct plans *p)
{
	return p->plan.version;
}

/*
 * Judges the valid event at hand, after assertions_begin (or NULL: the plan has none): the
 * plan's complaints are then in p->answer.errors and p->answer.warnings.  Returns whether there
 * is no error.
 */
bool plans_judge(struct plans *, struct assertions *, struct event *);

/* Rejects the line at hand: with the plan's errors, then those of the assertions (or NULL). */
void plans_reject(struct plans *, const struct assertions *, struct intake *);

/* Warns of the line at hand, if the plan does. */
void plans_warn(const struct plans *, struct intake *);

/* For intake.on_warning: counts the warnings about a line, and tells the first few. */
void plans_tell_warning(struct plans *, bool quiet, const char *name, uint64_t number,
    const struct complaint *, size_t complaints);

/* For intake.add_counts: how many had warnings, and the plan's version. */
void plans_add_counts(
    const struct plans *, const struct intake *, bool json, bool asked, struct buf *);

#endif
