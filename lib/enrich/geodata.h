/*
 * The data section of a database in MaxMind's format, version 2.0: maps and
 * strings, found by key.
 *
 * The library's own functions for this call themselves once for each level of
 * nesting that they skip, as deep as the data say: a damaged file can exhaust
 * the stack.  Here nothing recurses, and what one search reads is bounded.
 */
#ifndef MM_GEODATA_H
#define MM_GEODATA_H

#include "base/buf.h"

enum { GEODATA_VALUES = 65536 }; /* that one search reads; real entries have hundreds */

struct geodata {
	const unsigned char *p; /* the section */
	size_t n;
	unsigned values; /* read so far */
	bool damaged;    /* set, and never unset, when the format is violated */
};

/*
 * Moves *at from a map to the value of the key in it.  Returns false, with *at
 * as it was, when there is no map, no such key, or damage.
 */
bool geodata_find(struct geodata *, size_t *at, const char *key);

/* The string at `at`, as long as the section; false when it is none. */
bool geodata_string(struct geodata *, size_t at, struct span *);

#endif
