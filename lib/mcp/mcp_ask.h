/*
 * The tools that ask: from a tool's arguments to a question, and from its rows to
 * the answer.  That is the object of the HTTP API with, before it, a word on what the
 * texts in it are, and behind it what else has to be said:
 *
 *     {"untrusted":"..","metric":"count","rows":[..],"truncated":true,"notes":[".."]}
 *
 * `truncated` and `notes` are there only when there is something.  A result is 48 KiB at
 * most: rows that do not fit are left out.
 */
#ifndef MM_MCP_ASK_H
#define MM_MCP_ASK_H

#include "ask/ask.h"
#include "mcp/mcp.h"

enum { MCP_RESULT_MAX = 48 * 1024 };

struct mcp_ask {
	struct clickhouse *clickhouse; /* the owner's */
	struct span project;           /* the text of a UUID */
	bool no_ids;                   /* answers hold no id of an event, a person or a session */
	struct clickhouse_error error; /* of the last question, for who runs the server; OK: none */
	/* the module's; zero at the start */
	struct buf texts, notes;
};

void mcp_ask_release(struct mcp_ask *);

/*
 * Each asks with the arguments of tools/call (an object; raw.p NULL: none), and fills the
 * answer, or says in it why not.
 */
void mcp_ask_rows(
    struct mcp_ask *, enum ask_kind, const struct json_value *arguments, struct mcp_answer *);
void mcp_ask_funnel(struct mcp_ask *, const struct json_value *arguments, struct mcp_answer *);
void mcp_ask_retention(struct mcp_ask *, const struct json_value *arguments, struct mcp_answer *);
void mcp_ask_events(struct mcp_ask *, const struct json_value *arguments, struct mcp_answer *);
void mcp_ask_properties(struct mcp_ask *, const struct json_value *arguments, struct mcp_answer *);

/* The last 100 events: {"rows":[...]}. */
void mcp_ask_recent(struct mcp_ask *, struct mcp_answer *);

/*
 * What events there are: {"events":[{"event_name","count","last_day",
 * "properties":[...]}]}, of the last 30 days, the most frequent first; the
 * names of properties are those of the latest 10,000 events.
 */
void mcp_ask_schema(struct mcp_ask *, struct mcp_answer *);

#endif
