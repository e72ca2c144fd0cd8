/*
 * One connection, from its socket to its end: what http/reader reads and
 * http/reply writes.
 */
#ifndef MM_HTTP_CONN_H
#define MM_HTTP_CONN_H

#include "http/head.h"
#include "http/loop.h"

enum conn_state {
	CONN_IDLE,   /* no byte of a request is here */
	CONN_HEAD,   /* some of its head */
	CONN_BODY,   /* its head, and some of its body */
	CONN_WAIT,   /* it is handed out */
	CONN_WRITE,  /* its answer is not all written */
	CONN_NEXT,   /* it is */
	CONN_LINGER, /* our end is shut; what still comes is thrown away */
	CONN_GONE,   /* the socket is closed */
};

/* A request, from its head to its answer. */
struct exchange {
	struct http_request r; /* first: the caller's pointer is ours */
	struct head head;
	struct conn *c;
	bool handed; /* to on_request */
};

struct conn {
	struct source source; /* first */
	unsigned char state;  /* enum conn_state */
	bool readable, writable, hung_up, eof;
	bool running, queued; /* in reader_run; in the loop's ready list */
	bool closing;         /* after this answer */
	bool skipped;         /* an empty line before the request */
	bool is_unix;
	int fd; /* -1: closed */
	unsigned listener;
	struct ip peer;
	uint64_t id;
	struct http_loop *l;
	struct conn *before, *after; /* of all */
	struct conn *next;           /* ready or dead */
	struct due due;

	/* offsets into `in`: of the request at hand, of its body's decoded end, of the
	   first byte that nobody has read, of the end */
	struct block in, out;
	size_t start, head_n, body_end, at, end, scanned;
	size_t out_at, out_end;
	struct block exchange_block;
	struct exchange *x; /* in it; NULL: none */
};

/* Takes over fd, which is non-blocking.  0, or an errno; then fd stays the caller's. */
int conn_open(struct http_loop *, int fd, const struct ip *peer, unsigned listener);

/* Closes it; a request that waits is still to be answered. */
void conn_close(struct conn *);

/* Closes the one that has been idle longest, a second at least; false: there is none. */
bool conn_make_room(struct http_loop *);

/* Puts it into the loop's ready list, once. */
void conn_make_ready(struct conn *);

/* Gives the request's memory back. */
void conn_end_exchange(struct conn *);

/* It is closed, and nobody waits for its request any more: it is to be freed. */
void conn_bury(struct conn *);

/* Frees those that ended. */
void conn_reap(struct http_loop *);

#endif
