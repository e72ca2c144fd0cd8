/*
 * What assistants ask by POST /mcp: the Model Context Protocol over HTTP, on the threads
 * that ask ClickHouse.  Events that they send are taken by the loop.
 */
#ifndef MM_ASSISTANT_H
#define MM_ASSISTANT_H

#include <pthread.h>

#include "mcp/tools.h"
#include "serve/door.h"

/* Of one thread; starts as all zero. */
struct assistant {
	struct http_server *server; /* whose loop takes events */

	/* the module's */
	struct mcp mcp;
	struct mcp_tools tools;
	struct door_question *question;
	struct mcp_answer *answer; /* of the event at hand */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool taken; /* the event is, or is refused */
};

/* no_ids: no answer holds an id of an event, a person or a session. */
void assistant_init(struct assistant *, struct http_server *, struct clickhouse *, bool no_ids);
void assistant_release(struct assistant *);

/*
 * Answers a question of DOOR_MCP or DOOR_MCP_ACCOUNT: fills its body, and returns the
 * status.  `e`: of ClickHouse, for who runs the server.
 */
unsigned assistant_reply(struct assistant *, struct door_question *, struct clickhouse_error *e);

#endif
