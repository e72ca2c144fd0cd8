/*
 * The quality of events as a whole, for people and for CI: reports on what
 * failed, drift from an earlier report, thresholds, a first tracking plan, and
 * advice on names.  Without one of its options nothing is collected.
 *
 *     static struct quality quality = QUALITY_INIT;
 *     quality_start(&quality, &intake, &event, files, count)
 *     while (intake_next(..)) {
 *             if (!event_parse(..)) { intake_reject(..); continue; }
 *             if (quality_collects(&quality))
 *                     quality_event(&quality);
 *             ...
 *     }
 *     status = quality_end(&quality, intake_end(..));
 */
#ifndef MM_QUALITY_H
#define MM_QUALITY_H

#include "cmd/validate/allowance.h"
#include "quality/findings.h"
#include "cmd/cli/intake.h"
#include "quality/profile.h"
#include "text/jsonfile.h"

/* Starts as QUALITY_INIT. */
struct quality {
	/* the options */
	const char *report, *baseline, *max_errors, *max_drift;
	int format; /* -1: not given */
	bool infer, lint;

	/* may be set before quality_end: the version of the tracking plan */
	struct span plan_version;

	/* what follows is the module's */
	bool collects;
	struct intake *in;
	struct event *event;
	struct findings findings, drift;
	struct profile profile, before;
	struct profile_event *row; /* of the line at hand, once it is known */
	const char *row_file;
	uint64_t row_line;
	bool row_warned;
	uint64_t warned;
	struct buf excerpt, out;

	struct allowance allowance; /* of --max-errors */
	struct percent drift_max;
};

#define QUALITY_INIT          \
	{                     \
		.format = -1, \
	}

/* Rows for the command's option table. */
#define QUALITY_BASELINE(q)                                                                     \
	{                                                                                       \
		0, "baseline", OPT_STRING, "FILE",                                              \
		    "compare the events with the earlier JSON report FILE", &(q).baseline, 0, 0 \
	}
#define QUALITY_INFER(q)                                                                       \
	{                                                                                      \
		0, "infer-plan", OPT_FLAG, NULL, "write a tracking plan made from the events", \
		    &(q).infer, 0, 0                                                           \
	}
#define QUALITY_LINT(q)                                                                         \
	{                                                                                       \
		0, "lint-names", OPT_FLAG, NULL, "warn about names that break the conventions", \
		    &(q).lint, 0, 0                                                             \
	}
#define QUALITY_MAX_DRIFT(q)                                                                      \
	{                                                                                         \
		0, "max-drift", OPT_STRING, "PERCENT",                                            \
		    "percentage points that a rate may change (default 10)", &(q).max_drift, 0, 0 \
	}
#define QUALITY_MAX_ERRORS(q)                                                              \
	{                                                                                  \
		0, "max-errors", OPT_STRING, "N|P%",                                       \
		    "status 1 only if more lines, or P percent, are rejected (default 0)", \
		    &(q).max_errors, 0, 0                                                  \
	}
#define QUALITY_REPORT(q)                                                                      \
	{                                                                                      \
		0, "report", OPT_STRING, "FILE",                                               \
		    "write a report of all findings to FILE (- for stderr)", &(q).report, 0, 0 \
	}
#define QUALITY_FORMAT(q)                                                    \
	{                                                                    \
		0, "report-format", OPT_CHOICE, "text|json|junit|github",    \
		    "format of the report (default text)", &(q).format, 0, 0 \
	}

/*
 * Checks the options, reads the baseline, and has the intake tell what it
 * rejects.  `event` holds the line at hand, parsed, whenever one is rejected or
 * one of the functions below is called.  Returns false after a message; the
 * status is then STATUS_ERROR.
 */
bool quality_start(
    struct quality *, struct intake *, struct event *event, char *const *files, size_t count);

static inline bool
quality_collects(const struct quality *q)
{
	return q->collects;
}

/* The line at hand is an event that is valid by itself; before it is judged further. */
void quality_event(struct quality *);

/* Complaints that only warn of the line at hand, which is not rejected for them. */
void quality_warn(struct quality *, const struct complaint *, size_t n);

/* --lint-names: tells what is to be said of names, in the report or as messages. */
void quality_lint(struct quality *);

/* Whether the report tells what is wrong with a plan, too: that for GitHub. */
bool quality_tells_plans(const struct quality *);

/* For plans.on_errors: tells GitHub what is wrong with the plan, when the report is for it. */
void quality_plan_errors(void *quality, const char *file, const struct jsonfile_errors *);

/*
 * Writes the report and the plan, once the intake has ended with `status`.
 * Returns the exit status.
 */
int quality_end(struct quality *, int status);

#endif
