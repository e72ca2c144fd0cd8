#define _GNU_SOURCE /* O_CLOEXEC beside POSIX names */
#include "import/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "import/rotated.h"

#include "base/banned.h"

static void
digest(unsigned char to[FOLLOW_DIGEST], const char *p, size_t n)
{
	crypto_generichash(to, FOLLOW_DIGEST, (const unsigned char *)p, n, NULL, 0);
}

static void
close_file(struct follow *f)
{
	if (f->fd > 0)
		close(f->fd);
	f->fd = 0;
}

void
follow_release(struct follow *f)
{
	close_file(f);
	unpack_release(&f->unpack);
	unpack_release(&f->probe);
}

static enum follow_step
fail(struct follow *f, const char *name, int error)
{
	f->error = error;
	f->error_name = name;
	f->reason = f->unpack.reason;
	return FOLLOW_ERROR;
}

/* Takes an open file in place of the one at hand, to be read from its start. */
static void
adopt(struct follow *f, int fd, const struct stat *st, bool is_path)
{
	close_file(f);
	unpack_begin(&f->unpack);
	f->fd = fd;
	f->device = st->st_dev;
	f->inode = st->st_ino;
	f->since = st->st_mtime;
	f->is_path = is_path;
	f->at_end = f->between = false;
	f->noticed = 0;
}

static bool
open_file(struct follow *f, const char *name, bool is_path)
{
	struct stat st;
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0) {
		f->error = errno;
		if (fd >= 0)
			close(fd);
		return false;
	}
	adopt(f, fd, &st, is_path);
	return true;
}

static void
begin_file(struct follow *f)
{
	f->offset = f->head_n = 0;
	f->last = '\n';
}

/* Of a rotated file, which may be compressed. */
static ssize_t
read_once(struct follow *f, char *p, size_t n)
{
	ssize_t k;

	if (f->is_path)
		return read(f->fd, p, n);
	do
		k = unpack_read(&f->unpack, f->fd, p, n);
	while (k < 0 && errno == EAGAIN);
	return k;
}

