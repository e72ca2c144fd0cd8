/*
 * How mm-serve is: /healthz, /metrics.
 */
#include <stdlib.h>

#include "base/msg.h"
#include "base/timestamp.h"
#include "cmd/serve/job.h"

#include "base/banned.h"

static void
complain(struct buf *b, const char *what)
{
	buf_adds(b, b->n > 13 ? ",\"" : "\"");
	buf_adds(b, what);
	buf_addc(b, '"');
}

unsigned
serve_health(void *context, struct buf *b)
{
	struct serve_job *j = context;
	struct deliver_state h;
	size_t clean;

	buf_adds(b, "{\"problems\":[");
	clean = b->n;
	if (j->journal && journal_failures(j->journal))
		complain(b,
		    "the disk refused events since the start: look at it, then start mm-serve again");
	if (j->keys_broken)
		complain(b, "the keys file has changed and can't be used");
	serve_delivery_health(j, &h);
	if (h.oldest_ms > j->max_delay)
		complain(b, "the oldest event that is not in ClickHouse is older than --max-delay");
	if (h.aside)
		complain(b, "files of the spool are set aside: ClickHouse refuses them");
	if (atomic_load(&j->sealing_fails))
		complain(b, "events that are kept can't be made ready for ClickHouse");
	if (b->n == clean) {
		buf_reset(b);
		buf_addf(b, "{\"ok\":true}\n");
		return 200;
	}
	buf_adds(b, "]}\n");
	return 503;
}

void
serve_metrics(void *context, struct buf *b)
{
	struct serve_job *j = context;
	const struct http_counts *c = http_counts(j->server);
	struct deliver_state h;

	meter_value(b, "connections", "gauge", "connections that are open", (double)c->open);
	meter_value(b, "connections_accepted_total", "counter", "connections that were accepted",
	    (double)c->accepted);
	meter_value(b, "connections_timed_out_total", "counter",
	    "connections that were too slow in the middle of a request", (double)c->timed_out);
	meter_value(b, "connections_turned_away_total", "counter",
	    "connections that there was no room for", (double)c->turned_away);
	meter_value(b, "questions", "gauge", "questions to ClickHouse on their way",
	    (double)j->door.questions);
	if (j->geo)
		meter_value(b, "country_database_damaged_total", "counter",
		    "look-ups that met damage", (double)geo_damaged(j->geo));
	if (!j->journal)
		return;
	serve_delivery_health(j, &h);
	meter_value(b, "journal_failures_total", "counter",
	    "groups that could not be written since the start",
	    (double)journal_failures(j->journal));
	meter_value(b, "spool_files", "gauge", "files that wait for ClickHouse", (double)h.files);
	meter_value(b, "spool_bytes", "gauge", "their bytes", (double)h.bytes);
	meter_value(b, "spool_age_seconds", "gauge", "age of the oldest of them",
	    (double)h.oldest_ms / 1000);
	meter_value(
	    b, "spool_refused_files", "gauge", "files that were set aside", (double)h.aside);
	meter_value(b, "rows_delivered_total", "counter", "rows that ClickHouse has stored",
	    (double)h.stored);
	meter_value(
	    b, "rows_refused_total", "counter", "rows that it has refused", (double)h.refused);
	meter_value(b, "rows_forgotten_total", "counter",
	    "rows that were not stored since their person was forgotten", (double)h.forgotten);
}

void
serve_tick(struct serve_job *j)
{
	uint64_t now = timestamp_monotonic();
	const char *reason;

	if (keys_changed(&j->source))
		serve_reload(j);
	if (j->geo && !geo_check(j->geo, &reason))
		msg("%s: %s; what was read of it before stays in use", j->geoip, reason);
	if (now - j->used_ms < 60000 && j->used.n == 0)
		return;
	j->used_ms = now;
	if (keys_collect_used(j->keys, &j->used) || j->used.n)
		askers_note_used(&j->askers, (struct span){ j->used.p, j->used.n });
	buf_reset(&j->used);
}
