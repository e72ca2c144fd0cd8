#include "store/native_value.h"

#include <errno.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/timestamp.h"
#include "base/uuid.h"

#include "base/banned.h"

enum {
	NUMBER_MAX = 63, /* characters of a decimal fraction */
	/* what follows is read alike by all servers; beyond they clip or refuse */
	DATE_DAYS_MAX = 65000,   /* 2147-12-18 */
	DATE_DAYS_MANY = 106000, /* 2260-03-23 */
	SECONDS_A_DAY = 86400,
};

/* ---- bytes -------------------------------------------------------------- */

static char *
put_length(char *w, uint64_t v)
{
	for (; v > 0x7f; v >>= 7)
		*w++ = (char)(v | 0x80);
	*w++ = (char)v;
	return w;
}

void
native_add_length(struct buf *b, uint64_t v)
{
	char room[NATIVE_LENGTH_MAX];

	buf_add(b, room, (size_t)(put_length(room, v) - room));
}

static bool
add_little_endian(struct buf *b, uint64_t v, unsigned size)
{
	char *w = buf_room(b, 8);
	unsigned i;

	if (!w)
		return false;
	for (i = 0; i < 8; i++)
		w[i] = (char)(v >> 8 * i);
	b->n += size;
	return true;
}

/* ---- text --------------------------------------------------------------- */

/* The length stands before the text: where it is not known, its room is taken
   for the longest, and the text moved when that was too much. */
static bool
add_escaped(struct buf *b, struct span raw)
{
	char *w = buf_room(b, NATIVE_LENGTH_MAX + raw.n), *text, length[NATIVE_LENGTH_MAX];
	size_t n, taken;

	if (!w)
		return false;
	taken = (size_t)(put_length(length, raw.n) - length);
	text = w + taken;
	n = json_unescape(raw, text);
	w = put_length(w, n);
	if (w != text)
		memmove(w, text, n);
	b->n = (size_t)(w + n - b->p);
	return true;
}

static bool
add_string(struct buf *b, const struct json_value *v)
{
	size_t n = v->raw.n - 2;
	char *w;

	if (v->type != JSON_STRING)
		return false;
	if (v->escaped)
		return add_escaped(b, v->raw);
	w = buf_room(b, NATIVE_LENGTH_MAX + n);
	if (!w)
		return false;
	w = put_length(w, n);
	memcpy(w, v->raw.p + 1, n);
	b->n = (size_t)(w + n - b->p);
	return true;
}

/* Most strings are short: their length takes a byte. */
bool
native_take_string(struct buf *b, const char **p, const char *end)
{
	char *w = b->p + b->n, *text = w + 1, *after = json_take_string(text, p, end);
	size_t n;

	if (!after)
		return false;
	n = (size_t)(after - text);
	if (n > 0x7f) {
		char length[NATIVE_LENGTH_MAX];

		memmove(w + (put_length(length, n) - length), text, n);
	}
	w = put_length(w, n);
	b->n = (size_t)(w + n - b->p);
	return true;
}

static bool
add_fixed_string(struct buf *b, unsigned size, const struct json_value *v)
{
	size_t n = v->raw.n - 2;
	char *w;

	if (v->type != JSON_STRING || v->escaped || n > size)
		return false;
	w = buf_room(b, size);
	if (!w)
		return false;
	memcpy(w, v->raw.p + 1, n);
	memset(w + n, 0, size - n);
	b->n += size;
	return true;
}

/* The inside of a string that holds no escape; p NULL for all else. */
static struct span
plain_text(const struct json_value *v)
{
	if (v->type != JSON_STRING || v->escaped)
		return (struct span){ NULL, 0 };
	return (struct span){ v->raw.p + 1, v->raw.n - 2 };
}

/* ---- numbers ------------------------------------------------------------ */

/* "-12": no fraction, no exponent, no needless zero. */
static bool
read_integer(struct span s, bool *negative, uint64_t *v)
{
	size_t sign;

	*negative = s.n > 0 && s.p[0] == '-';
	sign = *negative;
	if (s.n == sign || (s.p[sign] == '0' && s.n > 1))
		return false;
	return ascii_number((struct span){ s.p + sign, s.n - sign }, UINT64_MAX, v);
}

static bool
add_integer(struct buf *b, const struct column_type *t, const struct json_value *v)
{
	struct span text = v->type == JSON_NUMBER ? v->raw : plain_text(v);
	unsigned bits = 8 * t->size;
	bool negative;
	uint64_t n, max;

	if (!text.p || !read_integer(text, &negative, &n))
		return false;
	if (t->kind == COLUMN_UINT) {
		max = UINT64_MAX >> (64 - bits);
		if (negative || n > max)
			return false;
	} else {
		max = UINT64_MAX >> (65 - bits);
		if (n > max + negative)
			return false;
	}
	return add_little_endian(b, negative ? 0 - n : n, t->size);
}

/* Rounded as IEEE 754 has it; what overflows or loses digits at the low end
   is left to the server. */
