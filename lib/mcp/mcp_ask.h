/*
 * The tools of mm-mcp that ask: from a tool's arguments to a question, and
 * from its rows to the answer.
 */
#ifndef MM_MCP_ASK_H
#define MM_MCP_ASK_H

#include "ask/ask.h"
#include "ask/funnel.h"
#include "mcp/mcp.h"

struct mcp_ask {
	struct clickhouse *clickhouse; /* the owner's */
	struct span project;           /* the text of a UUID */
	/* the module's; zero at the start */
	struct buf texts;
};

void mcp_ask_release(struct mcp_ask *);

/*
 * Asks the question of that kind with the arguments of tools/call (an object;
 * raw.p NULL: none) and fills the answer: the API's object, or an error.
 */
void mcp_ask_rows(
    struct mcp_ask *, enum ask_kind, const struct json_value *arguments, struct mcp_answer *);

/* Likewise, of the steps of a funnel: {"rows":[...]}. */
void mcp_ask_funnel(struct mcp_ask *, const struct json_value *arguments, struct mcp_answer *);

/* The last 100 events: {"rows":[...]}. */
void mcp_ask_recent(struct mcp_ask *, struct mcp_answer *);

/*
 * What events there are: {"events":[{"event_name","count","last_day",
 * "properties":[...]}]}, of the last 30 days, the most frequent first; the
 * names of properties are those of the latest 10,000 events.
 */
void mcp_ask_schema(struct mcp_ask *, struct mcp_answer *);

#endif
