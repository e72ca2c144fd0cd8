#include "text/json.h"

#include "text/json_plain.h"

#include "base/banned.h"

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

static const char *
fail(struct json_scan *s, const char *p, enum json_reason reason)
{
	s->p = p;
	s->reason = reason;
	return NULL;
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

/* Passes the rest of a string in which p is at something special; v may be NULL. */
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
		p = json_plain_end(p, s->end);
	}
	if (v) {
		v->escaped = escaped;
		v->utf16 = (size_t)(p - inside) - less;
	}
	return p + 1;
}

/*
 * Passes the string whose opening quote is at p; fills *v but for raw.  What is inside
 * containers nobody asks for: v is NULL there, and below.
 */
INLINE const char *
string_end(struct json_scan *s, const char *p, struct json_value *v)
{
	const char *inside = p + 1;

	p = json_plain_end(inside, s->end);
	if (p == s->end || *p != '"')
		return special_string_end(s, inside, p, v);
	if (v) {
		v->escaped = false;
		v->utf16 = (size_t)(p - inside);
	}
	return p + 1;
}

/* ---- values ---- */

INLINE const char *
digits_end(const char *p, const char *end)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	/* eight at a time: digits are now 0 to 9, and six more than that is below 16 */
	const uint64_t ones = UINT64_MAX / 255;
	uint64_t word;

	for (; end - p >= 8; p += 8) {
		memcpy(&word, p, 8);
		word ^= ones * '0';
		word = (word | (word + ones * 6)) & ones * 0xf0;
		if (word)
			return p + __builtin_ctzll(word) / 8;
	}
#endif
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
	if (s->end - p >= 2 && *p == ' ' && (unsigned char)p[1] > ' ') {
		s->blanks++;
		return p + 1;
	}
	return count_blanks(s, p);
}

/* The type of a value that is no container, by its first byte. */
INLINE enum json_type
scalar_type(char c)
{
	switch (c) {
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

/* Passes a value that is no container; fills *v but for raw. */
INLINE const char *
scalar_end(struct json_scan *s, const char *p, struct json_value *v)
{
	if (v)
		v->type = scalar_type(*p);
	if (*p == '"') /* most are */
		return string_end(s, p, v);
	if (*p == '-' || (*p >= '0' && *p <= '9'))
		return number_end(s, p);
	switch (*p) {
	case 't':
		return literal_end(s, p, "true", 4);
	case 'f':
		return literal_end(s, p, "false", 5);
	case 'n':
		return literal_end(s, p, "null", 4);
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
	if (key)
		key->raw = (struct span){ start, (size_t)(p - start) };
	if (s->end - p >= 2 && p[0] == ':' && (unsigned char)p[1] > ' ')
		return p + 1; /* as programs write it */
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
				if (object && !(p = key_end(s, p, NULL)))
					return NULL;
				continue;
			}
		} else {
			p = scalar_end(s, p, NULL);
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
		if ((objects & 1) && !(p = key_end(s, p, NULL)))
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
	default:
		return scalar_type(*s->p);
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
