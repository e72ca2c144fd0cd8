#include "base/decimal.h"

#include "base/banned.h"

#define EXPONENT_MAX INT64_C(100000000000000000)

/* The exponent of [p, end), which begins behind the letter. */
static int64_t
read_exponent(const char *p, const char *end)
{
	bool negative = p < end && *p == '-';
	int64_t e = 0;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	for (; p < end; p++) {
		e = e * 10 + (*p - '0');
		if (e > EXPONENT_MAX)
			e = EXPONENT_MAX;
	}
	return negative ? -e : e;
}

struct decimal
decimal_read(struct span text)
{
	const char *p = text.p, *end = text.p + text.n;
	struct decimal d = { .p = NULL };
	size_t digits = 0;
	bool point = false;

	if (p < end && *p == '-') {
		d.negative = true;
		p++;
	}
	for (; p < end && *p != 'e' && *p != 'E'; p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		if (!d.p && *p == '0') {
			d.exponent -= point;
			continue;
		}
		if (!d.p)
			d.p = p;
		d.exponent += !point;
		digits++;
		if (*p != '0') {
			d.end = p + 1;
			d.digits = digits;
		}
	}
	if (!d.p)
		return (struct decimal){ .p = text.p, .end = text.p };
	if (p < end)
		d.exponent += read_exponent(p + 1, end);
	return d;
}

static int
compare_digits(const struct decimal *a, const struct decimal *b)
{
	const char *p = a->p, *q = b->p;

	for (;;) {
		if (p < a->end && *p == '.')
			p++;
		if (q < b->end && *q == '.')
			q++;
		if (p == a->end || q == b->end)
			return (p < a->end) - (q < b->end);
		if (*p != *q)
			return *p < *q ? -1 : 1;
		p++;
		q++;
	}
}

/* Of two numbers, without their signs, that are not zero. */
static int
compare_sizes(const struct decimal *a, const struct decimal *b)
{
	if (a->exponent != b->exponent)
		return a->exponent < b->exponent ? -1 : 1;
	return compare_digits(a, b);
}

static int
sign(const struct decimal *d)
{
	if (d->p == d->end)
		return 0;
	return d->negative ? -1 : 1;
}

int
decimal_compare(const struct decimal *a, const struct decimal *b)
{
	int x = sign(a), y = sign(b);

	if (x != y)
		return x < y ? -1 : 1;
	if (x == 0)
		return 0;
	return x > 0 ? compare_sizes(a, b) : compare_sizes(b, a);
}

bool
decimal_is_whole(const struct decimal *d)
{
	return d->exponent >= 0 && (uint64_t)d->exponent >= d->digits;
}
