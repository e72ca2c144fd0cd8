/*
 * Sockets that listen: of TCP, of unix, or handed over by systemd.
 */
#ifndef MM_HTTP_LISTEN_H
#define MM_HTTP_LISTEN_H

#include "http/http.h"

/*
 * Opens "127.0.0.1:8080", "[::1]:8080" (port 0: any that is free), or
 * "unix:/path", whose file gets `mode` and replaces one that nobody listens on.
 * Returns 0, or an errno: EINVAL for what is no such address, EADDRINUSE where
 * another listens.
 */
int http_listen(struct http_listener *, struct span address, unsigned mode);

/*
 * Takes the sockets that systemd hands over (sd_listen_fds(3): LISTEN_PID,
 * LISTEN_FDS, LISTEN_FDNAMES), at most `most`; *count is 0 when there are none.
 * Takes the variables out of the environment: call it before there are threads.
 * Returns 0, or an errno: ENOTSOCK for one that is no listening stream socket,
 * E2BIG for more than `most`.
 */
int http_inherited(struct http_listener *, size_t most, size_t *count);

/* The port of a TCP socket, 0 of another. */
unsigned http_listener_port(const struct http_listener *);

/* Closes it, and unlinks a unix socket's file that is ours. */
void http_listener_close(struct http_listener *);

#endif
