/*
 * Conditions on events, by one grammar wherever they stand: "path=/pricing",
 * "country!=DE", "path^=/blog/" (begins with), "referrer~news" (contains),
 * "properties.amount>=100" (numbers); "=" with nothing for empty or null.
 */
#ifndef MM_CONDITION_H
#define MM_CONDITION_H

#include "ask/field.h"

enum { CONDITION_LENGTH_MAX = 4096 }; /* bytes: far beyond any value, and all fit a URL */

enum condition_op {
	CONDITION_EQUAL,
	CONDITION_NOT_EQUAL,
	CONDITION_BEGINS,
	CONDITION_CONTAINS,
	CONDITION_LESS,
	CONDITION_AT_MOST,
	CONDITION_MORE,
	CONDITION_AT_LEAST,
};

#define CONDITION_OPS "=, !=, ^=, ~, <, <=, >, >="
#define CONDITION_EXPECTED "expected NAME=VALUE, or another of " CONDITION_OPS " between"

/* Spans into the text that was parsed. */
struct condition {
	const struct field *field; /* NULL: a property */
	struct property property;
	enum condition_op op;
	struct span value;
};

/* Where the first operator of the text stands, and its length; text.n: there is none. */
size_t condition_find_op(struct span text, enum condition_op *, size_t *length);

/*
 * Parses a condition.  A name without "properties." before it is a field; with
 * `bare`, one that is no field is a property.  Returns false with the error filled,
 * about `parameter`, which says at which character, and what is allowed.
 */
bool condition_parse(
    struct condition *, struct span text, bool bare, const char *parameter, struct refusal *);

/* What it is of, when it is about a visit. */
enum field_of condition_of(const struct condition *);

/* Whether it can be asked of single events; else of visits only. */
bool condition_is_of_events(const struct condition *);

/*
 * Adds the condition on a row of `events`, true or false, never NULL; its values are
 * bound.
 */
void condition_add(struct question *, const struct condition *);

#endif
