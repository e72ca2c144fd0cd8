/*
 * What the scanner of JSON and its strings share: the bytes of a string that
 * stand for themselves, and \u escapes.
 */
#ifndef MM_JSON_PLAIN_H
#define MM_JSON_PLAIN_H

#if defined(__SSE2__) && !defined(MM_PORTABLE)
#include <emmintrin.h>
#define MM_SSE2
#elif defined(__aarch64__) && defined(__ARM_NEON) && !defined(MM_PORTABLE)
#include <arm_neon.h>
#define MM_NEON
#endif

#include "base/ascii.h"

/* The compiler calls some of these otherwise, which costs a tenth of it all. */
#define INLINE static inline __attribute__((always_inline))

static inline bool
is_plain(char c)
{
	return (signed char)c >= 0x20 && c != '"' && c != '\\';
}

/*
 * Zero only when eight bytes are plain, all of them: x - ones borrows into the high bit
 * of a byte that is zero.  A false alarm only sends somebody to look.
 */
static inline uint64_t
json_not_plain(uint64_t eight)
{
	const uint64_t ones = UINT64_MAX / 255;
	uint64_t quote = eight ^ ones * '"', slash = eight ^ ones * '\\';

	return (eight | (eight - ones * 0x20) | (quote - ones) | (slash - ones)) & ones * 0x80;
}

/*
 * The first byte of [p, end) that is a quote, a backslash, below 0x20 or above
 * 0x7f; end when there is none.  json_plain_end answers the same, by vectors where
 * there are some.
 */
static inline const char *
json_plain_end_portable(const char *p, const char *end)
{
	uint64_t eight;

	for (; end - p >= 8; p += 8) {
		memcpy(&eight, p, 8);
		if (json_not_plain(eight))
			break;
	}
	while (p < end && is_plain(*p))
		p++;
	return p;
}

#if defined(MM_SSE2)

static inline unsigned
special_mask(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	/* a quote with this bit changed is a blank: the greatest, then, of those that are
	   not plain; bytes above 0x7f are negative */
	__m128i swapped = _mm_xor_si128(v, _mm_set1_epi8('"' ^ ' '));
	__m128i plain = _mm_cmpgt_epi8(swapped, _mm_set1_epi8(' '));
	__m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));

	return (unsigned)_mm_movemask_epi8(_mm_andnot_si128(slash, plain)) ^ 0xffff;
}

INLINE const char *
json_plain_end(const char *p, const char *end)
{
	while (end - p >= 16) {
		unsigned mask = special_mask(p);

		if (mask)
			return p + __builtin_ctz(mask);
		p += 16;
	}
	while (p < end && is_plain(*p))
		p++;
	return p;
}

#elif defined(MM_NEON)

INLINE const char *
json_plain_end(const char *p, const char *end)
{
	while (end - p >= 16) {
		int8x16_t v = vld1q_s8((const signed char *)p);
		uint8x16_t special = vorrq_u8(vcltq_s8(v, vdupq_n_s8(0x20)),
		    vorrq_u8(vceqq_s8(v, vdupq_n_s8('"')), vceqq_s8(v, vdupq_n_s8('\\'))));
		/* four bits a byte: NEON has no movemask */
		uint8x8_t narrow = vshrn_n_u16(vreinterpretq_u16_u8(special), 4);
		uint64_t mask = vget_lane_u64(vreinterpret_u64_u8(narrow), 0);

		if (mask)
			return p + (__builtin_ctzll(mask) >> 2);
		p += 16;
	}
	while (p < end && is_plain(*p))
		p++;
	return p;
}

#else

INLINE const char *
json_plain_end(const char *p, const char *end)
{
	return json_plain_end_portable(p, end);
}

#endif

/* The value of four hex digits at p, or -1. */
static inline int
hex4(const char *p, const char *end)
{
	int v = 0, i;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		int digit = ascii_hex(p[i]);

		if (digit < 0)
			return -1;
		v = v << 4 | digit;
	}
	return v;
}

static inline bool
is_high_surrogate(int u)
{
	return (u & 0xfc00) == 0xd800;
}

static inline bool
is_low_surrogate(int u)
{
	return (u & 0xfc00) == 0xdc00;
}

#endif
