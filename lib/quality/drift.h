/*
 * What has changed between two profiles of events.
 */
#ifndef MM_DRIFT_H
#define MM_DRIFT_H

#include "quality/findings.h"
#include "quality/profile.h"

enum {
	/* standard errors that a rate must have moved by, else it may be chance */
	DRIFT_SIGMAS = 3,
	/* how many of an event must be missing, by its share before */
	DRIFT_EVENTS_MIN = 10,
};

/*
 * Adds to the findings how `now` differs from `before`; their count is that of
 * the events concerned.
 *
 * Errors: no valid event at all; an event that is gone; a field that is absent or null more often
 * by more than `max` percentage points, or gone; a type that a field did not
 * have, in more than `max` percent of its values.  Warnings: what is new; a
 * type or a field gone within `max`; and what would be an error, but may be
 * chance in samples of this size, or a profile could not hold everything.
 */
void drift_find(
    struct findings *, const struct profile *before, const struct profile *now, double max);

#endif
