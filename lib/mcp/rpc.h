/*
 * JSON-RPC 2.0: what a message says, and answers to it.
 */
#ifndef MM_RPC_H
#define MM_RPC_H

#include "base/buf.h"
#include "text/json.h"

/* The error codes in use: those of JSON-RPC 2.0, and of the protocol. */
enum rpc_code {
	RPC_OK = 0,
	RPC_PARSE_ERROR = -32700,
	RPC_INVALID_REQUEST = -32600,
	RPC_METHOD_NOT_FOUND = -32601,
	RPC_INVALID_PARAMS = -32602,
	RPC_INTERNAL_ERROR = -32603,
	RPC_SERVER_ERROR = -32000, /* what RPC_INTERNAL_ERROR is called up to 2025-11-25 */
	RPC_HEADER_MISMATCH = -32020,
	RPC_UNSUPPORTED_VERSION = -32022,
};

enum { RPC_METHOD_MAX = 128, RPC_NAME_MAX = 128 };

enum rpc_kind {
	RPC_REQUEST,
	RPC_NOTIFICATION, /* is not answered */
	RPC_RESPONSE,     /* to a request that was never made: is passed over */
};

struct rpc_message {
	enum rpc_kind kind;
	struct span id;           /* as it was sent, "null" when there is none */
	struct span method;       /* unescaped; not of a response */
	struct json_value params; /* an object or an array; raw.p is NULL when absent */
	/* the module's */
	char room[RPC_METHOD_MAX];
};

/*
 * Reads the message [p, p+n), one JSON object.  Returns RPC_OK, or the code of
 * the error to answer with, *why being a constant text; m->id is set also
 * then, where the text has one: also when a string beside it is no Unicode.  The
 * spans point into the text.
 */
enum rpc_code rpc_parse(struct rpc_message *, const char *p, size_t n, const char **why);

/*
 * Appends an answer and a newline.  `result` is JSON; `message` is text in
 * UTF-8; `data` is JSON, and none when its p is NULL.
 */
void rpc_add_result(struct buf *, struct span id, struct span result);
void rpc_add_error(
    struct buf *, struct span id, enum rpc_code, struct span message, struct span data);

/* The value of a member of an object (the last of that name); raw.p is NULL: there is none. */
struct json_value rpc_member(const struct json_value *object, const char *name);

/* The text of a string that is no longer than `room`; p is NULL for anything else. */
struct span rpc_text(const struct json_value *, char room[RPC_NAME_MAX]);

/* Whether the text is there and is that name. */
static inline bool
rpc_is_name(struct span text, const char *name)
{
	return text.p && span_eq(text, span_of(name));
}

#endif