static bool
add_float(struct buf *b, const struct column_type *t, const struct json_value *v)
{
	char text[NUMBER_MAX + 1];
	uint64_t bits = 0;

	if (v->type != JSON_NUMBER || v->raw.n > NUMBER_MAX)
		return false;
	memcpy(text, v->raw.p, v->raw.n);
	text[v->raw.n] = '\0';
	errno = 0;
	if (t->size == 4) {
		float f = strtof(text, NULL);

		memcpy(&bits, &f, sizeof(f));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		bits >>= 32;
#endif
	} else {
		double d = strtod(text, NULL);

		memcpy(&bits, &d, sizeof(d));
	}
	return errno == 0 && add_little_endian(b, bits, t->size);
}

static bool
add_bool(struct buf *b, const struct json_value *v)
{
	return v->type == JSON_BOOLEAN && add_little_endian(b, v->raw.p[0] == 't', 1);
}

/* ---- UUIDs and times ---------------------------------------------------- */

static unsigned
hex_value(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* Two numbers of 64 bits, the high half first. */
static bool
add_uuid(struct buf *b, const struct json_value *v)
{
	struct span s = plain_text(v);
	uint64_t half[2] = { 0, 0 };
	unsigned digits = 0;
	size_t i;

	if (!s.p || !uuid_valid(s))
		return false;
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '-')
			continue;
		half[digits / 16] = half[digits / 16] << 4 | hex_value(s.p[i]);
		digits++;
	}
	return add_little_endian(b, half[0], 8) && add_little_endian(b, half[1], 8);
}

static bool
add_date(struct buf *b, const struct column_type *t, const struct json_value *v)
{
	int64_t max = t->kind == COLUMN_DATE ? DATE_DAYS_MAX : DATE_DAYS_MANY, ms, days;
	struct span s = plain_text(v);

	if (!s.p || !date_parse(s.p, s.n, &ms))
		return false;
	days = timestamp_day(ms);
	return days >= 0 && days <= max && add_little_endian(b, (uint64_t)days, t->size);
}

static bool
add_datetime(struct buf *b, const struct json_value *v)
{
	struct span s = plain_text(v);
	int64_t seconds;

	return s.p && datetime_parse(s.p, s.n, &seconds) && seconds >= 0 && seconds <= UINT32_MAX &&
	    add_little_endian(b, (uint64_t)seconds, 4);
}

/* Ticks of ".digits", which may be as many as the scale; -1: too many or none. */
static int64_t
fraction_ticks(struct span s, unsigned scale)
{
	int64_t ticks = 0;
	unsigned i;

	if (s.n == 0)
		return 0;
	if (s.n < 2 || s.p[0] != '.' || s.n - 1 > scale)
		return -1;
	for (i = 1; i <= scale; i++) {
		unsigned digit = i < s.n ? (unsigned)(s.p[i] - '0') : 0;

		if (digit > 9)
			return -1;
		ticks = ticks * 10 + digit;
	}
	return ticks;
}

static bool
add_datetime64(struct buf *b, const struct column_type *t, const struct json_value *v)
{
	struct span s = plain_text(v), rest;
	int64_t seconds, ticks, a_second = 1;
	unsigned i;

	if (!s.p || s.n < DATETIME_TEXT || !datetime_parse(s.p, DATETIME_TEXT, &seconds))
		return false;
	rest = (struct span){ s.p + DATETIME_TEXT, s.n - DATETIME_TEXT };
	ticks = fraction_ticks(rest, t->scale);
	/* in nanoseconds 64 bits end in the year 2262; before 1970 fractions differ */
	if (ticks < 0 || seconds < 0 || seconds / SECONDS_A_DAY > DATE_DAYS_MANY)
		return false;
	for (i = 0; i < t->scale; i++)
		a_second *= 10;
	return add_little_endian(b, (uint64_t)(seconds * a_second + ticks), 8);
}

/* ------------------------------------------------------------------------- */

bool
native_value(struct buf *b, const struct column_type *t, const struct json_value *v)
{
	switch (t->kind) {
	case COLUMN_STRING:
	case COLUMN_ENUM:
		return add_string(b, v);
	case COLUMN_FIXED_STRING:
		return add_fixed_string(b, t->size, v);
	case COLUMN_INT:
	case COLUMN_UINT:
		return add_integer(b, t, v);
	case COLUMN_FLOAT:
		return add_float(b, t, v);
	case COLUMN_BOOL:
		return add_bool(b, v);
	case COLUMN_UUID:
		return add_uuid(b, v);
	case COLUMN_DATE:
	case COLUMN_DATE32:
		return add_date(b, t, v);
	case COLUMN_DATETIME:
		return add_datetime(b, v);
	case COLUMN_DATETIME64:
		return add_datetime64(b, t, v);
	case COLUMN_OTHER:
		break;
	}
	return false;
}

size_t
native_room(const struct column_type *t, const struct json_value *v)
{
	switch (t->kind) {
	case COLUMN_STRING:
	case COLUMN_ENUM:
		return NATIVE_LENGTH_MAX + v->raw.n;
	default:
		/* numbers are written in eights */
		return t->size > 16 ? t->size : 16;
	}
}

size_t
native_default_size(const struct column_type *t)
{
	switch (t->kind) {
	case COLUMN_STRING:
		return 1; /* its length */
	case COLUMN_ENUM:
		return t->nullable; /* where a null stands, the name is not looked at */
	case COLUMN_OTHER:
		return 0;
	default:
		return t->size;
	}
}
