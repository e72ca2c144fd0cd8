/*
 * BLAKE3 (https://github.com/BLAKE3-team/BLAKE3-specs), the hash, without a key:
 * eight chunks at a time, a third to a fifth of the time that BLAKE2b takes.  Our own, since
 * Debian has it in no library of C.  libsodium's BLAKE2b made inserts a quarter slower.
 */
#ifndef MM_BLAKE3_H
#define MM_BLAKE3_H

#include <stddef.h>
#include <stdint.h>

enum {
	BLAKE3_CHUNK = 1024, /* bytes, as of all here */
	BLAKE3_GROUP = 8 * BLAKE3_CHUNK,
	BLAKE3_NODE = 32,
	BLAKE3_DEPTH = 51, /* of a tree of 2^64 bytes, above its groups */
	BLAKE3_MAX = 64,
};

/* What hashes groups: each gives the same.  Those behind PLAIN need instructions of x86-64. */
enum blake3_way { BLAKE3_PLAIN, BLAKE3_AVX2, BLAKE3_AVX512 };

/* May be copied. */
struct blake3 {
	enum blake3_way way;
	/* the module's */
	uint64_t groups; /* in `nodes` */
	unsigned depth;
	size_t n; /* of `rest`, what is in no node yet */
	unsigned char nodes[BLAKE3_DEPTH][BLAKE3_NODE];
	unsigned char rest[BLAKE3_GROUP];
};

/* Of no bytes yet, by the fastest way of this processor. */
void blake3_begin(struct blake3 *);

void blake3_add(struct blake3 *, const void *p, size_t n);

/* The first n bytes, at most BLAKE3_MAX, of the hash of what was added, to which nothing
   may be added any more. */
void blake3_end(struct blake3 *, unsigned char *hash, size_t n);

#endif
