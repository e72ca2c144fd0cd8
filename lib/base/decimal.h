/*
 * Numbers of JSON (RFC 8259) compared as the decimals that they are: nothing
 * is converted or rounded, whatever their length.
 */
#ifndef MM_DECIMAL_H
#define MM_DECIMAL_H

#include "base/buf.h"

/* A number that was read; valid as long as its text. */
struct decimal {
	bool negative;    /* zero never is */
	const char *p;    /* its first digit that is not 0 */
	const char *end;  /* behind its last digit that is not 0; p == end: zero */
	size_t digits;    /* in [p, end), which may hold a point as well */
	int64_t exponent; /* the value is 0.DIGITS times ten to this power */
};

/*
 * Reads a number as the scanner of lib/json accepts it.  An exponent beyond
 * 10^17 counts as 10^17, with its sign.
 */
struct decimal decimal_read(struct span text);

/* Below 0, 0 or above 0, as a is less than, equal to or greater than b. */
int decimal_compare(const struct decimal *a, const struct decimal *b);

/* Whether the number has no fractional part: 1, 1.0 and 1e3 have none. */
bool decimal_is_whole(const struct decimal *);

#endif
