/*
 * Memory for many small things that are made together and freed together.
 * What was handed out does not move.
 */
#ifndef MM_ARENA_H
#define MM_ARENA_H

#include "base/buf.h"

struct arena_block;

/* Starts as all zero. */
struct arena {
	struct arena_block *block;
	size_t used;
	bool failed; /* memory was out once; stays set */
};

/* n bytes of zeros, aligned for anything; NULL (and `failed`) when memory is out. */
void *arena_get(struct arena *, size_t n);

/* count things of `size` bytes. */
void *arena_array(struct arena *, size_t count, size_t size);

/* A copy; its p is NULL when memory is out. */
struct span arena_copy(struct arena *, const char *p, size_t n);

/* Frees all that was handed out. */
void arena_release(struct arena *);

#endif
