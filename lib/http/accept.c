#define _GNU_SOURCE /* accept4 */
#include "http/accept.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/answer.h"

#include "base/banned.h"

enum { AT_ONCE = 64 };

int
acceptor_start(struct http_loop *l, struct acceptor *a)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = a };

	if (a->listening || epoll_ctl(l->epoll, EPOLL_CTL_ADD, a->listener.fd, &event) == 0) {
		a->source.kind = SOURCE_LISTENER;
		a->listening = true;
		return 0;
	}
	return errno;
}

void
acceptor_pause(struct http_loop *l, struct acceptor *a)
{
	if (a->listening)
		epoll_ctl(l->epoll, EPOLL_CTL_DEL, a->listener.fd, NULL);
	a->listening = false;
}

static struct ip
address_of(const struct sockaddr_storage *from)
{
	struct ip ip = { 0 };

	if (from->ss_family == AF_INET) {
		ip.v4 = true;
		memcpy(ip.b, &((const struct sockaddr_in *)from)->sin_addr, 4);
	} else if (from->ss_family == AF_INET6) {
		const struct in6_addr *v6 = &((const struct sockaddr_in6 *)from)->sin6_addr;

		ip.v4 = IN6_IS_ADDR_V4MAPPED(v6);
		memcpy(ip.b, v6->s6_addr + (ip.v4 ? 12 : 0), ip.v4 ? 4 : 16);
	}
	return ip;
}

/* Answers who can't be let in, without waiting for anything, and hangs up. */
static void
turn_away(struct http_loop *l, int fd)
{
	char answer[ANSWER_HEAD_MOST + 256], waste[4096];
	struct span fields = answer_refusal_fields(503), body = answer_refusal_body(503);
	size_t n = answer_head(answer, 503, loop_date(l), body.n, false, false);
	const struct span part[] = { fields, SPAN("\r\n"), body };
	size_t i;

	for (i = 0; i < 3; i++) {
		memcpy(answer + n, part[i].p, part[i].n);
		n += part[i].n;
	}
	/* what is left unread would make a reset of it, before the answer is read */
	if (send(fd, answer, n, MSG_NOSIGNAL) == (ssize_t)n && shutdown(fd, SHUT_WR) == 0)
		while (recv(fd, waste, sizeof(waste), 0) > 0)
			;
	close(fd);
	l->counts.turned_away++;
	if (l->config.on_refused)
		l->config.on_refused(l->config.context, 503);
}

static void
let_in(struct http_loop *l, const struct acceptor *a, int fd, const struct sockaddr_storage *from)
{
	struct ip ip = address_of(from);
	const int on = 1;

	if (!a->listener.is_unix)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if ((l->counts.open >= l->config.connections_most && !conn_make_room(l)) ||
	    conn_open(l, fd, a->listener.is_unix ? NULL : &ip, a->listener.tag) != 0)
		turn_away(l, fd);
}

void
acceptor_accept(struct http_loop *l, struct acceptor *a, int *reserve, bool *paused)
{
	struct sockaddr_storage from;
	socklen_t from_n;
	int i, fd;

	for (i = 0; i < AT_ONCE; i++) {
		from_n = sizeof(from);
		fd = accept4(a->listener.fd, (struct sockaddr *)&from, &from_n,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			let_in(l, a, fd, &from);
			continue;
		}
		if (errno == EAGAIN)
			return;
		if (errno == EMFILE || errno == ENFILE) {
			if (conn_make_room(l))
				continue;
			if (*reserve >= 0) {
				close(*reserve);
				fd = accept4(
				    a->listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
				if (fd >= 0)
					turn_away(l, fd);
			}
			*reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
			if (*reserve >= 0 && fd >= 0)
				continue;
			*paused = true;
			return;
		}
		if (errno == ENOMEM || errno == ENOBUFS) {
			*paused = true;
			return;
		}
		/* the one at the other end has gone already */
	}
}
