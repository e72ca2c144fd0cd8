#define _GNU_SOURCE /* O_DIRECTORY, O_CLOEXEC */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"

#include "banned.h"

static char *
default_dir(void)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	struct buf b = BUF_INIT;

	/* the XDG specification has relative paths ignored */
	if (state && state[0] == '/')
		buf_addf(&b, "%s/millimetric/spool", state);
	else if (home && home[0] == '/')
		buf_addf(&b, "%s/.local/state/millimetric/spool", home);
	else
		return NULL;
	buf_addc(&b, '\0');
	return b.failed ? NULL : b.p;
}

/* mkdir -p, with mode 0700 for what is made. */
static int
make_dirs(char *path)
{
	char *p;

	for (p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		/* what is wrong with a parent is told by the last mkdir */
		mkdir(path, 0700);
		*p = '/';
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : errno;
}

static void
name_run(struct spool *s)
{
	time_t now = time(NULL);
	struct tm tm;
	size_t n;

	memset(&tm, 0, sizeof(tm));
	gmtime_r(&now, &tm);
	n = strftime(s->run, sizeof(s->run), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(s->run + n, sizeof(s->run) - n, "-%08x", (unsigned)randombytes_random());
}

int
spool_open(struct spool *s, const char *dir)
{
	int error;

	*s = (struct spool){ .fd = -1 };
	s->dir = dir ? strdup(dir) : default_dir();
	if (!s->dir)
		return dir ? ENOMEM : ENOENT;
	if (!*s->dir)
		return ENOENT;
	error = make_dirs(s->dir);
	if (error)
		return error;
	s->fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->fd < 0 || faccessat(s->fd, ".", W_OK | X_OK, AT_EACCESS) != 0)
		return errno;
	name_run(s);
	return 0;
}

void
spool_release(struct spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	free(s->dir);
	*s = (struct spool){ .fd = -1 };
}

int
spool_keep(struct spool *s, const char *p, size_t n)
{
	char name[80], temporary[96];
	int fd, error;

	snprintf(name, sizeof(name), "%s-%06u.ndjson", s->run, s->files + 1);
	snprintf(temporary, sizeof(temporary), "%s.tmp", name);
	fd = openat(s->fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	error = fd_write(fd, p, n);
	if (!error)
		error = fd_sync(fd);
	if (close(fd) != 0 && !error)
		error = errno;
	if (!error && renameat(s->fd, temporary, s->fd, name) != 0)
		error = errno;
	if (error) {
		unlinkat(s->fd, temporary, 0);
		return error;
	}
	s->files++;
	return fd_sync(s->fd);
}

bool
spool_holds(const struct spool *s, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat here, there;
	struct buf parent = BUF_INIT;
	bool same;

	if (slash)
		buf_add(&parent, path, (size_t)(slash - path) + 1);
	else
		buf_adds(&parent, ".");
	buf_addc(&parent, '\0');
	same = !parent.failed && fstat(s->fd, &here) == 0 && stat(parent.p, &there) == 0 &&
	    here.st_dev == there.st_dev && here.st_ino == there.st_ino;
	buf_release(&parent);
	return same;
}
