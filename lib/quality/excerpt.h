/*
 * A short form of an event for people who look for a mistake in it: what it
 * is about first, values cut, and nothing that tells who the visitor is.
 *
 * Left out are ip, user_agent and ua_hints, and properties of such names.
 * Shown as "…" are the values of keys that are not known, what objects and
 * arrays hold, and strings with an escape in them, an `@`, a browser's
 * "Mozilla/", or what may be an IP address (a version 1.2.3.4 too).
 */
#ifndef MM_EXCERPT_H
#define MM_EXCERPT_H

#include "base/buf.h"

enum {
	EXCERPT_MAX = 96,       /* bytes, about */
	EXCERPT_VALUE_MAX = 16, /* of a value */
	EXCERPT_NAME_MAX = 40,  /* of a key, and of the event's name */
};

/*
 * Appends the excerpt of the line [p, p+n): of what is no JSON object, nothing.
 * `field` ("amount", "properties.amount") is shown first.  UTF-8 without
 * control characters, as JSON but for the "…".
 */
void excerpt_add(struct buf *, const char *p, size_t n, struct span field);

#endif
