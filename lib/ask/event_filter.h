/*
 * Which events are meant: "purchase", or "purchase,plan=pro,cart.items>=3", an
 * event's name and conditions; and who counts as one person.
 */
#ifndef MM_EVENT_FILTER_H
#define MM_EVENT_FILTER_H

#include "ask/condition.h"

/* The length in bytes is far beyond that of names, and such that any question fits a URL. */
enum { EVENT_FILTER_CONDITIONS_MAX = 4, EVENT_FILTER_LENGTH_MAX = 4096 };

/* For messages and manuals. */
#define EVENT_FILTER_EXPECTED "expected an event's name, which may be followed by ,NAME=VALUE"

/* Spans into the text that was parsed. */
struct event_filter {
	struct span event;
	struct condition filter[EVENT_FILTER_CONDITIONS_MAX];
	size_t filters;
};

/*
 * Parses [p, p+n).  A comma begins a condition when an operator follows before
 * the next comma; else it is part of the name or the value.  In a condition, a name that
 * is no field (field.h) is a property.  Returns false
 * with the error filled, about `parameter`, also for more than EVENT_FILTER_LENGTH_MAX.
 */
bool event_filter_parse(
    struct event_filter *, struct span text, const char *parameter, struct refusal *);

/* Adds the condition on a row of `events`. */
void event_filter_add_condition(struct question *, const struct event_filter *);

enum people_by {
	PEOPLE_BY_ANONYMOUS_ID,
	/* a user_id with all the anonymous_ids that were seen with it; those who
	   have not told one are counted by their anonymous_id */
	PEOPLE_BY_USER_ID,
};

#define PEOPLE_BY "anonymous_id|user_id"

/* Adds the expression that names the person of a row. */
void people_add_name(struct question *, enum people_by);

/*
 * Adds the tables to read, "events", or a join that tells whose the
 * anonymous_ids are by all rows before the period's end.  {project} and {to} are
 * bound by question_add_period.
 */
void people_add_from(struct question *, enum people_by);

#endif
