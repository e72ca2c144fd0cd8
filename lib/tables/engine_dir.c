#define _DEFAULT_SOURCE /* flock, realpath */

#include "tables/engine_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/timestamp.h"

#include "base/banned.h"

enum {
	NAP_MS = 10,
	LOCK_MS = 2 * 1000,
};

bool
engine_dir_join(const struct engine_dir *d, const char *name, char *path)
{
	int n = snprintf(path, ENGINE_PATH_MAX, "%s/%s", d->path, name);

	return n > 0 && n < ENGINE_PATH_MAX;
}

static bool
fail_long(struct engine_error *e)
{
	return engine_fail(e, "the name of the directory is too long");
}

int
engine_dir_file(const struct engine_dir *d, const char *name, int flags, struct engine_error *e)
{
	char path[ENGINE_PATH_MAX];
	struct stat st;
	int fd;

	if (!engine_dir_join(d, name, path)) {
		fail_long(e);
		return -1;
	}
	do
		fd = open(path, (flags & ~O_TRUNC) | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	while (fd < 0 && errno == EINTR);
	if (fd < 0) {
		if (errno == ELOOP)
			engine_fail(e, "%.512s: is a symbolic link, which is not followed", path);
		else
			engine_fail_errno(e, errno, path);
		return -1;
	}
	if (fstat(fd, &st) != 0)
		engine_fail_errno(e, errno, path);
	else if (!S_ISREG(st.st_mode) || st.st_nlink != 1 || st.st_uid != geteuid())
		engine_fail(e, "%.512s: is not a file of yours alone", path);
	else if (flags & O_TRUNC && ftruncate(fd, 0) != 0)
		engine_fail_errno(e, errno, path);
	else
		return fd;
	close(fd);
	return -1;
}

bool
engine_dir_replace(
    const struct engine_dir *d, const char *name, const struct buf *text, struct engine_error *e)
{
	char path[ENGINE_PATH_MAX], work[ENGINE_PATH_MAX], work_name[64];
	int fd, error;

	snprintf(work_name, sizeof(work_name), "%s.tmp", name);
	if (!engine_dir_join(d, name, path) || !engine_dir_join(d, work_name, work))
		return fail_long(e);
	if (text->failed)
		return engine_fail(e, "out of memory");
	unlink(work); /* of a run that was killed */
	fd = engine_dir_file(d, work_name, O_WRONLY | O_CREAT | O_EXCL, e);
	if (fd < 0)
		return false;
	error = fd_write(fd, text->p, text->n);
	if (close(fd) != 0 && !error)
		error = errno;
	if (!error && rename(work, path) != 0)
		error = errno;
	if (!error)
		return true;
	unlink(work);
	return engine_fail_errno(e, error, path);
}

static void
nap(void)
{
	struct timespec t = { 0, NAP_MS * 1000000L };

	nanosleep(&t, NULL); /* a signal may cut it short: the caller looks at *stop */
}

static bool
is_fit(const char *path, struct engine_error *e)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return engine_fail_errno(e, errno, path);
	if (!S_ISDIR(st.st_mode))
		return engine_fail_errno(e, ENOTDIR, path);
	if (st.st_uid != geteuid())
		return engine_fail(e, "%.512s: belongs to another user", path);
	if (st.st_mode & S_IWOTH)
		return engine_fail(e,
		    "%.400s: every user may write to it, and so could exchange what is in it; "
		    "'chmod go-w' keeps it private",
		    path);
	return true;
}

/* Who has it, as far as the lock file tells. */
static void
tell_owner(const struct engine_dir *d, const char *directory, struct engine_error *e)
{
	char url[64];
	ssize_t n = pread(d->lock, url, sizeof(url) - 1, 0);

	url[n > 0 ? n : 0] = '\0';
	url[strcspn(url, "\n")] = '\0';
	if (strncmp(url, "http://", 7) == 0)
		engine_fail(e, "%.400s: is in use by another mm-clickhouse, at %s", directory, url);
	else
		engine_fail(e, "%.512s: is in use by another mm-clickhouse", directory);
}

static enum engine_dir_state
take_lock(struct engine_dir *d, const char *directory, bool wait, const atomic_int *stop,
    struct engine_error *e)
{
	uint64_t until = timestamp_monotonic() + LOCK_MS;

	while (flock(d->lock, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			engine_fail_errno(e, errno, directory);
			return ENGINE_DIR_FAILED;
		}
		if (stop && *stop)
			return ENGINE_DIR_STOPPED;
		if (!wait && timestamp_monotonic() >= until) {
			tell_owner(d, directory, e);
			return ENGINE_DIR_BUSY;
		}
		nap();
	}
	return ENGINE_DIR_OURS;
}

enum engine_dir_state
engine_dir_open(struct engine_dir *d, const char *directory, bool wait, const atomic_int *stop,
    struct engine_error *e)
{
	char real[PATH_MAX];
	enum engine_dir_state state;

	d->lock = -1;
	if ((mkdir(directory, 0700) != 0 && errno != EEXIST) || !realpath(directory, real)) {
		engine_fail_errno(e, errno, directory);
		return ENGINE_DIR_FAILED;
	}
	if (strlen(real) + sizeof(ENGINE_LOCK) >= sizeof(d->path)) {
		fail_long(e);
		return ENGINE_DIR_FAILED;
	}
	memcpy(d->path, real, strlen(real) + 1);
	if (!is_fit(real, e))
		return ENGINE_DIR_FAILED;
	d->lock = engine_dir_file(d, ENGINE_LOCK, O_RDWR | O_CREAT, e);
	if (d->lock < 0)
		return ENGINE_DIR_FAILED;
	state = take_lock(d, directory, wait, stop, e);
	if (state == ENGINE_DIR_OURS) {
		if (ftruncate(d->lock, 0) == 0)
			return ENGINE_DIR_OURS;
		engine_fail_errno(e, errno, directory);
		state = ENGINE_DIR_FAILED;
	}
	close(d->lock); /* not engine_dir_close: the files are another's */
	d->lock = -1;
	return state;
}

bool
engine_dir_sign(struct engine_dir *d, const char *url, struct engine_error *e)
{
	int error = fd_write_at(d->lock, url, strlen(url), 0);

	if (!error)
		error = fd_write_at(d->lock, "\n", 1, strlen(url));
	return !error || engine_fail_errno(e, error, d->path);
}

void
engine_dir_close(struct engine_dir *d)
{
	static const char *const secret[] = { ENGINE_CONFIG, ENGINE_ENV, ENGINE_NETRC };
	char path[ENGINE_PATH_MAX];
	size_t i;

	if (d->lock < 0)
		return;
	for (i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
		if (engine_dir_join(d, secret[i], path))
			unlink(path);
	close(d->lock);
	d->lock = -1;
}
