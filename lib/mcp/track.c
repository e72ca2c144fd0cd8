#include "mcp/track.h"

#include "base/banned.h"

enum { ROW_MAX = 1 << 20 };

bool
track_init(
    struct track *t, const struct sink_config *config, struct spool *spool, struct span project)
{
	memset(t, 0, sizeof(*t));
	t->spool = spool;
	t->enricher.project_id = project;
	event_init(&t->event);
	t->event.strict_keys = true;
	return enrich_start(&t->enricher, NULL, 0) && sink_init(&t->sink, config) &&
	    batch_init(&t->batch, 1, ROW_MAX, NULL);
}

void
track_release(struct track *t)
{
	event_release(&t->event);
	enrich_release(&t->enricher);
	sink_release(&t->sink);
	batch_release(&t->batch);
	buf_release(&t->row);
}

static bool
is_sent(const struct track *t)
{
	static const enum event_field set_by_collector[] = { EVENT_IP, EVENT_USER_AGENT, EVENT_HOST,
		EVENT_RECEIVED_AT, EVENT_PROJECT_ID, EVENT_SENT_AT, EVENT_UA_HINTS };
	size_t i;

	for (i = 0; i < sizeof(set_by_collector) / sizeof(set_by_collector[0]); i++) {
		if (event_has(&t->event, set_by_collector[i]))
			return true;
	}
	return false;
}

static enum tracked
invalid(struct track *t, size_t complaints)
{
	t->complaint = t->event.complaint;
	t->complaints = complaints;
	return TRACK_INVALID;
}

static enum tracked
invalid_context(struct track *t)
{
	t->event.complaint[0] = (struct complaint){
		.text = SPAN("ip, user_agent, host, received_at, project_id, sent_at and ua_hints "
			     "are set by a collector, not here"),
	};
	return invalid(t, 1);
}

/* There is one row, and rows that were stored before say nothing of this one. */
static void
on_reject(void *context, uint64_t line, struct span row, struct span key,
    const struct clickhouse_error *e)
{
	struct track *t = context;

	(void)line;
	(void)row;
	(void)key;
	t->error = *e;
}

static enum tracked
keep(struct track *t)
{
	t->spool_error = spool_keep(t->spool, &t->batch, false);
	return t->spool_error ? TRACK_LOST : TRACK_KEPT;
}

static enum tracked
store(struct track *t)
{
	struct sink_task task = { .proven = true, .context = t, .reject = on_reject };

	batch_reset(&t->batch);
	if (t->row.failed || !batch_add(&t->batch, 1, t->row.p, t->row.n - 1))
		return TRACK_NO_MEMORY;
	sink_deliver(&t->sink, &t->batch, &task);
	if (task.stored)
		return TRACK_STORED;
	if (task.forgotten) {
		t->error = (struct clickhouse_error){ .status = CLICKHOUSE_CONFIG,
			.text = "this person was forgotten: events of theirs are not stored" };
		return TRACK_REFUSED;
	}
	if (task.refused)
		return TRACK_REFUSED;
	t->error = task.error;
	return keep(t);
}

enum tracked
track_event(struct track *t, const char *p, size_t n)
{
	struct enrichment x;

	if (!event_parse(&t->event, p, n))
		return invalid(t, t->event.complaints);
	if (is_sent(t))
		return invalid_context(t);
	if (enrich_event(&t->enricher, &t->event, p, n, &x, t->event.complaint) != ENRICH_ROW)
		return invalid(t, 1);
	buf_reset(&t->row);
	row_add(&t->row, &t->event, &x);
	t->event_id = (struct span){ NULL, 0 };
	if (event_has(&t->event, EVENT_EVENT_ID))
		t->event_id = t->event.value[EVENT_EVENT_ID].raw;
	return store(t);
}
