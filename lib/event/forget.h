/*
 * A line that says whom to forget: {"user_id"}, {"anonymous_id"} or both (SPEC 10).
 */
#ifndef MM_FORGET_H
#define MM_FORGET_H

#include "event/complaint.h"
#include "event/event.h"

enum { FORGET_COMPLAINTS_MAX = EVENT_COMPLAINTS_MAX + 2 };

/* Starts as all zero. */
struct forget {
	/* the answer of forget_parse, valid until the next call */
	struct span user_id, anonymous_id; /* JSON strings with their quotes; p NULL: not there */
	struct span user_text, anonymous_text; /* the same unescaped, UTF-8 */

	/* what is wrong, when it returns false; at least one */
	struct complaint complaint[FORGET_COMPLAINTS_MAX];
	size_t complaints;

	/* what follows is the module's */
	struct event checker;
	struct buf event, words;
	struct json_value value[2];
	bool present[2];
};

void forget_release(struct forget *);

/*
 * Reads the line [p, p+n): a JSON object of `user_id` and `anonymous_id`, of
 * which at least one is a string, within the bounds of events; null means
 * absent, and of a key that stands twice the last one counts.  Any other key
 * is an error: what is misspelt must not pass for forgotten.
 */
bool forget_parse(struct forget *, const char *p, size_t n);

#endif
