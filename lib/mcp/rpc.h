/*
 * JSON-RPC 2.0: what a message says, and the answers to it.
 */
#ifndef MM_RPC_H
#define MM_RPC_H

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

enum { RPC_METHOD_MAX = 128 };

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
 * then.  The spans point into the text.
 */
enum rpc_code rpc_parse(struct rpc_message *m, const char *p, size_t n, const char **why);

/*
 * Appends an answer and a newline.  `result` is JSON; `message` is text in
 * UTF-8; `data` is JSON, and none when its p is NULL.
 */
void rpc_add_result(struct buf *, struct span id, struct span result);
void rpc_add_error(
    struct buf *, struct span id, enum rpc_code, struct span message, struct span data);

#endif
