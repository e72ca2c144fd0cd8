/*
 * A property of an event in SQL, with the bytes that were sent, whatever
 * stands beside it.
 *
 * ClickHouse's reader of JSON refuses a whole text for one integer beyond 64 bits
 * or one real beyond a double, and prints a real anew (19.90 as 19.9, seventeen
 * digits of more).  So where it refuses, and for reals, the text is read with
 * its numbers quoted, which is done by one regular expression.  What it likes
 * costs one reading more to find out.  No setting is sent.
 */
#ifndef MM_PROPERTY_H
#define MM_PROPERTY_H

#include "ask/question.h"

enum { PROPERTY_DEPTH_MAX = 4 };

/* Where it is: a.b is b within a.  Spans into the text that was parsed. */
struct property {
	struct span key[PROPERTY_DEPTH_MAX];
	size_t depth; /* 1 to PROPERTY_DEPTH_MAX; 0: none */
};

/*
 * Parses "amount_cents" or "cart.total"; "properties." may stand before it.
 * Returns false, and depth 0, for what is no path.
 */
bool property_parse(struct property *, struct span text);

/*
 * Binds the keys to the question; the answer is for the functions below, which may be
 * called more than once for it.
 */
size_t property_bind(struct question *, const struct property *);

/*
 * Adds the property as a Nullable(String): the text of a string, a number as it was
 * sent (but -0 is 0), true, false, the JSON of an object or array without white space; NULL
 * for null, and where there is none.  An object beside a number that ClickHouse
 * refuses has its numbers in quotes.
 */
void property_add_text(struct question *, const struct property *, size_t bound);

/*
 * Adds the property as a Nullable(Decimal(76, 18)): a number of JSON as the decimal
 * that it is, with 18 digits behind the point; NULL for what is no number, "5"
 * and true too, and for one of more than 58 digits before the point.
 */
void property_add_number(struct question *, const struct property *, size_t bound);

/* Adds the names of all properties of an event, an Array(String). */
void property_add_names(struct question *);

/*
 * Adds all properties of an event as an Array(Tuple(String, String, String)): the name,
 * the type (string, number, boolean, null, object, array) and the text of the value, of
 * 64 characters at most.
 */
void property_add_listing(struct question *);

/*
 * Adds the condition that it is `value`: its text (see above), or, where both are
 * numbers, the same number; "" is also null and none, "null" also null.
 */
void property_add_equals(struct question *, const struct property *, struct span value);

#endif
