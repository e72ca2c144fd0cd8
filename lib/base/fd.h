/*
 * Whole writes and durable files, by descriptor.
 */
#ifndef MM_FD_H
#define MM_FD_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * open(2), which the signals of others do not break off: -1 and EINTR only once
 * *stop (may be NULL) is set.  To wait for the other end of a FIFO can take long.
 */
int fd_open(const char *path, int flags, unsigned mode, const atomic_int *stop);

/* Writes all n bytes to a blocking descriptor.  Returns 0, or the errno. */
int fd_write(int fd, const void *p, size_t n);

/* The same to a place in a file; and all n bytes from there, ENODATA when the
   file has fewer. */
int fd_write_at(int fd, const void *p, size_t n, size_t offset);
int fd_read_at(int fd, void *p, size_t n, size_t offset);

/* Reads up to n bytes; *got is less at the end of the file.  Returns 0, or the errno. */
int fd_read(int fd, void *p, size_t n, size_t *got);

/*
 * Appends all that is left to read, EFBIG when that is more than `most` bytes.
 * Returns 0, or the errno.
 */
int fd_read_all(int fd, struct buf *to, size_t most);

/*
 * Opens a file without a name, which ends with its last descriptor, in the
 * directory `dir`, for reading and writing; -1 and errno.
 */
int fd_unnamed(const char *dir);

/*
 * fsync of a file or a directory; a file system that can't do it for a
 * directory is no error.  Returns 0, or the errno.
 */
int fd_sync(int fd);

/* Writes what is to stand in a file: 0, or an errno. */
typedef int fd_fill(int fd, void *context);

/*
 * Gives the file `name` of the directory `dir` new content, whole or not at
 * all, also when the machine loses power: `fill` writes to NAME.tmp, which is
 * synced and renamed, and the directory synced.  A file that was there keeps
 * its mode, and its owner and group where that is allowed; a new one has
 * `mode`, less the umask.  Returns 0, or the errno; then nothing has changed,
 * or the directory could not be synced.
 */
int fd_replace_at(int dir, const char *name, unsigned mode, fd_fill *fill, void *context);

/*
 * The same of n bytes and a path.  A symbolic link is followed, also to a file
 * that is not there yet.  What is there and no regular file (a pipe, a
 * terminal) is written to as it is.
 */
int fd_replace(const char *path, const void *p, size_t n);

/*
 * Makes the buffer of a pipe 1 MiB, at which two processes hinder each other
 * least.  Does nothing to other files; a refusal costs speed only.
 */
void fd_enlarge_pipe(int fd);

#endif
