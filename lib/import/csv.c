#include "import/csv.h"

#include "text/json.h"

#include "base/banned.h"

void
csv_begin(struct csv *c)
{
	buf_reset(&c->pending);
	buf_reset(&c->names);
	c->columns = 0;
}

void
csv_release(struct csv *c)
{
	buf_release(&c->pending);
	buf_release(&c->names);
	buf_release(&c->object);
}

struct span
csv_left(const struct csv *c)
{
	return (struct span){ c->pending.p, c->pending.n };
}

static bool
has_open_quote(const char *p, size_t n)
{
	const char *end = p + n;
	bool open = false;

	while ((p = memchr(p, '"', (size_t)(end - p))) != NULL) {
		open = !open;
		p++;
	}
	return open;
}

/* A piece of a cell, as it may stand in a JSON string; what is no UTF-8 becomes U+FFFD. */
static void
add_text(struct buf *b, const char *p, size_t n)
{
	size_t good;
	char *w;

	while (n > 0) {
		bool valid = utf8_valid(p, n, &good);

		w = buf_room(b, good * JSON_ESCAPE_MAX + 3);
		if (!w)
			return;
		w = json_escape(w, p, good);
		b->n = (size_t)(w - b->p);
		if (valid)
			return;
		buf_adds(b, "\xef\xbf\xbd");
		p += good + 1;
		n -= good + 1;
	}
}

/* Takes a cell, and the comma behind it; false: its quotes are wrong. */
static bool
take_cell(struct buf *to, const char **from, const char *end, bool *last)
{
	const char *p = *from, *q;

	if (p < end && *p == '"') {
		for (p++;; p = q + 1) {
			q = memchr(p, '"', (size_t)(end - p));
			if (!q)
				return false;
			add_text(to, p, (size_t)(q - p));
			if (q + 1 == end || q[1] != '"')
				break;
			buf_adds(to, "\\\"");
			q++;
		}
		p = q + 1;
	} else {
		q = memchr(p, ',', (size_t)(end - p));
		q = q ? q : end;
		add_text(to, p, (size_t)(q - p));
		p = q;
	}
	if (p < end && *p != ',')
		return false;
	*last = p == end;
	*from = *last ? p : p + 1;
	return true;
}

static enum csv_result
bad(struct csv *c, const char *why)
{
	c->why = why;
	return CSV_BAD;
}

static enum csv_result
take_header(struct csv *c)
{
	const char *p = c->row.p, *end = p + c->row.n;
	bool last = false;

	while (!last) {
		if (c->columns == CSV_COLUMNS)
			return bad(c, "More than 500 columns");
		if (!take_cell(&c->names, &p, end, &last))
			return bad(c, "Wrong quotes");
		c->name_end[c->columns++] = c->names.n;
	}
	return CSV_HEADER;
}

static enum csv_result
take_row(struct csv *c)
{
	const char *p = c->row.p, *end = p + c->row.n;
	struct buf *b = &c->object;
	size_t i, start = 0;
	bool last = false;

	buf_reset(b);
	buf_addc(b, '{');
	for (i = 0; !last; i++) {
		size_t before = b->n, text;

		if (i == c->columns)
			return bad(c, "More cells than the first row has");
		buf_adds(b, before > 1 ? ",\"" : "\"");
		buf_add(b, c->names.p + start, c->name_end[i] - start);
		buf_adds(b, "\":\"");
		text = b->n;
		if (!take_cell(b, &p, end, &last))
			return bad(c, "Wrong quotes");
		if (b->n == text)
			b->n = before;
		else
			buf_addc(b, '"');
		start = c->name_end[i];
	}
	if (i < c->columns)
		return bad(c, "Fewer cells than the first row has");
	buf_addc(b, '}');
	if (b->failed)
		return bad(c, "Out of memory");
	c->json = (struct span){ b->p, b->n };
	return CSV_ROW;
}

enum csv_result
csv_line(struct csv *c, const char *p, size_t n)
{
	/* what is pending has an open quote */
	bool open = has_open_quote(p, n) != (c->pending.n > 0);

	c->row = (struct span){ p, n };
	if (c->pending.n || open) {
		if (c->pending.n)
			buf_addc(&c->pending, '\n');
		buf_add(&c->pending, p, n);
		c->row = (struct span){ c->pending.p, c->pending.n };
		if (c->pending.failed || c->pending.n > CSV_ROW_MAX) {
			c->pending.n = 0;
			return bad(c, "Quotes that do not end");
		}
		if (open)
			return CSV_MORE;
		c->pending.n = 0;
	}
	return c->columns ? take_row(c) : take_header(c);
}
