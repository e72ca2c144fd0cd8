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
#ifndef MM_ID_WINDOW_FILE_H
#define MM_ID_WINDOW_FILE_H

#include "event/id_window.h"

enum id_window_file_result {
	ID_WINDOW_FILE_OK,
	ID_WINDOW_FILE_NEW,     /* there is no file yet */
	ID_WINDOW_FILE_BUSY,    /* another process has it open */
	ID_WINDOW_FILE_FOREIGN, /* it is something else */
	ID_WINDOW_FILE_DAMAGED, /* it is cut, or a byte has changed */
	ID_WINDOW_FILE_ERRNO,   /* of the system: in `error` */
};

struct id_window_file {
	int error;
	/* what follows is the module's */
	int dir, lock; /* descriptors, or -1 */
	struct buf name;
};

#define ID_WINDOW_FILE_INIT         \
	{                           \
		0, -1, -1, BUF_INIT \
	}

/*
 * Locks the file at `path` and puts into *seen, which is empty, the key and
 * the newest entries that it has room for.  After ID_WINDOW_FILE_OK and
 * ID_WINDOW_FILE_NEW the state is open; after all else *seen is not to be used.
 */
enum id_window_file_result id_window_file_open(
    struct id_window_file *, const char *path, struct id_window *seen);

/*
 * Replaces the file.  Returns 0, or an errno; then the file is as it was (or
 * is the new one, if only the directory could not be synced).
 */
int id_window_file_save(struct id_window_file *, const struct id_window *);

/* Unlocks it; also after a id_window_file_open that failed, or none. */
void id_window_file_release(struct id_window_file *);

#endif
