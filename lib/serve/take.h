/*
 * From the body of a request to the rows that are kept: what mm-validate,
 * mm-batch, mm-identify and mm-enrich do with lines, in memory (SPEC 10, 13).
 *
 * Addresses and agents are read from the sender, used, and forgotten: no row
 * and no complaint holds one.
 */
#ifndef MM_TAKE_H
#define MM_TAKE_H

#include "enrich/enrich.h"
#include "event/body.h"
#include "event/identify.h"
#include "serve/journal.h"

/* Who sent a request. */
struct take_sender {
	const struct ip *ip;                   /* NULL: unknown */
	struct span user_agent, host;          /* p NULL: unknown; the site's own host */
	int64_t received_at;                   /* ms since 1970 */
	struct span project;                   /* UUID_TEXT bytes, in lower case */
	unsigned char project_id[IDS_PROJECT]; /* the same as bytes */
	bool is_visitor; /* the address is a visitor's: without anonymous_id it is one a day */
};

/* Starts as all zero but for what the owner sets. */
struct take {
	/* set by the owner before take_start, as enrich_start wants it; `visitors`
	   is used for senders that are visitors */
	struct enricher enricher;

	/* the answer: rows for the journal, valid until the next call */
	struct journal_event event[BODY_EVENTS_MAX];
	size_t events;    /* rows; fewer than `received` where robots are dropped */
	size_t received;  /* events of the body */
	struct span sent; /* the event_id as it stood in the body, with quotes; p NULL: none */

	/* what is wrong, when they return false; at least one */
	const struct complaint *complaint;
	size_t complaints;

	/* what follows is the module's */
	struct iphash *visitors;
	struct event one;
	struct body body;
	struct identify identify;
	struct complaint why;
	struct buf rows, ids;
	struct {
		size_t row, row_n, id, id_n;
	} place[BODY_EVENTS_MAX];
};

/* Returns false when memory is out. */
bool take_start(struct take *);
void take_release(struct take *);

/*
 * The body is an event, {"events":[..]} of 1 to BODY_EVENTS_MAX, or what
 * mm-identify takes.  All or nothing: true with rows, or false with complaints.
 */
bool take_track(struct take *, struct span body, const struct take_sender *);
bool take_batch(struct take *, struct span body, const struct take_sender *);
bool take_identify(struct take *, struct span body, const struct take_sender *);

#endif
