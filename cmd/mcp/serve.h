/*
 * The conversation of mm-mcp: messages from standard input, answers to standard
 * output, until the input ends or a signal comes.
 */
#ifndef MM_MCP_SERVE_H
#define MM_MCP_SERVE_H

#include "base/out.h"
#include "clickhouse/clickhouse.h"
#include "mcp/inbox.h"
#include "mcp/mcp.h"

struct mcp_serving {
	/* the owner's */
	struct mcp mcp;
	struct out out; /* standard output */
	uint64_t max_line;
	const struct clickhouse_error *error; /* of the last question: is told, once it changes */

	/* the module's; zero at the start */
	struct inbox inbox;      /* stop_work ends the question at hand */
	pthread_mutex_t writing; /* to out, which both threads do */
	struct buf answers, pong;
	bool failing; /* the last question was */
};

/*
 * Serves; the status of the command, with what was wrong told.  Where nobody
 * takes answers any more, the process ends in here: the client is gone.
 */
int mcp_serve(struct mcp_serving *);
void mcp_serving_release(struct mcp_serving *);

#endif
