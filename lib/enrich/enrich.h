/*
 * From a valid event to its row: attribution, agent, country, hash of the
 * address, ids, session and time (SPEC 4 to 9).
 */
#ifndef MM_ENRICH_H
#define MM_ENRICH_H

#include "enrich/address.h"
#include "enrich/agent.h"
#include "enrich/classify.h"
#include "event/event.h"
#include "enrich/url_clean.h"
#include "enrich/row.h"
#include "base/uuid.h"

enum { ENRICH_RANDOM = 4096 };

/* What becomes of robots' events. */
enum bots_policy { BOTS_KEEP, BOTS_DROP, BOTS_MARK };

/* Client clocks are wrong: what becomes of times that can't be. */
enum late { LATE_KEEP, LATE_CLAMP, LATE_REJECT };

struct clock_rules {
	bool fix_skew; /* received_at - (sent_at - timestamp), where all are known */
	bool has_future, has_age;
	uint64_t max_future, max_age; /* ms after and before received_at, when has_ */
	enum late late;
};

enum enriched {
	ENRICH_ROW,
	ENRICH_REJECT, /* it can't be stored */
	ENRICH_DROP,   /* it was not wanted, and is counted */
};

/* What was counted, each a uint64_t: of several enrichers it can be added up. */
struct enrich_counts {
	uint64_t dropped[BOT_KINDS];
	uint64_t future, old;  /* beyond --max-future, --max-age */
	uint64_t times_of_run; /* events whose time is that of our clock */
	uint64_t random_ids;   /* others that got a random anonymous_id for want of a salt */
};

struct enricher {
	/* set by the owner before enrich_start */
	struct span project_id; /* a UUID */
	unsigned rules;
	const struct hosts *hosts; /* NULL: the compiled-in tables */
	const struct bots *bots;   /* likewise */
	struct geo *geo;           /* NULL: country stays "" */
	struct iphash *iphash;     /* NULL: ip_hash stays "" */
	struct iphash *visitors;   /* NULL: an event without anonymous_id is a visitor of its own */
	bool deterministic;        /* event_id is made of the line, too; no time is invented */
	enum bots_policy policy;
	struct clock_rules clock;
	struct param_list strip; /* parameters that stored URLs shall not have */

	struct enrich_counts counts;

	/* what follows is the module's */
	bool keyed;       /* there is an id_key */
	bool time_of_run; /* the event at hand has the time of our clock */
	unsigned char id_key[32];
	unsigned char random[ENRICH_RANDOM];
	size_t random_left;
	struct attribution from;
	char event_id[UUID_TEXT], anonymous_id[UUID_TEXT];
	struct addresses addresses;
	struct agents agents;
	struct buf url, path, referrer, url_scratch;
};

/*
 * Prepares ids, whose key is derived from the salt (of any length; n == 0:
 * there is none, and ids are random; `deterministic` needs one).
 * Returns false when memory is out or libsodium does not start.
 */
bool enrich_start(struct enricher *, const unsigned char *salt, size_t n);

/* Wipes the key and what was remembered; geo and iphash stay the owner's. */
void enrich_release(struct enricher *);

/*
 * Finds out all about the event, which stood in the line [p, p+n).  *x is
 * valid until the next call; *why, for ENRICH_REJECT, is a complaint of
 * constant texts.
 */
enum enriched enrich_event(struct enricher *, struct event *, const char *p, size_t n,
    struct enrichment *x, struct complaint *why);

#endif
