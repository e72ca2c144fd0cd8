#include "cmd/send/job.h"

#include <errno.h>
#include <stdlib.h>

#include "base/msg.h"
#include "cmd/cli/sending.h"

#include "base/banned.h"

enum {
	GRACE_MS = 5000,        /* that a request may still take after a signal */
	RETRY_MS = 60000,       /* that a request is tried again for */
	RETRY_FOLLOW_MS = 2000, /* the same, where events had better go to the spool */
};

/* ---- what the delivery tells ----------------------------------------------- */

static void
on_reject(void *context, const char *name, uint64_t line, struct span event, struct span key,
    const char *reason)
{
	struct send_job *j = context;
	struct complaint c = { .field = key, .text = span_of(reason) };

	intake_reject_line(&j->in, name, line, event.p, event.n, "invalid_payload", &c, 1);
}

static bool
on_told(void *context)
{
	struct send_job *j = context;

	return intake_keep_rejects(&j->in);
}

/* On the thread of a connection. */
static void
on_retry(void *context, const struct clickhouse_error *e)
{
	const struct send_job *j = context;

	sending_retry(e->text, j->courier[0].config.retry_ms, j->in.quiet);
}

/* On the thread of a connection. */
static void
on_halve(void *context, size_t bytes)
{
	const struct send_job *j = context;

	sending_halve(j->target.shown.p, bytes, j->in.quiet);
}

static void
on_fail(void *context, const struct clickhouse_error *e, const char *file)
{
	struct send_job *j = context;

	if (file)
		msg("%s: stays in the spool: %s", file, e->text);
	else if (e->status != CLICKHOUSE_STOPPED)
		msg("%s", e->text);
	/* what is read further would only be kept */
	if (!file && e->status == CLICKHOUSE_CONFIG && !j->follow)
		j->refused = j->in.lines.enough = true;
}

static void
on_aside(void *context, const struct clickhouse_error *e, const char *file)
{
	(void)context;
	sending_aside(file, e->text);
}

void
send_tick(void *job)
{
	struct send_job *j = job;
	const struct progress_counts counts = {
		.rows = j->delivery.stored,
		.bytes = j->in.lines.bytes,
		.retries = j->delivery.retries,
		.waiting = j->spool.waiting,
	};

	progress_tick(&j->progress, &counts);
}

/* ---- opening and closing --------------------------------------------------- */

static bool
open_couriers(struct send_job *j)
{
	const struct courier_config config = {
		.post = {
			.url = j->target.url.p,
			.socket = j->target.socket.n ? j->target.socket.p : NULL,
			.key = j->target.key,
			.cacert = j->cacert,
			.direct = j->target.loopback,
			.timeout_ms = j->timeout,
			.stop = &face_stop,
			.stop_grace_ms = GRACE_MS,
		},
		.shown = j->target.shown.p,
		.office = &j->office,
		.retry_ms = j->retry_for != SEND_NOT_GIVEN ? j->retry_for
		    : j->follow                            ? RETRY_FOLLOW_MS
							   : RETRY_MS,
		.context = j,
		.retry = on_retry,
		.halve = on_halve,
	};
	const char *reason = NULL;
	size_t i;

	for (i = 0; i < j->parallel; i++) {
		j->carriers[i] = &j->courier[i];
		if (!courier_open(&j->courier[i], &config, &reason)) {
			msg("%s", reason);
			return false;
		}
	}
	return true;
}

/* Before anything is read: what can't be kept must not be taken. */
static bool
open_spool(struct send_job *j)
{
	const char *given = j->drain_dir ? j->drain_dir : j->spool_dir;
	char *dir = given ? strdup(given) : spool_of_sender();
	int error = spool_open_folder(&j->spool, dir, j->target.folder, j->spool_max);

	free(dir);
	j->spool.again = j->drain_dir != NULL;
	if (error && !j->spool.dir)
		msg("give --spool DIR, to keep events that can't be sent");
	else if (error)
		msg_errno(error, "%s: events that can't be sent could not be kept here",
		    j->spool.path ? j->spool.path : j->spool.dir);
	return !error;
}

static bool
start_delivery(struct send_job *j)
{
	struct delivery_config config;

	j->place = (struct batch_place){ NULL, "", "" };
	config = (struct delivery_config){
		.carry = courier_deliver,
		.carriers = j->carriers,
		.sink = { .stop = &face_stop },
		.connections = (size_t)j->parallel,
		.max_rows = (size_t)j->max_events,
		.max_bytes = (size_t)j->max_bytes - BODY_FRAME + 1, /* newlines become commas */
		.place = j->place,
		.spool = &j->spool,
		.follow = j->follow,
		.context = j,
		.reject = on_reject,
		.told = on_told,
		.fail = on_fail,
		.aside = on_aside,
		.tick = send_tick,
		.settled = send_settled,
	};
	if (batch_init(&j->batch, config.max_rows, config.max_bytes, NULL) &&
	    delivery_start(&j->delivery, &config))
		return true;
	msg("out of memory, or of threads");
	return false;
}

bool
send_open(struct send_job *j)
{
	bool good = send_target_read(j) && open_couriers(j);

	send_target_wipe(j);
	return good && open_spool(j) && start_delivery(j);
}

void
send_close(struct send_job *j)
{
	size_t i;

	if (j->delivery.pool || j->delivery.items)
		delivery_stop(&j->delivery);
	for (i = 0; i < DELIVERY_CONNECTIONS_MAX; i++)
		courier_close(&j->courier[i]);
	batch_release(&j->batch);
	event_ids_release(&j->ids);
	event_ids_release(&j->mute_ids);
	event_release(&j->event);
	buf_release(&j->bare);
	send_target_release(j);
	/* last: a run that is killed before this is resumed, one that is killed after it has ended */
	ledger_close(&j->ledger, j->ended);
	spool_release(&j->spool); /* and its folder, when that is empty */
}
