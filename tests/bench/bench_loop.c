/*
 * The ceiling for a server of requests of one event: a loop that reads what has
 * come, takes it for a whole request without a look, and answers 202.
 *
 *     bench_loop PORT
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int
fail(const char *what)
{
	perror(what);
	return 2;
}

static void
let_in(int epoll, int listener)
{
	const int on = 1;
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void
answer(int fd)
{
	static const char text[] =
	    "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n"
	    "{\"ok\":true,\"event_id\":null}";
	char waste[64 * 1024];

	if (recv(fd, waste, sizeof(waste), 0) <= 0)
		close(fd);
	else if (send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL) < 0)
		close(fd);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), epoll = epoll_create1(0);
	const int on = 1;

	to.sin_port = htons((uint16_t)atoi(argc > 1 ? argv[1] : "0"));
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (struct sockaddr *)&to, sizeof(to)) != 0 || listen(listener, 4096) != 0)
		return fail("listen");
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener,
		&(struct epoll_event){ .events = EPOLLIN, .data.fd = listener }) != 0)
		return fail("epoll_ctl");
	for (;;) {
		struct epoll_event event[64];
		int i, n = epoll_wait(epoll, event, 64, -1);

		for (i = 0; i < n; i++)
			if (event[i].data.fd == listener)
				let_in(epoll, listener);
			else
				answer(event[i].data.fd);
	}
}
