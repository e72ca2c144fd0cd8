/*
 * Preloaded, writes down what a program does to the files below $POWER_DIR, and when it
 * answers 202, so that disk.mjs can tell what a disk may hold when the power fails: only
 * what was synced is sure.  Nothing is really synced.  Several processes may share the log.
 *
 *     POWER_DIR     an absolute path without symbolic links
 *     POWER_LOG     where it is written down
 *     POWER_FAULTS  of 1000 writes, syncs, renames and new files so many fail, with
 *                   EIO or ENOSPC; a write that fails may have written a part
 *     POWER_SEED    chooses which
 *
 * A record is a struct record, two texts with a NUL behind each, and the data.  It
 * precedes the operation, but follows a sync, which covers what is before `upto`.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct record {
	uint32_t length; /* of all of it */
	uint32_t n;      /* bytes of data */
	uint64_t kind;   /* a letter */
	uint64_t file;   /* number of the inode */
	uint64_t offset; /* of the data; size of a truncated file; `upto` of a sync */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static char dir[PATH_MAX];
static size_t dir_n;
static unsigned faults;
static uint64_t state;

__attribute__((constructor)) static void
begin(void)
{
	const char *d = getenv("POWER_DIR"), *l = getenv("POWER_LOG");
	const char *f = getenv("POWER_FAULTS"), *s = getenv("POWER_SEED");

	if (!d || !l)
		return;
	dir_n = strlen(d);
	memcpy(dir, d, dir_n + 1);
	faults = f ? (unsigned)atoi(f) : 0;
	state = s ? strtoull(s, NULL, 10) | 1 : 1;
	log_fd =
	    (int)syscall(SYS_openat, AT_FDCWD, l, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log_fd < 0)
		abort();
}

static unsigned
chance(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state >> 20) % n);
}

static void
lock(void)
{
	pthread_mutex_lock(&mutex);
	while (flock(log_fd, LOCK_EX) != 0)
		;
}

static void
unlock(void)
{
	flock(log_fd, LOCK_UN);
	pthread_mutex_unlock(&mutex);
}

/* With the lock held: the errno of a fault that is due, or 0. */
static int
fault(void)
{
	if (!faults || chance(1000) >= faults)
		return 0;
	return chance(2) ? EIO : ENOSPC;
}

static bool
is_below(const char *path)
{
	return log_fd >= 0 && strncmp(path, dir, dir_n) == 0 &&
	    (path[dir_n] == '/' || path[dir_n] == '\0');
}

/* The path of what is open; false when it is none of ours. */
static bool
path_of(int fd, char path[PATH_MAX])
{
	char link[40];
	ssize_t n;

	if (log_fd < 0)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, PATH_MAX - 1);
	if (n < 0)
		return false;
	path[n] = '\0';
	return is_below(path);
}

/* The path of a name in a directory; false when it is none of ours. */
static bool
path_at(int at, const char *name, char path[PATH_MAX])
{
	size_t n;

	if (log_fd < 0)
		return false;
	if (name[0] == '/') {
		if (strlen(name) >= PATH_MAX)
			return false;
		strcpy(path, name);
		return is_below(path);
	}
	if (at == AT_FDCWD || !path_of(at, path) || strcmp(name, ".") == 0)
		return false;
	n = strlen(path);
	snprintf(path + n, PATH_MAX - n, "/%s", name);
	return true;
}

/* With the lock held. */
static void
note(char kind, uint64_t file, uint64_t offset, const char *a, const char *b, const void *data,
    size_t n)
{
	struct record r = { 0 };
	struct iovec parts[] = {
		{ &r, sizeof(r) },
		{ (void *)a, strlen(a) + 1 },
		{ (void *)b, strlen(b) + 1 },
		{ (void *)data, n },
	};

	r.length = (uint32_t)(sizeof(r) + parts[1].iov_len + parts[2].iov_len + n);
	r.n = (uint32_t)n;
	r.kind = (unsigned char)kind;
	r.file = file;
	r.offset = offset;
	if (writev(log_fd, parts, 4) != (ssize_t)r.length)
		abort();
}

