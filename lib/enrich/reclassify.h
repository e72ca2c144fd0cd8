/*
 * Sets what is known of a visitor's origin in a JSON object: `source`,
 * `medium`, `campaign`, `source_confidence` and `source_rule_id`, by its keys
 * `url`, `referrer` and `host`.  Every other byte stays as it is.
 */
#ifndef MM_RECLASSIFY_H
#define MM_RECLASSIFY_H

#include "enrich/classify.h"
#include "event/complaint.h"
#include "text/json.h"
#include "base/out.h"

enum reclassified {
	RECLASSIFY_BAD,     /* no JSON object: `why` says so */
	RECLASSIFY_SAME,    /* the line carried this answer already */
	RECLASSIFY_CHANGED, /* it carried another or none */
};

/* The keys that are written, and `previous`, which may be. */
enum reclassify_key {
	RECLASSIFY_SOURCE,
	RECLASSIFY_MEDIUM,
	RECLASSIFY_CAMPAIGN,
	RECLASSIFY_CONFIDENCE,
	RECLASSIFY_RULE,
	RECLASSIFY_PREVIOUS,
	RECLASSIFY_KEYS
};

struct reclassifier {
	unsigned rules;
	const struct hosts *hosts; /* NULL: the compiled-in ones */

	/* of the line last read */
	struct complaint why;
	struct attribution answer;

	/* what follows is the module's */
	struct json_value old[RECLASSIFY_KEYS]; /* raw.p NULL: not there */
	struct json_value url, referrer, host;
	struct span line;
	const char *end_of_members; /* after the last one, or after '{' */
	bool empty;
	struct buf text, url_scratch, reason;
};

void reclassify_init(struct reclassifier *, unsigned rules, const struct hosts *);
void reclassify_release(struct reclassifier *);

/*
 * Reads a line and classifies it.  A key that is no string counts as absent, a
 * `url` that is no URL too; of a key that stands twice the last one counts,
 * and is the one that is replaced.  When memory is out the line is bad.
 */
enum reclassified reclassify_read(struct reclassifier *, const char *p, size_t n);

/*
 * Writes the line last read, which must still be there, with the answer; with
 * its old values under `previous` if that is asked for.
 */
void reclassify_write(const struct reclassifier *, bool previous, struct out *);

/* Appends an answer as a JSON object of the five keys. */
void reclassify_add_answer(struct buf *, const struct attribution *);

#endif
