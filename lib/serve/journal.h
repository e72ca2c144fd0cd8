/*
 * Rows that were accepted, on disk before anybody is told so (SPEC: what a 202
 * means).  Requests that arrive together share one fdatasync (group commit): a
 * thread writes and syncs the group that was gathered while the next gathers.
 * Another seals, so that no answer waits for that.
 *
 * Files in the folder of a spool's table (store/spool.h), of mode 0600:
 *
 *     STEM.open    a segment: groups, each with a checksum; flock'ed by its process
 *     STEM.ready   its rows alone, whole, not to be delivered yet
 *     STEM.ndjson  the same, renamed: a file of mm-insert's spool
 *     STEM.damaged a segment in which whole groups followed a damaged one: these are
 *                  in its STEM.ndjson; it is kept until a person takes it away
 *     door-N.ids   hashes of the event_ids of sealed segments
 *     door-N.lock, ids.key
 *
 * A segment is sealed in these steps, each synced before the next: write
 * STEM.ready, append its ids to the log, unlink STEM.open, rename STEM.ready.
 * Wherever that ends, it is taken up from there by the next journal_open.  A
 * segment that nobody locks is sealed by whoever opens a journal in the folder.
 *
 * Several processes may share a folder.  An event_id that comes again is known
 * to the process that took it first, or to the one that runs in its place.
 */
#ifndef MM_JOURNAL_H
#define MM_JOURNAL_H

#include "serve/ids.h"
#include "store/spool.h"

enum {
	JOURNAL_GROUP_MAX = 16 << 20, /* bytes that gather while a group is written */
};

enum journal_result {
	JOURNAL_TAKEN, /* wait for the ticket */
	JOURNAL_FULL,  /* the spool has no room now: nothing was taken */
	JOURNAL_DOWN,  /* memory is out: nothing was taken */
};

struct journal_event {
	struct span row; /* with its newline at the end, and no other */
	unsigned char project[IDS_PROJECT];
	struct span id; /* its event_id; empty: none */
};

struct journal_config {
	const char *dir; /* the spool's, and which table of it */
	const char *database, *table;
	uint64_t max;         /* bytes of the spool, from which on it is full */
	size_t segment_bytes; /* a longer segment is sealed; 0: 8 MiB */
	unsigned segment_ms;  /* as is an older one; 0: 1000 */
	size_t log_bytes; /* that the log of ids grows by before it is written anew; 0: 32 MiB */
	bool in_turns;    /* journal_commit is called after each few journal_add */

	/* Called on the journal's two threads, but for `damaged`; each may be NULL. */
	void *context;
	/* All groups up to this one that were not reported yet are durable, or, with
	   an errno, refused: their ids may be sent again. */
	void (*settled)(void *context, uint64_t group, int error);
	/* A file of the spool is ready for delivery.  With an errno there may be one as
	   well, but a segment, this or another, could not be sealed: that is tried again
	   each second.  Both threads may call it at once. */
	void (*sealed)(void *context, int error);
	/* Called by journal_open, on its caller's thread, for each file STEM.damaged of
	   the folder, also those of former runs: some of its events may be lost.  The
	   name is valid during the call. */
	void (*damaged)(void *context, const char *file);
};

struct journal;

/*
 * Opens the spool's folder, seals what a former run left and starts the threads.
 * Returns 0 and the journal, which keeps the strings of the config, or an errno.
 */
int journal_open(struct journal **, const struct journal_config *);

/*
 * Takes all n events of a request, or none.  An event whose id is known is not
 * kept again.  `*ticket` is the group that the answer has to wait for; 0: none,
 * all of them are durable.  Threads may call it at once; `settled` may come
 * before it returns.
 */
enum journal_result journal_add(
    struct journal *, const struct journal_event *, size_t n, uint64_t *ticket);

/*
 * With in_turns: what was added since is a group, unless one is being written,
 * after which it is.  Waking the thread for each request alone would make groups of
 * a request or two where a flush costs little.
 */
void journal_commit(struct journal *);

/* Groups that failed since the start: /healthz fails while there are any. */
uint64_t journal_failures(struct journal *);

/* Commits what was taken, seals, stops the threads and frees. */
void journal_close(struct journal *);

#endif
