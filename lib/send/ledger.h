/*
 * What an earlier run has sent of the same input, when it was ended in the middle.
 *
 * Servers know only the last event_ids again.  So each batch that is sent or kept is
 * noted in a file of the spool's folder, which is found by the first event of the input;
 * a run that ends well deletes it.  A batch is known by what a chain of hashes over all
 * events of the input is at its first and at its last event: it is the same batch only
 * where all before it was the same, too.
 *
 * The file: LEDGER_MAGIC, the secret, and records of LEDGER_RECORD bytes.  It holds
 * hashes alone, is locked (flock) while a run uses it, and of no use after LEDGER_DAYS.
 */
#ifndef MM_LEDGER_H
#define MM_LEDGER_H

#include "base/buf.h"

enum {
	LEDGER_HASH = 16,
	LEDGER_RECORD = 2 * LEDGER_HASH + 8,
	LEDGER_DAYS = 7,
};

#define LEDGER_MAGIC "mm-send\1"

struct ledger_batch {
	unsigned char first[LEDGER_HASH]; /* the chain behind its first event .. */
	unsigned char last[LEDGER_HASH];  /* .. and behind its last */
	uint32_t events;
};

struct ledger {
	/* the answer: random, and the same for all runs until one ends well */
	unsigned char secret[LEDGER_HASH];
	/* the module's */
	int fd, folder;
	char name[64];
	struct ledger_batch *batch; /* of earlier runs, in order */
	size_t n;
	unsigned unsynced;
};

#define LEDGER_INIT                     \
	{                               \
		.fd = -1, .folder = -1, \
	}

/* Adds an event to a chain, which is all zero at the start. */
void ledger_chain(unsigned char chain[LEDGER_HASH], const char *p, size_t n);

/*
 * Opens the ledger of the input whose chain is `first` behind its first event, in the folder
 * `path`, and deletes those that are too old.  0, or an errno; then, and where all are in
 * use by other runs, nothing is known and nothing is noted, but there is a secret.
 * sodium_init has been called.
 */
int ledger_open(struct ledger *, const char *path, const unsigned char first[LEDGER_HASH]);

/* The shortest batch after `after` (NULL: of all) that begins so; NULL: there is none. */
const struct ledger_batch *ledger_find(const struct ledger *,
    const unsigned char first[LEDGER_HASH], const struct ledger_batch *after);

/* Notes a batch that is sent or kept.  0, or an errno. */
int ledger_note(struct ledger *, const struct ledger_batch *);

/* `ended`: there is nothing left of the input that a rerun should know. */
void ledger_close(struct ledger *, bool ended);

#endif
