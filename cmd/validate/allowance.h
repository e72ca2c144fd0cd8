/*
 * How many lines may be rejected, as options have it: "10", "0.5%".
 */
#ifndef MM_ALLOWANCE_H
#define MM_ALLOWANCE_H

#include <stdbool.h>
#include <stdint.h>

/* A decimal number: value / unit. */
struct percent {
	uint64_t value, unit;
};

/* As all zero, nothing is allowed. */
struct allowance {
	bool is_percent;
	uint64_t lines;
	struct percent percent;
};

/*
 * Reads a number from 0 to 100: decimal digits with at most one point between
 * them, and a "%" behind them or not.
 */
bool percent_read(const char *text, struct percent *);

/* Reads a number of lines, of at most 18 digits, or a percentage, which ends in "%". */
bool allowance_read(const char *text, struct allowance *);

/* Whether more of the lines were rejected than are allowed. */
bool allowance_exceeded(const struct allowance *, uint64_t rejected, uint64_t lines);

#endif
