#include "text/json.h"

#if defined(__SSE2__) && !defined(MM_PORTABLE)
#include <emmintrin.h>
#define MM_SSE2
#elif defined(__aarch64__) && defined(__ARM_NEON) && !defined(MM_PORTABLE)
#include <arm_neon.h>
#define MM_NEON
#endif

#include "base/ascii.h"

#include "base/banned.h"

/* The compiler calls some of these otherwise, which costs a tenth of it all. */
#define INLINE static inline __attribute__((always_inline))

const char *
json_reason_text(enum json_reason r)
{
	static const char *const text[JSON_REASONS] = {
		[JSON_OK] = "no error",
		[JSON_END] = "the text ends too early",
		[JSON_VALUE] = "expected a value",
		[JSON_KEY] = "expected a key in double quotes",
		[JSON_COLON] = "expected ':'",
		[JSON_COMMA] = "expected ',' or the end of the container",
		[JSON_LITERAL] = "expected true, false or null",
		[JSON_BAD_NUMBER] = "invalid number",
		[JSON_CONTROL] = "unescaped control character in a string",
		[JSON_ESCAPE] = "invalid escape in a string",
		[JSON_SURROGATE] = "lone surrogate escape in a string",
		[JSON_UTF8] = "invalid UTF-8",
		[JSON_TOO_DEEP] = "nested more than 64 deep",
		[JSON_TRAILING] = "something follows the value",
	};

	return text[r];
}

const char *
json_type_name(enum json_type t)
{
	static const char *const name[] = {
		[JSON_NULL] = "null",
		[JSON_BOOLEAN] = "boolean",
		[JSON_NUMBER] = "number",
		[JSON_STRING] = "string",
		[JSON_ARRAY] = "array",
		[JSON_OBJECT] = "object",
	};

	return name[t];
}

/* ---- the inside of strings ---- */

static inline bool
is_plain(char c)
{
	return (signed char)c >= 0x20 && c != '"' && c != '\\';
}

const char *
json_plain_portable(const char *p, const char *end)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;

	/*
	 * Eight bytes at a time; x - ones borrows into the high bit of a byte
	 * that is zero.  A false alarm only sends the byte loop to look.
	 */
	while (end - p >= 8) {
		uint64_t w, quote, slash;

		memcpy(&w, p, 8);
		quote = w ^ ones * '"';
		slash = w ^ ones * '\\';
		if (((w | (w - ones * 0x20) | (quote - ones) | (slash - ones)) & high) != 0)
			break;
		p += 8;
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
	/* signed: bytes above 0x7f are negative, so less than 0x20 as well */
	__m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));
	__m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
	__m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(low, _mm_or_si128(quote, slash)));
}

INLINE const char *
plain_end(const char *p, const char *end)
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
plain_end(const char *p, const char *end)
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
plain_end(const char *p, const char *end)
{
	return json_plain_portable(p, end);
}

#endif

const char *
json_plain_vector(const char *p, const char *end)
{
	return plain_end(p, end);
}

