/*
 * How many people come back: cohorts of those who began in the same day or
 * week, and how many of each were there again N days or weeks later.
 */
#ifndef MM_COHORT_H
#define MM_COHORT_H

#include "ask/event_filter.h"

enum { COHORT_LATER_DEFAULT = 7, COHORT_LATER_MAX = 30 };
enum cohort_interval { COHORT_DAY, COHORT_WEEK };

#define COHORT_INTERVALS "day|week"

/* Spans are kept, not copied: they live as long as the question. */
struct cohort {
	struct span project; /* the text of a UUID */
	struct period_text period;
	struct span start, back; /* event_filter.h's texts; p NULL: any event */
	uint64_t later;          /* days or weeks that are looked at, 1 to COHORT_LATER_MAX */
	int interval;            /* enum cohort_interval */
	int by;                  /* enum people_by */
};

/*
 * The question, whose rows are the cohorts in the order of time: cohort (the
 * day, or the week's Monday, in the period's zone), visitors (whose first start
 * event of the period lies in it), day_1, day_2 .. or week_1, week_2 ..: how many
 * of them had a `back` event in that one.  These may lie after the period; what
 * is not over by `now`, the clock in ms, is null.  Returns false with the error
 * filled.  question_release in both cases.
 */
bool cohort_question(const struct cohort *, int64_t now, struct question *, struct refusal *);

#endif
