/*
 * What the parts of a server share: the clock, deadlines, memory, and lists of
 * connections.
 */
#ifndef MM_HTTP_LOOP_H
#define MM_HTTP_LOOP_H

#include "http/blocks.h"
#include "http/due.h"
#include "http/http.h"

/* What an epoll event points to begins with this. */
enum source_kind { SOURCE_CONN, SOURCE_LISTENER, SOURCE_WATCH, SOURCE_POST };
struct source {
	enum source_kind kind;
};

enum due_kind { DUE_IDLE, DUE_HEAD, DUE_BODY, DUE_WRITE, DUE_LINGER, DUE_KINDS };

struct conn;

struct http_loop {
	struct http_config config; /* without zeros */
	int epoll;
	int64_t now; /* ms */
	struct blocks blocks;
	struct due_queue queue[DUE_KINDS];
	struct http_counts counts;
	struct conn *all;                 /* those with a socket */
	struct conn *ready, **ready_last; /* to be run without an event */
	struct conn *dead;                /* to be freed after the turn */
	bool stopping;
	int64_t stop_at;
	int64_t date_second;
	char date[32]; /* "Sun, 06 Nov 1994 08:49:37 GMT" */
};

/* Fills in the config's zeros.  0, or the errno of epoll_create1. */
int loop_init(struct http_loop *, const struct http_config *);
void loop_release(struct http_loop *);

/* Reads the clock. */
void loop_look_at_clock(struct http_loop *);

/* The value of Date, IMF-fixdate (RFC 9110, 5.6.7), of now. */
struct span loop_date(struct http_loop *);

#endif
