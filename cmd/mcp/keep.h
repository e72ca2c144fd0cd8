/*
 * The events that an assistant sends: stored, or kept in the spool.
 */
#ifndef MM_MCP_KEEP_H
#define MM_MCP_KEEP_H

#include "mcp/tools.h"
#include "mcp/track.h"

struct mcp_keep {
	struct clickhouse *clickhouse; /* set before it is opened; becomes its own */
	struct spool spool;            /* fd is -1 at the start; all else is zero */
	struct track track;
};

/*
 * Before an event is taken: what can't be stored must have a place.  `dir` NULL: that of
 * the server.  Returns false after a message.
 */
bool mcp_keep_open(struct mcp_keep *, const struct clickhouse_config *, const char *dir,
    uint64_t retry_ms, struct span project);
void mcp_keep_release(struct mcp_keep *);

/* As `track` of struct mcp_tools, of a struct mcp_keep. */
void mcp_keep_event(void *keep, struct span event, struct mcp_answer *);

#endif
