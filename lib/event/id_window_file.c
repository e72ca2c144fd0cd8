#define _GNU_SOURCE /* O_DIRECTORY, O_CLOEXEC, realpath */
#include "event/id_window_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

#include "base/banned.h"

enum {
	MAGIC = 8,
	HEAD = MAGIC + ID_WINDOW_KEY + 8,
	SUM = 32,
	AT_ONCE = 1024, /* entries */
};

static const char magic[MAGIC] = { 'm', 'm', 's', 'e', 'e', 'n', '1', '\n' };

/* ---- the path ---- */

/* Opens the directory and sets the name in it; 0, or an errno. */
static int
split_path(struct id_window_file *f, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct buf dir = BUF_INIT;
	int error = 0;

	if (slash)
		buf_add(&dir, path, (size_t)(slash - path) + 1);
	else
		buf_adds(&dir, ".");
	buf_addc(&dir, '\0');
	buf_addf(&f->name, "%s%c", slash ? slash + 1 : path, '\0');
	if (dir.failed || f->name.failed)
		error = ENOMEM;
	if (!error) {
		f->dir = open(dir.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		error = f->dir < 0 ? errno : 0;
	}
	buf_release(&dir);
	return error;
}

/*
 * Locks a file beside the state: the state itself is replaced by rename, and
 * a lock on what was replaced would keep nobody out.
 */
static enum id_window_file_result
lock(struct id_window_file *f)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct buf name = BUF_INIT;

	buf_addf(&name, "%s.lock%c", f->name.p, '\0');
	if (name.failed) {
		f->error = ENOMEM;
		return ID_WINDOW_FILE_ERRNO;
	}
	f->lock = openat(f->dir, name.p, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	f->error = f->lock < 0 ? errno : 0;
	buf_release(&name);
	if (f->error)
		return ID_WINDOW_FILE_ERRNO;
	if (fcntl(f->lock, F_SETLK, &whole) == 0)
		return ID_WINDOW_FILE_OK;
	f->error = errno;
	return f->error == EAGAIN || f->error == EACCES ? ID_WINDOW_FILE_BUSY
							: ID_WINDOW_FILE_ERRNO;
}

/* ---- reading ---- */

struct reader {
	int fd, error;
	crypto_generichash_state sum;
};

/* Reads n bytes, no less; false at the end of the file or with an error. */
static bool
read_all(struct reader *r, unsigned char *p, size_t n, bool counts)
{
	size_t got;

	r->error = fd_read(r->fd, p, n, &got);
	if (r->error || got < n)
		return false;
	if (counts)
		crypto_generichash_update(&r->sum, p, n);
	return true;
}

static enum id_window_file_result
read_entries(struct reader *r, uint64_t count, struct id_window *seen)
{
	unsigned char block[AT_ONCE * ID_WINDOW_ENTRY], sum[SUM], expected[SUM];
	uint64_t skip = count > seen->window ? count - seen->window : 0;
	uint64_t i = 0;
	size_t n, k;

	for (; i < count; i += n) {
		n = count - i < AT_ONCE ? (size_t)(count - i) : AT_ONCE;
		if (!read_all(r, block, n * ID_WINDOW_ENTRY, true))
			return ID_WINDOW_FILE_DAMAGED;
		for (k = 0; k < n; k++)
			if (i + k >= skip)
				id_window_restore(seen, block + k * ID_WINDOW_ENTRY);
	}
	crypto_generichash_final(&r->sum, expected, sizeof(expected));
	if (!read_all(r, sum, sizeof(sum), false) || memcmp(sum, expected, sizeof(sum)) != 0)
		return ID_WINDOW_FILE_DAMAGED;
	return ID_WINDOW_FILE_OK;
}

static enum id_window_file_result
read_state(struct reader *r, uint64_t size, struct id_window *seen)
{
	unsigned char head[HEAD];
	uint64_t count = 0;
	size_t i;

	crypto_generichash_init(&r->sum, NULL, 0, SUM);
	if (!read_all(r, head, size < HEAD ? (size_t)size : HEAD, true))
		return ID_WINDOW_FILE_DAMAGED;
	if (memcmp(head, magic, size < MAGIC ? (size_t)size : MAGIC) != 0)
		return ID_WINDOW_FILE_FOREIGN;
	if (size < HEAD + SUM)
		return ID_WINDOW_FILE_DAMAGED;
	memcpy(seen->key, head + MAGIC, ID_WINDOW_KEY);
	for (i = 0; i < 8; i++)
		count |= (uint64_t)head[MAGIC + ID_WINDOW_KEY + i] << 8 * i;
	if (count > ID_WINDOW_WINDOW_MAX || size != HEAD + count * ID_WINDOW_ENTRY + SUM)
		return ID_WINDOW_FILE_DAMAGED;
	return read_entries(r, count, seen);
}

static enum id_window_file_result
load(struct id_window_file *f, struct id_window *seen)
{
	struct reader r = { 0 };
	struct stat st;
	enum id_window_file_result result;

	/* a FIFO would be waited for */
	r.fd = openat(f->dir, f->name.p, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (r.fd < 0 || fstat(r.fd, &st) != 0) {
		f->error = errno;
		result = r.fd < 0 && errno == ENOENT ? ID_WINDOW_FILE_NEW : ID_WINDOW_FILE_ERRNO;
	} else if (!S_ISREG(st.st_mode)) {
		result = ID_WINDOW_FILE_FOREIGN;
	} else {
		result = read_state(&r, (uint64_t)st.st_size, seen);
		if (r.error) {
			f->error = r.error;
			result = ID_WINDOW_FILE_ERRNO;
		}
	}
	if (r.fd >= 0)
		close(r.fd);
	return result;
}

enum id_window_file_result
id_window_file_open(struct id_window_file *f, const char *path, struct id_window *seen)
{
	enum id_window_file_result result;
	const char *slash = strrchr(path, '/');
	char *real;

	*f = (struct id_window_file)ID_WINDOW_FILE_INIT;
	/* the file that a link leads to is locked and replaced, not the link */
	real = realpath(path, NULL);
	f->error = slash && !slash[1] ? EISDIR : split_path(f, real ? real : path);
	free(real);
	if (f->error)
		return ID_WINDOW_FILE_ERRNO;
	result = lock(f);
	return result == ID_WINDOW_FILE_OK ? load(f, seen) : result;
}

/* ---- writing ---- */

struct writer {
	int fd, error;
	crypto_generichash_state sum;
};

static void
write_all(struct writer *w, const unsigned char *p, size_t n)
{
	crypto_generichash_update(&w->sum, p, n);
	if (!w->error)
		w->error = fd_write(w->fd, p, n);
}

static int
write_state(int fd, void *context)
{
	const struct id_window *seen = context;
	struct writer w = { .fd = fd };
	unsigned char head[HEAD], sum[SUM];
	struct span piece[2];
	size_t i;

	id_window_entries(seen, piece);
	memcpy(head, magic, MAGIC);
	memcpy(head + MAGIC, seen->key, ID_WINDOW_KEY);
	for (i = 0; i < 8; i++)
		head[MAGIC + ID_WINDOW_KEY + i] = (unsigned char)((uint64_t)seen->count >> 8 * i);
	crypto_generichash_init(&w.sum, NULL, 0, SUM);
	write_all(&w, head, sizeof(head));
	for (i = 0; i < 2; i++)
		write_all(&w, (const unsigned char *)piece[i].p, piece[i].n);
	crypto_generichash_final(&w.sum, sum, sizeof(sum));
	write_all(&w, sum, sizeof(sum));
	return w.error;
}

int
id_window_file_save(struct id_window_file *f, const struct id_window *seen)
{
	/* the lock is ours, and what a run that was killed left behind */
	return fd_replace_at(f->dir, f->name.p, 0600, write_state, (void *)seen);
}

void
id_window_file_release(struct id_window_file *f)
{
	if (f->lock >= 0)
		close(f->lock);
	if (f->dir >= 0)
		close(f->dir);
	buf_release(&f->name);
}
