/*
 * Takes addresses out of records (SPEC 8): replaces them by their hashes, in
 * JSON by keys, in other text wherever they are, and checks that none is left.
 * Every other byte stays as it is.
 */
#ifndef MM_ANONYMISE_H
#define MM_ANONYMISE_H

#include "enrich/address.h"
#include "event/complaint.h"
#include "text/json.h"
#include "text/json_walk.h"

enum { ANONYMISE_COMPLAINTS = 16 };

struct anonymiser {
	/* set by the owner */
	struct addresses *addresses; /* with a salt; anonymise_check needs none */
	bool has_date;               /* hash for the day of `date`, whatever the line says */
	int64_t date;                /* ms */
	const struct span *keys;     /* paths, "context.ip", whose values are replaced, too */
	size_t key_count;
	struct span date_key; /* the path of the date; n == 0: received_at, else timestamp */

	/* when a call returns true: whether the line had something to replace */
	bool replaced;
	/* when it returns false: what is wrong with the line */
	struct complaint why[ANONYMISE_COMPLAINTS];
	size_t whys;

	/* what follows is the module's */
	struct buf words, scratch;
	struct json_walk walk;
};

/*
 * Appends the JSON object [p, p+n) to `to`, with each top-level key `ip` and its
 * value replaced by `ip_hash` and the hash (an `ip_hash` that stands beside it
 * gets the same value), and with the addresses in the string at each path of
 * `keys` replaced by their hashes; there null, "", "-" and "unknown" stay.
 * The day is that of `date`, else of the date key.  A line without any of the
 * keys is appended as it is; an `ip` of null or "" has the hash "".
 * Returns false when the line is no object, when what stands at a key is no
 * address or has none, and when an address has no date; `to` may then hold a
 * part of it, to be thrown away.
 */
bool anonymise(struct anonymiser *, const char *p, size_t n, struct buf *to);

/*
 * The same for any text: each address, as ip_find finds it, becomes its hash.
 * The day is that of `date`, else of the first time in the line that
 * log_time_find finds.  Returns false when an address has no date.
 */
bool anonymise_text(struct anonymiser *, const char *p, size_t n, struct buf *to);

/*
 * Returns true when no string or key of the JSON object holds an address; else
 * false, with a complaint for each place (ANONYMISE_COMPLAINTS at most), which
 * names its path and not its value.
 */
bool anonymise_check(struct anonymiser *, const char *p, size_t n);

/* The same for any text, of which nothing but the line can be told. */
bool anonymise_check_text(struct anonymiser *, const char *p, size_t n);

void anonymise_release(struct anonymiser *);

#endif
