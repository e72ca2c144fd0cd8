#define _GNU_SOURCE /* O_DIRECTORY, O_CLOEXEC, flock */
#include "store/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/timestamp.h"

#include "base/banned.h"

enum {
	NAMES_MAX = 1000,            /* that are remembered of a folder */
	LOOK_MS = 10000,             /* how long others' files are not seen at most */
	ABANDONED_SECONDS = 60 * 60, /* then a .tmp that nobody locks is garbage */
};

#define SUFFIX ".ndjson"
#define CUT_SUFFIX ".cut" SUFFIX
#define REFUSED ".refused"
#define REASON ".reason"

/* ---- names --------------------------------------------------------------- */

static bool
ends_with(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);

	return n > k && strcmp(name + n - k, suffix) == 0;
}

static bool
can_be_taken(const char *name)
{
	return name[0] != '.' && strlen(name) < SPOOL_NAME_MAX && ends_with(name, SUFFIX) &&
	    !ends_with(name, CUT_SUFFIX);
}

static bool
was_refused(const char *name)
{
	return name[0] != '.' && strlen(name) < SPOOL_NAME_MAX && ends_with(name, SUFFIX REFUSED);
}

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_' || c == '-';
}

/* "DATABASE.TABLE"; what might mean something in a path leaves as %XX. */
static void
add_folder(struct buf *b, const char *database, const char *table)
{
	const char *names[] = { database, table }, *p;
	size_t i;

	for (i = 0; i < 2; i++) {
		if (i)
			buf_addc(b, '.');
		for (p = names[i]; *p; p++) {
			if (is_plain(*p))
				buf_addc(b, *p);
			else
				buf_addf(b, "%%%02X", (unsigned)(unsigned char)*p);
		}
	}
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Undoes add_folder; false for a folder of another kind. */
static bool
split_folder(const char *folder, char names[2][NAME_MAX + 1])
{
	size_t k = 0, n = 0;
	const char *p;

	for (p = folder; *p; p++) {
		if (*p == '.' && k == 0) {
			names[k++][n] = '\0';
			n = 0;
		} else if (*p == '%' && hex_digit(p[1]) >= 0 && hex_digit(p[2]) >= 0) {
			names[k][n++] = (char)(hex_digit(p[1]) << 4 | hex_digit(p[2]));
			p += 2;
		} else if (is_plain(*p)) {
			names[k][n++] = *p;
		} else {
			return false;
		}
	}
	names[k][n] = '\0';
	return k == 1 && names[0][0] && names[1][0];
}

/* A folder below that of this user's state; NULL: no variable says where that is. */
static char *
state_folder(const char *kind, const char *name)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	struct buf b = BUF_INIT;

	/* the XDG specification has relative paths ignored */
	if (state && state[0] == '/')
		buf_addf(&b, "%s/millimetric/%s", state, kind);
	else if (home && home[0] == '/')
		buf_addf(&b, "%s/.local/state/millimetric/%s", home, kind);
	else
		return NULL;
	if (name)
		buf_addf(&b, "/%s", name);
	buf_addc(&b, '\0');
	return b.failed ? NULL : b.p;
}

char *
spool_of_server(const char *server)
{
	return state_folder("spool", server);
}

char *
spool_of_sender(void)
{
	return state_folder("send", NULL);
}

char *
spool_default(const char *url, const char *server)
{
	const char *dir = getenv("MM_SPOOL"), *its_url = getenv("MM_CLICKHOUSE_URL");

	if (dir && *dir && its_url && strcmp(url, its_url) == 0)
		return strdup(dir);
	return spool_of_server(server);
}