bool
utf8_valid(const char *p, size_t n, size_t *good)
{
	const char *start = p, *end = p + n;
	bool valid = true;

	while (p < end) {
		size_t k;

		if (is_plain(*p)) {
			p = plain_end(p, end);
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

static const char *
fail(struct json_scan *s, const char *p, enum json_reason reason)
{
	s->p = p;
	s->reason = reason;
	return NULL;
}

/* The value of four hex digits at p, or -1. */
static int
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

/*
 * Passes the escape at p; *less grows by the bytes that are no UTF-16 units.
 */
static const char *
escape_end(struct json_scan *s, const char *p, size_t *less)
{
	int u;

	if (s->end - p < 2)
		return fail(s, s->end, JSON_END);
	switch (p[1]) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		*less += 1;
		return p + 2;
	case 'u':
		break;
	default:
		return fail(s, p, JSON_ESCAPE);
	}
	u = hex4(p + 2, s->end);
	if (u < 0)
		return fail(s, p, JSON_ESCAPE);
	if (is_low_surrogate(u))
		return fail(s, p, JSON_SURROGATE);
	if (!is_high_surrogate(u)) {
		*less += 5;
		return p + 6;
	}
	if (s->end - p < 12 || p[6] != '\\' || p[7] != 'u' ||
	    !is_low_surrogate(hex4(p + 8, s->end)))
		return fail(s, p, JSON_SURROGATE);
	*less += 10;
	return p + 12;
}

/* Passes bytes above 0x7f. */
static const char *
multibyte_end(struct json_scan *s, const char *p, size_t *less)
{
	do {
		size_t k = utf8_sequence(p, s->end);

		if (k == 0)
			return fail(s, p, JSON_UTF8);
		/* a sequence of four is two units, all others are one */
		*less += k == 4 ? 2 : k - 1;
		p += k;
	} while (p < s->end && (unsigned char)*p >= 0x80);
	return p;
}

/* Passes the rest of a string in which p is at something special. */
static const char *
special_string_end(struct json_scan *s, const char *inside, const char *p, struct json_value *v)
{
	size_t less = 0;
	bool escaped = false;

	for (;;) {
		if (p == s->end)
			return fail(s, p, JSON_END);
		if (*p == '"')
			break;
		if (*p == '\\') {
			escaped = true;
			p = escape_end(s, p, &less);
		} else if ((unsigned char)*p >= 0x80) {
			p = multibyte_end(s, p, &less);
		} else {
			p = fail(s, p, JSON_CONTROL);
		}
		if (!p)
			return NULL;
		p = plain_end(p, s->end);
	}
	v->escaped = escaped;
	v->utf16 = (size_t)(p - inside) - less;
	return p + 1;
}

/* Passes the string whose opening quote is at p; fills *v but for raw. */
INLINE const char *
string_end(struct json_scan *s, const char *p, struct json_value *v)
{
	const char *inside = p + 1;

	p = plain_end(inside, s->end);
	if (p == s->end || *p != '"')
		return special_string_end(s, inside, p, v);
	v->escaped = false;
	v->utf16 = (size_t)(p - inside);
	return p + 1;
}

/* ---- values ---- */

INLINE const char *
digits_end(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

INLINE const char *
number_end(struct json_scan *s, const char *p)
{
	const char *start = p, *end = s->end, *q;

	if (*p == '-')
		p++;
	q = digits_end(p, end);
	if (q == p || (*p == '0' && q > p + 1))
		return fail(s, start, JSON_BAD_NUMBER);
	p = q;
	if (p < end && *p == '.') {
		q = digits_end(p + 1, end);
		if (q == p + 1)
			return fail(s, start, JSON_BAD_NUMBER);
		p = q;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		q = digits_end(p, end);
		if (q == p)
			return fail(s, start, JSON_BAD_NUMBER);
		p = q;
	}
	return p;
}

INLINE const char *
literal_end(struct json_scan *s, const char *p, const char *word, size_t n)
{
	if ((size_t)(s->end - p) < n || memcmp(p, word, n) != 0)
		return fail(s, p, JSON_LITERAL);
	return p + n;
}

static const char *
count_blanks(struct json_scan *s, const char *p)
{
	const char *start = p;

	while (p < s->end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	s->blanks += (size_t)(p - start);
	return p;
}

INLINE const char *
skip_blanks(struct json_scan *s, const char *p)
{
	if (p < s->end && (unsigned char)*p > ' ')
		return p;
	return count_blanks(s, p);
}

/* Passes a value that is no container; fills *v but for raw. */
INLINE const char *
scalar_end(struct json_scan *s, const char *p, struct json_value *v)
{
	if (*p == '"') { /* most are */
		v->type = JSON_STRING;
		return string_end(s, p, v);
	}
	switch (*p) {
	case 't':
		v->type = JSON_BOOLEAN;
		return literal_end(s, p, "true", 4);
	case 'f':
		v->type = JSON_BOOLEAN;
		return literal_end(s, p, "false", 5);
	case 'n':
		v->type = JSON_NULL;
		return literal_end(s, p, "null", 4);
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		v->type = JSON_NUMBER;
		return number_end(s, p);
	default:
		return fail(s, p, JSON_VALUE);
	}
}

/* Passes `"key" :` and the blanks around it. */
INLINE const char *
key_end(struct json_scan *s, const char *p, struct json_value *key)
{
	const char *start = p;

	if (p == s->end)
		return fail(s, p, JSON_END);
	if (*p != '"')
		return fail(s, p, JSON_KEY);
	p = string_end(s, p, key);
	if (!p)
		return NULL;
	key->raw = (struct span){ start, (size_t)(p - start) };
	p = skip_blanks(s, p);
	if (p == s->end)
		return fail(s, p, JSON_END);
	if (*p != ':')
		return fail(s, p, JSON_COLON);
	return skip_blanks(s, p + 1);
}

/*
 * Passes the container at p and all that is in it.  `outer` containers are
 * open around it.  The stack is a bit for each open container: set for an
 * object.
 */
static const char *
container_end(struct json_scan *s, const char *p, unsigned outer)
{
	struct json_value ignored;
	uint64_t objects = 0;
	unsigned depth = 0;

	for (;;) {
		/* p is at a value */
		if (p == s->end)
			return fail(s, p, JSON_END);
		if (*p == '{' || *p == '[') {
			bool object = *p == '{';

			if (outer + depth >= JSON_DEPTH)
				return fail(s, p, JSON_TOO_DEEP);
			objects = objects << 1 | object;
			depth++;
			p = skip_blanks(s, p + 1);
			if (p == s->end)
				return fail(s, p, JSON_END);
			if (*p != (object ? '}' : ']')) {
				if (object && !(p = key_end(s, p, &ignored)))
					return NULL;
				continue;
			}
		} else {
			p = scalar_end(s, p, &ignored);
			if (!p)
				return NULL;
			p = skip_blanks(s, p);
		}
		/* p is after a value, or at the end of an empty container */
		for (;;) {
			if (p == s->end)
				return fail(s, p, JSON_END);
			if (*p == ',')
				break;
			if (*p != ((objects & 1) ? '}' : ']'))
				return fail(s, p, JSON_COMMA);
			p++;
			objects >>= 1;
			if (--depth == 0)
				return p;
			p = skip_blanks(s, p);
		}
		p = skip_blanks(s, p + 1);
		if ((objects & 1) && !(p = key_end(s, p, &ignored)))
			return NULL;
	}
}

INLINE const char *
value_end(struct json_scan *s, const char *p, unsigned outer, struct json_value *v)
{
	const char *start = p;
	size_t blanks = s->blanks;

	if (p == s->end)
		return fail(s, p, JSON_END);
	if (*p == '{' || *p == '[') {
		v->type = *p == '{' ? JSON_OBJECT : JSON_ARRAY;
		p = container_end(s, p, outer);
	} else {
		p = scalar_end(s, p, v);
	}
	if (!p)
		return NULL;
	v->raw = (struct span){ start, (size_t)(p - start) };
	v->minified = v->raw.n - (s->blanks - blanks);
	return p;
}

static bool
at_end(struct json_scan *s, const char *p)
{
	p = skip_blanks(s, p);
	if (p != s->end) {
		fail(s, p, JSON_TRAILING);
		return false;
	}
	s->p = p;
	s->done = true;
	return true;
}

enum json_type
json_open(struct json_scan *s, const char *p, size_t n)
{
	*s = (struct json_scan){ .start = p, .p = p, .end = p + n, .first = true };
	s->p = skip_blanks(s, p);
	if (s->p == s->end) {
		s->reason = JSON_END;
		return JSON_NULL;
	}
	switch (*s->p) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case 't':
	case 'f':
		return JSON_BOOLEAN;
	case 'n':
		return JSON_NULL;
	default:
		return JSON_NUMBER;
	}
}

/*
 * Passes what stands before the next item of the container at hand.  NULL at
 * its end, s->p is then behind it, and on an error.
 */
INLINE const char *
item_start(struct json_scan *s, char close)
{
	const char *p = s->p;

	if (s->first) {
		s->first = false;
		p = skip_blanks(s, p + 1);
		if (p == s->end || *p != close)
			return p;
	} else {
		p = skip_blanks(s, p);
		if (p == s->end)
			return fail(s, p, JSON_END);
		if (*p == ',')
			return skip_blanks(s, p + 1);
		if (*p != close)
			return fail(s, p, JSON_COMMA);
	}
	s->p = p + 1;
	return NULL;
}

INLINE bool
next_key(struct json_scan *s, struct json_value *key)
{
	const char *p;

	if (s->reason || s->done)
		return false;
	p = item_start(s, '}');
	if (!p) {
		if (!s->reason)
			at_end(s, s->p);
		return false;
	}
	p = key_end(s, p, key);
	if (!p)
		return false;
	key->type = JSON_STRING;
	key->minified = key->raw.n;
	s->p = p;
	return true;
}

INLINE bool
next_value(struct json_scan *s, const char *p, unsigned outer, struct json_value *v)
{
	p = value_end(s, p, outer, v);
	if (!p)
		return false;
	s->p = p;
	return true;
}

bool
json_next(struct json_scan *s, struct json_member *m)
{
	return next_key(s, &m->key) && next_value(s, s->p, 1, &m->value);
}

bool
json_next_key(struct json_scan *s, struct json_value *key)
{
	return next_key(s, key);
}

bool
json_key_value(struct json_scan *s, struct json_value *v)
{
	return !s->reason && next_value(s, s->p, 1, v);
}

bool
json_enter_array(struct json_scan *s)
{
	if (s->reason || s->p == s->end || *s->p != '[')
		return false;
	s->first = true;
	return true;
}

bool
json_next_element(struct json_scan *s, struct json_value *v)
{
	const char *p = s->reason ? NULL : item_start(s, ']');

	return p && next_value(s, p, 0, v);
}

bool
json_whole(struct json_scan *s, struct json_value *v)
{
	const char *p;

	if (s->reason)
		return false;
	p = value_end(s, s->p, 0, v);
	return p && at_end(s, p);
}

enum json_type
json_skim(struct json_scan *s, const char *p, size_t n)
{
	enum json_type type = json_open(s, p, n);
	struct json_value v;

	json_whole(s, &v);
	return type;
}

/* ---- unescaping and escaping ---- */

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

/* The bytes at p that are to be escaped: a bit each. */
INLINE unsigned
escape_mask(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i plain = _mm_cmpeq_epi8(_mm_max_epu8(v, _mm_set1_epi8(0x20)), v);
	__m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
	__m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
	__m128i control = _mm_andnot_si128(plain, _mm_set1_epi8(-1));

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, slash)));
}

/*
 * Escapes 16 bytes at a time while 32 are there: what lies between two that are
 * escaped is copied by 16 as well, since whatever follows overwrites the rest,
 * and the room of 6 bytes for each allows it.
 */
INLINE char *
escape_blocks(char *w, const char **from, const char *end)
{
	const char *p = *from;

	while (end - p >= 32) {
		const char *next = p + 16, *block = p;
		unsigned mask = escape_mask(p);

		for (; mask; mask &= mask - 1) {
			const char *special = block + __builtin_ctz(mask);

			copy16(w, p);
			w = put_escaped(w + (special - p), (unsigned char)*special);
			p = special + 1;
		}
		copy16(w, p);
		w += next - p;
		p = next;
	}
	while (end - p >= 16) {
		unsigned mask = escape_mask(p);
		size_t k = mask ? (size_t)__builtin_ctz(mask) : 16;

		copy16(w, p);
		w += k;
		p += k;
		if (mask)
			w = put_escaped(w, (unsigned char)*p++);
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

char *
json_escape(char *w, const char *p, size_t n)
{
	const char *end = n ? p + n : p; /* p may be NULL */

#if defined(MM_SSE2)
	w = escape_blocks(w, &p, end);
#endif
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
