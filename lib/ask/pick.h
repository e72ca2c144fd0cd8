/*
 * Which events are meant: "purchase", or "purchase,plan=pro,cart.items=3", an
 * event's name and what properties have to be.
 */
#ifndef MM_PICK_H
#define MM_PICK_H

#include "ask/question.h"
#include "ask/refusal.h"

/* The length in bytes is far beyond that of names, and such that any question fits a URL. */
enum { PICK_FILTERS_MAX = 4, PICK_DEPTH_MAX = 4, PICK_LENGTH_MAX = 4096 };

/* For messages and manuals. */
#define PICK_EXPECTED "expected an event's name, which may be followed by ,PROPERTY=VALUE"

struct pick_filter {
	struct span key[PICK_DEPTH_MAX]; /* a.b: b within a */
	size_t depth;
	struct span value;
};

/* Spans into the text that was parsed. */
struct pick {
	struct span event;
	struct pick_filter filter[PICK_FILTERS_MAX];
	size_t filters;
};

/*
 * Parses [p, p+n).  A comma begins a filter when an equals sign follows before
 * the next comma; else it is part of the name or the value.  Returns false
 * with the error filled, about `parameter`, also for more than PICK_LENGTH_MAX.
 */
bool pick_parse(struct pick *, struct span text, const char *parameter, struct refusal *);

/*
 * Parses the path of a property, "amount_cents" or "cart.total"; "properties."
 * may stand before it.  Returns how many keys there are; 0: it is none.
 */
size_t pick_path(struct span text, struct span key[PICK_DEPTH_MAX]);

/* Adds the keys of a path as arguments: ", {p1:String}, {p2:String}". */
void pick_add_keys(struct question *, const struct span *key, size_t depth);

/*
 * Adds the condition on a row of `events`.  A string property is compared by its
 * text, everything else by its JSON as ClickHouse prints it: 3, true, null.
 */
void pick_add_condition(struct question *, const struct pick *);

#endif
