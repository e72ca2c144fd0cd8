#define _GNU_SOURCE /* F_SETPIPE_SZ, O_DIRECTORY, O_TMPFILE */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
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
fd_read(int fd, void *p, size_t n, size_t *got)
{
	char *to = p;

	for (*got = 0; *got < n;) {
		ssize_t k = read(fd, to + *got, n - *got);

		if (k == 0)
			break;
		if (k < 0 && errno != EINTR)
			return errno;
		if (k > 0)
			*got += (size_t)k;
	}
	return 0;
}

int
fd_read_all(int fd, struct buf *to, size_t most)
{
	enum { AT_ONCE = 64 * 1024 };
	size_t got, all = 0;

	do {
		char *w = buf_room(to, AT_ONCE);
		int error = w ? fd_read(fd, w, AT_ONCE, &got) : ENOMEM;

		if (error)
			return error;
		to->n += got;
		all += got;
		if (all > most)
			return EFBIG;
	} while (got == AT_ONCE);
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

/* ---- replacing ---------------------------------------------------------- */

/* The new file is to be whose the old one was, and nobody is to see more of it. */
static int
take_after(int fd, const struct stat *old)
{
	mode_t mode = old->st_mode & 07777;

	if (fchown(fd, old->st_uid, old->st_gid) != 0 && fchown(fd, (uid_t)-1, old->st_gid) != 0)
		mode &= ~(mode_t)S_IRWXG;
	return fchmod(fd, mode) == 0 ? 0 : errno;
}

int
fd_replace_at(int dir, const char *name, unsigned mode, fd_fill *fill, void *context)
{
	char temporary[NAME_MAX + 1];
	struct stat old;
	bool there = fstatat(dir, name, &old, 0) == 0;
	int fd, error;

	if (snprintf(temporary, sizeof(temporary), "%s.tmp", name) >= (int)sizeof(temporary))
		return ENAMETOOLONG;
	/* what a run that was killed left behind */
	unlinkat(dir, temporary, 0);
	fd = openat(
	    dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, there ? 0600 : (mode_t)mode);
	if (fd < 0)
		return errno;
	error = fill(fd, context);
	if (!error && there)
		error = take_after(fd, &old);
	if (!error)
		error = fd_sync(fd);
	if (close(fd) != 0 && !error)
		error = errno;
	if (!error && renameat(dir, temporary, dir, name) != 0)
		error = errno;
	if (error) {
		unlinkat(dir, temporary, 0);
		return error;
	}
	return fd_sync(dir);
}

static int
fill_with_span(int fd, void *context)
{
	const struct span *s = context;

	return fd_write(fd, s->p, s->n);
}

/* Opens the directory that the path, which is changed, lies in; *name is the rest. */
static int
open_directory(char *path, const char **name)
{
	char *slash = strrchr(path, '/');
	const char *dir = slash == path ? "/" : slash ? path : ".";

	*name = slash ? slash + 1 : path;
	if (slash)
		*slash = '\0';
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Puts where the symbolic link leads in place of its path; 0, or an errno. */
static int
follow(char path[PATH_MAX])
{
	char target[PATH_MAX], *slash = strrchr(path, '/');
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	size_t before;

	if (n < 0)
		return errno;
	target[n] = '\0';
	before = slash && target[0] != '/' ? (size_t)(slash + 1 - path) : 0;
	if (before + (size_t)n >= PATH_MAX)
		return ENAMETOOLONG;
	memcpy(path + before, target, (size_t)n + 1);
	return 0;
}

static int
replace_regular(char path[PATH_MAX], struct span content)
{
	enum { LINKS_MAX = 40 };
	const char *name;
	int dir, error, links = 0;

	while ((error = follow(path)) == 0)
		if (++links > LINKS_MAX)
			return ELOOP;
	if (error != EINVAL && error != ENOENT) /* no link; nothing there */
		return error;
	dir = open_directory(path, &name);
	if (dir < 0)
		return errno;
	error = fd_replace_at(dir, name, 0666, fill_with_span, &content);
	close(dir);
	return error;
}

int
fd_replace(const char *path, const void *p, size_t n)
{
	char copy[PATH_MAX];
	struct stat st;
	int fd, error;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			return errno;
		error = fd_write(fd, p, n);
		if (close(fd) != 0 && !error)
			error = errno;
		return error;
	}
	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return ENAMETOOLONG;
	return replace_regular(copy, (struct span){ p, n });
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
