/*
 * A directory where data wait that could not be delivered, one batch a file.
 *
 * A file appears whole or not at all, also when the machine loses power: it is
 * written as NAME.tmp, synced, renamed, and the directory synced.  Names begin
 * with the time and a random number of the run that made them, so that many
 * processes can share a directory and the files sort by age.
 */
#ifndef MM_SPOOL_H
#define MM_SPOOL_H

#include "buf.h"

struct spool {
	char *dir;
	char run[32];   /* "20260131T235959Z-0123abcd" */
	unsigned files; /* written by this run */
	/* the module's */
	int fd;
};

/*
 * Opens the directory `dir`; NULL: $XDG_STATE_HOME/millimetric/spool, else
 * $HOME/.local/state/millimetric/spool.  What is missing of the path is made,
 * with mode 0700.  Returns 0, or an errno (of spool->dir, when that is set;
 * ENOENT with dir NULL: neither variable says where).
 */
int spool_open(struct spool *, const char *dir);
void spool_release(struct spool *);

/*
 * Keeps n bytes as the run's next file, DIR/RUN-000001.ndjson, with mode 0600.
 * Returns 0 once it is on disk, or an errno; then there is no file.
 */
int spool_keep(struct spool *, const char *p, size_t n);

/* Whether the file at `path` lies in the directory. */
bool spool_holds(const struct spool *, const char *path);

#endif
