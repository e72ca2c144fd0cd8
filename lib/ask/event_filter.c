#include "ask/event_filter.h"

#include "base/banned.h"

/* The first comma that begins a filter; NULL: there is none. */
static const char *
next_filter(const char *p, const char *end)
{
	for (; (p = memchr(p, ',', (size_t)(end - p))) != NULL; p++) {
		const char *comma = memchr(p + 1, ',', (size_t)(end - p - 1));
		struct span part = { p + 1, (size_t)((comma ? comma : end) - p - 1) };
		enum condition_op op;
		size_t length;

		if (condition_find_op(part, &op, &length) < part.n)
			return p;
	}
	return NULL;
}

bool
event_filter_parse(
    struct event_filter *pick, struct span text, const char *parameter, struct refusal *e)
{
	const char *end = text.p + text.n, *p;

	/* first: what follows is quadratic */
	if (text.n > EVENT_FILTER_LENGTH_MAX)
		return refuse(e, REFUSAL_INVALID_PARAMS, parameter, "expected at most %d bytes",
		    EVENT_FILTER_LENGTH_MAX);
	p = next_filter(text.p, end);
	pick->event = (struct span){ text.p, (size_t)((p ? p : end) - text.p) };
	pick->filters = 0;
	if (pick->event.n == 0)
		return refuse(e, REFUSAL_INVALID_PARAMS, parameter, EVENT_FILTER_EXPECTED);
	while (p) {
		const char *next = next_filter(p + 1, end);
		struct span filter = { p + 1, (size_t)((next ? next : end) - p - 1) };

		if (pick->filters == EVENT_FILTER_CONDITIONS_MAX)
			return refuse(e, REFUSAL_INVALID_PARAMS, parameter,
			    "at most %d conditions can be asked for", EVENT_FILTER_CONDITIONS_MAX);
		if (!condition_parse(&pick->filter[pick->filters++], filter, true, parameter, e))
			return false;
		p = next;
	}
	return true;
}

void
event_filter_add_condition(struct question *q, const struct event_filter *pick)
{
	size_t i;

	question_note_event(q, pick->event);
	buf_adds(&q->sql, "event_name = ");
	question_add_value(q, "String", pick->event);
	for (i = 0; i < pick->filters; i++) {
		buf_adds(&q->sql, " AND ");
		condition_add(q, &pick->filter[i]);
	}
}

/* ---- people ----------------------------------------------------------- */

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
		/* GLOBAL: on a cluster it is asked once, not by each shard of its own rows */
		buf_adds(&q->sql,
		    "\nGLOBAL LEFT JOIN\n(\n"
		    "SELECT anonymous_id, argMax(user_id, (timestamp, event_id)) AS user\n"
		    "FROM events\n"
		    "WHERE project_id = {project:UUID} AND user_id != ''\n"
		    "  AND timestamp < {to:DateTime64(3, 'UTC')}\n"
		    "GROUP BY anonymous_id\n"
		    ") AS known ON events.anonymous_id = known.anonymous_id");
}
