#include "cmd/serve/job.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/timestamp.h"
#include "cmd/cli/face.h"
#include "store/spool.h"
#include "tables/confine.h"

#include "base/banned.h"

enum {
	TICK_MS = 500,
	ASK_MS = 30000, /* of a question */
};

/* ---- the journal ---- */

struct settled {
	struct serve_job *job;
	uint64_t group;
	int error;
};

static void
tell_settled(void *arg)
{
	struct settled *s = arg;

	door_settled(&s->job->door, s->group, s->error);
	free(s);
}

/* On the journal's thread: clients wait for it, so that it is tried until there is memory. */
static void
on_settled(void *context, uint64_t group, int error)
{
	const struct timespec pause = { 0, 10000000 };
	struct serve_job *j = context;
	struct settled *s;

	if (error)
		msg_errno(error, "%s: events could not be kept, and were refused", j->spool_path);
	while (!(s = malloc(sizeof(*s))))
		nanosleep(&pause, NULL);
	*s = (struct settled){ j, group, error };
	while (!http_post(j->server, tell_settled, s))
		nanosleep(&pause, NULL);
}

static void
on_sealed(void *context, int error)
{
	struct serve_job *j = context;

	if (error && !atomic_load(&j->sealing_fails))
		msg_errno(error,
		    "%s: cannot make a file for ClickHouse of the events that are kept",
		    j->spool_path);
	atomic_store(&j->sealing_fails, error != 0);
	if (j->deliver.started)
		deliver_wake(&j->deliver);
}

static void
on_damaged(void *context, const char *file)
{
	struct serve_job *j = context;

	msg("%s: %s: is damaged: some of its events may be lost; what is whole goes on, and the file "
	    "is kept until you remove it",
	    j->spool_path, file);
}

static enum journal_result
keep_in_journal(void *context, const struct journal_event *event, size_t n, uint64_t *ticket)
{
	struct serve_job *j = context;

	j->added = true;
	return journal_add(j->journal, event, n, ticket);
}

/* The requests that came at a time are a group. */
static void
on_turn(void *context)
{
	struct door *d = context;
	struct serve_job *j = d->config.context;

	if (j->added)
		journal_commit(j->journal);
	j->added = false;
}

static bool
open_journal(struct serve_job *j)
{
	const struct journal_config config = {
		.dir = j->spool_path,
		.database = j->store.config.database,
		.table = "events",
		.max = j->spool_max,
		.in_turns = true,
		.context = j,
		.settled = on_settled,
		.sealed = on_sealed,
		.damaged = on_damaged,
	};
	int error = journal_open(&j->journal, &config);

	if (error)
		msg_errno(error, "%s: events could not be kept here; say with --spool DIR where",
		    j->spool_path);
	j->door.config.keep = keep_in_journal;
	return error == 0;
}

/* ---- -o - ---- */

static enum journal_result
write_out(void *context, const struct journal_event *event, size_t n, uint64_t *ticket)
{
	struct serve_job *j = context;
	size_t i;

	*ticket = 0;
	for (i = 0; i < n; i++)
		out_write(&j->out, event[i].row.p, event[i].row.n);
	if (out_flush(&j->out) == 0)
		return JOURNAL_TAKEN;
	http_server_stop(j->server);
	return JOURNAL_DOWN;
}

/* ---- the server ---- */

static bool
ask(void *context, struct door_question *q)
{
	struct serve_job *j = context;

	return askers_ask(&j->askers, q);
}

static void
on_untrusted(void *context)
{
	(void)context;
	msg("a request names its client in X-Forwarded-For or Forwarded, but comes from a peer that "
	    "is not trusted: its own address counts; behind a reverse proxy say --trusted-proxy "
	    "with the proxy's address");
}

static void
on_signal(void *arg)
{
	struct serve_job *j = arg;
	struct signalfd_siginfo info;

	while (read(j->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			serve_reload(j);
			continue;
		}
		serve_notify("STOPPING=1");
		http_server_stop(j->server);
	}
}

