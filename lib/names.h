/*
 * A table of names that is filled once and then asked often: each name has
 * the index at which it was added.
 */
#ifndef MM_NAMES_H
#define MM_NAMES_H

#include "arena.h"

#define NAMES_NONE SIZE_MAX

struct names_slot;

/* Starts as all zero, which is an empty table. */
struct names {
	struct span *name; /* by index */
	size_t count;
	/* the module's */
	struct names_slot *slot;
	size_t mask;
};

/* An empty table with room for `most` names.  False when memory is out. */
bool names_init(struct names *, struct arena *, size_t most);

/*
 * Adds a name, whose bytes stay the caller's, and returns its index: that of
 * the name that is there already, else the count before.
 */
size_t names_add(struct names *, struct span name);

/* The index of the name, or NAMES_NONE. */
size_t names_find(const struct names *, struct span name);

#endif