static int
failed(int error)
{
	errno = error;
	return -1;
}

/* ---- files ---- */

static int
open_at(int at, const char *name, int flags, mode_t mode)
{
	char path[PATH_MAX];
	struct stat st;
	bool there;
	int fd, e;

	if ((flags & O_PATH) || (flags & O_TMPFILE) == O_TMPFILE || !path_at(at, name, path))
		return (int)syscall(SYS_openat, at, name, flags, mode);
	lock();
	there = stat(path, &st) == 0;
	if (!there && (flags & O_CREAT) && (e = fault()) != 0) {
		unlock();
		return failed(e);
	}
	fd = (int)syscall(SYS_openat, at, name, flags, mode);
	e = errno;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		note(there ? 'O' : 'C', st.st_ino, 0, path, "", NULL, 0);
		if (there && (flags & O_TRUNC))
			note('T', st.st_ino, 0, "", "", NULL, 0);
	}
	unlock();
	errno = e;
	return fd;
}

static mode_t
mode_of(int flags, va_list *list)
{
	return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? (mode_t)va_arg(*list, int)
								     : 0;
}

#define OPEN(name)                                           \
	int name(const char *path, int flags, ...)           \
	{                                                    \
		va_list list;                                \
		mode_t mode;                                 \
                                                             \
		va_start(list, flags);                       \
		mode = mode_of(flags, &list);                \
		va_end(list);                                \
		return open_at(AT_FDCWD, path, flags, mode); \
	}
#define OPENAT(name)                                       \
	int name(int at, const char *path, int flags, ...) \
	{                                                  \
		va_list list;                              \
		mode_t mode;                               \
                                                           \
		va_start(list, flags);                     \
		mode = mode_of(flags, &list);              \
		va_end(list);                              \
		return open_at(at, path, flags, mode);     \
	}

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

static bool
is_file(int fd, struct stat *st)
{
	char path[PATH_MAX];

	return log_fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode) && path_of(fd, path);
}

static ssize_t
write_at(int fd, const void *p, size_t n, off_t offset)
{
	struct stat st;
	ssize_t k;
	int e;

	lock();
	if (fstat(fd, &st) != 0)
		abort();
	if (fcntl(fd, F_GETFL) & O_APPEND)
		(void)lseek(fd, offset = st.st_size, SEEK_SET);
	e = fault();
	if (e && n > 1 && chance(2)) {
		n = chance((unsigned)n - 1) + 1;
		e = 0; /* it is told with the next one */
	}
	if (e) {
		unlock();
		return failed(e);
	}
	note('W', st.st_ino, (uint64_t)offset, "", "", p, n);
	k = syscall(SYS_pwrite64, fd, p, n, offset);
	e = errno;
	unlock();
	errno = e;
	return k;
}

ssize_t
write(int fd, const void *p, size_t n)
{
	struct stat st;
	ssize_t k;
	off_t at;

	if (!is_file(fd, &st))
		return syscall(SYS_write, fd, p, n);
	at = lseek(fd, 0, SEEK_CUR);
	k = write_at(fd, p, n, at);
	if (k > 0)
		(void)lseek(fd, k, SEEK_CUR);
	return k;
}

#define PWRITE(name)                                                    \
	ssize_t name(int fd, const void *p, size_t n, off_t offset)     \
	{                                                               \
		struct stat st;                                         \
                                                                        \
		if (!is_file(fd, &st))                                  \
			return syscall(SYS_pwrite64, fd, p, n, offset); \
		return write_at(fd, p, n, offset);                      \
	}

PWRITE(pwrite)
PWRITE(pwrite64)

#define FTRUNCATE(name)                                                \
	int name(int fd, off_t size)                                   \
	{                                                              \
		struct stat st;                                        \
		int r;                                                 \
                                                                       \
		if (!is_file(fd, &st))                                 \
			return (int)syscall(SYS_ftruncate, fd, size);  \
		lock();                                                \
		note('T', st.st_ino, (uint64_t)size, "", "", NULL, 0); \
		r = (int)syscall(SYS_ftruncate, fd, size);             \
		unlock();                                              \
		return r;                                              \
	}