/* Syncs the folder that the path, which is changed for the moment, lies in. */
static int
sync_parent(char *path)
{
	char *slash = strrchr(path, '/');
	int fd, error;

	if (slash)
		*slash = '\0';
	fd = open(!slash ? "." : slash == path ? "/" : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	error = fd < 0 ? errno : fd_sync(fd);
	if (fd >= 0)
		close(fd);
	if (slash)
		*slash = '/';
	/* where one may make a folder but not read: nothing can be done */
	return error == EACCES ? 0 : error;
}

/* A folder whose name was not synced would go with all that is in it, synced or not. */
static int
make_dir(char *path, int *sync_error)
{
	int error;

	if (mkdir(path, 0700) != 0)
		return errno == EEXIST ? 0 : errno;
	error = sync_parent(path);
	if (error)
		*sync_error = error;
	return 0;
}

/* mkdir -p, with mode 0700 for what is made. */
static int
make_dirs(char *path, int *sync_error)
{
	char *p;

	for (p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		/* what else is wrong with a parent is told by the last one */
		make_dir(path, sync_error);
		*p = '/';
	}
	return make_dir(path, sync_error);
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

/* ---- looking around -------------------------------------------------------- */

/* Calls `entry` for each name in the folder; 0, or an errno. */
static int
for_each(int at, const char *folder, void (*entry)(void *context, int fd, const char *name),
    void *context)
{
	int fd = openat(at, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;
	int error;

	if (!d) {
		error = errno;
		if (fd >= 0)
			close(fd);
		return error;
	}
	errno = 0;
	while ((e = readdir(d))) {
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			entry(context, dirfd(d), e->d_name);
		errno = 0;
	}
	error = errno;
	closedir(d);
	return error;
}

static void
add_size(void *bytes, int fd, const char *name)
{
	struct stat st;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
		*(uint64_t *)bytes += (uint64_t)st.st_size;
}

static void
add_folder_size(void *bytes, int fd, const char *name)
{
	for_each(fd, name, add_size, bytes);
}

static void
measure(struct spool *s)
{
	s->bytes = 0;
	s->looked_ms = timestamp_monotonic();
	for_each(s->fd, "..", add_folder_size, &s->bytes);
}

/* A file that a run was writing when it was killed. */
static void
remove_abandoned(int folder, const char *name)
{
	struct stat st;
	int fd;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_mtime > time(NULL) - ABANDONED_SECONDS)
		return;
	/* NFS makes locks only of what may be written to */
	fd = openat(folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(folder, name, 0);
	close(fd);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
sort_names(struct spool *s)
{
	qsort(s->names, s->count, sizeof(*s->names), compare_names);
}

/* Remembers the oldest ones: of twice as many as fit, half are forgotten. */
static void
see_name(void *context, int fd, const char *name)
{
	struct spool *s = context;

	if (ends_with(name, SUFFIX ".tmp"))
		remove_abandoned(fd, name);
	s->refused += was_refused(name);
	if (!can_be_taken(name) && !(s->again && was_refused(name)))
		return;
	s->waiting++;
	if (strcmp(name, s->last) <= 0)
		return;
	if (s->count == 2 * NAMES_MAX) {
		sort_names(s);
		s->count = NAMES_MAX;
		s->more = true;
	}
	memcpy(s->names[s->count++], name, strlen(name) + 1);
}

static int
look(struct spool *s)
{
	int error;

	if (!s->names)
		s->names = calloc((size_t)2 * NAMES_MAX, sizeof(*s->names));
	if (!s->names)
		return ENOMEM;
	s->count = s->next = 0;
	s->waiting = s->refused = 0;
	s->more = false;
	error = for_each(s->fd, ".", see_name, s);
	sort_names(s);
	if (s->count > NAMES_MAX) {
		s->count = NAMES_MAX;
		s->more = true;
	}
	return error;
}

/* ---- opening --------------------------------------------------------------- */

int
spool_open_folder(struct spool *s, const char *dir, const char *folder, uint64_t max)
{
	struct buf path = BUF_INIT;
	int error;

	*s = (struct spool){ .fd = -1, .max = max };
	s->dir = dir ? strdup(dir) : NULL;
	if (!s->dir)
		return dir ? ENOMEM : ENOENT;
	if (!*s->dir)
		return ENOENT;
	error = make_dirs(s->dir, &s->error);
	if (error)
		return error;
	buf_addf(&path, "%s/%s", s->dir, folder);
	buf_addc(&path, '\0');
	if (path.failed)
		return ENOMEM;
	s->path = path.p;
	error = make_dirs(s->path, &s->error);
	if (error)
		return error;
	s->fd = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->fd < 0 || faccessat(s->fd, ".", W_OK | X_OK, AT_EACCESS) != 0)
		return errno;
	name_run(s);
	measure(s);
	return look(s);
}

int
spool_open(struct spool *s, const char *dir, const char *database, const char *table, uint64_t max)
{
	struct buf folder = BUF_INIT;
	int error;

	add_folder(&folder, database, table);
	buf_addc(&folder, '\0');
	if (folder.failed) {
		*s = (struct spool){ .fd = -1, .max = max };
		return ENOMEM;
	}
	error = spool_open_folder(s, dir, folder.p, max);
	buf_release(&folder);
	return error;
}

void
spool_release(struct spool *s)
{
	/* a folder in which nothing waits would only puzzle; ENOTEMPTY keeps others */
	if (s->fd >= 0) {
		close(s->fd);
		rmdir(s->path);
	}
	free(s->dir);
	free(s->path);
	free(s->names);
	*s = (struct spool){ .fd = -1 };
}

/* ---- in -------------------------------------------------------------------- */

/* Writes a new file, and holds its lock, so that it is not taken for garbage. */
static int
write_file(struct spool *s, const char *temporary, const char *name, const struct batch *b)
{
	int fd = openat(s->fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int error = 0;

	/* another run may have removed the folder when nothing waited in it */
	if (fd < 0 && errno == ENOENT) {
		make_dirs(s->path, &s->error);
		close(s->fd);
		s->fd = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		fd = openat(s->fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	}
	if (fd < 0)
		return errno;
	flock(fd, LOCK_EX | LOCK_NB);
	error = batch_write(b, fd);
	if (!error)
		error = fd_sync(fd);
	/* not fd_replace: the file is locked before it has its name, and is in an open folder */
	if (!error && renameat(s->fd, temporary, s->fd, name) != 0)
		error = errno;
	if (error)
		unlinkat(s->fd, temporary, 0);
	close(fd); /* it is synced */
	return error;
}

static int
sync_folder(struct spool *s)
{
	int error = fd_sync(s->fd);

	if (error && !s->error)
		s->error = error;
	return error;
}

int
spool_keep(struct spool *s, const struct batch *b, bool cut)
{
	char name[SPOOL_NAME_MAX], temporary[SPOOL_NAME_MAX + 4];
	int error;

	snprintf(name, sizeof(name), "%s-%06u%s", s->run, s->files + 1, cut ? CUT_SUFFIX : SUFFIX);
	snprintf(temporary, sizeof(temporary), "%s.tmp", name);
	error = write_file(s, temporary, name, b);
	if (error)
		return error;
	s->files++;
	s->waiting += !cut;
	s->bytes += batch_size(b);
	/* the rows are there all the same: they must not be taken for lost */
	sync_folder(s);
	return 0;
}

bool
spool_full(struct spool *s)
{
	if (s->bytes >= s->max || timestamp_monotonic() - s->looked_ms >= LOOK_MS)
		measure(s);
	return s->bytes >= s->max;
}

static bool
is_folder(int at, const char *folder, const struct stat *there)
{
	struct stat here;

	return fstatat(at, folder, &here, 0) == 0 && here.st_dev == there->st_dev &&
	    here.st_ino == there->st_ino;
}

bool
spool_holds(const struct spool *s, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct buf parent = BUF_INIT;
	struct stat there;
	bool same;

	if (slash)
		buf_add(&parent, path, (size_t)(slash - path) + 1);
	else
		buf_adds(&parent, ".");
	buf_addc(&parent, '\0');
	same = !parent.failed && stat(parent.p, &there) == 0 &&
	    (is_folder(s->fd, ".", &there) || is_folder(s->fd, "..", &there));
	buf_release(&parent);
	return same;
}

/* ---- out ------------------------------------------------------------------- */

/* Locks a file that was opened for reading and writing, as NFS wants it. */
static bool
lock(struct spool *s, int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (errno == EWOULDBLOCK)
		s->locked++;
	else
		s->error = errno;
	return false;
}

/* Opens and locks a file; false when it is not there (any more) or not to be had. */
static bool
take(struct spool *s, const char *name, struct spool_file *f)
{
	struct stat st;

	f->fd = openat(s->fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (f->fd < 0) {
		if (errno != ENOENT)
			s->error = errno;
		return false;
	}
	if (lock(s, f->fd) && fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink > 0) {
		f->size = (size_t)st.st_size;
		memcpy(f->name, name, strlen(name) + 1);
		if (st.st_size <= SPOOL_FILE_MAX)
			return true;
		s->too_long++;
	}
	close(f->fd);
	f->fd = -1;
	return false;
}

int
spool_take(struct spool *s, struct spool_file *f)
{
	int error;

	for (;;) {
		for (; s->next < s->count; s->next++) {
			memcpy(s->last, s->names[s->next], SPOOL_NAME_MAX);
			if (take(s, s->last, f)) {
				s->next++;
				return 0;
			}
		}
		/* the rest, or those that have come since */
		error = look(s);
		if (error)
			return error;
		if (s->count == 0)
			return ENOENT;
	}
}

void
spool_rewind(struct spool *s)
{
	s->last[0] = '\0';
	s->count = s->next = 0;
	s->locked = s->too_long = 0;
}

bool
spool_is_own(const struct spool *s, const struct spool_file *f)
{
	return strncmp(f->name, s->run, strlen(s->run)) == 0;
}

/* The name of a file that is set aside, or with `suffix` the one beside it. */
static void
name_aside(char name[SPOOL_NAME_MAX + 8], const char *file, const char *suffix)
{
	size_t n = strlen(file);

	if (was_refused(file))
		n -= strlen(REFUSED);
	snprintf(name, SPOOL_NAME_MAX + 8, "%.*s%s", (int)n, file, suffix);
}

int
spool_done(struct spool *s, struct spool_file *f)
{
	char reason[SPOOL_NAME_MAX + 8];
	int error = unlinkat(s->fd, f->name, 0) == 0 ? sync_folder(s) : errno;

	if (!error && was_refused(f->name)) {
		name_aside(reason, f->name, REASON);
		unlinkat(s->fd, reason, 0);
		s->refused -= s->refused > 0;
	}
	if (!error) {
		s->bytes -= f->size < s->bytes ? f->size : s->bytes;
		s->waiting -= s->waiting > 0;
	}
	spool_put_back(s, f);
	return error;
}

int
spool_set_aside(struct spool *s, struct spool_file *f, const char *reason)
{
	char name[SPOOL_NAME_MAX + 8];
	int fd, error = 0;

	name_aside(name, f->name, REASON);
	fd = openat(s->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0) {
		/* without it the file is set aside all the same */
		if (fd_write(fd, reason, strlen(reason)) == 0)
			fd_write(fd, "\n", 1);
		close(fd);
	}
	if (!was_refused(f->name)) {
		name_aside(name, f->name, REFUSED);
		error = renameat(s->fd, f->name, s->fd, name) == 0 ? sync_folder(s) : errno;
		s->refused += !error;
		s->waiting -= !error && s->waiting > 0;
	}
	spool_put_back(s, f);
	return error;
}

void
spool_put_back(struct spool *s, struct spool_file *f)
{
	(void)s;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/* ---- all tables ------------------------------------------------------------ */

struct visit {
	int (*table)(void *context, const char *database, const char *t);
	void *context;
	int result;
};

static void
see_whether(void *any, int fd, const char *name)
{
	(void)fd;
	*(bool *)any |= can_be_taken(name) || was_refused(name);
}

static void
visit_folder(void *context, int fd, const char *name)
{
	char names[2][NAME_MAX + 1];
	struct visit *v = context;
	bool any = false;

	if (v->result || strlen(name) > NAME_MAX || !split_folder(name, names) ||
	    for_each(fd, name, see_whether, &any) != 0 || !any)
		return;
	v->result = v->table(v->context, names[0], names[1]);
}

int
spool_tables(const char *dir, int (*table)(void *context, const char *database, const char *t),
    void *context)
{
	struct visit v = { table, context, 0 };
	struct buf path = BUF_INIT;
	int error;

	buf_addf(&path, "%s/.", dir); /* it may be a symbolic link */
	buf_addc(&path, '\0');
	error = path.failed ? ENOMEM : for_each(AT_FDCWD, path.p, visit_folder, &v);
	buf_release(&path);
	if (error) {
		errno = error;
		return -1;
	}
	return v.result;
}
