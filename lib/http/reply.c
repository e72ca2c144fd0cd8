#include "http/reply.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "http/answer.h"

#include "base/banned.h"

/* Writes what is left of an answer; false: not all of it, for now. */
bool
reply_flush(struct conn *c)
{
	while (c->out_at < c->out_end && c->writable) {
		ssize_t n = send(c->fd, c->out.p + c->out_at, c->out_end - c->out_at, MSG_NOSIGNAL);

		if (n > 0) {
			c->out_at += (size_t)n;
		} else if (errno == EAGAIN) {
			c->writable = false;
		} else if (errno != EINTR) {
			conn_close(c);
			return false;
		}
	}
	if (c->out_at < c->out_end)
		return false;
	block_put(&c->l->blocks, &c->out);
	c->state = CONN_NEXT;
	return true;
}

/* Keeps what the socket did not take of the parts, the first n bytes of which it did. */
static bool
keep_rest(struct conn *c, const struct span *part, size_t parts, size_t n, size_t all)
{
	size_t i;

	if (!block_get(&c->l->blocks, &c->out, all - n))
		return false;
	c->out_at = c->out_end = 0;
	for (i = 0; i < parts; i++) {
		size_t skip = n < part[i].n ? n : part[i].n;

		n -= skip;
		if (part[i].n > skip)
			memcpy(c->out.p + c->out_end, part[i].p + skip, part[i].n - skip);
		c->out_end += part[i].n - skip;
	}
	return true;
}

static void
write_answer(struct conn *c, unsigned status, struct span headers, struct span body, bool keep)
{
	enum { PARTS = 4 };
	char head[ANSWER_HEAD_MOST];
	const struct http_request *r = c->x ? &c->x->r : NULL;
	struct span part[PARTS] = { { head, 0 }, headers, SPAN("\r\n"), body };
	struct iovec io[PARTS];
	struct msghdr message = { .msg_iov = io };
	size_t i, all = 0;
	ssize_t n = 0;

	part[0].n = answer_head(head, status, loop_date(c->l), body.n, keep, r && r->minor == 0);
	if ((r && r->head_only) || answer_is_empty(status))
		part[3].n = 0;
	for (i = 0; i < PARTS; i++) {
		all += part[i].n;
		if (part[i].n)
			io[message.msg_iovlen++] =
			    (struct iovec){ (void *)(uintptr_t)part[i].p, part[i].n };
	}
	c->closing = !keep;
	c->l->counts.answers++;
	do
		n = c->writable ? sendmsg(c->fd, &message, MSG_NOSIGNAL) : 0;
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno != EAGAIN) {
		conn_close(c);
		return;
	}
	n = n < 0 ? 0 : n;
	if ((size_t)n == all) {
		due_cancel(&c->due);
		c->state = CONN_NEXT;
	} else if (keep_rest(c, part, PARTS, (size_t)n, all)) {
		c->writable = false;
		c->state = CONN_WRITE;
		due_start(&c->l->queue[DUE_WRITE], &c->due, c->l->now);
	} else {
		/* half an answer, which the client sees by its length */
		conn_close(c);
	}
}

/* Our own answer to what is no good request; the connection ends. */
void
reply_refuse(struct conn *c, unsigned status)
{
	struct http_loop *l = c->l;

	l->counts.refused++;
	if (l->config.on_refused)
		l->config.on_refused(l->config.context, status);
	write_answer(c, status, answer_refusal_fields(status), answer_refusal_body(status), false);
	conn_end_exchange(c);
	if (!c->running)
		conn_make_ready(c);
}

/* Whether nothing of a request that is answered early is still to come. */
static bool
is_all_here(const struct conn *c)
{
	const struct http_request *r = &c->x->r;

	return !r->has_body ||
	    (!c->x->head.chunked && r->content_length <= c->end - c->start - c->head_n);
}

void
reply(struct http_request *r, unsigned status, struct span headers, struct span body)
{
	struct exchange *x = (struct exchange *)r;
	struct conn *c = x->c;
	bool keep = x->head.keep_alive && !c->l->stopping;

	c->l->counts.waiting -= x->handed;
	if (c->state == CONN_GONE) {
		conn_bury(c);
		return;
	}
	if (!x->handed) {
		keep = keep && is_all_here(c);
		c->at = c->start + c->head_n + (keep ? (size_t)r->content_length : 0);
	}
	x->handed = false;
	write_answer(c, status, headers, body, keep);
	if (c->state == CONN_GONE)
		return;
	conn_end_exchange(c);
	if (!c->running)
		conn_make_ready(c);
}
