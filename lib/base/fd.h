/*
 * Whole writes and durable files, by descriptor.
 */
#ifndef MM_FD_H
#define MM_FD_H

#include <stdatomic.h>
#include <stddef.h>

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

/*
 * Makes n bytes the content of the file at `path`, whole or not at all, also
 * when the machine loses power: written as PATH.tmp, synced, renamed, the
 * directory synced.  A symbolic link is followed.  What is there and no regular
 * file (a pipe, a terminal) is written to as it is.  Returns 0, or the errno.
 */
int fd_replace(const char *path, const void *p, size_t n);

/*
 * Makes the buffer of a pipe 1 MiB, at which two processes hinder each other
 * least.  Does nothing to other files; a refusal costs speed only.
 */
void fd_enlarge_pipe(int fd);

#endif
