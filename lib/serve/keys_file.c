#define _XOPEN_SOURCE 700 /* realpath */
#include "serve/keys_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "serve/keys_token.h"

#include "base/banned.h"

static bool
complain(struct buf *errors, const char *path, const char *what)
{
	buf_addf(errors, "%s: %s\n", path, what);
	return false;
}

static bool
complain_errno(struct buf *errors, const char *path, int error)
{
	return complain(errors, path, strerror(error));
}

/* ---- private files ---- */

void
keys_beside(struct buf *to, const char *keys_file, const char *ending)
{
	struct stat st;
	bool link = lstat(keys_file, &st) == 0 && S_ISLNK(st.st_mode);
	char *real = link ? realpath(keys_file, NULL) : NULL;

	/* else as the user named it */
	buf_adds(to, real ? real : keys_file);
	buf_adds(to, ending);
	buf_addc(to, '\0');
	free(real);
}

void
pepper_path(struct buf *to, const char *keys_file, const char *given)
{
	if (!given) {
		keys_beside(to, keys_file, ".pepper");
		return;
	}
	buf_adds(to, given);
	buf_addc(to, '\0');
}

static bool
read_private(
    int fd, const char *path, struct buf *text, size_t most, struct stat *st, struct buf *errors)
{
	int error;

	if (fstat(fd, st) != 0)
		return complain_errno(errors, path, errno);
	if (!S_ISREG(st->st_mode))
		return complain(errors, path, "is not a regular file");
	if (st->st_mode & (S_IRWXG | S_IRWXO))
		return complain(errors, path,
		    "other users may read or write it, which it is not read for; 'chmod 600' "
		    "keeps it private");
	error = fd_read_all(fd, text, most);
	return error ? complain_errno(errors, path, error) : true;
}

bool
private_read(const char *path, struct buf *text, size_t most, struct stat *st, struct buf *errors)
{
	/* a FIFO would be waited for */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat own;
	bool good;

	if (fd < 0)
		return complain_errno(errors, path, errno);
	good = read_private(fd, path, text, most, st ? st : &own, errors);
	close(fd);
	return good;
}

bool
pepper_read(const char *path, struct buf *pepper, struct stat *st, struct buf *errors)
{
	if (!private_read(path, pepper, KEY_PEPPER_MOST + 2, st, errors))
		return false;
	if (pepper->n > 0 && pepper->p[pepper->n - 1] == '\n')
		pepper->n--;
	if (pepper->n > 0 && pepper->p[pepper->n - 1] == '\r')
		pepper->n--;
	if (pepper->n < KEY_PEPPER_LEAST || pepper->n > KEY_PEPPER_MOST)
		return complain(errors, path, "a pepper has 16 to 4096 bytes");
	return true;
}

static int
write_pepper(int fd, void *context)
{
	unsigned char bytes[32];
	char hex[2 * sizeof(bytes) + 1];
	int error;

	(void)context;
	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2hex(hex, sizeof(hex), bytes, sizeof(bytes));
	hex[sizeof(hex) - 1] = '\n';
	error = fd_write(fd, hex, sizeof(hex));
	sodium_memzero(bytes, sizeof(bytes));
	sodium_memzero(hex, sizeof(hex));
	return error;
}

/* ---- a file that is to be changed ---- */

static int
split(struct keys_file *f, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct buf dir = BUF_INIT;
	int error = 0;

	if (slash && !slash[1])
		return EISDIR;
	if (slash)
		buf_add(&dir, path, (size_t)(slash - path) + 1);
	else
		buf_adds(&dir, ".");
	buf_addc(&dir, '\0');
	buf_adds(&f->name, slash ? slash + 1 : path);
	buf_addc(&f->name, '\0');
	if (dir.failed || f->name.failed)
		error = ENOMEM;
	if (!error) {
		f->dir = open(dir.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		error = f->dir < 0 ? errno : 0;
	}
	buf_release(&dir);
	return error;
}

static int
lock(struct keys_file *f, const atomic_int *stop)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct buf name = BUF_INIT;
	int error = 0;

	buf_addf(&name, "%s.lock", f->name.p);
	buf_addc(&name, '\0');
	if (name.failed)
		return ENOMEM;
	f->lock = openat(f->dir, name.p, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (f->lock < 0)
		error = errno;
	buf_release(&name);
	while (!error && fcntl(f->lock, F_SETLKW, &whole) != 0)
		if (errno != EINTR || (stop && *stop))
			error = errno;
	return error;
}

/* The file that a link leads to is locked and replaced, not the link. */
static int
open_place(struct keys_file *f, const char *path, const atomic_int *stop)
{
	char *real = realpath(path, NULL);
	int error = split(f, real ? real : path);

	free(real);
	return error ? error : lock(f, stop);
}

bool
keys_file_open(
    struct keys_file *f, const char *path, bool make, const atomic_int *stop, struct buf *errors)
{
	int error = open_place(f, path, stop);

	if (error)
		return error == EINTR ? false : complain_errno(errors, path, error);
	if (make && faccessat(f->dir, f->name.p, F_OK, 0) != 0 && errno == ENOENT)
		return true;
	return private_read(path, &f->text, KEYS_FILE_MOST, NULL, errors);
}

static int
write_text(int fd, void *context)
{
	const struct span *text = context;

	return fd_write(fd, text->p, text->n);
}

int
keys_file_save(struct keys_file *f, struct span text)
{
	return fd_replace_at(f->dir, f->name.p, 0600, write_text, &text);
}

void
keys_file_release(struct keys_file *f)
{
	if (f->lock >= 0)
		close(f->lock);
	if (f->dir >= 0)
		close(f->dir);
	buf_release(&f->name);
	buf_release(&f->text);
	*f = (struct keys_file)KEYS_FILE_INIT;
}

bool
pepper_make(const char *path, struct buf *errors)
{
	struct keys_file f = KEYS_FILE_INIT;
	int error = open_place(&f, path, NULL);

	if (!error && faccessat(f.dir, f.name.p, F_OK, 0) != 0)
		error = errno == ENOENT ? fd_replace_at(f.dir, f.name.p, 0600, write_pepper, NULL)
					: errno;
	keys_file_release(&f);
	return error ? complain_errno(errors, path, error) : true;
}
