#define _DEFAULT_SOURCE /* flock */
#include "send/ledger.h"

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

#include "base/banned.h"

enum {
	HEAD = sizeof(LEDGER_MAGIC) - 1 + LEDGER_HASH,
	SHARED = 8,         /* inputs that begin alike, at a time */
	SYNC_EVERY = 32,    /* records: fewer events than servers know again */
	RECORDS = 16 << 20, /* at most */
	CHECK = 4,          /* bytes of a record's own hash */
};

#define PREFIX "sent."

void
ledger_chain(unsigned char chain[LEDGER_HASH], const char *p, size_t n)
{
	unsigned char key[LEDGER_HASH];

	memcpy(key, chain, sizeof(key));
	crypto_generichash(chain, LEDGER_HASH, (const unsigned char *)p, n, key, sizeof(key));
}

/* ---- records --------------------------------------------------------------- */

/* A record whose end never came to the disk is none. */
static void
check_of(const unsigned char *record, unsigned char check[CHECK])
{
	unsigned char hash[crypto_generichash_BYTES_MIN];

	crypto_generichash(hash, sizeof(hash), record, LEDGER_RECORD - CHECK, NULL, 0);
	memcpy(check, hash, CHECK);
}

static void
write_record(unsigned char w[LEDGER_RECORD], const struct ledger_batch *b)
{
	int i;

	memcpy(w, b->first, LEDGER_HASH);
	memcpy(w + LEDGER_HASH, b->last, LEDGER_HASH);
	for (i = 0; i < 4; i++)
		w[2 * LEDGER_HASH + i] = (unsigned char)(b->events >> 8 * i);
	check_of(w, w + LEDGER_RECORD - CHECK);
}

static bool
read_record(const unsigned char *p, struct ledger_batch *b)
{
	unsigned char check[CHECK];
	int i;

	check_of(p, check);
	memcpy(b->first, p, LEDGER_HASH);
	memcpy(b->last, p + LEDGER_HASH, LEDGER_HASH);
	b->events = 0;
	for (i = 0; i < 4; i++)
		b->events |= (uint32_t)p[2 * LEDGER_HASH + i] << 8 * i;
	return memcmp(check, p + LEDGER_RECORD - CHECK, CHECK) == 0 && b->events > 0;
}

static int
compare(const void *a, const void *b)
{
	const struct ledger_batch *x = a, *y = b;
	int r = memcmp(x->first, y->first, LEDGER_HASH);

	return r ? r : (x->events > y->events) - (x->events < y->events);
}

/* ---- the file -------------------------------------------------------------- */

static bool
is_old(const struct stat *st)
{
	return st->st_mtime < time(NULL) - (time_t)LEDGER_DAYS * 86400;
}

/* Those that no run came back for. */
static void
sweep(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), file;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;
	struct stat st;

	if (!d && fd >= 0)
		close(fd);
	while (d && (e = readdir(d))) {
		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) != 0 ||
		    fstatat(folder, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode) || !is_old(&st))
			continue;
		file = openat(folder, e->d_name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
		if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0)
			unlinkat(folder, e->d_name, 0);
		if (file >= 0)
			close(file);
	}
	if (d)
		closedir(d);
}

