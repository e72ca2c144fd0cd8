#define _GNU_SOURCE /* EPOLLRDHUP */
#include "http/reader.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "http/reply.h"

#include "base/banned.h"

enum {
	READ_LEAST = 4096,      /* the block of a request that is small */
	READ_ROOM = 512,        /* less is not worth a read */
	READ_AHEAD = 64 * 1024, /* what an announced length alone makes us take */
	RUN_BYTES = 256 * 1024, /* then it is others' turn */
	RUN_REQUESTS = 32,
};

/* What came of looking at the bytes that are here. */
enum progress { GO_ON, NEED_MORE };

/* Moves the request at hand to the front of its block. */
static void
move_down(struct conn *c)
{
	size_t by = c->start;

	memmove(c->in.p, c->in.p + by, c->end - by);
	c->start = 0;
	c->end -= by;
	if (c->x) {
		c->body_end -= by;
		c->at -= by;
		head_moved(&c->x->head, c->in.p);
	}
}

/* Room to read into; false: memory is out. */
static bool
make_room(struct conn *c)
{
	size_t wanted = c->end - c->start + READ_ROOM;

	if (!c->in.p)
		return block_get(&c->l->blocks, &c->in, READ_LEAST);
	if (c->state == CONN_BODY && !c->x->head.chunked) {
		size_t body = (size_t)c->x->r.content_length;

		wanted = body > READ_AHEAD ? wanted : c->head_n + body;
	}
	if (c->in.cap - c->start < wanted && c->start)
		move_down(c);
	if (c->in.cap - c->start >= wanted && c->end < c->in.cap)
		return true;
	if (!block_grow(&c->l->blocks, &c->in, c->end, wanted))
		return false;
	if (c->x)
		head_moved(&c->x->head, c->in.p + c->start);
	return true;
}

/* Reads what is there; false: nothing came, or the connection is over. */
static bool
fill(struct conn *c, size_t *budget)
{
	ssize_t n;

	if (!c->readable)
		return false;
	if (!make_room(c)) {
		reply_refuse(c, 503);
		return true;
	}
	do
		n = recv(c->fd, c->in.p + c->end, c->in.cap - c->end, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		c->end += (size_t)n;
		*budget -= *budget < (size_t)n ? *budget : (size_t)n;
		/* less than there was room for: an edge tells of the rest; not so of the end */
		if (c->end < c->in.cap && !c->hung_up)
			c->readable = false;
		return true;
	}
	c->readable = false;
	if (n == 0 || errno != EAGAIN)
		conn_close(c);
	return false;
}

static void
hand_out(struct conn *c, struct span body)
{
	struct http_loop *l = c->l;

	c->x->r.body = body;
	c->x->handed = true;
	c->state = CONN_WAIT;
	due_cancel(&c->due);
	l->counts.waiting++;
	l->config.on_request(l->config.context, &c->x->r);
}

/* The head is here, n bytes: asks about it, and prepares for the body. */
static enum progress
take_head(struct conn *c, size_t n)
{
	struct http_loop *l = c->l;
	struct http_request *r;
	unsigned status;

	if (!block_get(&l->blocks, &c->exchange_block, sizeof(*c->x))) {
		reply_refuse(c, 503);
		return GO_ON;
	}
	c->x = (struct exchange *)(void *)c->exchange_block.p;
	c->x->c = c;
	c->x->handed = false;
	r = &c->x->r;
	memset(r, 0, sizeof(*r));
	status = head_read(&c->x->head, r, c->in.p + c->start, n);
	if (status) {
		reply_refuse(c, status);
		return GO_ON;
	}
	l->counts.requests++;
	r->peer = c->peer;
	r->peer_is_unix = c->is_unix;
	r->listener = c->listener;
	r->connection = c->id;
	r->body_most = l->config.body_most;
	c->head_n = n;
	c->at = c->body_end = c->start + n;
	c->state = CONN_BODY;
	due_start(&l->queue[DUE_BODY], &c->due, l->now);
	if (l->config.on_head)
		l->config.on_head(l->config.context, r);
	if (c->state != CONN_BODY)
		return GO_ON;
	if (r->content_length > r->body_most) {
		reply_refuse(c, 413);
	} else if (!r->has_body) {
		hand_out(c, (struct span){ c->in.p + c->at, 0 });
	} else if (c->x->head.expects_continue && c->end == c->at) {
		static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

		/* where it does not fit the client does not read, and gets nowhere */
		if (send(c->fd, go_on, sizeof(go_on) - 1, MSG_NOSIGNAL) != sizeof(go_on) - 1)
			conn_close(c);
	}
	return GO_ON;
}

