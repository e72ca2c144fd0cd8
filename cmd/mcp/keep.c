#include "cmd/mcp/keep.h"

#include <stdlib.h>
#include <string.h>

#include "base/msg.h"
#include "cmd/cli/face.h"

#include "base/banned.h"

static void
on_retry(void *context, const struct clickhouse_error *e)
{
	(void)context;
	msg("%s; trying again", e->text);
}

bool
mcp_keep_open(struct mcp_keep *k, const struct clickhouse_config *store, const char *spool_dir,
    uint64_t retry_ms, struct span project)
{
	const struct sink_config config = { .clickhouse = k->clickhouse,
		.database = store->database,
		.table = "events",
		.retry_ms = retry_ms,
		.stop = &face_stop,
		.retry = on_retry };
	char *dir = spool_dir ? strdup(spool_dir)
			      : spool_default(store->url, clickhouse_server(k->clickhouse));
	int error = spool_open(&k->spool, dir, store->database, "events", UINT64_MAX);

	free(dir);
	if (error) {
		if (!k->spool.dir)
			msg("give --spool DIR, to keep events that can't be stored, or "
			    "use --read-only");
		else
			msg_errno(error, "%s: events that can't be stored could not be kept here",
			    k->spool.path ? k->spool.path : k->spool.dir);
		return false;
	}
	if (track_init(&k->track, &config, &k->spool, project))
		return true;
	msg("out of memory");
	return false;
}

void
mcp_keep_release(struct mcp_keep *k)
{
	clickhouse_close(k->clickhouse);
	track_release(&k->track);
	spool_release(&k->spool);
}

void
mcp_keep_event(void *keep, struct span event, struct mcp_answer *a)
{
	static const bool yes = true, no = false;
	struct mcp_keep *k = keep;
	struct track *t = &k->track;

	switch (track_event(t, event.p, event.n)) {
	case TRACK_STORED:
		mcp_track_taken(a, t->event_id, &yes);
		break;
	case TRACK_KEPT:
		msg("an event is kept in %s: %s", k->spool.path, t->error.text);
		mcp_track_taken(a, t->event_id, &no);
		break;
	case TRACK_INVALID:
		mcp_track_invalid(a, t->complaint, t->complaints);
		break;
	case TRACK_REFUSED:
		mcp_track_failed(a, "upstream_failed", t->error.text);
		break;
	case TRACK_LOST:
		msg_errno(t->spool_error, "%s: an event could not be kept", k->spool.path);
		mcp_track_failed(a, "internal_error", "The event could neither be stored nor kept");
		break;
	case TRACK_NO_MEMORY:
		mcp_track_failed(a, "internal_error", "Out of memory");
		break;
	}
}
