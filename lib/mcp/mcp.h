/*
 * The server's side of the Model Context Protocol, without its transport:
 * messages in, answers out, tools and resources of the caller's.
 *
 * Speaks the protocol's revision 2026-07-28, in which each request says all by itself,
 * and 2024-11-05, 2025-03-26 (with batches), 2025-06-18 and 2025-11-25, which begin
 * with `initialize`; each request as it says itself.
 */
#ifndef MM_MCP_H
#define MM_MCP_H

#include "mcp/envelope.h"
#include "mcp/schema.h"

struct mcp_tool {
	const char *name, *description;
	const struct argument *arguments; /* ends with a NULL name */
	const char *output;               /* the JSON Schema of what it answers */
	unsigned needs;                   /* MCP_WRITES: it changes what is stored; MCP_ACCOUNT */
};

struct mcp_resource {
	const char *uri, *name, *title, *description;
};

/* What a tool or a resource has to say: JSON, or why there is none. */
struct mcp_answer {
	struct buf json;    /* one object, of constant or escaped text */
	bool failed;        /* `message` says why, and what to do instead */
	struct buf message; /* for people and models; UTF-8 */
	bool cancelled;     /* nobody waits for it any longer */

	/* the module's: an error of the protocol */
	enum rpc_code code;
	struct buf data;
};

struct mcp {
	/* the owner's; lists end with a name that is NULL */
	const char *server, *title, *version, *instructions;
	const struct mcp_tool *tools;
	const struct mcp_resource *resources; /* none with MCP_ACCOUNT */
	unsigned allowed;                     /* MCP_WRITES, MCP_ACCOUNT, MCP_IDS */
	void *context;
	/* `arguments` is an object of names that the tool has, or raw.p is NULL */
	void (*call)(void *context, const struct mcp_tool *, const struct json_value *arguments,
	    struct mcp_answer *);
	void (*read)(void *context, const struct mcp_resource *, struct mcp_answer *);

	/* the module's; zero at the start */
	const char *negotiated; /* by initialize */
	const struct mcp_headers *headers;
	bool modern;     /* the request at hand */
	unsigned status; /* of HTTP, likewise */
	struct mcp_answer answer;
	struct buf result;
};

void mcp_release(struct mcp *);

/*
 * Deals with the message (or batch) [p, p+n), and appends the answers, each a
 * line of JSON, to `out`; nothing for what is not to be answered.  Whatever is
 * wrong with the message becomes an answer too.
 */
void mcp_message(struct mcp *, const char *p, size_t n, struct buf *out);

/*
 * The same for the body of an HTTP POST with these headers (the transport "Streamable
 * HTTP").  Returns the status to answer with: 200; 202 where there is no answer; 400
 * and 404 with one that says what is wrong.  Keeps nothing from one call to the next.
 */
unsigned mcp_post(
    struct mcp *, const struct mcp_headers *, const char *p, size_t n, struct buf *out);

/* Appends the answer to a message that is longer than `max` bytes. */
void mcp_too_long(size_t max, struct buf *out);

/*
 * Whether the message cancels a request, and which: *id is that request's, as
 * it stands in the text.
 */
bool mcp_cancels(const char *p, size_t n, struct span *id);

/*
 * Whether the message is a ping that can be answered at once, also while others
 * are worked on: then appends the answer.
 */
bool mcp_pings(const char *p, size_t n, struct buf *out);

/* Whether its answer may take long: it asks or stores something, or is a batch of such. */
bool mcp_takes_long(const char *p, size_t n);

/* Whether the message is a request of that id which can be cancelled. */
bool mcp_is_request(const char *p, size_t n, struct span id);

#endif
