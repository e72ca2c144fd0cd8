/*
 * Who is one and the same person, for questions about people rather than events.
 */
#ifndef MM_PEOPLE_H
#define MM_PEOPLE_H

#include "ask/question.h"

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
