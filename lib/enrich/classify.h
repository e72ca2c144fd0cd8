/*
 * Where a visitor came from: the cascade of SPEC 5, first match wins.  A pure
 * function: no I/O, no state, no allocation.
 */
#ifndef MM_CLASSIFY_H
#define MM_CLASSIFY_H

#include "base/buf.h"
#include "enrich/hosts.h"
#include "text/url.h"
#include "text/url_query.h"

/* Which rules there are; may be added up. */
enum classify_rules {
	CLASSIFY_ALL = 0,
	CLASSIFY_DOCUMENTED = 1,    /* without the lettered rules: the public cascade */
	CLASSIFY_FBCLID_SOCIAL = 2, /* an fbclid alone is of a post, not of an ad */
};

/* What is known of a visit, as text unescaped from JSON; absent: p == NULL. */
struct visit {
	const struct url *url; /* the split `url`; NULL when absent or no URL */
	struct span referrer;
	struct span host; /* the request host, when the collector knew it */
};

/* Bounds, in UTF-16 code units. */
enum {
	CLASSIFY_SOURCE_MAX = 128,    /* source and medium (SPEC 5) */
	CLASSIFY_CAMPAIGN_MAX = 2048, /* no event's url is longer */
	CLASSIFY_STORE =
	    (2 * CLASSIFY_SOURCE_MAX + CLASSIFY_CAMPAIGN_MAX) * URL_UNIT_BYTES + URL_NAME_MAX
};

/*
 * The answer.  The spans point to constants, to the table of hosts or into
 * `store` (so do not copy the struct); campaign.p is NULL for null.  Text is
 * valid UTF-8 but not escaped for JSON.
 */
struct attribution {
	struct span source, medium, campaign;
	struct span confidence, rule_id;
	char store[CLASSIFY_STORE];
};

/* which: enum classify_rules; hosts NULL: the compiled-in tables. */
void classify(const struct visit *, unsigned which, const struct hosts *, struct attribution *);

/* The same, and adds a line for each rule that was tried, and why, for people. */
void classify_explain(const struct visit *, unsigned which, const struct hosts *,
    struct attribution *, struct buf *text);

/* Adds the cascade as a table for people. */
void classify_list(unsigned which, struct buf *text);

#endif
