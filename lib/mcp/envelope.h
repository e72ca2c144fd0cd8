/*
 * What comes with a request of the protocol beside its method: the revision that it is
 * of, in its _meta, and over HTTP the header fields that say the same again.
 */
#ifndef MM_MCP_ENVELOPE_H
#define MM_MCP_ENVELOPE_H

#include "mcp/rpc.h"

/* Revisions without a handshake, whose requests say all by themselves. */
#define MCP_MODERN "2026-07-28"
/* Those that begin with `initialize`, the latest first; ends with NULL. */
extern const char *const mcp_legacy_versions[];
/* The one that had batches. */
#define MCP_WITH_BATCHES "2025-03-26"

/* Fields of an HTTP request; p NULL: it has none of that name. */
struct mcp_headers {
	struct span version; /* MCP-Protocol-Version */
	struct span method;  /* Mcp-Method */
	struct span name;    /* Mcp-Name */
};

/* One of the legacy versions, or NULL. */
const char *mcp_legacy_version(struct span text);

/* Whether the request says that it is of a revision without a handshake; headers NULL: none. */
bool envelope_is_modern(const struct rpc_message *, const struct mcp_headers *);

/*
 * Whether all is there that such a request has to say, is understood, and said alike
 * by the headers (NULL: the transport has none).  RPC_OK; else the code, with why in
 * `message`, for people, and `data`, JSON or nothing.
 */
enum rpc_code envelope_check(
    const struct rpc_message *, const struct mcp_headers *, struct buf *message, struct buf *data);

#endif
