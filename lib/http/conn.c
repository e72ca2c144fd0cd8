#define _GNU_SOURCE /* EPOLLRDHUP */
#include "http/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/banned.h"

enum { IDLE_LEAST = 1000 }; /* ms, before one has to make room */

void
conn_make_ready(struct conn *c)
{
	struct http_loop *l = c->l;

	if (c->queued || c->state == CONN_GONE)
		return;
	c->queued = true;
	c->next = NULL;
	*l->ready_last = c;
	l->ready_last = &c->next;
}

void
conn_end_exchange(struct conn *c)
{
	c->x = NULL;
	block_put(&c->l->blocks, &c->exchange_block);
}

/* Nothing points to it any more, except the ready list, which drops it itself. */
void
conn_bury(struct conn *c)
{
	struct http_loop *l = c->l;

	conn_end_exchange(c);
	block_put(&l->blocks, &c->in);
	if (c->queued)
		return;
	c->next = l->dead;
	l->dead = c;
}

void
conn_reap(struct http_loop *l)
{
	while (l->dead) {
		struct conn *c = l->dead;

		l->dead = c->next;
		free(c);
	}
}

int
conn_open(struct http_loop *l, int fd, const struct ip *peer, unsigned listener)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET };
	struct conn *c = calloc(1, sizeof(*c));

	if (!c)
		return ENOMEM;
	event.data.ptr = c;
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
		free(c);
		return errno;
	}
	c->source.kind = SOURCE_CONN;
	c->fd = fd;
	c->l = l;
	c->is_unix = !peer;
	if (peer)
		c->peer = *peer;
	c->listener = listener;
	c->writable = true;
	c->id = ++l->counts.accepted;
	c->after = l->all;
	if (l->all)
		l->all->before = c;
	l->all = c;
	l->counts.open++;
	due_start(&l->queue[DUE_IDLE], &c->due, l->now);
	return 0;
}

void
conn_close(struct conn *c)
{
	struct http_loop *l = c->l;

	if (c->state == CONN_GONE)
		return;
	c->state = CONN_GONE;
	close(c->fd);
	c->fd = -1;
	if (c->before)
		c->before->after = c->after;
	else
		l->all = c->after;
	if (c->after)
		c->after->before = c->before;
	l->counts.open--;
	due_cancel(&c->due);
	block_put(&l->blocks, &c->out);
	/* a request that is handed out keeps its memory until it is answered */
	if (!c->x || !c->x->handed)
		conn_bury(c);
}

bool
conn_make_room(struct http_loop *l)
{
	struct due *first = due_first(&l->queue[DUE_IDLE]);
	struct conn *c;

	if (!first || l->now - (first->at - l->config.idle_ms) < IDLE_LEAST)
		return false;
	c = (struct conn *)((char *)first - offsetof(struct conn, due));
	conn_close(c);
	l->counts.made_room++;
	return true;
}
