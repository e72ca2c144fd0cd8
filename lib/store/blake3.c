#include "store/blake3.h"

#include <string.h>

#include "base/banned.h"

#if defined(__x86_64__) && !defined(MM_PORTABLE)
#define MM_WIDER
#endif

enum { BLOCK = 64, BLOCKS = BLAKE3_CHUNK / BLOCK, LANES = 8, WORDS = 8, ROUNDS = 7 };
enum { CHUNK_START = 1, CHUNK_END = 2, PARENT = 4, ROOT = 8 };

static const uint32_t iv[WORDS] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
	0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

/* Which words of a block a round takes, by the specification's permutation. */
static const unsigned char order[ROUNDS][16] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8 },
	{ 3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1 },
	{ 10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6 },
	{ 12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4 },
	{ 9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7 },
	{ 11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13 },
};

/* For words and for vectors of words. */
#define TURN(x, n) ((x) >> (n) | (x) << (32 - (n)))
#define MIX(v, a, b, c, d, x, y)              \
	do {                                  \
		v[a] += v[b] + (x);           \
		v[d] = TURN(v[d] ^ v[a], 16); \
		v[c] += v[d];                 \
		v[b] = TURN(v[b] ^ v[c], 12); \
		v[a] += v[b] + (y);           \
		v[d] = TURN(v[d] ^ v[a], 8);  \
		v[c] += v[d];                 \
		v[b] = TURN(v[b] ^ v[c], 7);  \
	} while (0)
#define ROUND(v, m, o)                                    \
	do {                                              \
		MIX(v, 0, 4, 8, 12, m[o[0]], m[o[1]]);    \
		MIX(v, 1, 5, 9, 13, m[o[2]], m[o[3]]);    \
		MIX(v, 2, 6, 10, 14, m[o[4]], m[o[5]]);   \
		MIX(v, 3, 7, 11, 15, m[o[6]], m[o[7]]);   \
		MIX(v, 0, 5, 10, 15, m[o[8]], m[o[9]]);   \
		MIX(v, 1, 6, 11, 12, m[o[10]], m[o[11]]); \
		MIX(v, 2, 7, 8, 13, m[o[12]], m[o[13]]);  \
		MIX(v, 3, 4, 9, 14, m[o[14]], m[o[15]]);  \
	} while (0)

/* Words have their lowest byte first, here and in vectors. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define ORDERED(x) ((x) << 24 | ((x)&0xff00) << 8 | ((x) >> 8 & 0xff00) | (x) >> 24)
#else
#define ORDERED(x) (x)
#endif

/* ---- one block at a time ------------------------------------------------------ */

static void
load_words(uint32_t *to, const unsigned char *p, size_t n)
{
	size_t i;

	memcpy(to, p, n * 4);
	for (i = 0; i < n; i++)
		to[i] = ORDERED(to[i]);
}

static void
store_words(unsigned char *to, const uint32_t *words, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		uint32_t w = ORDERED(words[i]);

		memcpy(to + 4 * i, &w, 4);
	}
}

/* What a node, or the end of the tree, is made of. */
struct block {
	uint32_t node[WORDS]; /* what comes before it in its chunk */
	unsigned char bytes[BLOCK];
	uint64_t chunk;
	uint32_t n, flags;
};

static void
compress(const struct block *b, uint32_t out[16])
{
	uint32_t v[16] = { b->node[0], b->node[1], b->node[2], b->node[3], b->node[4], b->node[5],
		b->node[6], b->node[7], iv[0], iv[1], iv[2], iv[3], (uint32_t)b->chunk,
		(uint32_t)(b->chunk >> 32), b->n, b->flags };
	uint32_t m[16];
	unsigned i;

	load_words(m, b->bytes, 16);
	for (i = 0; i < ROUNDS; i++)
		ROUND(v, m, order[i]);
	for (i = 0; i < WORDS; i++) {
		out[i] = v[i] ^ v[i + 8];
		out[i + 8] = v[i + 8] ^ b->node[i];
	}
}

static void
node_of(const struct block *b, unsigned char node[BLAKE3_NODE])
{
	uint32_t out[16];

	compress(b, out);
	store_words(node, out, WORDS);
}

static struct block
parent_of(const unsigned char left[BLAKE3_NODE], const unsigned char right[BLAKE3_NODE])
{
	struct block b = { .n = BLOCK, .flags = PARENT };

	memcpy(b.node, iv, sizeof(iv));
	memcpy(b.bytes, left, BLAKE3_NODE);
	memcpy(b.bytes + BLAKE3_NODE, right, BLAKE3_NODE);
	return b;
}

