#include "store/batch.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "store/blake3.h"

#include "base/banned.h"

enum { ROWS_AT_FIRST = 1024, COPY_SIZE = 64 << 10 };

/* ---- tokens ---------------------------------------------------------------- */

struct token {
	struct blake3 at_first, state;
};

struct token *
token_new(const char *database, const char *table)
{
	struct token *t = malloc(sizeof(*t));

	if (!t)
		return NULL;
	blake3_begin(&t->at_first);
	/* with their NUL, so that no two pairs of names run together alike */
	blake3_add(&t->at_first, database, strlen(database) + 1);
	blake3_add(&t->at_first, table, strlen(table) + 1);
	token_reset(t);
	return t;
}

void
token_free(struct token *t)
{
	free(t);
}

void
token_reset(struct token *t)
{
	t->state = t->at_first;
}

void
token_add(struct token *t, struct span rows)
{
	blake3_add(&t->state, rows.p, rows.n);
}

void
token_text(const struct token *t, struct span rest, char text[TOKEN_LENGTH + 1])
{
	unsigned char hash[TOKEN_LENGTH / 2];
	struct blake3 state = t->state;

	blake3_add(&state, rest.p, rest.n);
	blake3_end(&state, hash, sizeof(hash));
	sodium_bin2hex(text, TOKEN_LENGTH + 1, hash, sizeof(hash));
}

/* ---- lines ----------------------------------------------------------------- */

bool
batch_init(struct batch *b, size_t max_rows, size_t max_bytes, const struct batch_place *place)
{
	size_t first = max_bytes;

	*b = (struct batch){ .max_rows = max_rows, .max_bytes = max_bytes };
	b->fd = b->unnamed = -1;
	if (place) {
		b->dir = place->dir;
		b->token = token_new(place->database, place->table);
		if (!b->token)
			return false;
		if (first > 2 * BATCH_IN_MEMORY)
			first = 2 * BATCH_IN_MEMORY;
	}
	/* all of it at once: pages that are not used cost nothing, growing does */
	return buf_room(&b->bytes, first) != NULL;
}

void
batch_release(struct batch *b)
{
	buf_release(&b->bytes);
	free(b->rows);
	b->rows = NULL;
	token_free(b->token);
	b->token = NULL;
	if (b->unnamed >= 0)
		close(b->unnamed);
	b->fd = b->unnamed = -1;
}

/* Nothing is in a file any more. */
static void
leave_file(struct batch *b)
{
	b->in_file = 0;
	b->fd = b->unnamed;
	if (b->token)
		token_reset(b->token);
}

void
batch_reset(struct batch *b)
{
	/* what was recalled is not kept in memory for ever */
	if (b->dir && b->bytes.cap > 4 * BATCH_IN_MEMORY)
		buf_release(&b->bytes);
	buf_reset(&b->bytes);
	leave_file(b);
	b->n = b->left_out = 0;
	b->stays = false;
	b->name = NULL;
	b->mark = 0;
	b->in_place = b->encoded = false;
}

bool
batch_fits(const struct batch *b, size_t n)
{
	if (b->n == 0)
		return true;
	return b->n < b->max_rows && n < b->max_bytes && batch_size(b) < b->max_bytes - n;
}

bool
batch_is_full(const struct batch *b)
{
	return b->n >= b->max_rows || batch_size(b) >= b->max_bytes;
}

static bool
add_row(struct batch *b, size_t end, uint64_t line)
{
	if (b->n == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : ROWS_AT_FIRST;
		struct batch_row *rows = realloc(b->rows, cap * sizeof(*rows));

		if (!rows)
			return false;
		b->rows = rows;
		b->cap = cap;
	}
	b->rows[b->n++] = (struct batch_row){ .end = end, .line = line & (UINT64_MAX >> 1) };
	return true;
}

/*
 * A file without a name ends with the process, whatever ends that.  Where there
 * is none, or no room in it, memory does as well.
 */
static void
move_to_file(struct batch *b)
{
	if (b->stays)
		return;
	if (b->unnamed < 0)
		b->fd = b->unnamed = fd_unnamed(b->dir);
	if (b->fd < 0 || fd_write_at(b->fd, b->bytes.p, b->bytes.n, b->in_file) != 0) {
		b->stays = true;
		return;
	}
	if (b->token)
		token_add(b->token, (struct span){ b->bytes.p, b->bytes.n });
	b->in_file += b->bytes.n;
	buf_reset(&b->bytes);
}

bool
batch_add(struct batch *b, uint64_t line, const char *p, size_t n)
{
	buf_add(&b->bytes, p, n);
	buf_addc(&b->bytes, '\n');
	if (b->bytes.failed || !add_row(b, batch_size(b), line))
		return false;
	if (b->dir && b->bytes.n >= BATCH_IN_MEMORY)
		move_to_file(b);
	return true;
}

void
batch_token(const struct batch *b, char text[TOKEN_LENGTH + 1])
{
	token_text(b->token, (struct span){ b->bytes.p, b->bytes.n }, text);
}

/* ---- the file -------------------------------------------------------------- */

/* Adds the lines that end in the n bytes at p, which follow `at` bytes. */
static bool
index_lines(struct batch *b, const char *p, size_t n, size_t at)
{
	const char *end = p + n, *newline;

	while (p < end && (newline = memchr(p, '\n', (size_t)(end - p)))) {
		at += (size_t)(newline - p) + 1;
		p = newline + 1;
		if (!add_row(b, at, b->n + 1))
			return false;
	}
	return true;
}