FTRUNCATE(ftruncate)
FTRUNCATE(ftruncate64)

static int
sync_of(int fd)
{
	struct timespec pause = { 0, 0 };
	char path[PATH_MAX];
	struct stat st;
	uint64_t upto;
	int e;

	if (log_fd < 0 || fstat(fd, &st) != 0 || !path_of(fd, path))
		return 0;
	lock();
	upto = (uint64_t)lseek(log_fd, 0, SEEK_END);
	pause.tv_nsec = (long)chance(2000) * 1000;
	unlock();
	nanosleep(&pause, NULL);
	lock();
	e = fault();
	if (S_ISDIR(st.st_mode)) {
		if (!e)
			note('D', 0, upto, path, "", NULL, 0);
	} else {
		note(e ? 'E' : 'S', st.st_ino, upto, "", "", NULL, 0);
	}
	unlock();
	return e ? failed(e) : 0;
}

int
fsync(int fd)
{
	return sync_of(fd);
}

int
fdatasync(int fd)
{
	return sync_of(fd);
}

/* ---- names ---- */

int
renameat(int from, const char *a, int to, const char *b)
{
	char old[PATH_MAX], new[PATH_MAX];
	bool ours = path_at(from, a, old) && path_at(to, b, new);
	struct stat st;
	int r, e;

	if (!ours)
		return (int)syscall(SYS_renameat2, from, a, to, b, 0);
	lock();
	e = fault();
	if (e) {
		unlock();
		return failed(e);
	}
	if (stat(old, &st) == 0)
		note('R', 0, 0, old, new, NULL, 0);
	r = (int)syscall(SYS_renameat2, from, a, to, b, 0);
	e = errno;
	unlock();
	errno = e;
	return r;
}

int
rename(const char *a, const char *b)
{
	return renameat(AT_FDCWD, a, AT_FDCWD, b);
}

int
unlinkat(int at, const char *name, int flags)
{
	char path[PATH_MAX];
	struct stat st;
	int r, e;

	if (!path_at(at, name, path))
		return (int)syscall(SYS_unlinkat, at, name, flags);
	lock();
	/* a directory goes only where it is empty */
	r = stat(path, &st);
	if (r == 0 && !(flags & AT_REMOVEDIR))
		note('U', 0, 0, path, "", NULL, 0);
	r = (int)syscall(SYS_unlinkat, at, name, flags);
	e = errno;
	if (r == 0 && (flags & AT_REMOVEDIR))
		note('U', 0, 0, path, "", NULL, 0);
	unlock();
	errno = e;
	return r;
}

int
unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int
rmdir(const char *path)
{
	return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int
mkdir(const char *name, mode_t mode)
{
	char path[PATH_MAX];
	int r, e;

	if (!path_at(AT_FDCWD, name, path))
		return (int)syscall(SYS_mkdirat, AT_FDCWD, name, mode);
	lock();
	r = (int)syscall(SYS_mkdirat, AT_FDCWD, name, mode);
	e = errno;
	if (r == 0)
		note('M', 0, 0, path, "", NULL, 0);
	unlock();
	errno = e;
	return r;
}

/* ---- answers ---- */

static void
note_answer(const void *p, size_t n)
{
	if (log_fd < 0 || n <= 12 || memcmp(p, "HTTP/1.1 202", 12) != 0)
		return;
	lock();
	note('A', 0, 0, "", "", p, n);
	unlock();
}

ssize_t
send(int fd, const void *p, size_t n, int flags)
{
	note_answer(p, n);
	return syscall(SYS_sendto, fd, p, n, flags, NULL, 0);
}

ssize_t
sendmsg(int fd, const struct msghdr *m, int flags)
{
	char all[65536];
	size_t n = 0, i;

	for (i = 0; i < m->msg_iovlen && n + m->msg_iov[i].iov_len <= sizeof(all); i++) {
		memcpy(all + n, m->msg_iov[i].iov_base, m->msg_iov[i].iov_len);
		n += m->msg_iov[i].iov_len;
	}
	note_answer(all, n);
	return syscall(SYS_sendmsg, fd, m, flags);
}
