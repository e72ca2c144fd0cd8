#define _GNU_SOURCE
#include "http/server.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "http/accept.h"
#include "http/listen.h"
#include "http/reader.h"
#include "http/reply.h"

#include "base/banned.h"

enum { EVENTS = 256, TRIM_MS = 1000 };

struct watch {
	struct source source; /* first */
	int fd;
	void (*fn)(void *);
	void *arg;
};

struct call {
	void (*fn)(void *);
	void *arg;
};

struct http_server {
	struct http_loop loop;
	struct acceptor acceptor[HTTP_LISTENERS_MOST];
	size_t acceptors;
	int reserve;          /* a descriptor to give up when there is none left */
	int64_t paused_until; /* nothing is accepted; 0: it is */
	struct watch watch[HTTP_WATCHES_MOST];
	size_t watches;
	int64_t next_tick, next_trim;

	struct source post; /* of wake */
	int wake;           /* an eventfd */
	pthread_mutex_t lock;
	struct buf calls;   /* under the lock */
	struct buf calling; /* the loop's: swapped with it */
};

/* ---- the start and the end ------------------------------------------------ */

static int
add_source(struct http_server *s, int fd, struct source *source)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = source };

	return epoll_ctl(s->loop.epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

static int
start(struct http_server *s, const struct http_config *config)
{
	size_t i;
	int error = loop_init(&s->loop, config);

	s->reserve = s->wake = -1;
	if (error)
		return error;
	s->loop.config.listener = NULL; /* the caller's array is not kept */
	s->next_tick = s->loop.now + s->loop.config.tick_ms;
	s->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->reserve < 0 || s->wake < 0)
		return errno;
	s->post.kind = SOURCE_POST;
	error = add_source(s, s->wake, &s->post);
	for (i = 0; i < config->listener_count && !error; i++) {
		s->acceptor[i].listener = config->listener[i];
		error = acceptor_start(&s->loop, &s->acceptor[i]);
	}
	return error;
}

static void
release(struct http_server *s)
{
	if (s->reserve >= 0)
		close(s->reserve);
	if (s->wake >= 0)
		close(s->wake);
	buf_release(&s->calls);
	buf_release(&s->calling);
	pthread_mutex_destroy(&s->lock);
	loop_release(&s->loop);
	free(s);
}

