/*
 * How many people went through a sequence of events, step by step.
 */
#ifndef MM_FUNNEL_H
#define MM_FUNNEL_H

#include "ask/ask.h"

enum { FUNNEL_STEPS_MIN = 2, FUNNEL_STEPS_MAX = 10 };

/* Milliseconds. */
#define FUNNEL_WINDOW_DEFAULT (7 * UINT64_C(86400000))
#define FUNNEL_WINDOW_MAX (366 * UINT64_C(86400000))

/* Spans are kept, not copied: they live as long as the question. */
struct funnel {
	struct span project; /* the text of a UUID */
	struct period_text period;
	struct span compare;                /* compare.h's text; p NULL: none */
	struct span step[FUNNEL_STEPS_MAX]; /* event_filter.h's texts */
	size_t steps;
	uint64_t window_ms; /* from the first step to the last */
	int by;             /* enum people_by */
	/* names with commas between, of events; p NULL: none.  Then a row is a group */
	struct span group_by;
	uint64_t limit; /* groups, 1 to ASK_ROWS_MAX; 0: ASK_ROWS; of no steps */
};

/* The defaults. */
void funnel_init(struct funnel *);

/* One more step.  Returns false with the error filled when there are too many. */
bool funnel_add_step(struct funnel *, struct span, struct refusal *);

/*
 * Sets another parameter by its name: from, to, period, tz, window ("7d"), by, group_by,
 * limit, compare. Returns false with the error filled.
 */
bool funnel_set(struct funnel *, struct span name, struct span value, struct refusal *);

/*
 * The question, whose rows are the steps in their order: step, event, visitors
 * (who came at least so far), conversion (their share of those of the first
 * step), step_conversion (of the step before), median_seconds (since the first
 * step; null without visitors).
 *
 * With group_by the rows are groups: the names, step_1, step_2 .. (who came at least so
 * far), conversion (the share of those of the first step who came to the last).  A person
 * belongs to the group of their first event that is the first step.  The groups with most
 * people come first.
 *
 * A person's steps follow one another, each at a later millisecond, within
 * `window_ms` of the first; other events may lie between.  Everything
 * lies within the period.  `now` is the clock in ms.  Returns false with the
 * error filled.  question_release in both cases.
 */
bool funnel_question(const struct funnel *, int64_t now, struct question *, struct refusal *);

#endif
