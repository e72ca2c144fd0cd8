#include "cmd/serve/askers.h"

#include <time.h>

#include "base/msg.h"
#include "serve/keys_used.h"
#include "serve/read.h"

#include "base/banned.h"

static void
reply(void *question)
{
	door_reply(question);
}

/* The loop has to hear of it: its client waits. */
static void
post(struct askers *a, struct door_question *q)
{
	const struct timespec pause = { 0, 10000000 };

	while (!http_post(a->server, reply, q))
		nanosleep(&pause, NULL);
}

/* What is wrong with ClickHouse is said when it begins, not for each question. */
static void
tell(struct asker *self, const struct clickhouse_error *e)
{
	bool failing = e->status != CLICKHOUSE_OK && e->status != CLICKHOUSE_STOPPED;

	if (failing && !self->failing)
		store_complain(e);
	self->failing = failing;
}

static void
answer(struct asker *self, struct door_question *q)
{
	static const enum read_route routes[DOOR_ROUTES] = {
		[DOOR_QUERY] = READ_QUERY,
		[DOOR_STATS] = READ_STATS,
		[DOOR_SOURCES] = READ_SOURCES,
	};
	struct span project = { q->project, UUID_TEXT };
	struct clickhouse_error e = { .status = CLICKHOUSE_OK };

	if (q->route == DOOR_FORGET)
		q->status = read_forget(q->request->body, project, self->clickhouse, &q->body, &e);
	else if (q->route == DOOR_REPORT)
		q->status = read_report(
		    q->request->query, project, self->clickhouse, &q->body, &q->type, &e);
	else if (q->route == DOOR_MCP || q->route == DOOR_MCP_ACCOUNT)
		q->status = assistant_reply(&self->assistant, q, &e);
	else
		q->status = read_answer(
		    routes[q->route], q->request->query, project, self->clickhouse, &q->body, &e);
	tell(self, &e);
}

static void
merge_used(struct askers *a, struct buf *lines)
{
	int error = used_merge(a->keys_file, (struct span){ lines->p, lines->n });

	if (error)
		msg_errno(error, "%s.used: when keys were last used is not noted", a->keys_file);
	buf_reset(lines);
}

/* The next question; one that forgets waits for another that does, and holds up no reader. */
static struct door_question *
take(struct askers *a)
{
	struct door_question *q;
	size_t i;

	for (i = 0; i < a->count; i++) {
		q = a->queue[i];
		if (q->route == DOOR_FORGET && a->forgetting)
			continue;
		memmove(&a->queue[i], &a->queue[i + 1], (--a->count - i) * sizeof(*a->queue));
		return q;
	}
	return NULL;
}

static void *
run(void *arg)
{
	struct asker *self = arg;
	struct askers *a = self->all;
	struct buf lines = BUF_INIT;
	bool forgot;

	pthread_mutex_lock(&a->lock);
	for (;;) {
		struct door_question *q = NULL;

		if (a->used.n) {
			buf_add(&lines, a->used.p, a->used.n);
			buf_reset(&a->used);
		} else if ((q = take(a)) != NULL) {
			a->forgetting |= q->route == DOOR_FORGET;
		} else if (a->stop && !a->count) {
			break;
		} else {
			pthread_cond_wait(&a->more, &a->lock);
			continue;
		}
		pthread_mutex_unlock(&a->lock);
		if (lines.n)
			merge_used(a, &lines);
		forgot = q && q->route == DOOR_FORGET;
		if (q) {
			answer(self, q);
			post(a, q);
		}
		pthread_mutex_lock(&a->lock);
		if (forgot) {
			a->forgetting = false;
			pthread_cond_broadcast(&a->more);
		}
	}
	pthread_mutex_unlock(&a->lock);
	buf_release(&lines);
	return NULL;
}

bool
askers_start(struct askers *a, struct http_server *server, const struct clickhouse_config *config,
    const char *keys_file)
{
	struct clickhouse_error e;

	a->server = server;
	a->keys_file = keys_file;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->more, NULL);
	for (; a->threads < ASKERS; a->threads++) {
		struct asker *self = &a->thread[a->threads];

		self->all = a;
		self->clickhouse = clickhouse_open(config, &e);
		if (!self->clickhouse) {
			msg("%s", e.text);
			return false;
		}
		assistant_init(&self->assistant, server, self->clickhouse, a->no_ids);
		if (pthread_create(&self->thread, NULL, run, self) != 0) {
			assistant_release(&self->assistant);
			clickhouse_close(self->clickhouse);
			msg("cannot start threads");
			return false;
		}
	}
	return true;
}

void
askers_stop(struct askers *a)
{
	if (!a->server)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_broadcast(&a->more);
	pthread_mutex_unlock(&a->lock);
	while (a->threads) {
		struct asker *last = &a->thread[--a->threads];

		pthread_join(last->thread, NULL);
		assistant_release(&last->assistant);
		clickhouse_close(last->clickhouse);
	}
	pthread_cond_destroy(&a->more);
	pthread_mutex_destroy(&a->lock);
	buf_release(&a->used);
}

bool
askers_ask(struct askers *a, struct door_question *q)
{
	bool room;

	pthread_mutex_lock(&a->lock);
	room = a->count < ASKERS_QUEUE;
	if (room)
		a->queue[a->count++] = q;
	pthread_cond_signal(&a->more);
	pthread_mutex_unlock(&a->lock);
	return room;
}

void
askers_note_used(struct askers *a, struct span lines)
{
	pthread_mutex_lock(&a->lock);
	buf_add(&a->used, lines.p, lines.n);
	pthread_cond_signal(&a->more);
	pthread_mutex_unlock(&a->lock);
}
