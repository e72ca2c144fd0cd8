#include "batch.h"

#include <stdlib.h>

#include "banned.h"

enum { ROWS_AT_FIRST = 1024 };

bool
batch_init(struct batch *b, size_t max_rows, size_t max_bytes)
{
	*b = (struct batch){ .max_rows = max_rows, .max_bytes = max_bytes };
	/* all of it at once: pages that are not used cost nothing, growing does */
	return buf_room(&b->bytes, max_bytes) != NULL;
}

void
batch_release(struct batch *b)
{
	buf_release(&b->bytes);
	free(b->rows);
	b->rows = NULL;
}

void
batch_reset(struct batch *b)
{
	buf_reset(&b->bytes);
	b->n = 0;
	b->name = NULL;
	b->in_place = false;
}

bool
batch_fits(const struct batch *b, size_t n)
{
	if (b->n == 0)
		return true;
	return b->n < b->max_rows && n < b->max_bytes && b->bytes.n < b->max_bytes - n;
}

bool
batch_is_full(const struct batch *b)
{
	return b->n >= b->max_rows || b->bytes.n >= b->max_bytes;
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
	b->rows[b->n++] = (struct batch_row){ end, line };
	return true;
}

bool
batch_add(struct batch *b, uint64_t line, const char *p, size_t n)
{
	buf_add(&b->bytes, p, n);
	buf_addc(&b->bytes, '\n');
	return !b->bytes.failed && add_row(b, b->bytes.n, line);
}

bool
batch_index(struct batch *b)
{
	size_t at, n = b->bytes.n;
	uint64_t line = 0;

	if (n > 0 && b->bytes.p[n - 1] != '\n')
		buf_addc(&b->bytes, '\n');
	n = b->bytes.n;
	for (at = 0; at < n;) {
		const char *end = memchr(b->bytes.p + at, '\n', n - at);

		at = (size_t)(end - b->bytes.p) + 1;
		if (!add_row(b, at, ++line))
			return false;
	}
	return !b->bytes.failed;
}

void
batch_keep(struct batch *b, const bool *keep)
{
	size_t i, start = 0, n = 0, end = 0;

	for (i = 0; i < b->n; i++) {
		struct batch_row row = b->rows[i];

		if (keep[i]) {
			memmove(b->bytes.p + end, b->bytes.p + start, row.end - start);
			end += row.end - start;
			b->rows[n++] = (struct batch_row){ end, row.line };
		}
		start = row.end;
	}
	b->n = n;
	b->bytes.n = end;
}

struct span
batch_rows(const struct batch *b, size_t first, size_t count)
{
	size_t start = first ? b->rows[first - 1].end : 0;
	size_t end = first + count ? b->rows[first + count - 1].end : 0;

	return (struct span){ b->bytes.p + start, end - start };
}