/* The last block of a chunk of n bytes, at most BLAKE3_CHUNK. */
static struct block
last_block(const unsigned char *p, size_t n, uint64_t chunk)
{
	struct block b = { .chunk = chunk, .n = BLOCK, .flags = CHUNK_START };
	uint32_t out[16];

	memcpy(b.node, iv, sizeof(iv));
	for (; n > BLOCK; n -= BLOCK, p += BLOCK) {
		memcpy(b.bytes, p, BLOCK);
		compress(&b, out);
		memcpy(b.node, out, sizeof(b.node));
		b.flags = 0;
	}
	memset(b.bytes, 0, BLOCK);
	memcpy(b.bytes, p, n);
	b.n = (uint32_t)n;
	b.flags |= CHUNK_END;
	return b;
}

/* ---- eight at a time ------------------------------------------------------------ */

typedef uint32_t lanes __attribute__((vector_size(4 * LANES)));

/* Vectors are not passed by value: how differs between instruction sets. */
#define INLINE static inline __attribute__((always_inline)) void
#define SHUFFLE __builtin_shufflevector

/* Lane j of word i becomes lane i of word j. */
INLINE
transpose(lanes w[LANES])
{
	lanes a[LANES], b[LANES];
	unsigned i;

#pragma GCC unroll 4
	for (i = 0; i < LANES; i += 2) {
		a[i] = SHUFFLE(w[i], w[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
		a[i + 1] = SHUFFLE(w[i], w[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
	}
#pragma GCC unroll 2
	for (i = 0; i < LANES; i += 4) {
		b[i] = SHUFFLE(a[i], a[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
		b[i + 1] = SHUFFLE(a[i], a[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
		b[i + 2] = SHUFFLE(a[i + 1], a[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
		b[i + 3] = SHUFFLE(a[i + 1], a[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
	}
#pragma GCC unroll 4
	for (i = 0; i < LANES / 2; i++) {
		w[i] = SHUFFLE(b[i], b[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
		w[i + 4] = SHUFFLE(b[i], b[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
	}
}

/* Eight stretches of `size` bytes, one behind the other, each become a node: chunks
   from this number on, or blocks that are parents. */
INLINE
nodes_of(const unsigned char *p, size_t size, uint64_t chunk, uint32_t flags,
    unsigned char nodes[LANES][BLAKE3_NODE])
{
	const lanes zero = { 0 }, count = { 0, 1, 2, 3, 4, 5, 6, 7 };
	const size_t blocks = size / BLOCK;
	lanes h[WORDS], m[16], v[16];
	size_t at;
	unsigned i;

	for (i = 0; i < WORDS; i++)
		h[i] = zero + iv[i];
	for (at = 0; at < blocks; at++) {
		for (i = 0; i < LANES; i++) {
			memcpy(&m[i], p + i * size + at * BLOCK, sizeof(m[i]));
			memcpy(&m[i + 8], p + i * size + at * BLOCK + 32, sizeof(m[i]));
		}
		transpose(m);
		transpose(m + 8);
		for (i = 0; i < WORDS; i++) {
			m[i] = ORDERED(m[i]);
			m[i + 8] = ORDERED(m[i + 8]);
			v[i] = h[i];
		}
		for (i = 0; i < 4; i++)
			v[i + 8] = zero + iv[i];
		/* groups begin at multiples of eight: there is no carry */
		v[12] = flags & PARENT ? zero : count + (uint32_t)chunk;
		v[13] = zero + (uint32_t)(chunk >> 32);
		v[14] = zero + BLOCK;
		v[15] = zero + flags;
		if (!(flags & PARENT)) {
			v[15] |= at == 0 ? CHUNK_START : 0;
			v[15] |= at == blocks - 1 ? CHUNK_END : 0;
		}
#pragma GCC unroll 7
		for (i = 0; i < ROUNDS; i++)
			ROUND(v, m, order[i]);
		for (i = 0; i < WORDS; i++)
			h[i] = v[i] ^ v[i + 8];
	}
	for (i = 0; i < WORDS; i++)
		h[i] = ORDERED(h[i]);
	transpose(h);
	memcpy(nodes, h, sizeof(h));
}

/* The node of eight chunks: they become eight, four, two nodes, in the lanes that are used. */
INLINE
group(const unsigned char *p, uint64_t chunk, unsigned char node[BLAKE3_NODE])
{
	unsigned char nodes[2 * LANES][BLAKE3_NODE];
	unsigned n;

	memset(nodes + LANES, 0, sizeof(nodes) / 2);
	nodes_of(p, BLAKE3_CHUNK, chunk, 0, nodes);
	for (n = LANES; n > 1; n /= 2)
		nodes_of(nodes[0], BLOCK, 0, PARENT, nodes);
	memcpy(node, nodes, BLAKE3_NODE);
}

static void
group_plain(const unsigned char *p, uint64_t chunk, unsigned char node[BLAKE3_NODE])
{
	group(p, chunk, node);
}

#if defined(MM_WIDER)

__attribute__((target("avx2"))) static void
group_avx2(const unsigned char *p, uint64_t chunk, unsigned char node[BLAKE3_NODE])
{
	group(p, chunk, node);
}

/* Twice the registers, and one instruction to turn a word. */
__attribute__((target("avx2,avx512f,avx512vl"))) static void
group_avx512(const unsigned char *p, uint64_t chunk, unsigned char node[BLAKE3_NODE])
{
	group(p, chunk, node);
}

static enum blake3_way
fastest(void)
{
	if (!__builtin_cpu_supports("avx2"))
		return BLAKE3_PLAIN;
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
	    ? BLAKE3_AVX512
	    : BLAKE3_AVX2;
}

static void
group_by(enum blake3_way way, const unsigned char *p, uint64_t chunk, unsigned char *node)
{
	if (way == BLAKE3_AVX512)
		group_avx512(p, chunk, node);
	else if (way == BLAKE3_AVX2)
		group_avx2(p, chunk, node);
	else
		group_plain(p, chunk, node);
}

#else

static enum blake3_way
fastest(void)
{
	return BLAKE3_PLAIN;
}

static void
group_by(enum blake3_way way, const unsigned char *p, uint64_t chunk, unsigned char *node)
{
	(void)way;
	group_plain(p, chunk, node);
}

#endif

/* ---- the tree ------------------------------------------------------------------- */

void
blake3_begin(struct blake3 *s)
{
	s->way = fastest();
	s->groups = 0;
	s->depth = 0;
	s->n = 0;
}

/*
 * Puts the last node of the first `count`, chunks or groups, on top of those
 * before it, as the parent of as many as make a full tree.
 */
static void
push(unsigned char (*nodes)[BLAKE3_NODE], unsigned *depth, unsigned char node[BLAKE3_NODE],
    uint64_t count)
{
	for (; count % 2 == 0; count /= 2) {
		struct block b = parent_of(nodes[--*depth], node);

		node_of(&b, node);
	}
	memcpy(nodes[(*depth)++], node, BLAKE3_NODE);
}

static void
add_group(struct blake3 *s, const unsigned char *p)
{
	unsigned char node[BLAKE3_NODE];

	group_by(s->way, p, s->groups * LANES, node);
	push(s->nodes, &s->depth, node, ++s->groups);
}

/* What came last stays in `rest`: whether it is the root shows at the end. */
void
blake3_add(struct blake3 *s, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	if (n == 0)
		return;
	if (s->n > 0) {
		size_t k = BLAKE3_GROUP - s->n < n ? BLAKE3_GROUP - s->n : n;

		memcpy(s->rest + s->n, p, k);
		s->n += k;
		p += k;
		n -= k;
		if (n == 0)
			return;
		add_group(s, s->rest);
	}
	for (; n > BLAKE3_GROUP; n -= BLAKE3_GROUP, p += BLAKE3_GROUP)
		add_group(s, p);
	memcpy(s->rest, p, n);
	s->n = n;
}

void
blake3_end(struct blake3 *s, unsigned char *hash, size_t n)
{
	unsigned char nodes[3][BLAKE3_NODE], node[BLAKE3_NODE], room[BLAKE3_MAX];
	const unsigned char *p = s->rest;
	unsigned depth = 0;
	uint64_t chunk = s->groups * LANES;
	uint32_t out[16];
	struct block b;

	for (; s->n > BLAKE3_CHUNK; s->n -= BLAKE3_CHUNK, p += BLAKE3_CHUNK) {
		b = last_block(p, BLAKE3_CHUNK, chunk);
		node_of(&b, node);
		push(nodes, &depth, node, ++chunk % LANES);
	}
	b = last_block(p, s->n, chunk);
	while (depth > 0 || s->depth > 0) {
		node_of(&b, node);
		b = parent_of(depth > 0 ? nodes[--depth] : s->nodes[--s->depth], node);
	}
	b.flags |= ROOT;
	b.chunk = 0;
	compress(&b, out);
	store_words(room, out, 16);
	memcpy(hash, room, n);
}
