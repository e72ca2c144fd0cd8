#include "ask/people.h"

#include "base/banned.h"

void
people_add_name(struct question *q, enum people_by by)
{
	if (by == PEOPLE_BY_ANONYMOUS_ID)
		buf_adds(&q->sql, "anonymous_id");
	else /* a user and a visitor of the same name are two */
		buf_adds(&q->sql,
		    "if(coalesce(nullIf(user_id, ''), known.user) IS NULL, "
		    "concat('a', anonymous_id), "
		    "concat('u', coalesce(nullIf(user_id, ''), known.user)))");
}

void
people_add_from(struct question *q, enum people_by by)
{
	buf_adds(&q->sql, "events");
	if (by == PEOPLE_BY_USER_ID)
		buf_adds(&q->sql,
		    "\nLEFT JOIN\n(\n"
		    "SELECT anonymous_id, argMax(user_id, (timestamp, event_id)) AS user\n"
		    "FROM events\n"
		    "WHERE project_id = {project:UUID} AND user_id != ''\n"
		    "  AND timestamp < {to:DateTime64(3, 'UTC')}\n"
		    "GROUP BY anonymous_id\n"
		    ") AS known ON events.anonymous_id = known.anonymous_id");
}
