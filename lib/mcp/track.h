/*
 * One event from a client of our own, on the way that all events take: checked,
 * enriched, and stored before it is acknowledged, or kept in the spool.
 */
#ifndef MM_TRACK_H
#define MM_TRACK_H

#include "enrich/enrich.h"
#include "store/sink.h"
#include "store/spool.h"

enum tracked {
	TRACK_STORED,
	TRACK_KEPT,      /* in the spool, on disk; `error` says why */
	TRACK_INVALID,   /* with what is wrong in `complaint` */
	TRACK_REFUSED,   /* by ClickHouse; `error` says why */
	TRACK_LOST,      /* neither stored nor kept; `spool_error` is an errno */
	TRACK_NO_MEMORY, /* likewise */
};

struct track {
	struct complaint *complaint;
	size_t complaints;
	struct clickhouse_error error;
	int spool_error;
	struct span event_id; /* as it was sent, with its quotes; p is NULL when none was */

	/* the module's */
	struct event event;
	struct enricher enricher;
	struct sink sink;
	struct batch batch;
	struct buf row;
	struct spool *spool;
};

/*
 * Prepares for events of a project (the text of a UUID).  The pointers are
 * kept, also the spool, which is open.  Returns false when memory is out or
 * libsodium does not start.
 */
bool track_init(struct track *, const struct sink_config *, struct spool *, struct span project);
void track_release(struct track *);

/*
 * Takes the event [p, p+n), a JSON object with the fields of SPEC 1 only: what
 * a collector knows (SPEC 2) is not for a client to say.  It has no address and
 * no agent, so its row has no ip_hash, country, browser, os or device.  The
 * spans of the answer are valid until the text changes or the next call.
 */
enum tracked track_event(struct track *, const char *p, size_t n);

#endif
