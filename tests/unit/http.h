/*
 * A server that is driven turn by turn, and its clients, for tests.
 */
#ifndef MM_TEST_HTTP_H
#define MM_TEST_HTTP_H

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/server.h"

#include "check.h"

/* What the handlers saw, as one text: "GET /path [body]\n" a request. */
struct site {
	struct http_server *server;
	struct buf seen;
	struct http_request *waiting; /* those not answered, newest first */
	bool later;                   /* keep requests for site_answer */
	bool refuse_early;            /* 401 in on_head */
	size_t body_most;             /* 0: the config's */
	unsigned ticks;
	int64_t now;
	struct buf large; /* the body of GET /large */
};

static inline void
site_reply(struct site *site, struct http_request *r)
{
	struct span body = SPAN("{\"ok\":true}");

	if (r->path.n == 6 && memcmp(r->path.p, "/large", 6) == 0)
		body = (struct span){ site->large.p, site->large.n };
	http_answer(r, 200, SPAN("X-A: b\r\n"), body);
}

static inline void
site_head(void *context, struct http_request *r)
{
	struct site *site = context;

	if (site->body_most)
		r->body_most = site->body_most;
	r->ticket = 7;
	if (site->refuse_early)
		http_answer(r, 401, SPAN(""), SPAN("no"));
}

static inline void
site_request(void *context, struct http_request *r)
{
	struct site *site = context;

	CHECK(!site->server || r->ticket == 7, "a ticket was lost");
	buf_add(&site->seen, r->method_name.p, r->method_name.n);
	buf_addc(&site->seen, ' ');
	buf_add(&site->seen, r->target.p, r->target.n);
	if (r->has_body) {
		buf_adds(&site->seen, " [");
		buf_add(&site->seen, r->body.p, r->body.n);
		buf_addc(&site->seen, ']');
	}
	buf_addc(&site->seen, '\n');
	if (!site->later) {
		site_reply(site, r);
		return;
	}
	r->next = site->waiting;
	site->waiting = r;
}

/* Answers all that wait. */
static inline void
site_answer(struct site *site)
{
	while (site->waiting) {
		struct http_request *r = site->waiting;

		site->waiting = r->next;
		site_reply(site, r);
	}
}

static inline void
site_tick(void *context, int64_t now)
{
	struct site *site = context;

	(void)now;
	site->ticks++;
}

static inline int64_t
site_clock(void *context)
{
	return ((struct site *)context)->now;
}

static inline void
site_start(struct site *site, struct http_config config)
{
	config.context = site;
	config.on_head = site_head;
	config.on_request = site_request;
	config.on_tick = site_tick;
	config.clock = site_clock;
	*site = (struct site){ .now = 1000 };
	site->server = http_server_start(&config);
	if (!site->server)
		abort();
}

/* Turns until nothing more happens; true: the server has stopped. */
static inline bool
site_turn(struct site *site)
{
	bool done = false;
	int i;

	for (i = 0; i < 8 && !done; i++)
		if (http_server_turn(site->server, 0, &done) != 0)
			abort();
	return done;
}

static inline void
site_end(struct site *site)
{
	site_answer(site);
	http_server_free(site->server);
	buf_release(&site->seen);
	buf_release(&site->large);
}

/* A client that is connected; its socket does not block. */
static inline int
site_client(struct site *site)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0 ||
	    http_adopt(site->server, pair[0]) != 0 || fcntl(pair[1], F_SETFL, O_NONBLOCK) != 0)
		abort();
	return pair[1];
}

static inline void
say_n(struct site *site, int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t k = send(fd, p, n, MSG_NOSIGNAL);

		if (k > 0) {
			p += k;
			n -= (size_t)k;
		} else if (errno != EAGAIN) {
			return;
		}
		site_turn(site);
	}
}

static inline void
say(struct site *site, int fd, const char *text)
{
	say_n(site, fd, text, strlen(text));
}

/* Appends what has come; true: the server has hung up. */
static inline bool
hear(struct site *site, int fd, struct buf *to)
{
	ssize_t n;

	site_turn(site);
	for (;;) {
		char *w = buf_room(to, 65536);

		n = w ? recv(fd, w, 65536, 0) : -1;
		if (n <= 0)
			return n == 0 || errno != EAGAIN;
		to->n += (size_t)n;
		site_turn(site);
	}
}

/* The statuses of the answers in it, and "." at the end when the server hung up. */
static inline const char *
statuses(const struct buf *answers, bool end, char w[128])
{
	size_t i, n = 0;

	for (i = 0; i + 12 <= answers->n && n < 100; i++)
		if (memcmp(answers->p + i, "HTTP/1.1 ", 9) == 0) {
			if (n)
				w[n++] = ' ';
			memcpy(w + n, answers->p + i + 9, 3);
			n += 3;
		}
	if (end)
		w[n++] = '.';
	w[n] = '\0';
	return w;
}

#endif
