/*
 * mm-mcp: the stored events for an assistant, by the Model Context Protocol
 * over standard input and output.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cli/face.h"
#include "cmd/mcp/serve.h"
#include "cmd/mcp/tools.h"
#include "base/msg.h"
#include "cmd/cli/project.h"
#include "cmd/cli/store.h"

#include "base/banned.h"

struct job {
	struct store store;
	const char *project;
	const char *spool_dir;
	uint64_t timeout, retry_for;

	struct clickhouse *clickhouse; /* of track */
	struct spool spool;
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

static void
on_retry(void *context, const struct clickhouse_error *e)
{
	(void)context;
	msg("%s; trying again", e->text);
}

/* Before an event is taken: what can't be stored must have a place. */
static bool
open_track(struct job *j)
{
	const struct sink_config config = { .clickhouse = j->clickhouse,
		.database = j->store.config.database,
		.table = "events",
		.retry_ms = j->retry_for,
		.stop = &face_stop,
		.retry = on_retry };
	char *dir = j->spool_dir
	    ? strdup(j->spool_dir)
	    : spool_default(j->store.config.url, clickhouse_server(j->clickhouse));
	int error = spool_open(&j->spool, dir, j->store.config.database, "events", UINT64_MAX);

	free(dir);
	if (error) {
		if (!j->spool.dir)
			msg("say with --spool DIR where events are kept that can't be stored, or "
			    "use --read-only");
		else
			msg_errno(error, "%s: events that can't be stored could not be kept here",
			    j->spool.path ? j->spool.path : j->spool.dir);
		return false;
	}
	if (track_init(&j->tools.track, &config, &j->spool, j->tools.ask.project))
		return true;
	msg("out of memory");
	return false;
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
	j->clickhouse = j->tools.ask.clickhouse ? open_connection(j, &face_stop) : NULL;
	good = j->clickhouse && (j->serving.mcp.read_only || open_track(j));
	store_forget(&j->store);
	return good;
}

static void
release(struct job *j)
{
	clickhouse_close(j->tools.ask.clickhouse);
	clickhouse_close(j->clickhouse);
	track_release(&j->tools.track);
	spool_release(&j->spool);
	mcp_ask_release(&j->tools.ask);
	mcp_serving_release(&j->serving);
}

static int
run(struct job *j)
{
	int status = STATUS_ERROR;

	j->serving.mcp.server = "millimetric";
	j->serving.mcp.title = "Millimetric";
	j->serving.mcp.version = MM_VERSION;
	j->serving.mcp.instructions =
	    "Web and product analytics of one project. Read schema://events first: it names the "
	    "events there are. Times are UTC unless tz is given.";
	j->serving.mcp.tools = mcp_tools;
	j->serving.mcp.resources = mcp_resources;
	j->serving.mcp.call = mcp_tools_call;
	j->serving.mcp.read = mcp_tools_read;
	j->serving.mcp.context = &j->tools;
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
		.spool = { .fd = -1 } };
	const struct opt options[] = {
		STORE_OPT_DATABASE(j.store),
		{ 0, "max-line", OPT_SIZE, "SIZE", "refuse longer messages (default 1M)",
		    &j.serving.max_line, 64, 1 << 30 },
		STORE_OPT_PASSWORD_FILE(j.store),
		PROJECT_OPTION(j.project),
		{ 0, "read-only", OPT_FLAG, NULL, "offer no tool that stores events",
		    &j.serving.mcp.read_only, 0, 0 },
		{ 0, "retry-for", OPT_DURATION, "TIME",
		    "try again for so long before keeping an event (default 5s)", &j.retry_for, 0,
		    3600 * 1000 },
		{ 0, "spool", OPT_STRING, "DIR",
		    "keep here what can't be stored (default one a server, below ~/.local/state)",
		    &j.spool_dir, 0, 0 },
		{ 0, "timeout", OPT_DURATION, "TIME", "of a question (default 60s)", &j.timeout,
		    100, 3600 * 1000 },
		STORE_OPT_URL(j.store),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-mcp",
		.summary =
		    "Serve the stored events to an assistant: MCP on standard input and output",
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