/* Opens and locks a file of the input; EWOULDBLOCK: another run has it. */
static int
take(struct ledger *l)
{
	struct stat st;

	for (;;) {
		l->fd = openat(
		    l->folder, l->name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (l->fd < 0)
			return errno;
		if (flock(l->fd, LOCK_EX | LOCK_NB) != 0 || fstat(l->fd, &st) != 0) {
			int error = errno;

			close(l->fd);
			l->fd = -1;
			return error;
		}
		if (st.st_nlink > 0)
			return 0;
		close(l->fd); /* its run has just deleted it */
	}
}

static int
begin_file(struct ledger *l)
{
	unsigned char head[HEAD];

	memcpy(head, LEDGER_MAGIC, HEAD - LEDGER_HASH);
	memcpy(head + HEAD - LEDGER_HASH, l->secret, LEDGER_HASH);
	if (ftruncate(l->fd, 0) != 0)
		return errno;
	return fd_write(l->fd, (const char *)head, HEAD);
}

/* Reads what is there; what is no whole record, at its end, is taken off. */
static int
read_file(struct ledger *l)
{
	struct stat st;
	unsigned char *bytes;
	size_t size, n, i;
	int error;

	if (fstat(l->fd, &st) != 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EINVAL;
	if (st.st_size < HEAD || is_old(&st))
		return begin_file(l);
	if (st.st_size > (off_t)RECORDS * LEDGER_RECORD)
		return EFBIG;
	size = (size_t)st.st_size;
	n = (size - HEAD) / LEDGER_RECORD;
	bytes = malloc(size);
	l->batch = malloc((n + 1) * sizeof(*l->batch));
	error = bytes && l->batch ? fd_read_at(l->fd, (char *)bytes, size, 0) : ENOMEM;
	if (!error && memcmp(bytes, LEDGER_MAGIC, HEAD - LEDGER_HASH) != 0) {
		error = begin_file(l);
	} else if (!error) {
		memcpy(l->secret, bytes + HEAD - LEDGER_HASH, LEDGER_HASH);
		for (i = 0; i < n; i++)
			l->n += read_record(bytes + HEAD + i * LEDGER_RECORD, &l->batch[l->n]);
		qsort(l->batch, l->n, sizeof(*l->batch), compare);
		if (size != HEAD + n * LEDGER_RECORD &&
		    ftruncate(l->fd, (off_t)(HEAD + n * LEDGER_RECORD)) != 0)
			error = errno;
	}
	free(bytes);
	return error;
}

static void
let_go(struct ledger *l)
{
	if (l->fd >= 0)
		close(l->fd);
	if (l->folder >= 0)
		close(l->folder);
	l->fd = l->folder = -1;
	free(l->batch);
	l->batch = NULL;
	l->n = 0;
}

int
ledger_open(struct ledger *l, const char *path, const unsigned char first[LEDGER_HASH])
{
	char hex[2 * LEDGER_HASH + 1];
	int error, i;

	*l = (struct ledger)LEDGER_INIT;
	randombytes_buf(l->secret, sizeof(l->secret));
	sodium_bin2hex(hex, sizeof(hex), first, LEDGER_HASH);
	/* a run that ended may have deleted it, when it was empty */
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return errno;
	l->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l->folder < 0)
		return errno;
	sweep(l->folder);
	for (i = 0, error = EWOULDBLOCK; i < SHARED && error == EWOULDBLOCK; i++) {
		snprintf(l->name, sizeof(l->name), PREFIX "%s.%d", hex, i);
		error = take(l);
	}
	if (!error)
		error = read_file(l);
	if (error)
		let_go(l);
	return error == EWOULDBLOCK ? 0 : error;
}

const struct ledger_batch *
ledger_find(const struct ledger *l, const unsigned char first[LEDGER_HASH],
    const struct ledger_batch *after)
{
	size_t low = 0, high = l->n;

	if (after) {
		low = (size_t)(after - l->batch) + 1;
	} else {
		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (memcmp(l->batch[middle].first, first, LEDGER_HASH) < 0)
				low = middle + 1;
			else
				high = middle;
		}
	}
	if (low == l->n || memcmp(l->batch[low].first, first, LEDGER_HASH) != 0)
		return NULL;
	return &l->batch[low];
}

int
ledger_note(struct ledger *l, const struct ledger_batch *b)
{
	unsigned char record[LEDGER_RECORD];
	int error;

	if (l->fd < 0)
		return 0;
	write_record(record, b);
	error = fd_write(l->fd, (const char *)record, sizeof(record));
	if (!error && ++l->unsynced >= SYNC_EVERY) {
		l->unsynced = 0;
		error = fd_sync(l->fd);
	}
	return error;
}

void
ledger_close(struct ledger *l, bool ended)
{
	if (l->fd >= 0 && ended)
		unlinkat(l->folder, l->name, 0);
	let_go(l);
}
