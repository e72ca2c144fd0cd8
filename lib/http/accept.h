/*
 * New connections, also where there is no descriptor left for them.
 */
#ifndef MM_HTTP_ACCEPT_H
#define MM_HTTP_ACCEPT_H

#include "http/conn.h"

struct acceptor {
	struct source source; /* first */
	struct http_listener listener;
	bool listening; /* in the epoll set */
};

/* Adds it to the loop; 0, or an errno. */
int acceptor_start(struct http_loop *, struct acceptor *);

/*
 * Takes who waits, a number of them at a time.  Out of descriptors: closes an
 * idle connection, or answers 503; where even that can't be, *paused is set,
 * and the acceptors are to be left alone for ACCEPT_PAUSE_MS.
 */
enum { ACCEPT_PAUSE_MS = 100 };
void acceptor_accept(struct http_loop *, struct acceptor *, int *reserve, bool *paused);

/* Takes it out of the loop. */
void acceptor_pause(struct http_loop *, struct acceptor *);

#endif
