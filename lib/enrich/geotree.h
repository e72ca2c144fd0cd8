/*
 * Walks the search tree of a database in MaxMind's format, version 2, as libmaxminddb
 * does, but beginning behind the first 16 bits of the address: a table tells where they
 * lead, and is filled as it is used.  What is not as it should be is left to the library.
 *
 * Threads: geotree_find may be called by several at once.
 */
#ifndef MM_GEOTREE_H
#define MM_GEOTREE_H

#include <maxminddb.h>
#include <stdatomic.h>

#include "text/ip.h"

enum geotree_answer {
	GEOTREE_ENTRY,   /* *offset is its place in the data section */
	GEOTREE_NOTHING, /* the address is not known */
	GEOTREE_ASK,     /* only the library can tell */
};

struct geotree {
	/* what follows is the module's */
	const unsigned char *nodes;
	uint32_t node_count, data_size;
	unsigned record_size; /* bits */
	uint32_t v4_root;
	unsigned version;
	/* for IPv4 and for IPv6: the record where the first 16 bits lead, and 1 more; 0: not known */
	atomic_uint_least32_t *first[2];
};

/* The database must stay open.  Without memory, geotree_find answers GEOTREE_ASK. */
void geotree_init(struct geotree *, const MMDB_s *);
void geotree_release(struct geotree *);

enum geotree_answer geotree_find(const struct geotree *, const struct ip *, uint32_t *offset);

#endif
