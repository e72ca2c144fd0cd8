#define _GNU_SOURCE /* F_SETPIPE_SZ, O_DIRECTORY, O_TMPFILE */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/banned.h"

int
fd_open(const char *path, int flags, unsigned mode, const atomic_int *stop)
{
	int fd;

	do
		fd = open(path, flags, (mode_t)mode);
	while (fd < 0 && errno == EINTR && !(stop && *stop));
	return fd;
}

int
fd_write(int fd, const void *p, size_t n)
{
	const char *from = p;

	while (n > 0) {
		ssize_t k = write(fd, from, n);

		if (k < 0 && errno != EINTR)
			return errno;
		if (k > 0) {
			from += k;
			n -= (size_t)k;
		}
	}
	return 0;
}

int
fd_write_at(int fd, const void *p, size_t n, size_t offset)
{
	const char *from = p;

	while (n > 0) {
		ssize_t k = pwrite(fd, from, n, (off_t)offset);

		if (k < 0 && errno != EINTR)
			return errno;
		if (k > 0) {
			from += k;
			n -= (size_t)k;
			offset += (size_t)k;
		}
	}
	return 0;
}

int
fd_read_at(int fd, void *p, size_t n, size_t offset)
{
	char *to = p;

	while (n > 0) {
		ssize_t k = pread(fd, to, n, (off_t)offset);

		if (k == 0)
			return ENODATA;
		if (k < 0 && errno != EINTR)
			return errno;
		if (k > 0) {
			to += k;
			n -= (size_t)k;
			offset += (size_t)k;
		}
	}
	return 0;
}

int
fd_unnamed(const char *dir)
{
	char name[PATH_MAX];
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	/* some file systems have only named ones */
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
	if (snprintf(name, sizeof(name), "%s/mm-XXXXXX", dir) >= (int)sizeof(name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		unlink(name);
	return fd;
}

int
fd_sync(int fd)
{
	while (fsync(fd) != 0) {
		if (errno == EINTR)
			continue;
		return errno == EINVAL ? 0 : errno;
	}
	return 0;
}

/* fd_write, fd_sync when it is to be durable, and close. */
static int
write_and_close(int fd, const void *p, size_t n, bool durable)
{
	int error = fd_write(fd, p, n);

	if (!error && durable)
		error = fd_sync(fd);
	if (close(fd) != 0 && !error)
		error = errno;
	return error;
}

/* fsync of the directory that the path lies in. */
static int
sync_directory(const char *path)
{
	char copy[PATH_MAX];
	int fd, error;

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return ENAMETOOLONG;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	error = fd_sync(fd);
	close(fd);
	return error;
}

static int
replace_regular(const char *path, const void *p, size_t n)
{
	char temporary[PATH_MAX];
	int fd, error;

	if (snprintf(temporary, sizeof(temporary), "%s.tmp", path) >= (int)sizeof(temporary))
		return ENAMETOOLONG;
	/* what a run that was killed left behind */
	unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return errno;
	error = write_and_close(fd, p, n, true);
	if (!error && rename(temporary, path) != 0)
		error = errno;
	if (error) {
		unlink(temporary);
		return error;
	}
	return sync_directory(path);
}

int
fd_replace(const char *path, const void *p, size_t n)
{
	struct stat st;
	char *real;
	int fd, error;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		fd = open(path, O_WRONLY | O_CLOEXEC);
		return fd < 0 ? errno : write_and_close(fd, p, n, false);
	}
	real = realpath(path, NULL);
	error = replace_regular(real ? real : path, p, n);
	free(real);
	return error;
}

void
fd_enlarge_pipe(int fd)
{
#ifdef F_SETPIPE_SZ
	enum { PIPE_SIZE = 1024 * 1024 };
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
		fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
#else
	(void)fd;
#endif
}
