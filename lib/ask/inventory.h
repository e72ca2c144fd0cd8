/*
 * What there is to ask about: the names of events, and of their properties.
 */
#ifndef MM_INVENTORY_H
#define MM_INVENTORY_H

#include "ask/question.h"

enum { INVENTORY_ROWS = 100, INVENTORY_ROWS_MAX = 1000, INVENTORY_SAMPLE = 10000 };

/* Spans are kept, not copied: they live as long as the question. */
struct inventory {
	struct span project;       /* the text of a UUID */
	struct period_text period; /* none of it given: all there is */
	struct span event;         /* of inventory_properties: whose; p NULL: of all events */
	uint64_t limit;            /* 1 to INVENTORY_ROWS_MAX */
};

/*
 * The question whose rows are the names of events, the most frequent first: event_name,
 * count, first_day, last_day.  `now` is the clock in ms.  Returns false with the error
 * filled.  question_release in both cases.
 */
bool inventory_events(const struct inventory *, int64_t now, struct question *, struct refusal *);

/*
 * Likewise of the properties that the latest INVENTORY_SAMPLE of these events have:
 * property, count, types (string, number, boolean, null, object, array),
 * distinct_values (how many, an estimate), common_values (up to 5, as text, cut at 64
 * characters).
 */
bool inventory_properties(
    const struct inventory *, int64_t now, struct question *, struct refusal *);

#endif
