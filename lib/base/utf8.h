/*
 * One character of UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing
 * above U+10FFFF).
 */
#ifndef MM_UTF8_H
#define MM_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- inline, because it is asked for every character that is not ASCII ---- */

static inline bool
utf8_continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* How many of n bytes fit into `most` without half of a character, if they are UTF-8. */
static inline size_t
utf8_cut(const char *p, size_t n, size_t most)
{
	if (n <= most)
		return n;
	while (most > 0 && utf8_continues(p[most]))
		most--;
	return most;
}

/* utf8_sequence, where four bytes are at hand: in one word, the first is the lowest. */
static inline size_t
utf8_sequence_of_four(const unsigned char *u)
{
	uint32_t w = u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
	uint32_t most; /* the highest bits that shorter sequences can't have */

	if ((w & 0xc0e0) == 0x80c0)
		return (w & 0x1e) != 0 ? 2 : 0;
	if ((w & 0xc0c0f0) == 0x8080e0) {
		most = w & 0x200f;
		return most != 0 && most != 0x200d ? 3 : 0; /* 0x200d: a surrogate */
	}
	if ((w & 0xc0c0c0f8) == 0x808080f0) {
		most = (w & 7) << 2 | (w >> 12 & 3); /* above U+FFFF, at most U+10FFFF */
		return most >= 1 && most <= 16 ? 4 : 0;
	}
	return u[0] < 0x80;
}

/* Length of the valid sequence at p (1 to 4), 0 when there is none. */
static inline size_t
utf8_sequence(const char *p, const char *end)
{
	size_t have = (size_t)(end - p);
	unsigned a, b;

	if (have >= 4)
		return utf8_sequence_of_four((const unsigned char *)p);
	if (have == 0)
		return 0;
	a = (unsigned char)p[0];
	if (a < 0x80)
		return 1;
	if (have < 2 || a < 0xc2 || a > 0xf4 || !utf8_continues(p[1]))
		return 0;
	if (a < 0xe0)
		return 2;
	b = (unsigned char)p[1];
	if (have < 3 || !utf8_continues(p[2]))
		return 0;
	if (a < 0xf0) {
		/* overlong below U+0800; U+D800..DFFF are surrogates */
		if ((a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f))
			return 0;
		return 3;
	}
	if (have < 4 || !utf8_continues(p[3]))
		return 0;
	if ((a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f))
		return 0;
	return 4;
}

/* The code point of a sequence of n bytes that utf8_sequence has measured. */
static inline uint32_t
utf8_code_point(const char *p, size_t n)
{
	const unsigned char *u = (const unsigned char *)p;

	switch (n) {
	case 2:
		return (u[0] & 0x1fU) << 6 | (u[1] & 0x3fU);
	case 3:
		return (u[0] & 0x0fU) << 12 | (u[1] & 0x3fU) << 6 | (u[2] & 0x3fU);
	case 4:
		return (u[0] & 0x07U) << 18 | (u[1] & 0x3fU) << 12 | (u[2] & 0x3fU) << 6 |
		    (u[3] & 0x3fU);
	default:
		return u[0];
	}
}

/* Writes the code point, at most U+10FFFF, at w; returns the end, at most 4 bytes on. */
static inline char *
utf8_put(char *w, uint32_t c)
{
	if (c < 0x80) {
		*w++ = (char)c;
	} else if (c < 0x800) {
		*w++ = (char)(0xc0 | c >> 6);
		*w++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*w++ = (char)(0xe0 | c >> 12);
		*w++ = (char)(0x80 | (c >> 6 & 0x3f));
		*w++ = (char)(0x80 | (c & 0x3f));
	} else {
		*w++ = (char)(0xf0 | c >> 18);
		*w++ = (char)(0x80 | (c >> 12 & 0x3f));
		*w++ = (char)(0x80 | (c >> 6 & 0x3f));
		*w++ = (char)(0x80 | (c & 0x3f));
	}
	return w;
}

#endif
