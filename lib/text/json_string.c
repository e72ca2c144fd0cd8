#include "text/json.h"
#include "text/json_plain.h"

#if defined(MM_SSE2)
#include <tmmintrin.h>

#include "escape-table.h"
#endif

#include "base/banned.h"

bool
utf8_valid(const char *p, size_t n, size_t *good)
{
	const char *start = p, *end = p + n;
	bool valid = true;

	while (p < end) {
		size_t k;

		if (is_plain(*p)) {
			p = json_plain_end(p, end);
			continue;
		}
		k = utf8_sequence(p, end);
		if (k == 0) {
			valid = false;
			break;
		}
		p += k;
	}
	if (good)
		*good = (size_t)(p - start);
	return valid;
}

/* ---- unescaping ---- */

/* What an escape of two characters stands for; 0 when it is none. */
INLINE char
short_escape(char c)
{
	switch (c) {
	case '"':
	case '\\':
	case '/':
		return c;
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return 0;
	}
}

/* Writes what the escape at p stands for; returns what follows it. */
INLINE const char *
unescape_one(char **w, const char *p, const char *end)
{
	unsigned u;

	if (p[1] != 'u') {
		*(*w)++ = short_escape(p[1]);
		return p + 2;
	}
	u = (unsigned)hex4(p + 2, end);
	p += 6;
	if (is_high_surrogate((int)u)) {
		u = 0x10000 + ((u & 0x3ff) << 10) + ((unsigned)hex4(p + 2, end) & 0x3ff);
		p += 6;
	}
	*w = utf8_put(*w, u);
	return p;
}

size_t
json_unescape(struct span raw, char *w)
{
	const char *p = raw.p + 1, *end = raw.p + raw.n - 1;
	char *start = w;

	while (p < end) {
		const char *slash = memchr(p, '\\', (size_t)(end - p));
		size_t k = (size_t)((slash ? slash : end) - p);

		memmove(w, p, k);
		w += k;
		p += k;
		if (!slash)
			break;
		p = unescape_one(&w, p, end);
	}
	return (size_t)(w - start);
}

struct span
json_short_text(const struct json_value *string, char *room, size_t n)
{
	if (!string->escaped)
		return (struct span){ string->raw.p + 1, string->raw.n - 2 };
	if (string->raw.n > n)
		return (struct span){ NULL, 0 };
	return (struct span){ room, json_unescape(string->raw, room) };
}

struct span
json_plain_key(const struct json_value *key, char *w)
{
	struct span inside = { key->raw.p + 1, key->raw.n - 2 };
	size_t n, i;

	if (!key->escaped)
		return inside;
	n = json_unescape(key->raw, w);
	for (i = 0; i < n; i++)
		if ((unsigned char)w[i] < 0x20 || w[i] == '"' || w[i] == '\\')
			return inside;
	return (struct span){ w, n };
}

#if defined(MM_SSE2)

INLINE void
copy16(char *w, const char *p)
{
	_mm_storeu_si128((__m128i *)(void *)w, _mm_loadu_si128((const __m128i *)(const void *)p));
}

/* Copies whole blocks up to the next byte that is not plain, as far as they go;
   what a block holds behind that is overwritten by what follows. */
INLINE char *
take_blocks(char *w, const char **from, const char *end)
{
	const char *p = *from;

	while (end - p >= 16) {
		unsigned mask = special_mask(p);
		size_t k = mask ? (size_t)__builtin_ctz(mask) : 16;

		copy16(w, p);
		w += k;
		p += k;
		if (mask)
			break;
	}
	*from = p;
	return w;
}

#endif

/* Takes what is at p and not plain; NULL for what is not taken here. */
INLINE const char *
take_special(char **w, const char *p, const char *end)
{
	size_t k;

	if (*p == '\\') {
		char c = end - p < 2 ? 0 : short_escape(p[1]);

		*(*w)++ = c;
		return c ? p + 2 : NULL;
	}
	if ((unsigned char)*p < 0x80)
		return NULL;
	do {
		k = utf8_sequence(p, end);
		if (k == 0)
			return NULL;
		memcpy(*w, p, k);
		*w += k;
		p += k;
	} while (p < end && (unsigned char)*p >= 0x80);
	return p;
}