static enum progress
take_bytes(struct conn *c)
{
	const char *p;
	size_t n;
	int head;

	if (c->start == c->end)
		return NEED_MORE;
	if (c->state == CONN_IDLE) {
		c->state = CONN_HEAD;
		due_start(&c->l->queue[DUE_HEAD], &c->due, c->l->now);
	}
	/* RFC 9112, 2.2: old clients end a body with a line of its own */
	if (!c->skipped && !c->scanned && c->in.p[c->start] == '\r') {
		if (c->end - c->start == 1)
			return NEED_MORE;
		if (c->in.p[c->start + 1] == '\n') {
			c->start += 2;
			c->skipped = true;
			return GO_ON;
		}
	}
	p = c->in.p + c->start;
	n = c->end - c->start;
	head = head_scan(p, n < HTTP_HEAD_MOST ? n : HTTP_HEAD_MOST, &c->scanned);
	if (head == HEAD_MORE && n < HTTP_HEAD_MOST)
		return NEED_MORE;
	if (head > 0)
		return take_head(c, (size_t)head);
	reply_refuse(c, head == HEAD_WRONG ? 400 : 431);
	return GO_ON;
}

static enum progress
take_body(struct conn *c)
{
	struct head *h = &c->x->head;
	size_t from = c->start + c->head_n, length = (size_t)c->x->r.content_length;

	if (!h->chunked) {
		if (c->end - from < length)
			return NEED_MORE;
		c->at = from + length;
		hand_out(c, (struct span){ c->in.p + from, length });
		return GO_ON;
	}
	if (c->at == c->end)
		return NEED_MORE;
	h->to = c->in.p + c->body_end;
	h->left = c->x->r.body_most - (c->body_end - from);
	c->at += head_chunks(h, c->in.p + c->at, c->end - c->at);
	c->body_end = (size_t)(h->to - c->in.p);
	if (h->status) {
		reply_refuse(c, h->status);
	} else if (h->complete) {
		hand_out(c, (struct span){ c->in.p + from, c->body_end - from });
	} else {
		c->at = c->end = c->body_end;
		return NEED_MORE;
	}
	return GO_ON;
}

/* ---- the end of a request, and of a connection ---------------------------- */

static void
next_request(struct conn *c)
{
	struct http_loop *l = c->l;

	if (c->closing) {
		block_put(&l->blocks, &c->in);
		/* what is closed with bytes unread is reset, and the answer may be lost */
		shutdown(c->fd, SHUT_WR);
		c->state = CONN_LINGER;
		c->readable = true;
		due_start(&l->queue[DUE_LINGER], &c->due, l->now);
		return;
	}
	c->start = c->at;
	c->scanned = 0;
	c->skipped = false;
	c->state = CONN_IDLE;
	if (c->start == c->end)
		c->start = c->end = 0;
	due_start(&l->queue[DUE_IDLE], &c->due, l->now);
}

/* Throws away what comes. */
static void
linger(struct conn *c, size_t *budget)
{
	char waste[8192];

	while (c->readable && *budget) {
		ssize_t n = recv(c->fd, waste, sizeof(waste), 0);

		if (n > 0) {
			*budget -= *budget < (size_t)n ? *budget : (size_t)n;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		c->readable = false;
		if (n == 0 || errno != EAGAIN)
			conn_close(c);
	}
}

/* One step; false: there is nothing to do until something happens. */
static bool
step(struct conn *c, size_t *budget, unsigned *requests)
{
	switch ((enum conn_state)c->state) {
	case CONN_IDLE:
	case CONN_HEAD:
		return take_bytes(c) == GO_ON || fill(c, budget);
	case CONN_BODY:
		return take_body(c) == GO_ON || fill(c, budget);
	case CONN_WRITE:
		return reply_flush(c);
	case CONN_NEXT:
		next_request(c);
		++*requests;
		return true;
	case CONN_LINGER:
		linger(c, budget);
		return false;
	case CONN_WAIT:
	case CONN_GONE:
		break;
	}
	return false;
}

void
reader_run(struct conn *c)
{
	size_t budget = RUN_BYTES;
	unsigned requests = 0;
	bool more = true;

	c->running = true;
	while (more && budget && requests < RUN_REQUESTS)
		more = step(c, &budget, &requests);
	c->running = false;
	if (c->state == CONN_GONE)
		return;
	if (more || !budget)
		conn_make_ready(c);
	else if (c->state == CONN_IDLE && c->l->stopping)
		conn_close(c);
	else if (c->state == CONN_IDLE)
		block_put(&c->l->blocks, &c->in);
}

void
reader_event(struct conn *c, uint32_t events)
{
	if (c->state == CONN_GONE)
		return;
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		c->readable = true;
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		c->hung_up = true;
	if (events & EPOLLOUT)
		c->writable = true;
	if (events & (EPOLLHUP | EPOLLERR) && c->state == CONN_WAIT)
		conn_close(c); /* nobody is there to read the answer */
	else
		reader_run(c);
}

void
reader_due(struct conn *c)
{
	due_cancel(&c->due);
	c->l->counts.timed_out +=
	    c->state == CONN_HEAD || c->state == CONN_BODY || c->state == CONN_WRITE;
	if (c->state == CONN_BODY || (c->state == CONN_HEAD && c->start < c->end))
		reply_refuse(c, 408);
	else
		conn_close(c);
}
