/*
 * The stored row of an event (SPEC 4), as one line of JSON.
 */
#ifndef MM_ROW_H
#define MM_ROW_H

#include "agent.h"
#include "buf.h"
#include "classify.h"
#include "event.h"
#include "out.h"

/* What mm-enrich found out about an event.  Text that is not JSON-escaped. */
struct enrichment {
	struct span project_id;             /* used when the event names none */
	int64_t timestamp;                  /* ms */
	struct span event_id, anonymous_id; /* used when the event has none */
	const struct attribution *from;
	struct agent agent;
	struct span country, ip_hash;
};

enum { SESSION_SECONDS = 1800 };

/*
 * Appends the row and a newline to the output.  What the client sent leaves
 * with the bytes it came in, escapes included.  Fails as out_room does.
 */
void row_write(struct out *, const struct event *, const struct enrichment *);

#endif
