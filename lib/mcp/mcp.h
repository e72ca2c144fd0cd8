/*
 * The server's side of the Model Context Protocol, without its transport:
 * messages in, answers out, tools and resources of the caller's.
 *
 * Speaks the protocol's revisions 2024-11-05, 2025-03-26 (with batches),
 * 2025-06-18 and 2025-11-25.
 */
#ifndef MM_MCP_H
#define MM_MCP_H

#include "base/buf.h"
#include "text/json.h"

/* The error codes in use: those of JSON-RPC 2.0, and one of our own. */
enum rpc_code {
	RPC_OK = 0,
	RPC_PARSE_ERROR = -32700,
	RPC_INVALID_REQUEST = -32600,
	RPC_METHOD_NOT_FOUND = -32601,
	RPC_INVALID_PARAMS = -32602,
	RPC_SERVER_ERROR = -32000,
};

/*
 * What the arguments of a tool are, as a table; clients get it as JSON Schema
 * (draft 2020-12, of the keywords that older drafts have too).
 */
enum argument_kind {
	ARGUMENT_TEXT,
	ARGUMENT_CHOICE,  /* one of `choices` */
	ARGUMENT_CHOICES, /* a list of them, each once */
	ARGUMENT_TEXTS,   /* a list of texts */
	ARGUMENT_NUMBER,  /* a whole one */
	ARGUMENT_OBJECT,
};

struct argument {
	const char *name;
	enum argument_kind kind;
	bool required;
	unsigned min, max;    /* of a number, or how long a text or a list is; 0: no bound */
	const char *choices;  /* with "|" or commas between */
	const char *fallback; /* what counts where it is not given; NULL: nothing */
	const char *about;    /* for people, and what reads like people */
};

struct mcp_tool {
	const char *name, *title, *description;
	const struct argument *arguments; /* ends with a NULL name */
	bool writes;                      /* it changes what is stored */
};

struct mcp_resource {
	const char *uri, *name, *title, *description;
};

/* What a tool or a resource has to say: JSON, or why there is none. */
struct mcp_answer {
	struct buf json;    /* one object, of constant or escaped text */
	enum rpc_code code; /* RPC_OK, or that of the error */
	struct buf message; /* for people, with an error */
	struct buf data;    /* JSON, with an error; may stay empty */
	bool cancelled;     /* nobody waits for it any longer */
};

struct mcp {
	/* the owner's; lists end with a name that is NULL */
	const char *server, *title, *version, *instructions;
	const struct mcp_tool *tools;
	const struct mcp_resource *resources;
	bool read_only; /* without the tools that write */
	void *context;
	/* `arguments` is an object, or raw.p is NULL */
	void (*call)(void *context, const struct mcp_tool *, const struct json_value *arguments,
	    struct mcp_answer *);
	void (*read)(void *context, const struct mcp_resource *, struct mcp_answer *);

	/* the module's; zero at the start */
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
