/*
 * An HTTP/1.1 server (RFC 9110, 9112) in one loop of one thread.
 *
 * Strict where parsers differ: what node or nginx refuse is answered with 400
 * and ends the connection.  Requests of one connection are handed out one at a
 * time, in order; while one waits for its answer nothing more is read of it.
 * A connection that is idle holds no buffer.  No TLS, no HTTP/2, no upgrades.
 *
 * All functions are for the loop's thread, except http_post.
 */
#ifndef MM_HTTP_SERVER_H
#define MM_HTTP_SERVER_H

#include "http/http.h"

struct http_server;

/*
 * Starts to listen.  The config is copied; the listeners become the server's,
 * which closes them.  NULL and an errno when memory or descriptors are out;
 * then the listeners are still the caller's.
 */
struct http_server *http_server_start(const struct http_config *);

/*
 * Runs until http_server_stop was called and all that was accepted is answered
 * (or stop_ms have passed; a request that was handed out is waited for in any
 * case).  0, or the errno of epoll_wait.
 */
int http_server_run(struct http_server *);

/*
 * One turn of the loop: waits for something to happen, wait_ms at most (-1:
 * as long as it takes), and does what there is to do.  *done: the server has
 * stopped and nothing is left.  0, or an errno.  For tests; run calls it.
 */
int http_server_turn(struct http_server *, int wait_ms, bool *done);

/*
 * No new connections; those that are idle end; requests that have begun are
 * answered, with "Connection: close".  May be called more than once.
 */
void http_server_stop(struct http_server *);

/* Closes what is open and frees all.  No request may be waiting for its answer. */
void http_server_free(struct http_server *);

/*
 * Answers a request, which is then gone.  `headers` are whole lines ("Name:
 * value\r\n", may be empty); Date, Content-Length and Connection are the
 * server's.  The spans are free again on return.  In on_head: the body is not
 * read, and the connection ends when it is not here already.  A client that has
 * gone meanwhile is no error.  status: 200 to 599.
 */
void http_answer(struct http_request *, unsigned status, struct span headers, struct span body);

/*
 * Has fn(arg) called by the loop, soon, in order; from any thread.  False when
 * memory is out; else it is called, also when the server stops meanwhile (as
 * long as http_server_turn is called).
 */
bool http_post(struct http_server *, void (*fn)(void *arg), void *arg);

/*
 * Has fn(arg) called whenever fd (an eventfd, a signalfd, a pipe) can be read;
 * fn reads it.  The fd stays the caller's and open until http_server_free.  0, or
 * an errno; ENOSPC: HTTP_WATCHES_MOST are there.
 */
int http_watch(struct http_server *, int fd, void (*fn)(void *arg), void *arg);

/*
 * Takes over a connected stream socket, as if it had been accepted, with the
 * unix sockets' kind of peer.  0, or an errno; then the socket stays the caller's.
 */
int http_adopt(struct http_server *, int fd);

/* The loop's clock, milliseconds, as it was when the turn began. */
int64_t http_now(const struct http_server *);

/* Valid as long as the server, and always of now. */
const struct http_counts *http_counts(const struct http_server *);

#endif
