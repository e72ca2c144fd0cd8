/*
 * Letters and digits of ASCII, whatever the locale, and whole numbers that are
 * written with them.
 */
#ifndef MM_ASCII_H
#define MM_ASCII_H

#include "base/buf.h"

static inline bool
ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ascii_is_letter(char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26;
}

static inline bool
ascii_is_alnum(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c);
}

static inline char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* The value of a hexadecimal digit in either case, -1 of any other byte. */
static inline int
ascii_hex(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline bool
ascii_is_hex(char c)
{
	return ascii_hex(c) >= 0;
}

/*
 * Takes the decimal digits off the front of the text: no sign, no blanks, zeros
 * in front as one likes.  False, with text and value as they were, when there
 * are none or the number is above `max`.
 */
bool ascii_take_number(struct span *text, uint64_t max, uint64_t *value);

/* The same of a text that is nothing but digits. */
bool ascii_number(struct span text, uint64_t max, uint64_t *value);

#endif