struct http_server *
http_server_start(const struct http_config *config)
{
	struct http_server *s;
	int error;

	if (config->listener_count > HTTP_LISTENERS_MOST) {
		errno = E2BIG;
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	error = pthread_mutex_init(&s->lock, NULL);
	if (error) {
		free(s);
		errno = error;
		return NULL;
	}
	error = start(s, config);
	if (error) {
		release(s);
		errno = error;
		return NULL;
	}
	s->acceptors = config->listener_count;
	return s;
}

static void
close_listeners(struct http_server *s)
{
	size_t i;

	for (i = 0; i < s->acceptors; i++) {
		acceptor_pause(&s->loop, &s->acceptor[i]);
		http_listener_close(&s->acceptor[i].listener);
	}
	s->acceptors = 0;
}

/* Drops from the ready list what has gone meanwhile. */
static struct conn *
next_ready(struct conn **list)
{
	struct conn *c = *list;

	*list = c->next;
	c->queued = false;
	return c;
}

static void
run_ready(struct http_server *s)
{
	struct http_loop *l = &s->loop;
	struct conn *list = l->ready;

	/* those that come meanwhile have their turn after the next look at epoll */
	l->ready = NULL;
	l->ready_last = &l->ready;
	while (list) {
		struct conn *c = next_ready(&list);

		if (c->state != CONN_GONE)
			reader_run(c);
		else if (!c->x)
			conn_bury(c);
	}
}

void
http_server_free(struct http_server *s)
{
	if (!s)
		return;
	close_listeners(s);
	while (s->loop.all)
		conn_close(s->loop.all);
	run_ready(s);
	conn_reap(&s->loop);
	release(s);
}

/* ---- stopping ------------------------------------------------------------- */

void
http_server_stop(struct http_server *s)
{
	struct http_loop *l = &s->loop;
	struct conn *c, *after;
	bool paused = false;
	size_t i, k;

	if (l->stopping)
		return;
	l->stop_at = l->now + l->config.stop_ms;
	/* who has been let in by the kernel counts as accepted; who waits at a socket of
	   systemd's is for the next server */
	for (i = 0; i < s->acceptors; i++)
		for (k = 0; k < 64 && !s->acceptor[i].listener.inherited && !paused; k++)
			acceptor_accept(l, &s->acceptor[i], &s->reserve, &paused);
	l->stopping = true;
	close_listeners(s);
	for (c = l->all; c; c = after) {
		after = c->after;
		conn_make_ready(c);
		/* a request may have come that no event has told of */
		c->readable = true;
	}
}

/* ---- other threads, other descriptors ------------------------------------- */

bool
http_post(struct http_server *s, void (*fn)(void *arg), void *arg)
{
	struct call call = { fn, arg };
	const uint64_t one = 1;
	bool first, good;

	pthread_mutex_lock(&s->lock);
	first = s->calls.n == 0;
	buf_add(&s->calls, (const char *)&call, sizeof(call));
	good = !s->calls.failed;
	s->calls.failed = false;
	/* inside of the lock: the server may be gone after the call */
	if (good && first && write(s->wake, &one, sizeof(one)) < 0)
		good = errno == EAGAIN;
	pthread_mutex_unlock(&s->lock);
	return good;
}

static void
run_calls(struct http_server *s)
{
	struct buf swap;
	struct call call;
	uint64_t count;
	size_t at;

	if (read(s->wake, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&s->lock);
	swap = s->calls;
	s->calls = s->calling;
	s->calling = swap;
	pthread_mutex_unlock(&s->lock);
	for (at = 0; at < s->calling.n; at += sizeof(call)) {
		memcpy(&call, s->calling.p + at, sizeof(call));
		call.fn(call.arg);
	}
	buf_reset(&s->calling);
}

int
http_watch(struct http_server *s, int fd, void (*fn)(void *arg), void *arg)
{
	struct watch *w = &s->watch[s->watches];
	int error;

	if (s->watches == HTTP_WATCHES_MOST)
		return ENOSPC;
	*w = (struct watch){ { SOURCE_WATCH }, fd, fn, arg };
	error = add_source(s, fd, &w->source);
	s->watches += !error;
	return error;
}

int
http_adopt(struct http_server *s, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return errno;
	return conn_open(&s->loop, fd, NULL, 0);
}

void
http_answer(struct http_request *r, unsigned status, struct span headers, struct span body)
{
	reply(r, status, headers, body);
}

int64_t
http_now(const struct http_server *s)
{
	return s->loop.now;
}

const struct http_counts *
http_counts(const struct http_server *s)
{
	return &s->loop.counts;
}

/* ---- the loop ------------------------------------------------------------- */

static void
run_event(struct http_server *s, const struct epoll_event *event)
{
	struct source *source = event->data.ptr;
	struct watch *w;
	bool paused = false;
	size_t i;

	switch (source->kind) {
	case SOURCE_CONN:
		reader_event((struct conn *)source, event->events);
		break;
	case SOURCE_WATCH:
		w = (struct watch *)source;
		w->fn(w->arg);
		break;
	case SOURCE_POST:
		run_calls(s);
		break;
	case SOURCE_LISTENER:
		/* an event of this turn may have stopped the server */
		if (!((struct acceptor *)source)->listening)
			break;
		acceptor_accept(&s->loop, (struct acceptor *)source, &s->reserve, &paused);
		if (!paused)
			break;
		s->paused_until = s->loop.now + ACCEPT_PAUSE_MS;
		for (i = 0; i < s->acceptors; i++)
			acceptor_pause(&s->loop, &s->acceptor[i]);
		break;
	}
}

static void
run_due(struct http_server *s)
{
	struct http_loop *l = &s->loop;
	struct due *d;
	size_t i;

	for (i = 0; i < DUE_KINDS; i++)
		while ((d = due_first(&l->queue[i])) != NULL && d->at <= l->now)
			reader_due((struct conn *)((char *)d - offsetof(struct conn, due)));
	if (s->paused_until && s->paused_until <= l->now) {
		s->paused_until = 0;
		if (s->reserve < 0)
			s->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
		for (i = 0; i < s->acceptors; i++)
			acceptor_start(l, &s->acceptor[i]);
	}
	if (s->next_trim <= l->now) {
		blocks_trim(&l->blocks);
		s->next_trim = l->now + TRIM_MS;
	}
	if (l->config.on_tick && s->next_tick <= l->now) {
		s->next_tick = l->now + l->config.tick_ms;
		l->config.on_tick(l->config.context, l->now);
	}
	if (l->stopping && l->stop_at <= l->now)
		while (l->all)
			conn_close(l->all);
}

static void
sooner(int64_t *at, int64_t other)
{
	if (*at < 0 || other < *at)
		*at = other;
}

/* How long nothing will have to be done, in ms, most at most (-1: no bound). */
static int
time_left(const struct http_server *s, int most)
{
	const struct http_loop *l = &s->loop;
	const struct due *d;
	int64_t at = -1, ms;
	size_t i;

	if (l->ready)
		return 0;
	for (i = 0; i < DUE_KINDS; i++)
		if ((d = due_first(&l->queue[i])) != NULL)
			sooner(&at, d->at);
	if (s->paused_until)
		sooner(&at, s->paused_until);
	if (l->config.on_tick)
		sooner(&at, s->next_tick);
	if (blocks_idle(&l->blocks))
		sooner(&at, s->next_trim);
	if (l->stopping && l->all)
		sooner(&at, l->stop_at);
	if (at < 0)
		return most;
	/* the coarse clock is some ms late */
	ms = at - l->now < 0 ? 0 : at - l->now + 1;
	return most >= 0 && ms > most ? most : (int)(ms < INT32_MAX ? ms : INT32_MAX);
}

int
http_server_turn(struct http_server *s, int wait_ms, bool *done)
{
	struct http_loop *l = &s->loop;
	struct epoll_event event[EVENTS];
	int i, n = epoll_wait(l->epoll, event, EVENTS, time_left(s, wait_ms));

	if (n < 0 && errno != EINTR)
		return errno;
	loop_look_at_clock(l);
	for (i = 0; i < n; i++)
		run_event(s, &event[i]);
	run_due(s);
	run_ready(s);
	if (l->config.on_turn)
		l->config.on_turn(l->config.context);
	conn_reap(l);
	l->counts.memory = l->blocks.in_use;
	*done = l->stopping && !l->all && !l->counts.waiting;
	return 0;
}

int
http_server_run(struct http_server *s)
{
	bool done = false;
	int error = 0;

	while (!done && !error)
		error = http_server_turn(s, -1, &done);
	return error;
}