static void
on_tick(void *context, int64_t now_ms)
{
	struct door *d = context;

	(void)now_ms;
	serve_tick(d->config.context);
}

/* Signals are read from a descriptor: blocked before there are threads. */
static bool
catch_signals(struct serve_job *j)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return false;
	j->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return j->signals >= 0;
}

static bool
start_server(struct serve_job *j)
{
	const struct http_config config = {
		.listener = j->listener,
		.listener_count = j->listeners,
		.context = &j->door,
		.on_head = door_on_head,
		.on_request = door_on_request,
		.on_refused = door_on_refused,
		.on_turn = on_turn,
		.on_tick = on_tick,
		.tick_ms = TICK_MS,
		.connections_most = (size_t)j->connections,
	};

	j->server = http_server_start(&config);
	if (!j->server) {
		msg_errno(errno, "cannot listen");
		return false;
	}
	j->listeners_given = true;
	if (http_watch(j->server, j->signals, on_signal, j) == 0)
		return true;
	msg("out of memory");
	return false;
}

/* Where events wait that are not in ClickHouse yet. */
static bool
find_spool(struct serve_job *j)
{
	struct clickhouse_error e;
	struct clickhouse *c;

	if (!store_config(&j->store, &j->stop))
		return false;
	j->store.config.timeout_ms = ASK_MS;
	c = clickhouse_open(&j->store.config, &e);
	if (!c) {
		msg("%s", e.text);
		return false;
	}
	j->spool_path = j->spool_dir ? strdup(j->spool_dir)
				     : spool_default(j->store.config.url, clickhouse_server(c));
	clickhouse_close(c);
	if (!j->spool_path)
		msg("give --spool DIR, where events wait for ClickHouse");
	return j->spool_path != NULL;
}

/* What stores and answers, behind the server's loop. */
static bool
start_behind(struct serve_job *j)
{
	if (j->output) {
		out_init(&j->out, STDOUT_FILENO, &j->stop);
		j->door.config.keep = write_out;
		return true;
	}
	if (!askers_start(&j->askers, j->server, &j->store.config, j->keys_file))
		return false;
	j->door.config.ask = ask;
	return serve_delivery_start(j) && open_journal(j);
}

static bool
start(struct serve_job *j)
{
	struct door_config config = {
		.take = &j->take,
		.private_only = true,
		.context = j,
		.health = serve_health,
		.metrics = serve_metrics,
		.untrusted = on_untrusted,
	};

	if (j->output && strcmp(j->output, "-") != 0) {
		msg("-o: expected -, which is standard output");
		return false;
	}
	if (!catch_signals(j)) {
		msg_errno(errno, "cannot wait for signals");
		return false;
	}
	confine_programs();
	door_init(&j->door, &config);
	return serve_prepare(j) && (j->output || find_spool(j)) && serve_listen(j) &&
	    start_server(j) && start_behind(j);
}

static void
stop(struct serve_job *j)
{
	size_t i;

	atomic_store(&j->stop, SIGTERM);
	if (j->journal)
		journal_close(j->journal);
	deliver_stop(&j->deliver);
	askers_stop(&j->askers);
	store_forget(&j->store);
	if (j->server)
		http_server_free(j->server);
	for (i = 0; i < j->listeners && !j->listeners_given; i++)
		http_listener_close(&j->listener[i]);
	if (j->keys && !j->output && keys_collect_used(j->keys, &j->used))
		used_merge(j->keys_file, (struct span){ j->used.p, j->used.n });
	door_release(&j->door);
	serve_prepared_release(j);
	out_release(&j->out);
	free(j->spool_path);
}

int
serve_job_run(struct serve_job *j)
{
	int error, status = STATUS_ERROR;

	j->signals = -1;
	if (start(j)) {
		serve_listening(j);
		serve_notify("READY=1");
		error = http_server_run(j->server);
		if (error)
			msg_errno(error, "cannot wait for requests");
		else if (j->output && j->out.error)
			msg_errno(j->out.error, "standard output");
		else
			status = STATUS_OK;
	}
	stop(j);
	return status;
}
