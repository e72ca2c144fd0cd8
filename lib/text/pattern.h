/*
 * Regular expressions, compiled to an automaton that reads a text once: the
 * time is bounded by the length of the text times PATTERN_POSITIONS, and the
 * memory is that of the compiled pattern, whatever is sent.
 *
 * The language is a part of ECMAScript's with the flag `u`, and what it takes
 * means what it means there: characters, `.`, [classes], \d \D \s \S \w \W,
 * \f \n \r \t \v, an escape of ASCII punctuation, ( ) and (?: ), |, * + ? {n}
 * {n,} {n,m}, and ^ $ for the ends of the text.  There are no references, no
 * looking around, no \b, no \p.
 */
#ifndef MM_PATTERN_H
#define MM_PATTERN_H

#include "base/arena.h"

enum {
	PATTERN_BYTES = 4096,    /* of its text, at most */
	PATTERN_POSITIONS = 256, /* characters and classes, those that {n} repeats each time */
	PATTERN_COUNT = 255,     /* of {n} */
	PATTERN_DEPTH = 32,      /* groups in groups */
};

struct pattern;

struct pattern_mistake {
	const char *reason; /* NULL: memory was out */
	size_t at;          /* the byte that it is about */
};

/*
 * Compiles n bytes of valid UTF-8.  Returns NULL with *mistake filled.  The
 * pattern lives as long as the arena; the text may go.
 */
const struct pattern *pattern_compile(
    struct arena *, struct span text, struct pattern_mistake *mistake);

/* Whether the pattern matches anywhere in n bytes of valid UTF-8. */
bool pattern_search(const struct pattern *, const char *p, size_t n);

#endif
