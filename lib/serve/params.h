/*
 * The parameters of a URL's query (application/x-www-form-urlencoded), read
 * strictly: what is misspelt must not pass for a question that was answered.
 */
#ifndef MM_PARAMS_H
#define MM_PARAMS_H

#include "ask/question.h"

enum { PARAMS_MAX = 64 }; /* in one query */

enum params_result {
	PARAMS_ONE,     /* a parameter was read */
	PARAMS_END,     /* there are no more */
	PARAMS_REFUSED, /* the refusal is filled */
};

struct params {
	struct span rest; /* what has not been read */
	struct buf text;  /* names and values, decoded */
	struct span names[PARAMS_MAX];
	size_t n;
};

/*
 * Begins with a query, without its '?'; it is kept, not copied.  False when
 * memory is out.  params_release in both cases.
 */
bool params_open(struct params *, struct span query);
void params_release(struct params *);

/*
 * Reads the next parameter: '+' is a space, %XX a byte; without '=' the value
 * is empty, pieces between '&' that are empty are passed over.  Name and value are
 * UTF-8 without NUL, and live until params_release.  Refused are invalid
 * escapes, other bytes, a name that came before (but for "where", of which each
 * has to hold), and more than PARAMS_MAX parameters.
 */
enum params_result params_next(
    struct params *, struct span *name, struct span *value, struct refusal *);

#endif
