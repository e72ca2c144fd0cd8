/*
 * The few lines that unit tests share: count checks, print what failed.
 */
#ifndef MM_CHECK_H
#define MM_CHECK_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long checks, failures;

/*
 * Counts a check; what failed is said with printf's rules.  The condition is
 * evaluated before what is printed.
 */
#define CHECK(condition, ...) \
	check_said((condition) ? check_passed() : check_failed(__FILE__, __LINE__, __VA_ARGS__))

/* Only so that the answer may be ignored, also where it is constant. */
static inline bool
check_said(bool good)
{
	return good;
}

static inline bool
check_passed(void)
{
	checks++;
	return true;
}

__attribute__((format(printf, 3, 4))) static inline bool
check_failed(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	checks++;
	failures++;
	fprintf(stderr, "%s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return false;
}

/* Whether [p, p+n) is the text. */
static inline bool
is_text(const char *p, size_t n, const char *text)
{
	return n == strlen(text) && (n == 0 || memcmp(p, text, n) == 0);
}

/* A copy of exactly n bytes, so that a sanitizer sees every read beyond. */
static inline char *
exact_copy(const char *p, size_t n)
{
	char *copy = malloc(n ? n : 1);

	if (!copy)
		abort();
	if (n)
		memcpy(copy, p, n);
	return copy;
}

/* A small generator with a fixed seed: the same test every time. */
static inline uint64_t
check_random(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* The end of main: says how many checks there were; the exit status. */
static inline int
check_end(const char *name)
{
	if (failures) {
		printf("%s: %lu of %lu checks failed\n", name, failures, checks);
		return 1;
	}
	printf("%s: %lu checks passed\n", name, checks);
	return 0;
}

#endif
