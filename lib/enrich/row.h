/*
 * The stored row of an event (SPEC 4), as one line of JSON.
 */
#ifndef MM_ROW_H
#define MM_ROW_H

#include "enrich/agent.h"
#include "base/buf.h"
#include "enrich/classify.h"
#include "event/event.h"

/* What mm-enrich found out about an event.  Text that is not JSON-escaped. */
struct enrichment {
	struct span project_id;             /* used when the event names none */
	int64_t timestamp;                  /* ms */
	struct span event_id, anonymous_id; /* used when the event has none */
	const struct attribution *from;
	struct agent agent;
	struct span country, ip_hash;
	struct span url, path, referrer; /* stored instead of what was sent; p NULL: not */
};

enum { SESSION_SECONDS = 1800 };

/*
 * Appends the row and a newline.  What the client sent leaves with the bytes
 * it came in, escapes included.
 */
void row_add(struct buf *, const struct event *, const struct enrichment *);

#endif
