#define _GNU_SOURCE
#include "http/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/ascii.h"

#include "base/banned.h"

enum { BACKLOG = 4096, FIRST_INHERITED = 3 };

/* ---- addresses ----------------------------------------------------------- */

/* "127.0.0.1:8080", "[::1]:8080" */
static socklen_t
read_address(struct span text, struct sockaddr_storage *to)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
	const char *colon = memrchr(text.p, ':', text.n);
	struct span host, port;
	uint64_t number;
	struct ip ip;
	bool brackets;

	memset(to, 0, sizeof(*to));
	if (!colon)
		return 0;
	host = (struct span){ text.p, (size_t)(colon - text.p) };
	port = (struct span){ colon + 1, text.n - host.n - 1 };
	if (!ascii_number(port, 65535, &number))
		return 0;
	brackets = host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
	if (brackets)
		host = (struct span){ host.p + 1, host.n - 2 };
	if (!ip_parse(&ip, host.p, host.n) || ip.v4 == brackets)
		return 0;
	if (ip.v4) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)number);
		memcpy(&v4->sin_addr, ip.b, 4);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)number);
	memcpy(&v6->sin6_addr, ip.b, 16);
	return sizeof(*v6);
}

static void
set_name(struct http_listener *l, struct span name)
{
	size_t n = name.n < sizeof(l->name) ? name.n : sizeof(l->name) - 1;

	memcpy(l->name, name.p, n);
	l->name[n] = '\0';
}

static int
listen_tcp(struct http_listener *l, struct span address)
{
	struct sockaddr_storage to;
	socklen_t n = read_address(address, &to);
	const int on = 1;

	if (!n)
		return EINVAL;
	l->fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return errno;
	if (setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    (to.ss_family == AF_INET6 &&
		setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) ||
	    bind(l->fd, (struct sockaddr *)&to, n) != 0 || listen(l->fd, BACKLOG) != 0)
		return errno;
	return 0;
}

/* Takes away a socket that nobody listens on any more. */
static int
clear_path(const struct sockaddr_un *to)
{
	struct stat st;
	int fd, error = 0;

	if (lstat(to->sun_path, &st) != 0)
		return errno == ENOENT ? 0 : errno;
	if (!S_ISSOCK(st.st_mode))
		return EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0 || errno == EAGAIN)
		error = EADDRINUSE;
	else if (errno != ECONNREFUSED)
		error = errno;
	close(fd);
	if (!error && unlink(to->sun_path) != 0 && errno != ENOENT)
		error = errno;
	return error;
}

static int
listen_unix(struct http_listener *l, struct span path, unsigned mode)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int error;

	if (path.n == 0 || memchr(path.p, '\0', path.n))
		return EINVAL;
	if (path.n >= sizeof(to.sun_path))
		return ENAMETOOLONG;
	memcpy(to.sun_path, path.p, path.n);
	l->is_unix = true;
	error = clear_path(&to);
	if (error)
		return error;
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0 || bind(l->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		return errno;
	memcpy(l->path, to.sun_path, sizeof(to.sun_path));
	/* nobody can connect before listen() */
	if (chmod(l->path, (mode_t)mode) != 0 || listen(l->fd, BACKLOG) != 0)
		return errno;
	return 0;
}

int
http_listen(struct http_listener *l, struct span address, unsigned mode)
{
	const struct span scheme = SPAN("unix:");
	int error;

	*l = (struct http_listener){ .fd = -1 };
	set_name(l, address);
	if (address.n >= scheme.n && memcmp(address.p, scheme.p, scheme.n) == 0)
		error = listen_unix(
		    l, (struct span){ address.p + scheme.n, address.n - scheme.n }, mode);
	else
		error = listen_tcp(l, address);
	if (error)
		http_listener_close(l);
	return error;
}

unsigned
http_listener_port(const struct http_listener *l)
{
	struct sockaddr_storage at;
	socklen_t n = sizeof(at);

	if (getsockname(l->fd, (struct sockaddr *)&at, &n) != 0)
		return 0;
	if (at.ss_family == AF_INET)
		return ntohs(((struct sockaddr_in *)&at)->sin_port);
	if (at.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&at)->sin6_port);
	return 0;
}

void
http_listener_close(struct http_listener *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	if (l->path[0])
		unlink(l->path);
	l->path[0] = '\0';
}

/* ---- systemd ------------------------------------------------------------- */

static int
get_option(int fd, int name)
{
	int value = -1;
	socklen_t n = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &n) == 0 ? value : -1;
}

static int
inherit(struct http_listener *l, int fd, struct span name)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || get_option(fd, SO_ACCEPTCONN) != 1 ||
	    get_option(fd, SO_TYPE) != SOCK_STREAM)
		return ENOTSOCK;
	if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return errno;
	*l = (struct http_listener){
		.fd = fd, .inherited = true, .is_unix = get_option(fd, SO_DOMAIN) == AF_UNIX
	};
	set_name(l, name);
	return 0;
}

/* The value of a variable as a number; 0 when there is none. */
static uint64_t
number_of(const char *variable)
{
	const char *text = getenv(variable);
	uint64_t value;

	return text && ascii_number(span_of(text), INT32_MAX, &value) ? value : 0;
}

int
http_inherited(struct http_listener *l, size_t most, size_t *count)
{
	bool ours = number_of("LISTEN_PID") == (uint64_t)getpid();
	size_t n = ours ? (size_t)number_of("LISTEN_FDS") : 0, i;
	const char *names = getenv("LISTEN_FDNAMES");
	int error = n > most ? E2BIG : 0;

	for (i = 0, *count = 0; i < n && !error; i++) {
		size_t k = names ? strcspn(names, ":") : 0;

		error = inherit(
		    &l[i], FIRST_INHERITED + (int)i, names ? (struct span){ names, k } : SPAN(""));
		if (names)
			names = names[k] ? names + k + 1 : NULL;
		*count += !error;
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return error;
}