static bool
read_all(struct follow *f, char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = read_once(f, p, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return true;
}

/*
 * Whether the file that was opened is the one of that place; then it stands
 * there.  Nothing is known of the file at hand before.
 */
static bool
is_file_of(struct follow *f, const struct follow_place *place)
{
	unsigned char got[FOLLOW_DIGEST];
	char skip[16384];
	uint64_t left;

	if (place->head_n == 0)
		return false; /* what was written since tells */
	if (place->head_n > FOLLOW_HEAD || !read_all(f, f->head, place->head_n))
		return false;
	digest(got, f->head, place->head_n);
	if (memcmp(got, place->head, sizeof(got)) != 0)
		return false;
	f->head_n = place->head_n;
	if (place->offset < place->head_n) {
		/* the place is before what is known: begin anew */
		unpack_begin(&f->unpack);
		return lseek(f->fd, 0, SEEK_SET) == 0 &&
		    (place->offset == 0 || read_all(f, skip, (size_t)place->offset));
	}
	for (left = place->offset - place->head_n; left > 0;) {
		size_t k = left < sizeof(skip) ? (size_t)left : sizeof(skip);

		if (!read_all(f, skip, k))
			return false; /* shorter than it was */
		left -= k;
	}
	return true;
}

/* ---- the files beside the log ------------------------------------------ */

/*
 * Finds the file of the place among the rotated ones and opens it there; looks
 * again where names changed hands meanwhile.
 */
static bool
find_rotated(struct follow *f, const struct follow_place *place)
{
	struct rotated list[ROTATED_MAX], after[ROTATED_MAX];
	bool found = false, changed = true;
	int tries;

	for (tries = 0; tries < 10 && changed && !found; tries++) {
		size_t n = rotated_list(f->path, list), m, i;

		for (i = n; i-- > 0 && !found;)
			found = open_file(f, list[i].name, false) && is_file_of(f, place);
		m = rotated_list(f->path, after);
		changed = !rotated_same(list, n, after, m);
		rotated_free(list, n);
		rotated_free(after, m);
	}
	return found;
}

/* Whether the file, which may be compressed, begins as the one at hand. */
static bool
has_head(struct follow *f, const char *name)
{
	char got[FOLLOW_HEAD];
	size_t n = 0;
	ssize_t k = 1;
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	unpack_begin(&f->probe);
	while (n < f->head_n && k != 0) {
		k = unpack_read(&f->probe, fd, got + n, f->head_n - n);
		if (k < 0 && errno != EAGAIN && errno != EINTR)
			break;
		n += k > 0 ? (size_t)k : 0;
	}
	close(fd);
	return n == f->head_n && memcmp(got, f->head, n) == 0;
}

static uint64_t
newest_rotated(const struct follow *f)
{
	struct rotated list[ROTATED_MAX];
	size_t n = rotated_list(f->path, list);
	uint64_t inode = n ? list[n - 1].inode : 0;

	rotated_free(list, n);
	return inode;
}

/* Whether what came into a log that was empty was taken away before it was read. */
static bool
was_emptied(const struct follow *f)
{
	struct stat st;

	return f->is_path && f->head_n == 0 && fstat(f->fd, &st) == 0 && st.st_size > 0 &&
	    newest_rotated(f) != f->newest;
}

/*
 * Which file is the next after the one at hand; n: the log itself.  Where that is
 * gone, or was empty, it is the first that was written to since: lines may come
 * twice then.
 */
static size_t
youngest_unread(struct follow *f, const struct rotated *list, size_t n)
{
	bool empty_log = f->is_path && f->head_n == 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (f->fd > 0 && !empty_log && list[i].inode == f->inode)
			return i + 1;
	for (i = n; f->head_n > 0 && i-- > 0;)
		if (has_head(f, list[i].name))
			return i + 1;
	for (i = 0; empty_log && i < n; i++)
		if (list[i].inode == f->newest)
			return i + 1;
	for (i = 0; i < n && list[i].written < f->since - 1; i++)
		;
	return i;
}

/* Opens the next file; names may change hands meanwhile: then false, with EAGAIN. */
static bool
open_next(struct follow *f)
{
	struct rotated list[ROTATED_MAX], after[ROTATED_MAX];
	size_t n = rotated_list(f->path, list), at = youngest_unread(f, list, n), m;
	bool is_path = at >= n, good;
	int fd = open(is_path ? f->path : list[at].name, O_RDONLY | O_CLOEXEC);
	struct stat st;

	f->error = errno;
	good = fd >= 0 && fstat(fd, &st) == 0;
	m = rotated_list(f->path, after);
	if (good &&
	    (!rotated_same(list, n, after, m) ||
		(!is_path && (uint64_t)st.st_ino != list[at].inode))) {
		f->error = EAGAIN;
		good = false;
	}
	if (fd < 0 && !is_path)
		f->error = EAGAIN;
	rotated_free(list, n);
	rotated_free(after, m);
	if (good)
		adopt(f, fd, &st, is_path);
	else if (fd >= 0)
		close(fd);
	return good;
}

/* ---- reading ------------------------------------------------------------ */

/* Another file begins: its first bytes are known before it is read. */
static void
look_ahead(struct follow *f)
{
	ssize_t n = f->is_path ? pread(f->fd, f->head, FOLLOW_HEAD, 0) : 0;

	begin_file(f);
	f->head_n = n > 0 ? (size_t)n : 0;
	f->newest = f->is_path && !f->head_n ? newest_rotated(f) : 0;
}

static enum follow_step
next_file(struct follow *f)
{
	if (f->last != '\n') {
		f->between = true;
		return FOLLOW_GO; /* for the end of its last line */
	}
	if (open_next(f)) {
		look_ahead(f);
		return FOLLOW_NEW_FILE;
	}
	f->between = true;
	if (f->error == EAGAIN)
		return FOLLOW_GO;
	/* the log was renamed, and will be made anew */
	return f->error == ENOENT && f->waits ? FOLLOW_WAIT : fail(f, f->path, f->error);
}

/* Goes on at the place, wherever its file is now. */
static enum follow_step
go_on_at(struct follow *f, const struct follow_place *place)
{
	if (open_file(f, f->path, true) && is_file_of(f, place)) {
		f->offset = place->offset;
		return FOLLOW_GO;
	}
	if (find_rotated(f, place)) {
		f->offset = place->offset;
		return FOLLOW_GO;
	}
	close_file(f);
	f->lost = place->head_n > 0;
	f->since = place->written;
	f->head_n = 0;
	f->newest = 0;
	f->is_path = false;
	f->between = true;
	return FOLLOW_GO;
}

enum follow_step
follow_open(struct follow *f, const struct follow_place *place)
{
	f->last = '\n';
	if (place)
		return go_on_at(f, place);
	if (!open_file(f, f->path, true))
		return fail(f, f->path, f->error);
	look_ahead(f);
	return FOLLOW_NEW_FILE;
}

/* Whether the file that is open still begins as it did. */
static bool
is_truncated(const struct follow *f)
{
	char head[FOLLOW_HEAD];
	struct stat st;

	if (fstat(f->fd, &st) != 0 || (uint64_t)st.st_size < f->offset)
		return true;
	return f->head_n > 0 &&
	    (pread(f->fd, head, f->head_n, 0) != (ssize_t)f->head_n ||
		memcmp(head, f->head, f->head_n) != 0);
}

ssize_t
follow_read(struct follow *f, char *p, size_t n)
{
	ssize_t k = 0;

	if (f->between && f->last != '\n') {
		*p = f->last = '\n'; /* the end of a file ends its last line */
		return 1;
	}
	if (!f->between && f->fd > 0 && !(f->is_path && (is_truncated(f) || was_emptied(f)))) {
		k = read_once(f, p, n);
		if (k < 0)
			f->reason = f->unpack.reason;
	}
	if (k < 0)
		return k;
	f->at_end = k == 0;
	if (k == 0) {
		errno = EAGAIN;
		return -1;
	}
	if (f->head_n < FOLLOW_HEAD && f->head_n == f->offset) {
		size_t more = FOLLOW_HEAD - f->head_n;

		more = more < (size_t)k ? more : (size_t)k;
		memcpy(f->head + f->head_n, p, more);
		f->head_n += more;
	}
	f->offset += (uint64_t)k;
	f->last = p[k - 1];
	f->grown = 0;
	return k;
}

/* Whether another file is the log now. */
static bool
is_renamed(const struct follow *f)
{
	struct stat st;

	return stat(f->path, &st) == 0 && (st.st_ino != f->inode || st.st_dev != f->device);
}

/* The log was truncated: what it had is in a copy. */
static enum follow_step
find_copy(struct follow *f)
{
	struct follow_place place;

	follow_where(f, 0, &place);
	return go_on_at(f, &place);
}

/* Whether somebody may still write to a file that was renamed. */
static bool
is_fresh(const struct follow *f)
{
	struct stat st;

	return fstat(f->fd, &st) == 0 && time(NULL) - st.st_mtime <= FOLLOW_GRACE_MS / 1000;
}

enum follow_step
follow_step(struct follow *f, uint64_t now)
{
	if (f->between)
		return next_file(f);
	if (!f->is_path && f->at_end) {
		if (!f->waits || !is_fresh(f))
			return next_file(f);
		f->at_end = false;
		return FOLLOW_WAIT;
	}
	if (!f->at_end)
		return FOLLOW_GO;
	if (is_truncated(f))
		return find_copy(f);
	if (was_emptied(f))
		return next_file(f);
	if (is_renamed(f)) {
		if (!f->noticed || !f->grown)
			f->noticed = f->grown = now;
		if (f->waits && now - f->noticed < FOLLOW_GRACE_MS)
			return FOLLOW_WAIT;
		return next_file(f);
	}
	return f->waits ? FOLLOW_WAIT : FOLLOW_END;
}

/* ---- the state ---------------------------------------------------------- */

void
follow_where(const struct follow *f, size_t unread, struct follow_place *place)
{
	struct stat st;

	*place = (struct follow_place){
		.head_n = (uint32_t)f->head_n,
		.offset = f->offset - (unread < f->offset ? unread : f->offset),
		.written = f->fd > 0 && fstat(f->fd, &st) == 0 ? st.st_mtime : f->since,
	};
	digest(place->head, f->head, f->head_n);
}

#define MAGIC "mm-import state 1\n"

void
follow_save(const struct follow_place *place, const struct repeats *r, struct buf *b)
{
	unsigned char sum[FOLLOW_DIGEST];
	size_t start = b->n;
	uint32_t i;

	buf_adds(b, MAGIC);
	buf_add(b, (const char *)place, sizeof(*place));
	for (i = 0; i < REPEATS_WINDOW; i++) {
		const struct repeats_entry *e = &r->ring[(r->next + i) % REPEATS_WINDOW];

		if (e->used)
			buf_add(b, (const char *)e, sizeof(*e));
	}
	if (b->failed)
		return;
	digest(sum, b->p + start, b->n - start);
	buf_add(b, (const char *)sum, sizeof(sum));
}

bool
follow_load(struct follow_place *place, struct repeats *r, const char *p, size_t n)
{
	const size_t head = sizeof(MAGIC) - 1;
	unsigned char sum[FOLLOW_DIGEST];
	struct repeats_entry e;
	size_t i;

	if (n < head + sizeof(*place) + sizeof(sum) || memcmp(p, MAGIC, head) != 0)
		return false;
	n -= sizeof(sum);
	digest(sum, p, n);
	if (memcmp(sum, p + n, sizeof(sum)) != 0)
		return false;
	memcpy(place, p + head, sizeof(*place));
	repeats_reset(r);
	for (i = head + sizeof(*place); i + sizeof(e) <= n; i += sizeof(e)) {
		memcpy(&e, p + i, sizeof(e));
		repeats_restore(r, e.hash, e.times);
	}
	return true;
}
