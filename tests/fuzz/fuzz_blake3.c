/*
 * BLAKE3 by eight chunks at a time, cut anywhere, is what the specification's recursion
 * gives that hashes block by block.
 */
#include <stdlib.h>
#include <string.h>

#include "store/blake3.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HASH = 32, REPEATS = 8, START = 1, END = 2, PARENT = 4, ROOT = 8 };

static const uint32_t iv[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
	0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

static uint32_t
turn(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static void
mix(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d, uint32_t x, uint32_t y)
{
	*a += *b + x;
	*d = turn(*d ^ *a, 16);
	*c += *d;
	*b = turn(*b ^ *c, 12);
	*a += *b + y;
	*d = turn(*d ^ *a, 8);
	*c += *d;
	*b = turn(*b ^ *c, 7);
}

static void
compress(uint32_t cv[8], const uint8_t *p, size_t n, uint64_t chunk, uint32_t flags)
{
	static const uint8_t permutation[16] = { 2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15,
		8 };
	uint32_t v[16], m[16] = { 0 }, turned[16];
	unsigned i, round;

	for (i = 0; i < n; i++)
		m[i / 4] |= (uint32_t)p[i] << 8 * (i % 4);
	memcpy(v, cv, 32);
	memcpy(v + 8, iv, 16);
	v[12] = (uint32_t)chunk;
	v[13] = (uint32_t)(chunk >> 32);
	v[14] = (uint32_t)n;
	v[15] = flags;
	for (round = 0; round < 7; round++) {
		for (i = 0; i < 4; i++)
			mix(&v[i], &v[4 + i], &v[8 + i], &v[12 + i], m[2 * i], m[2 * i + 1]);
		for (i = 0; i < 4; i++)
			mix(&v[i], &v[4 + (i + 1) % 4], &v[8 + (i + 2) % 4], &v[12 + (i + 3) % 4],
			    m[8 + 2 * i], m[9 + 2 * i]);
		for (i = 0; i < 16; i++)
			turned[i] = m[permutation[i]];
		memcpy(m, turned, sizeof(m));
	}
	for (i = 0; i < 8; i++)
		cv[i] = v[i] ^ v[i + 8];
}

static void
hash_tree(const uint8_t *p, size_t n, uint64_t chunk, uint32_t root, uint32_t cv[8])
{
	size_t left = BLAKE3_CHUNK, at;
	uint8_t both[64];
	unsigned i;

	if (n > BLAKE3_CHUNK) {
		uint32_t node[2][8];

		while (left * 2 < n)
			left *= 2;
		hash_tree(p, left, chunk, 0, node[0]);
		hash_tree(p + left, n - left, chunk + left / BLAKE3_CHUNK, 0, node[1]);
		for (i = 0; i < 64; i++)
			both[i] = (uint8_t)(node[i / 32][i % 32 / 4] >> 8 * (i % 4));
		memcpy(cv, iv, sizeof(iv));
		compress(cv, both, 64, 0, PARENT | root);
		return;
	}
	memcpy(cv, iv, sizeof(iv));
	for (at = 0; n - at > 64; at += 64)
		compress(cv, p + at, 64, chunk, at == 0 ? START : 0);
	compress(cv, p + at, n - at, chunk, (at == 0 ? START : 0) | END | root);
}

/* The length is what matters: the bytes are taken several times. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = 0, at, k, i, seed = size;
	unsigned char hash[HASH];
	struct blake3 s, begun;
	uint32_t want[8];
	unsigned way;
	uint8_t *p;

	if (size < 2)
		return 0;
	p = malloc(size * REPEATS);
	if (!p)
		abort();
	for (i = 0; i < 1u + data[0] % REPEATS; i++, n += size - 1)
		memcpy(p + n, data + 1, size - 1);
	hash_tree(p, n, 0, ROOT, want);
	blake3_begin(&begun);
	for (way = BLAKE3_PLAIN; way <= (unsigned)begun.way; way++) {
		s = begun;
		s.way = (enum blake3_way)way;
		for (at = 0; at < n; at += k) {
			seed = seed * 31 + p[at] + 1;
			k = seed % 16384 < n - at ? seed % 16384 : n - at;
			blake3_add(&s, p + at, k);
		}
		blake3_end(&s, hash, HASH);
		for (i = 0; i < HASH; i++)
			if (hash[i] != (uint8_t)(want[i / 4] >> 8 * (i % 4)))
				abort();
	}
	free(p);
	return 0;
}