char *
json_take_string(char *w, const char **from, const char *end)
{
	const char *p = *from;

	while (p && p < end) {
#if defined(MM_SSE2)
		w = take_blocks(w, &p, end);
#endif
		while (p < end && is_plain(*p))
			*w++ = *p++;
		if (p == end)
			return NULL;
		if (*p == '"') {
			*from = p + 1;
			return w;
		}
		p = take_special(&w, p, end);
	}
	return NULL;
}

/* ---- escaping ---- */

/* The letter of the two-byte escape of c, or 0. */
static char
escape_letter(unsigned char c)
{
	switch (c) {
	case '"':
	case '\\':
		return (char)c;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return 0;
	}
}

static char *
escape_byte(char *w, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	char letter = escape_letter(c);

	*w++ = '\\';
	if (letter) {
		*w++ = letter;
		return w;
	}
	memcpy(w, "u00", 3);
	w[3] = hex[c >> 4];
	w[4] = hex[c & 15];
	return w + 5;
}

/* Writes one byte, escaped if need be. */
INLINE char *
put_escaped(char *w, unsigned char c)
{
	if (c == '"' || c == '\\') {
		*w++ = '\\';
		*w++ = (char)c;
		return w;
	}
	if (c < 0x20)
		return escape_byte(w, c);
	*w++ = (char)c;
	return w;
}

#if defined(MM_SSE2)

/*
 * Escapes 16 bytes at a time, eight of them by one shuffle, whichever are quotes and
 * backslashes: what properties are full of.  A shuffle writes 16 bytes, and whatever
 * follows overwrites those that are too many: the room of 6 bytes for each allows it.
 * Ends where no 16 are left.
 */
__attribute__((target("ssse3,popcnt"))) static char *
escape_blocks(char *w, const char **from, const char *end)
{
	const __m128i slashes = _mm_set1_epi8('\\'), quotes = _mm_set1_epi8('"');
	const char *p = *from;

	for (; end - p >= 16; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i plain = _mm_cmpeq_epi8(_mm_max_epu8(v, _mm_set1_epi8(0x20)), v);
		__m128i special =
		    _mm_or_si128(_mm_cmpeq_epi8(v, quotes), _mm_cmpeq_epi8(v, slashes));
		unsigned set = (unsigned)_mm_movemask_epi8(special), half;
		const unsigned char *order;

		if (_mm_movemask_epi8(plain) != 0xffff) { /* a control character */
			for (half = 0; half < 16; half++)
				w = put_escaped(w, (unsigned char)p[half]);
			continue;
		}
		for (half = 0; half < 2; half++, set >>= 8) {
			__m128i bytes =
			    half ? _mm_unpackhi_epi64(v, slashes) : _mm_unpacklo_epi64(v, slashes);

			order = escape_order[set & 0xff];
			/* a backslash is in the upper half of what is shuffled */
			bytes = _mm_shuffle_epi8(
			    bytes, _mm_loadu_si128((const __m128i *)(const void *)order));
			_mm_storeu_si128((__m128i *)(void *)w, bytes);
			w += 8 + __builtin_popcount(set & 0xff);
		}
	}
	*from = p;
	return w;
}

#endif

char *
json_escape(char *w, const char *p, size_t n)
{
	const char *end = n ? p + n : p; /* p may be NULL */

#if defined(MM_SSE2)
	if (n >= 16 && __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("popcnt"))
		w = escape_blocks(w, &p, end);
#endif
	while (end - p >= 8) {
		uint64_t eight;

		memcpy(&eight, p, 8);
		if (json_not_plain(eight)) {
			w = put_escaped(w, (unsigned char)*p++);
			continue;
		}
		memcpy(w, &eight, 8);
		w += 8;
		p += 8;
	}
	while (p < end)
		w = put_escaped(w, (unsigned char)*p++);
	return w;
}

void
json_add_string(struct buf *b, const char *p, size_t n)
{
	char *w;

	if (n > SIZE_MAX / JSON_ESCAPE_MAX - 2) {
		b->failed = true;
		return;
	}
	w = buf_room(b, n * JSON_ESCAPE_MAX + 2);
	if (!w)
		return;
	*w++ = '"';
	w = json_escape(w, p, n);
	*w++ = '"';
	b->n = (size_t)(w - b->p);
}
