/*
 * Replaces the key `ip` of a JSON object by `ip_hash` (SPEC 8).  Every other
 * byte stays as it is.
 */
#ifndef MM_ANONYMISE_H
#define MM_ANONYMISE_H

#include "enrich/address.h"
#include "event/complaint.h"
#include "text/json.h"

struct anonymiser {
	/* set by the owner */
	struct addresses *addresses; /* with a salt */
	bool has_date;               /* hash for the day of `date`, whatever the line says */
	int64_t date;                /* ms */

	/* when anonymise returns true: whether the line had an `ip` */
	bool replaced;
	/* when anonymise returns false: what is wrong with the line */
	struct complaint why;

	/* what follows is the module's */
	struct buf words;
};

/*
 * Appends the line [p, p+n) to `to`, with each key `ip` and its value replaced
 * by `ip_hash` and the hash; an `ip_hash` that stands beside it gets the same
 * value.  The day is that of `date`, else of `received_at`, else of `timestamp`.
 * A line without `ip` is appended as it is; null and "" have the hash "".
 * Returns false when the line is no object, or its `ip` or date is invalid, or
 * there is no date for its `ip`;
 * `to` may then hold a part of it, to be thrown away.
 */
bool anonymise(struct anonymiser *, const char *p, size_t n, struct buf *to);

void anonymise_release(struct anonymiser *);

#endif
