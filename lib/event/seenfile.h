/*
 * The ids seen lately, kept in a file from one run to the next.
 *
 * The file, numbers low byte first: "mmseen1\n", the key (16 bytes), the number
 * of entries (8), the entries of seen.h, oldest first, and the BLAKE2b-256 of
 * all that (RFC 7693).  It holds keyed hashes of ids, not the ids; since the
 * key lies beside them, whoever can read it can test whether an id they know is
 * in it: mode 0600.
 *
 * The file appears whole or not at all, also when the machine loses power: it
 * is written as FILE.tmp, synced, renamed, and the directory synced.  FILE.lock
 * is locked as long as the state is open, and stays.
 */
#ifndef MM_SEENFILE_H
#define MM_SEENFILE_H

#include "event/seen.h"

enum seenfile_result {
	SEENFILE_OK,
	SEENFILE_NEW,     /* there is no file yet */
	SEENFILE_BUSY,    /* another process has it open */
	SEENFILE_FOREIGN, /* it is something else */
	SEENFILE_DAMAGED, /* it is cut, or a byte has changed */
	SEENFILE_ERRNO,   /* of the system: in `error` */
};

struct seenfile {
	int error;
	/* what follows is the module's */
	int dir, lock; /* descriptors, or -1 */
	struct buf name, temporary;
};

#define SEENFILE_INIT                         \
	{                                     \
		0, -1, -1, BUF_INIT, BUF_INIT \
	}

/*
 * Locks the file at `path` and puts into *seen, which is empty, the key and
 * the newest entries that it has room for.  After SEENFILE_OK and
 * SEENFILE_NEW the state is open; after all else *seen is not to be used.
 */
enum seenfile_result seenfile_open(struct seenfile *, const char *path, struct seen *seen);

/*
 * Replaces the file.  Returns 0, or an errno; then the file is as it was (or
 * is the new one, if only the directory could not be synced).
 */
int seenfile_save(struct seenfile *, const struct seen *);

/* Unlocks it; also after a seenfile_open that failed, or none. */
void seenfile_release(struct seenfile *);

#endif
