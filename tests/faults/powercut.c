/*
 * To be preloaded: writes down what a program does to the files of a directory,
 * so that serve-power.mjs can tell what a power cut may leave of them.
 *
 *   POWERCUT_DIR=DIR    the directory, also what is below it
 *   POWERCUT_LOG=FILE   where it is written down: a line each, then its bytes
 *   POWERCUT_FAIL=N     one call in N fails, with EIO or ENOSPC
 *   POWERCUT_SEED=N     of the choice
 *
 * Lines: "open INODE CREATED PATH", "write INODE OFFSET BYTES", "truncate INODE
 * SIZE", "sync INODE NUMBER" (it begins), "synced INODE NUMBER", "failed INODE
 * NUMBER", "rename PATH TO", "unlink PATH", "dirsync PATH NUMBER", "dirsynced
 * PATH NUMBER", "answer BYTES".
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char base[PATH_MAX];
static size_t base_n;
static int log_fd = -1;
static unsigned long fail_one, state, number;

static ssize_t (*real_write)(int, const void *, size_t);

__attribute__((constructor)) static void
begin(void)
{
	const char *dir = getenv("POWERCUT_DIR"), *log = getenv("POWERCUT_LOG");
	const char *fail = getenv("POWERCUT_FAIL"), *seed = getenv("POWERCUT_SEED");

	*(void **)&real_write = dlsym(RTLD_NEXT, "write");
	if (!dir || !log || !realpath(dir, base))
		return;
	base_n = strlen(base);
	fail_one = fail ? strtoul(fail, NULL, 10) : 0;
	state = (seed ? strtoul(seed, NULL, 10) : 1) * 2 + 1;
	log_fd = (int)syscall(
	    SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* The path of a descriptor below the directory; false: it is another's. */
static int
path_of(int fd, char *path)
{
	char link[64];
	ssize_t n;

	if (log_fd < 0)
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, PATH_MAX - 1);
	if (n < (ssize_t)base_n)
		return 0;
	path[n] = '\0';
	return strncmp(path, base, base_n) == 0 && (path[base_n] == '/' || path[base_n] == '\0');
}

static int
path_at(int dir, const char *name, char *path)
{
	size_t n;

	if (name[0] == '/' || dir == AT_FDCWD) {
		if (log_fd < 0 || name[0] != '/')
			return 0;
		snprintf(path, PATH_MAX, "%s", name);
		return strncmp(path, base, base_n) == 0;
	}
	if (!path_of(dir, path))
		return 0;
	n = strlen(path);
	snprintf(path + n, PATH_MAX - n, "/%s", name);
	return 1;
}

/* One write: lines of several threads do not mix. */
static void
say(const void *bytes, size_t n, const char *format, ...)
{
	char line[2 * PATH_MAX + 64];
	struct iovec part[2] = { { line, 0 }, { (void *)(unsigned long)bytes, n } };
	va_list ap;

	va_start(ap, format);
	part[0].iov_len = (size_t)vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (writev(log_fd, part, n ? 2 : 1) < 0)
		abort();
}

static unsigned long
inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? (unsigned long)st.st_ino : 0;
}

/* With the lock held. */
static int
fails(void)
{
	if (!fail_one)
		return 0;
	state = state * 6364136223846793005UL + 1442695040888963407UL;
	if ((state >> 33) % fail_one != 0)
		return 0;
	errno = state >> 62 & 1 ? EIO : ENOSPC;
	return 1;
}

static int
open_at(int dir, const char *name, int flags, unsigned mode)
{
	char path[PATH_MAX];
	struct stat st;
	int fd, ours, there;

	pthread_mutex_lock(&lock);
	ours = path_at(dir, name, path);
	there = ours && fstatat(dir, name, &st, 0) == 0;
	if (ours && (flags & O_CREAT) && !there && fails()) {
		pthread_mutex_unlock(&lock);
		return -1;
	}
	fd = (int)syscall(SYS_openat, dir, name, flags, mode);
	if (fd >= 0 && ours && !(flags & O_DIRECTORY)) {
		say(NULL, 0, "open %lu %d %s\n", inode_of(fd), !there, path);
		if (there && (flags & O_TRUNC))
			say(NULL, 0, "truncate %lu 0\n", inode_of(fd));
	}
	pthread_mutex_unlock(&lock);
	return fd;
}

int
openat64(int dir, const char *name, int flags, ...)
{
	unsigned mode;
	va_list ap;

	va_start(ap, flags);
	mode = va_arg(ap, unsigned);
	va_end(ap);
	return open_at(dir, name, flags, mode);
}

