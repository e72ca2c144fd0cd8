/*
 * A first tracking plan, mm-plan(5), from what events look like.
 */
#ifndef MM_PLAN_INFER_H
#define MM_PLAN_INFER_H

#include "quality/profile.h"

/*
 * An enum is guessed from values that were seen so often on average, in
 * that many events at least.
 */
enum { PLANGUESS_REPEATS = 5, PLANGUESS_EVENTS_MIN = 20 };

/*
 * Appends a plan that the events pass which were profiled; the profile has
 * learnt.  Events and properties that it had no room for are allowed; others
 * than it knows are warned of.
 */
void plan_infer(const struct profile *, struct buf *);

#endif
