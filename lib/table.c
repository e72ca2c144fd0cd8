#include "table.h"

#include "banned.h"

enum { GAP = 2 };

static size_t
code_points(const char *p, size_t n)
{
	size_t i, count = 0;

	for (i = 0; i < n; i++)
		if (((unsigned char)p[i] & 0xc0) != 0x80)
			count++;
	return count;
}

void
table_init(struct table *t, const struct table_column *columns, size_t n)
{
	size_t i;

	*t = (struct table){ .columns = columns, .n = n };
	for (i = 0; i < n; i++)
		t->width[i] = strlen(columns[i].title);
}

void
table_release(struct table *t)
{
	buf_release(&t->text);
}

void
table_add(struct table *t, const char *p, size_t n)
{
	size_t start = t->text.n, width;
	size_t *widest = &t->width[t->cells++ % t->n];

	buf_add_scrubbed(&t->text, p, n);
	if (t->text.failed)
		return;
	width = code_points(t->text.p + start, t->text.n - start);
	buf_addc(&t->text, '\0');
	if (width > *widest)
		*widest = width;
}

static void
add_spaces(struct buf *b, size_t n)
{
	while (n-- > 0)
		buf_addc(b, ' ');
}

static void
add_cell(const struct table *t, size_t column, const char *text, struct buf *b)
{
	size_t n = strlen(text);
	size_t width = code_points(text, n);
	size_t fill = t->width[column] > width ? t->width[column] - width : 0;

	if (column > 0)
		add_spaces(b, GAP);
	if (t->columns[column].right)
		add_spaces(b, fill);
	buf_add(b, text, n);
	if (column + 1 == t->n)
		buf_addc(b, '\n');
	else if (!t->columns[column].right)
		add_spaces(b, fill);
}

bool
table_print(const struct table *t, struct buf *b)
{
	const char *text = t->text.p;
	size_t i;

	for (i = 0; i < t->n; i++)
		add_cell(t, i, t->columns[i].title, b);
	if (t->text.failed)
		return false;
	for (i = 0; i < t->cells; i++) {
		add_cell(t, i % t->n, text, b);
		text += strlen(text) + 1;
	}
	return !b->failed;
}
