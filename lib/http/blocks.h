/*
 * Blocks of memory that come and go with requests: kept for the next one, given
 * back to the system when they have not been needed for a while.
 */
#ifndef MM_HTTP_BLOCKS_H
#define MM_HTTP_BLOCKS_H

#include "base/buf.h"

enum {
	BLOCK_LEAST = 2048,
	BLOCK_CLASSES = 7, /* 2 KiB to 128 KiB are kept; larger ones are not */
};

struct block {
	char *p; /* NULL: none */
	size_t cap;
};

struct blocks {
	size_t most;   /* bytes, of all that are in use */
	size_t in_use; /* bytes */
	struct {
		void *free;
		size_t count, low; /* low: the fewest since the last trim */
	} of[BLOCK_CLASSES];
};

/* `most` bytes in use at most. */
void blocks_init(struct blocks *, size_t most);
void blocks_release(struct blocks *);

/* A block of n bytes at least.  False when memory is out, or `most` would be passed. */
bool block_get(struct blocks *, struct block *, size_t n);

/* Makes it n bytes at least, keeping the first `keep`; false: it is as it was. */
bool block_grow(struct blocks *, struct block *, size_t keep, size_t n);

/* Gives it back; does nothing for none. */
void block_put(struct blocks *, struct block *);

/* To be called once a second or so: frees what was not needed since the last time. */
void blocks_trim(struct blocks *);

/* Whether there is anything for blocks_trim to free. */
bool blocks_idle(const struct blocks *);

#endif
