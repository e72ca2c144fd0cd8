/*
 * A short form of an event for people who look for a mistake in it: what it
 * is about first, values cut, and nothing that tells who the visitor is.
 *
 * Left out are ip, user_agent and ua_hints, and properties of such names.
 * Shown as "…" are the values of keys that are not known, strings with an
 * address (IP or e-mail) or an escape in them, and what objects and arrays hold.
 */
#ifndef MM_EXCERPT_H
#define MM_EXCERPT_H

#include "buf.h"

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
