/*
 * mm-mcp: the stored events for an assistant, by the Model Context Protocol
 * over standard input and output.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cli/face.h"
#include "cmd/mcp/serve.h"
#include "cmd/mcp/keep.h"
#include "base/msg.h"
#include "cmd/cli/project.h"
#include "cmd/cli/store.h"

#include "base/banned.h"

struct job {
	struct store store;
	const char *project;
	const char *spool_dir;
	uint64_t timeout, retry_for;

	bool read_only, no_ids;

	struct mcp_keep keep;
	struct mcp_tools tools;
	struct mcp_serving serving;
};

static struct clickhouse *
open_connection(struct job *j, const atomic_int *stop)
{
	struct clickhouse_error e;
	struct clickhouse *c;

	j->store.config.stop = stop;
	c = clickhouse_open(&j->store.config, &e);
	if (!c)
		msg("%s", e.text);
	return c;
}

/* A question ends when it is cancelled; an event goes on to its end. */
static bool
open_all(struct job *j)
{
	bool good;

	if (!project_id(j->project, &j->tools.ask.project) || !store_config(&j->store, &face_stop))
		return false;
	j->store.config.timeout_ms = j->timeout;
	j->tools.ask.clickhouse = open_connection(j, &j->serving.inbox.stop_work);
	j->keep.clickhouse = j->tools.ask.clickhouse ? open_connection(j, &face_stop) : NULL;
	good = j->keep.clickhouse &&
	    (j->read_only ||
		mcp_keep_open(
		    &j->keep, &j->store.config, j->spool_dir, j->retry_for, j->tools.ask.project));
	store_forget(&j->store);
	return good;
}

static void
release(struct job *j)
{
	clickhouse_close(j->tools.ask.clickhouse);
	mcp_keep_release(&j->keep);
	mcp_tools_release(&j->tools);
	mcp_serving_release(&j->serving);
}

static int
run(struct job *j)
{
	int status = STATUS_ERROR;

	mcp_tools_use(&j->tools, &j->serving.mcp);
	j->serving.mcp.version = MM_VERSION;
	j->serving.mcp.allowed = (j->read_only ? 0 : MCP_WRITES) | (j->no_ids ? 0 : MCP_IDS);
	j->tools.ask.no_ids = j->no_ids;
	j->tools.track = mcp_keep_event;
	j->tools.context = &j->keep;
	j->serving.error = &j->tools.ask.error;
	out_init(&j->serving.out, STDOUT_FILENO, &face_stop);
	if (open_all(j))
		status = mcp_serve(&j->serving);
	release(j);
	return status;
}

int
main(int argc, char **argv)
{
	static struct job j = { .serving.max_line = LINES_MAX_DEFAULT,
		.timeout = 60000,
		.retry_for = 5000,
		.keep.spool.fd = -1 };
	const struct opt options[] = {
		PROJECT_OPTION(j.project),
		{ 0, "read-only", OPT_FLAG, NULL, "offer no tool that stores events", &j.read_only,
		    0, 0 },
		{ 0, "no-ids", OPT_FLAG, NULL, "hide the ids of events, people and sessions",
		    &j.no_ids, 0, 0 },
		STORE_OPT_URL(j.store),
		STORE_OPT_DATABASE(j.store),
		STORE_OPT_PASSWORD_FILE(j.store),
		{ 0, "spool", OPT_STRING, "DIR",
		    "keep rows here that can't be stored (default below ~/.local/state)",
		    &j.spool_dir, 0, 0 },
		{ 0, "retry-for", OPT_DURATION, "TIME",
		    "try again this long before keeping an event (default 5s)", &j.retry_for, 0,
		    3600 * 1000 },
		{ 0, "timeout", OPT_DURATION, "TIME", "time for a question (default 60s)",
		    &j.timeout, 100, 3600 * 1000 },
		{ 0, "max-line", OPT_SIZE, "SIZE", "refuse longer messages (default 1M)",
		    &j.serving.max_line, 64, 1 << 30 },
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-mcp",
		.summary =
		    "Give an assistant access to the stored events: MCP on standard input and output",
		.synopsis = "[OPTION]...",
		.example = "mm-mcp --read-only",
		.options = options,
	};
	size_t operands;
	int status;

	if (!face_begin(&command, argc, argv, &operands, &status))
		return status;
	face_catch_signals();
	return face_end(run(&j));
}
