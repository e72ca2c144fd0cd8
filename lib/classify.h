/*
 * Where a visitor came from: the cascade of SPEC 5, first match wins.  A pure
 * function: no I/O, no state, no allocation.
 */
#ifndef MM_CLASSIFY_H
#define MM_CLASSIFY_H

#include "buf.h"
#include "url.h"

enum classify_rules {
	CLASSIFY_ALL,
	CLASSIFY_DOCUMENTED, /* without the lettered rules: the public cascade */
};

/* What is known of a visit, as text unescaped from JSON; absent: p == NULL. */
struct visit {
	const struct url *url; /* the split `url`; NULL when absent or no URL */
	struct span referrer;
	struct span host; /* the request host, when the collector knew it */
};

enum { CLASSIFY_STORE = 8192 };

/*
 * The answer.  The spans point to constants or into `store`; campaign.p is
 * NULL for null.  Text is valid UTF-8 but not escaped for JSON.
 */
struct attribution {
	struct span source, medium, campaign;
	struct span confidence, rule_id;
	char store[CLASSIFY_STORE];
};

/* The host tables: the compiled-in ones, or these with a user's entries. */
struct hosts;

/* hosts NULL: the compiled-in tables. */
void classify(
    const struct visit *, enum classify_rules, const struct hosts *, struct attribution *);

#endif
