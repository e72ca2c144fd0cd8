/*
 * Where mm-serve listens.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/msg.h"
#include "cmd/serve/job.h"

#include "base/banned.h"

#define LISTEN_DEFAULT "127.0.0.1:8080"

enum { SOCKET_MODE = 0666 }; /* of a unix socket: who may connect is the folder's to say */

static bool
add(struct serve_job *j, const char *address, unsigned tag)
{
	struct http_listener *l = &j->listener[j->listeners];
	int error;

	if (j->listeners == HTTP_LISTENERS_MOST) {
		msg("more than %d addresses to listen on", HTTP_LISTENERS_MOST);
		return false;
	}
	error = http_listen(l, span_of(address), SOCKET_MODE);
	if (error == EINVAL)
		msg("%s: expected ADDRESS:PORT, [ADDRESS]:PORT or unix:/path", address);
	else if (error)
		msg_errno(error, "%s", address);
	if (error)
		return false;
	l->tag = tag;
	j->listeners++;
	return true;
}

/* Those of the service manager; a socket named "private" is for /healthz and /metrics. */
static bool
inherit(struct serve_job *j)
{
	size_t i;
	int error = http_inherited(j->listener, HTTP_LISTENERS_MOST, &j->listeners);

	if (error) {
		msg_errno(error, "sockets of the service manager");
		return false;
	}
	for (i = 0; i < j->listeners; i++)
		j->listener[i].tag = strcmp(j->listener[i].name, "private") == 0 ? DOOR_PRIVATE : 0;
	return true;
}

bool
serve_listen(struct serve_job *j)
{
	size_t i;

	if (!inherit(j))
		return false;
	if (j->listen.n == 0 && j->listeners == 0 && !add(j, LISTEN_DEFAULT, 0))
		return false;
	for (i = 0; i < j->listen.n; i++)
		if (!add(j, j->listen.v[i], 0))
			return false;
	for (i = 0; i < j->private_listen.n; i++)
		if (!add(j, j->private_listen.v[i], DOOR_PRIVATE))
			return false;
	return true;
}

void
serve_listening(struct serve_job *j)
{
	size_t i;

	for (i = 0; i < j->listeners && !j->quiet; i++) {
		const struct http_listener *l = &j->listener[i];
		const char *use = l->tag == DOOR_PRIVATE ? " for /healthz and /metrics" : "";
		const char *colon = strrchr(l->name, ':');

		if (l->inherited || l->is_unix || !colon)
			msg("listening on %s%s", l->name, use);
		else
			msg("listening on http://%.*s:%u%s", (int)(colon - l->name), l->name,
			    http_listener_port(l), use);
	}
}

void
serve_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = path ? strlen(path) : 0;
	int fd;

	if (n < 2 || n >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, path, n);
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* who does not listen is not told */
	(void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	close(fd);
}
