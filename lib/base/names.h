/*
 * A table of names that is filled once and then asked often: each name has
 * the index at which it was added.
 */
#ifndef MM_NAMES_H
#define MM_NAMES_H

#include "base/arena.h"

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

/* ---- inline, because it is asked for every key that comes in ---- */

static inline uint64_t
names_eight(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t
names_four(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Whether the name at index i, below count, is this one. */
static inline bool
names_is(const struct names *t, size_t i, struct span name)
{
	const char *a = t->name[i].p, *b = name.p;
	size_t n = name.n;

	if (t->name[i].n != n)
		return false;
	if (n < 4 || n > 16)
		return memcmp(a, b, n) == 0;
	if (n < 8)
		return names_four(a) == names_four(b) &&
		    names_four(a + n - 4) == names_four(b + n - 4);
	return names_eight(a) == names_eight(b) && names_eight(a + n - 8) == names_eight(b + n - 8);
}

#endif
