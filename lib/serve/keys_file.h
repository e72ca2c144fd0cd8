/*
 * The keys file and its pepper on the disk: who may read them, who may write, and
 * how a change is all there or not at all.
 */
#ifndef MM_KEYS_FILE_H
#define MM_KEYS_FILE_H

#include <stdatomic.h>
#include <sys/stat.h>

#include "base/buf.h"

enum { KEYS_FILE_MOST = 64 * 1024 * 1024 }; /* bytes */

/* Appends "FILE" and the ending, of the file that a symbolic link leads to, and a NUL. */
void keys_beside(struct buf *to, const char *keys_file, const char *ending);

/* The same of ".pepper", or what is `given` (may be NULL), and a NUL. */
void pepper_path(struct buf *to, const char *keys_file, const char *given);

/*
 * Appends a file that nobody but its owner may read; with *st (may be NULL) what
 * it was.  At most `most` bytes.  False, with a line in `errors`.
 */
bool private_read(
    const char *path, struct buf *text, size_t most, struct stat *st, struct buf *errors);

/*
 * Appends the pepper, less a line end; false, with a line in `errors`, when it
 * can't be read, is too short or too long, or others may read it.
 */
bool pepper_read(const char *path, struct buf *pepper, struct stat *st, struct buf *errors);

/*
 * Makes a pepper of 32 random bytes in hex in a new file of mode 0600; one that is
 * there stays.  False, with a line in `errors`.
 */
bool pepper_make(const char *path, struct buf *errors);

/* A file that is to be changed, and who else wants to is waiting. */
struct keys_file {
	int dir, lock;   /* -1: closed */
	struct buf name; /* in dir, with a NUL */
	struct buf text; /* what it holds; empty: there is none yet */
};
#define KEYS_FILE_INIT                     \
	{                                  \
		-1, -1, BUF_INIT, BUF_INIT \
	}

/*
 * Waits for FILE.lock, which stays beside it, and reads the file (following a
 * symbolic link).  With `make` it need not be there.  `stop` (may be NULL) ends
 * the wait.  False, with a line in `errors`, or none when *stop is set; release
 * it in either case.
 */
bool keys_file_open(
    struct keys_file *, const char *path, bool make, const atomic_int *stop, struct buf *errors);

/* Replaces the file, mode 0600 when it is new, and syncs it.  0, or an errno. */
int keys_file_save(struct keys_file *, struct span text);

/* Gives the lock back. */
void keys_file_release(struct keys_file *);

#endif
