#include "cmd/report/goals.h"

#include "base/msg.h"

#include "base/banned.h"

static bool
add_goal(struct goals *g, struct span text, struct refusal *e)
{
	struct overview_goal *goal = &g->v[g->n];

	if (g->n == OVERVIEW_GOALS)
		return refuse(e, REFUSAL_INVALID_PARAMS, "goal", "at most %d can be asked for",
		    OVERVIEW_GOALS);
	*goal = (struct overview_goal){ .text = text };
	g->n++;
	return event_filter_parse(&goal->event, text, "goal", e);
}

/* What follows a goal is about it; `to` is of the last one. */
static bool
add_property(const struct goals *g, struct property *to, struct span text, const char *name,
    struct refusal *e)
{
	if (g->n == 0)
		return refuse(e, REFUSAL_INVALID_PARAMS, name,
		    "is about the goal in front of it; say which events reach one with --goal");
	if (to->depth)
		return refuse(
		    e, REFUSAL_INVALID_PARAMS, name, "each goal has one, which stands behind it");
	return property_parse(to, text) ||
	    refuse(e, REFUSAL_INVALID_PARAMS, name, "expected a property such as amount_cents");
}

bool
goals_read(struct goals *g, const struct opt_list *options, struct refusal *e)
{
	size_t i;

	g->n = 0;
	for (i = 0; i < options->n; i++) {
		struct overview_goal *last = &g->v[g->n ? g->n - 1 : 0];
		const char *name = options->by[i]->name;
		struct span text = span_of(options->v[i]);
		bool good;

		if (*name == 'g')
			good = add_goal(g, text, e);
		else if (*name == 'v')
			good = add_property(g, &last->value, text, name, e);
		else
			good = add_property(g, &last->currency, text, name, e);
		if (!good)
			return false;
	}
	for (i = 0; i < g->n; i++)
		if (g->v[i].currency.depth && !g->v[i].value.depth)
			return refuse(e, REFUSAL_INVALID_PARAMS, "currency", "goes with --value");
	return true;
}

void
goals_tell(const struct overview *f)
{
	struct span text = { f->remarks.p, f->remarks.n }, line;

	while (span_take_line(&text, &line))
		msg("--goal: %.*s", (int)line.n, line.p);
}
