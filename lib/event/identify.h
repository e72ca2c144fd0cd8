/*
 * From {"anonymous_id","user_id","traits"?} to the event $identify (SPEC 10).
 */
#ifndef MM_IDENTIFY_H
#define MM_IDENTIFY_H

#include "event/complaint.h"
#include "event/event.h"

enum { IDENTIFY_COMPLAINTS_MAX = EVENT_COMPLAINTS_MAX + 4 };

/* Starts as all zero but for what the owner sets. */
struct identify {
	/* set by the owner */
	bool strict_keys; /* a key that is not known is an error */
	bool outside;     /* as in event.h */

	/* the answer, valid until the next call: a valid event, without newline */
	struct buf event;

	/* what is wrong, when identify returns false */
	struct complaint complaint[IDENTIFY_COMPLAINTS_MAX];
	size_t complaints;

	/* what follows is the module's */
	struct event checker;
	struct buf words;
	struct json_value value[EVENT_FIELDS];
	unsigned present;
};

void identify_release(struct identify *);

/*
 * Makes the event $identify of the line [p, p+n): `anonymous_id` and `user_id`,
 * which are required, `traits` as `properties`, and the other fields and
 * context keys of an event.  Values keep the bytes that they have in the line;
 * null means absent.  Other keys are dropped.  Returns false with at least one
 * complaint when the line is no object or the event would not be valid.
 */
bool identify(struct identify *, const char *p, size_t n);

#endif
