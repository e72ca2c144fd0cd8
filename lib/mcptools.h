/*
 * The tools of mm-mcp that ask: from a tool's arguments to a question, and
 * from its rows to the answer.
 */
#ifndef MM_MCPTOOLS_H
#define MM_MCPTOOLS_H

#include "ask.h"
#include "funnel.h"
#include "mcp.h"

struct mcptools {
	struct clickhouse *clickhouse; /* the owner's */
	struct span project;           /* the text of a UUID */
	/* the module's; zero at the start */
	struct buf texts;
};

/* The schemas of the arguments of each kind of question, JSON Schema as text. */
extern const char mcptools_event_schema[], mcptools_query_schema[], mcptools_stats_schema[],
    mcptools_sources_schema[], mcptools_funnel_schema[];

void mcptools_release(struct mcptools *);

/*
 * Asks the question of that kind with the arguments of tools/call (an object;
 * raw.p NULL: none) and fills the answer: the API's object, or an error.
 */
void mcptools_ask(
    struct mcptools *, enum ask_kind, const struct json_value *arguments, struct mcp_answer *);

/* Likewise, of the steps of a funnel: {"rows":[...]}. */
void mcptools_funnel(struct mcptools *, const struct json_value *arguments, struct mcp_answer *);

/* The last 100 events: {"rows":[...]}. */
void mcptools_recent(struct mcptools *, struct mcp_answer *);

/*
 * What events there are: {"events":[{"event_name","count","last_day",
 * "properties":[...]}]}, of the last 30 days, the most frequent first; the
 * names of properties are those of the latest 10,000 events.
 */
void mcptools_schema(struct mcptools *, struct mcp_answer *);

#endif
