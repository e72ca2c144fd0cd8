/*
 * One POST after the other to an API, over a connection that is kept alive.
 * Redirects are refused, certificates are looked at.  The key travels in a header
 * and occurs in no message.
 *
 * All calls of libcurl for this room are in post.c.
 */
#ifndef MM_POST_H
#define MM_POST_H

#include <signal.h>
#include <stdatomic.h>

#include "base/buf.h"

enum { POST_REASON = 256, POST_ANSWER_MAX = 1 << 20 };

struct post_config {
	const char *url;        /* of the route; kept by the caller */
	const char *socket;     /* the path of a unix socket to go through, or NULL */
	const char *key;        /* copied, wiped on close */
	const char *cacert;     /* NULL: libcurl's; a file of certificates, PEM */
	bool direct;            /* by no proxy, whatever the environment says */
	uint64_t timeout_ms;    /* of one request */
	const atomic_int *stop; /* may be NULL; non-zero ends a request .. */
	uint64_t stop_grace_ms; /* .. that much later, all requests together */
};

enum post_result {
	POST_ANSWERED, /* an answer came, whole */
	POST_NETWORK,  /* none, or half of one: try again */
	POST_SETUP,    /* none will come until something is put right: a certificate */
	POST_STOPPED,  /* *stop was set */
};

struct post_answer {
	long http;                /* its status */
	uint64_t retry_after_ms;  /* from Retry-After, at most a minute, else 0 */
	struct buf body;          /* its first POST_ANSWER_MAX bytes */
	char reason[POST_REASON]; /* without an answer: why, for people */
};

struct post;

/* NULL, with *reason, a text that stays, when it can't be: no libcurl, no memory, a key
   that no header can carry.  Nothing is sent yet. */
struct post *post_open(const struct post_config *, const char **reason);
void post_close(struct post *);

/* Sends the body, which is JSON.  The answer's memory is the post's, until the next. */
enum post_result post_send(struct post *, struct span body, struct post_answer **);

#endif
