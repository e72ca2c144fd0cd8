#include "text/table.h"

#include "text/display.h"

#include "base/banned.h"

enum {
	GAP = 2,
	NARROWEST = 6, /* a column that is cut further says nothing */
};

void
table_init(struct table *t, const struct table_column *columns, size_t n)
{
	size_t i;

	*t = (struct table){ .columns = columns, .n = n };
	for (i = 0; i < n; i++)
		t->width[i] = display_width(columns[i].title, strlen(columns[i].title));
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
	width = display_width(t->text.p + start, t->text.n - start);
	buf_addc(&t->text, '\0');
	if (width > *widest)
		*widest = width;
}

static size_t
line_width(const struct table *t)
{
	size_t i, sum = 0;

	for (i = 0; i < t->n; i++)
		if (t->width[i] > 0)
			sum += t->width[i] + (i > 0 ? GAP : 0);
	return sum;
}

/* No column wider than the bound, but for those that stay whole. */
static void
bound_widths(struct table *t, const size_t *natural, size_t bound)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->width[i] > 0)
			t->width[i] = t->columns[i].fit == TABLE_CUT && natural[i] > bound
			    ? bound
			    : natural[i];
}

/* The last columns go until the narrowest lines fit. */
static void
leave_out(struct table *t, const size_t *natural, size_t width)
{
	size_t i;

	bound_widths(t, natural, NARROWEST);
	for (i = t->n; i-- > 1 && line_width(t) > width;)
		if (t->columns[i].fit != TABLE_WHOLE)
			t->width[i] = 0;
}

/*
 * The largest bound at which lines fit is found by halving: cells may be
 * megabytes long.
 */
static void
shrink(struct table *t, size_t width)
{
	size_t natural[TABLE_COLUMNS_MAX], low = NARROWEST, high = width, i;

	if (line_width(t) <= width)
		return;
	memcpy(natural, t->width, sizeof(natural));
	leave_out(t, natural, width);
	while (low < high) {
		size_t bound = low + (high - low + 1) / 2;

		bound_widths(t, natural, bound);
		if (line_width(t) <= width)
			low = bound;
		else
			high = bound - 1;
	}
	bound_widths(t, natural, low);
	/* what is left over, to the first that lack it */
	for (i = 0; i < t->n && line_width(t) < width; i++)
		if (t->width[i] > 0 && t->width[i] < natural[i])
			t->width[i]++;
}

static void
add_cell(const struct table *t, size_t column, const char *text, bool ascii, struct buf *b)
{
	if (t->width[column] > 0) {
		if (column > 0)
			display_spaces(b, GAP);
		display_add(b, span_of(text), t->width[column], t->columns[column].right, ascii);
	}
	if (column + 1 < t->n)
		return;
	while (b->n > 0 && b->p[b->n - 1] == ' ')
		b->n--;
	buf_addc(b, '\n');
}

bool
table_print(struct table *t, size_t width, bool ascii, struct buf *b)
{
	const char *text = t->text.p;
	size_t i;

	if (width > 0)
		shrink(t, width);
	for (i = 0; i < t->n; i++)
		add_cell(t, i, t->columns[i].title, ascii, b);
	if (t->text.failed)
		return false;
	for (i = 0; i < t->cells; i++) {
		add_cell(t, i % t->n, text, ascii, b);
		text += strlen(text) + 1;
	}
	return !b->failed;
}