int
batch_of_file(struct batch *b, int fd)
{
	char w[COPY_SIZE], last = '\n';
	ssize_t k;

	b->fd = fd;
	b->stays = true;
	while ((k = pread(fd, w, sizeof(w), (off_t)b->in_file)) != 0) {
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return errno;
		if (!index_lines(b, w, (size_t)k, b->in_file))
			return ENOMEM;
		if (b->token)
			token_add(b->token, (struct span){ w, (size_t)k });
		b->in_file += (size_t)k;
		last = w[k - 1];
	}
	if (last == '\n')
		return 0;
	buf_addc(&b->bytes, '\n');
	return !b->bytes.failed && add_row(b, batch_size(b), b->n + 1) ? 0 : ENOMEM;
}

/* Reads what is there from `start` on, to `end` at least. */
static int
fill_window(const struct batch *b, struct batch_window *window, size_t start, size_t end)
{
	size_t left = b->in_file - start, n = end - start > COPY_SIZE ? end - start : COPY_SIZE;
	char *w;
	int error;

	buf_reset(&window->bytes);
	window->at = start;
	w = buf_room(&window->bytes, n);
	if (n > left)
		n = left;
	error = w ? fd_read_at(b->fd, w, n, start) : ENOMEM;
	if (error)
		return error;
	window->bytes.n = n;
	if (end > b->in_file) /* a last line whose newline is not in the file */
		buf_add(&window->bytes, b->bytes.p, end - b->in_file);
	return 0;
}

struct span
batch_row(const struct batch *b, size_t i, struct batch_window *window)
{
	size_t start = i ? b->rows[i - 1].end : 0, end = b->rows[i].end;

	if (start >= b->in_file)
		return (struct span){ b->bytes.p + (start - b->in_file), end - start };
	if (start < window->at || end > window->at + window->bytes.n) {
		errno = fill_window(b, window, start, end);
		if (errno) {
			buf_reset(&window->bytes);
			return (struct span){ NULL, 0 };
		}
	}
	return (struct span){ window->bytes.p + (start - window->at), end - start };
}

int
batch_write(const struct batch *b, int fd)
{
	char copy[COPY_SIZE];
	size_t at, k;
	int error = 0;

	for (at = 0; at < b->in_file && !error; at += k) {
		k = b->in_file - at < sizeof(copy) ? b->in_file - at : sizeof(copy);
		error = fd_read_at(b->fd, copy, k, at);
		if (!error)
			error = fd_write(fd, copy, k);
	}
	return error ? error : fd_write(fd, b->bytes.p, b->bytes.n);
}

int
batch_recall(struct batch *b)
{
	struct buf all = BUF_INIT;
	char *w;
	int error;

	if (b->in_file == 0)
		return 0;
	w = buf_room(&all, batch_size(b));
	error = w ? fd_read_at(b->fd, w, b->in_file, 0) : ENOMEM;
	if (error) {
		buf_release(&all);
		return error;
	}
	all.n = b->in_file;
	buf_add(&all, b->bytes.p, b->bytes.n);
	buf_release(&b->bytes);
	b->bytes = all;
	leave_file(b);
	b->stays = true;
	return 0;
}

bool
batch_make_room(struct batch *b)
{
	return b->unnamed >= 0 && batch_recall(b) == 0 && ftruncate(b->unnamed, 0) == 0;
}

/* ---- what is sent ---------------------------------------------------------- */

void
batch_leave_out(struct batch *b, size_t i, bool out)
{
	b->left_out -= b->rows[i].left_out;
	b->rows[i].left_out = out;
	b->left_out += out;
}

size_t
batch_sent(const struct batch *b, size_t first, size_t count)
{
	size_t i, n = count;

	for (i = first; b->left_out && i < first + count; i++)
		n -= b->rows[i].left_out;
	return n;
}

/* ---- in memory ------------------------------------------------------------- */

void
batch_keep(struct batch *b, const bool *keep)
{
	size_t i, start = 0, n = 0, end = 0, left_out = 0;

	for (i = 0; i < b->n; i++) {
		struct batch_row row = b->rows[i];

		if (keep[i]) {
			memmove(b->bytes.p + end, b->bytes.p + start, row.end - start);
			end += row.end - start;
			b->rows[n] = row;
			b->rows[n++].end = end;
			left_out += row.left_out;
		}
		start = row.end;
	}
	b->n = n;
	b->left_out = left_out;
	b->bytes.n = end;
	b->encoded = false;
}

bool
batch_copy(struct batch *to, const struct batch *b, size_t first, size_t count)
{
	size_t i;

	for (i = first; i < first + count; i++) {
		struct span row = batch_rows(b, i, 1);

		if (!batch_add(to, b->rows[i].line, row.p, row.n - 1))
			return false;
	}
	return true;
}

void
batch_take_rows(struct batch *b, struct batch *from)
{
	struct buf bytes = b->bytes;
	struct batch_row *rows = b->rows;
	size_t cap = b->cap;

	b->bytes = from->bytes;
	b->rows = from->rows;
	b->cap = from->cap;
	b->n = from->n;
	b->left_out = from->left_out;
	b->encoded = false;
	from->bytes = bytes;
	from->rows = rows;
	from->cap = cap;
	batch_reset(from);
}

struct span
batch_rows(const struct batch *b, size_t first, size_t count)
{
	size_t start = first ? b->rows[first - 1].end : 0;
	size_t end = first + count ? b->rows[first + count - 1].end : 0;

	return (struct span){ b->bytes.p + start, end - start };
}
