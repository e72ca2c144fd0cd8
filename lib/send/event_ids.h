/*
 * An event_id for every event that has none, so that one that is sent again is known.
 * It is made of the line and of how often it has come (import/repeats.h): the same
 * input gives the same ids.
 */
#ifndef MM_EVENT_IDS_H
#define MM_EVENT_IDS_H

#include "import/repeats.h"

struct event_ids {
	struct repeats repeats; /* repeats_init is the owner's */
	struct buf line;
};

void event_ids_release(struct event_ids *);

/*
 * The line of a valid event without event_id, and with one: valid until the next call.
 * All its bytes stay as they are; the id comes behind them.  p is NULL when memory is out.
 */
struct span event_ids_give(struct event_ids *, const char *p, size_t n);

#endif