int
open64(const char *name, int flags, ...)
{
	unsigned mode;
	va_list ap;

	va_start(ap, flags);
	mode = va_arg(ap, unsigned);
	va_end(ap);
	return open_at(AT_FDCWD, name, flags, mode);
}

static ssize_t
write_at(int fd, const void *p, size_t n, off64_t offset, int moves)
{
	char path[PATH_MAX];
	ssize_t k;

	pthread_mutex_lock(&lock);
	if (!path_of(fd, path)) {
		pthread_mutex_unlock(&lock);
		return moves ? real_write(fd, p, n) : syscall(SYS_pwrite64, fd, p, n, offset);
	}
	if (fails()) {
		pthread_mutex_unlock(&lock);
		return -1;
	}
	/* a part of it, at times */
	if (fail_one && n > 1 && (state >> 40) % 50 == 0)
		n /= 2;
	if (moves && (fcntl(fd, F_GETFL) & O_APPEND)) {
		struct stat st;

		offset = fstat(fd, &st) == 0 ? st.st_size : 0;
	} else if (moves) {
		offset = lseek(fd, 0, SEEK_CUR);
	}
	say(p, n, "write %lu %lld %zu\n", inode_of(fd), (long long)offset, n);
	k = moves ? real_write(fd, p, n) : syscall(SYS_pwrite64, fd, p, n, offset);
	pthread_mutex_unlock(&lock);
	return k;
}

ssize_t
write(int fd, const void *p, size_t n)
{
	return write_at(fd, p, n, 0, 1);
}

ssize_t
pwrite64(int fd, const void *p, size_t n, off64_t offset)
{
	return write_at(fd, p, n, offset, 0);
}

int
ftruncate64(int fd, off64_t size)
{
	char path[PATH_MAX];
	int r;

	pthread_mutex_lock(&lock);
	if (path_of(fd, path)) {
		if (fails()) {
			pthread_mutex_unlock(&lock);
			return -1;
		}
		say(NULL, 0, "truncate %lu %lld\n", inode_of(fd), (long long)size);
	}
	r = (int)syscall(SYS_ftruncate, fd, size);
	pthread_mutex_unlock(&lock);
	return r;
}

/* Nothing is really synced: what counts is written down. */
static int
sync_fd(int fd)
{
	char path[PATH_MAX];
	struct stat st;
	unsigned long n, inode;
	int failed;

	if (!path_of(fd, path))
		return 0;
	pthread_mutex_lock(&lock);
	n = ++number;
	failed = fails();
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		say(NULL, 0, "dirsync %lu %s\n", n, path);
		pthread_mutex_unlock(&lock);
		usleep(state >> 30 & 1023);
		if (!failed)
			say(NULL, 0, "dirsynced %lu %s\n", n, path);
	} else {
		inode = (unsigned long)st.st_ino;
		say(NULL, 0, "sync %lu %lu\n", inode, n);
		pthread_mutex_unlock(&lock);
		/* others write meanwhile */
		usleep(300);
		say(NULL, 0, "%s %lu %lu\n", failed ? "failed" : "synced", inode, n);
	}
	if (failed) {
		errno = EIO;
		return -1;
	}
	return 0;
}

int
fsync(int fd)
{
	return sync_fd(fd);
}

int
fdatasync(int fd)
{
	return sync_fd(fd);
}

int
renameat(int from, const char *name, int to, const char *new_name)
{
	char path[PATH_MAX], new_path[PATH_MAX];
	int r;

	pthread_mutex_lock(&lock);
	if (path_at(from, name, path) && path_at(to, new_name, new_path)) {
		if (fails()) {
			pthread_mutex_unlock(&lock);
			return -1;
		}
		r = (int)syscall(SYS_renameat, from, name, to, new_name);
		if (r == 0)
			say(NULL, 0, "rename %s %s\n", path, new_path);
	} else {
		r = (int)syscall(SYS_renameat, from, name, to, new_name);
	}
	pthread_mutex_unlock(&lock);
	return r;
}

int
unlinkat(int dir, const char *name, int flags)
{
	char path[PATH_MAX];
	int r, ours;

	pthread_mutex_lock(&lock);
	ours = path_at(dir, name, path);
	r = (int)syscall(SYS_unlinkat, dir, name, flags);
	if (ours && r == 0)
		say(NULL, 0, "unlink %s\n", path);
	pthread_mutex_unlock(&lock);
	return r;
}

static void
say_answer(const void *p, size_t n)
{
	if (log_fd >= 0 && n > 12 && memcmp(p, "HTTP/1.1 202", 12) == 0)
		say(p, n, "answer %zu\n", n);
}

ssize_t
send(int fd, const void *p, size_t n, int flags)
{
	say_answer(p, n);
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
	say_answer(all, n);
	return syscall(SYS_sendmsg, fd, m, flags);
}
