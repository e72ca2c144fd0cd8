/*
 * The period that a question is about: from the first instant to the first
 * one after it, and the zone whose days it is cut into.
 */
#ifndef MM_PERIOD_H
#define MM_PERIOD_H

#include "ask/bucket.h"
#include "ask/refusal.h"
#include "base/timestamp.h"

struct period {
	int64_t from, to; /* ms; to is not part of it */
	struct zone *zone;
};

/* As they were given: when.h's words; p NULL: not given. */
struct period_text {
	struct span from, to; /* both required */
	struct span tz;       /* not given: UTC */
};

/*
 * Reads the texts by the clock `now`, in ms.  Returns false with the error
 * filled, about "from", "to" or "tz".  period_release in both cases.
 */
bool period_resolve(struct period *, const struct period_text *, int64_t now, struct refusal *);
void period_release(struct period *);

/*
 * The period of the same length on the clocks of the zone that ends where this
 * one begins; the zone stays this one's.  False: it would begin before
 * TIMESTAMP_MIN.
 */
bool period_before(const struct period *, struct period *before);

/* Whether it begins and ends at midnight UTC. */
bool period_is_of_days(const struct period *);

#endif
