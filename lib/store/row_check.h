/*
 * Whether a line is a row as mm-enrich writes them, with what every event must
 * tell: a row without it would be stored as nobody's, or as of 1970.
 */
#ifndef MM_ROW_CHECK_H
#define MM_ROW_CHECK_H

#include "base/buf.h"

/* The keys that no row may lack; a null or an empty string is none. */
enum { ROW_KEYS = 4 };
extern const char *const row_keys[ROW_KEYS];

/*
 * Whether the row has them all, at a glance: false may also mean that it is
 * written in another way than usual, or that it is no JSON.  True does not
 * mean that it is.
 */
bool row_is_usual(struct span row);

/*
 * What an object in the sense of json.h lacks: a bit for each of row_keys.
 * *event: it is an event that has not been made a row.
 */
unsigned row_lacks(struct span object, bool *event);

/* Whether a line that is no row seems to have been one: it names its event as a
   row does.  What is none may hold an address. */
bool row_was_meant(struct span line);

#endif
