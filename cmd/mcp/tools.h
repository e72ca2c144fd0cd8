/*
 * The tools and resources of mm-mcp: what they are called, what their
 * arguments are, and what they answer.
 */
#ifndef MM_MCP_TOOLS_H
#define MM_MCP_TOOLS_H

#include "mcp/mcp_ask.h"
#include "mcp/track.h"

/* Tables that end with a name that is NULL. */
extern const struct mcp_tool mcp_tools[];
extern const struct mcp_resource mcp_resources[];

struct mcp_tools {
	struct mcp_ask ask;
	struct track track; /* not with --read-only */
};

/* For struct mcp, with a struct mcp_tools as their context. */
void mcp_tools_call(void *context, const struct mcp_tool *, const struct json_value *arguments,
    struct mcp_answer *);
void mcp_tools_read(void *context, const struct mcp_resource *, struct mcp_answer *);

#endif
