/*
 * Which name was meant by one that is not there.
 */
#ifndef MM_NEAR_H
#define MM_NEAR_H

#include "base/buf.h"

enum { NEAR_NAME_MAX = 64 }; /* bytes; a longer name is near to none */

/* The nearest of the names that a slip or two make of `name`. */
struct near {
	struct span name;
	size_t least;     /* slips from which on a name is too far, or as far as `best` */
	struct span best; /* p NULL: none was near enough */
};

void near_begin(struct near *, struct span name);

/*
 * Looks at one that there is: changes, additions and omissions of letters count
 * (Levenshtein), upper and lower case do not, and a name that begins alike is a slip
 * away.  Returns whether it is the best one now; the span is kept.
 */
bool near_try(struct near *, struct span other);

#endif
