/*
 * Conventions for the names of events and properties, which are advice: a name
 * against them is no error.
 *
 *   events      snake_case, the last word in the past tense, unless `$` marks
 *               a system event; `$` marks nothing but these
 *   properties  snake_case; an amount that ends in _cents has a `currency` beside it
 */
#ifndef MM_NAME_ADVICE_H
#define MM_NAME_ADVICE_H

#include "base/buf.h"

/*
 * What is to be said of the name of an event, as UTF-8 without escapes; NULL
 * when there is nothing.  The text is constant and does not quote the name.
 *
 * The past tense is told by its look: a word of the name that ends in "ed" (but not
 * "eed"), or one of the irregular forms (sent, bought, begun ...).
 */
const char *name_advice_event(struct span name);

/* Likewise of the name of a property. */
const char *name_advice_property(struct span name);

/* Whether the name is that of an amount that needs a currency beside it. */
bool name_advice_is_cents(struct span name);

/* What is to be said of an amount without one. */
extern const char name_advice_no_currency[];

#endif
