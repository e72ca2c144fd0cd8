/*
 * Delivery of batches of events to POST /v1/batch over one connection: the
 * delivery_config.carry of store/delivery.h.
 *
 * Each event has an event_id, by which the server knows one that comes again; so a
 * request whose answer is lost is simply sent again.  Events that the server names
 * in a refusal are taken out of the batch and the others sent; where it names none,
 * and where the body is too large, the batch is taken apart.  What it is asked to
 * wait (Retry-After), all couriers wait.
 */
#ifndef MM_COURIER_H
#define MM_COURIER_H

#include "send/post.h"
#include "send/verdict.h"
#include "store/sink.h"

/* What the couriers to one server know together; all zero at first. */
struct courier_office {
	_Atomic uint64_t hold_until_ms; /* nothing is sent before */
	_Atomic uint64_t moved_ms;      /* when the server last took events */
	_Atomic uint64_t limited;       /* how often it was asked to wait (HTTP 429) */
	_Atomic size_t too_large;       /* bytes of the smallest body it refused so, or 0 */
};

struct courier_config {
	struct post_config post;
	const char *shown;             /* the URL, for messages */
	struct courier_office *office; /* shared by all */
	/* how long after its first failure a request is tried again, and after any
	   other went through */
	uint64_t retry_ms;

	void *context; /* these are called on the courier's thread; may be NULL */
	/* the first failure of a request that is tried again; not that it has to wait */
	void (*retry)(void *context, const struct clickhouse_error *);
	/* the first body that was too large, of so many bytes */
	void (*halve)(void *context, size_t bytes);
};

struct courier {
	struct courier_config config;
	/* the module's */
	struct post *post;
	struct verdict verdict;
	struct buf body;
	bool *left; /* of the batch's events: neither taken nor refused yet */
	size_t cap;
	struct sink_task *task;
};

/* The config's pointers are kept, but for the key.  False, with a reason that stays. */
bool courier_open(struct courier *, const struct courier_config *, const char **reason);
void courier_close(struct courier *);

/*
 * Delivers the events of the batch or rejects them, as sink_deliver does: those that are
 * left when it fails are the batch then, and task->pieces is 1 where others are gone.
 */
void courier_deliver(void *courier, struct batch *, struct sink_task *);

#endif
