/*
 * What an answer of POST /v1/batch means, and which events it is about (SPEC 13).
 */
#ifndef MM_VERDICT_H
#define MM_VERDICT_H

#include "clickhouse/exception.h"
#include "event/body.h"
#include "send/post.h"

/* What is wrong with the event that is the `index`th of the body, from 0. */
struct verdict_fault {
	size_t index;
	struct span field; /* of the event, unescaped; n 0: the event as a whole */
	struct span text;
};

struct verdict {
	/* of CLICKHOUSE_BAD_DATA: the events that are named, none: it is not known which;
	   valid until the next answer */
	struct verdict_fault fault[BODY_FAULTS_MAX];
	size_t faults;
	struct buf words; /* the module's */
};

void verdict_release(struct verdict *);

/*
 * Fills the error and returns its status: OK when the API has taken the events;
 * BAD_DATA when it refuses some of them, or with http 413 the body as too large;
 * TRANSIENT for what passes, 429 with its retry_after_ms among them; UNKNOWN for what
 * looks like no such API; CONFIG for what somebody has to put right.  `url` is for the
 * text, which quotes no event.
 */
enum clickhouse_status verdict_read(struct verdict *, enum post_result, const struct post_answer *,
    const char *url, struct clickhouse_error *);

#endif
