#include "show/output_format.h"

#include "base/banned.h"

static void
write_line(struct output_format *p)
{
	if (p->line.failed)
		p->out->error = ENOMEM;
	else if (p->line.n > 0)
		out_write(p->out, p->line.p, p->line.n);
	buf_reset(&p->line);
}

static void
write_text(struct output_format *p, const char *text)
{
	out_write(p->out, text, strlen(text));
}

/* A triangle is a table, of shares with blocks beside them. */
static bool
is_triangle(const struct output_format *p)
{
	const struct question *q = p->question;
	size_t i;

	for (i = 0; i < q->column_count && q->columns[i].role != COLUMN_LATER; i++)
		;
	return p->format == OUTPUT_FORMAT_CHART && i < q->column_count;
}

static bool
is_table(const struct output_format *p)
{
	return p->format == OUTPUT_FORMAT_TABLE || p->triangle;
}

static enum table_fit
fit_of(const struct question_column *c)
{
	switch (c->role) {
	case COLUMN_BUCKET:
	case COLUMN_TIME:
		return TABLE_WHOLE;
	case COLUMN_LATER:
	case COLUMN_BESIDE:
	case COLUMN_MORE:
		return c->kind == KIND_TEXT ? TABLE_CUT : TABLE_EXTRA;
	default:
		return c->kind == KIND_TEXT ? TABLE_CUT : TABLE_WHOLE;
	}
}

static void
begin_table(struct output_format *p)
{
	const struct question *q = p->question;
	size_t i, n = 0;

	for (i = 0; i < q->column_count; i++) {
		const struct question_column *c = &q->columns[i];

		if (c->role != COLUMN_HIDDEN)
			p->titles[n++] = (struct table_column){
				.title = c->title,
				.right = c->kind != KIND_TEXT,
				.fit = fit_of(c),
			};
	}
	table_init(&p->table, p->titles, n);
}

static void
write_names(struct output_format *p)
{
	const struct question *q = p->question;
	size_t i;

	p->cells.n = q->column_count;
	for (i = 0; i < q->column_count; i++)
		p->cells.v[i] = (struct cell){ span_of(q->columns[i].name), JSON_STRING };
	cells_add_csv(&p->cells, &p->line);
	write_line(p);
}

void
output_format_begin(struct output_format *p, const struct question *q)
{
	p->question = q;
	p->triangle = is_triangle(p);
	if (is_table(p))
		begin_table(p);
	else if (p->format == OUTPUT_FORMAT_CSV)
		write_names(p);
	else if (p->format == OUTPUT_FORMAT_JSON)
		write_text(p, q->object);
	else if (p->format == OUTPUT_FORMAT_CHART)
		plot_init(&p->plot, q);
}

/* What a share of later comers is a share of. */
static double
row_value(const struct output_format *p)
{
	double value = 0;
	size_t i;

	for (i = 0; i < p->cells.n; i++)
		if (p->question->columns[i].role == COLUMN_VALUE)
			cell_number(&p->cells.v[i], &value);
	return value;
}

/* A cell as people read it, valid until the next one. */
static struct span
legible_cell(struct output_format *p, const struct cell *c, const struct question_column *column)
{
	struct buf *b = &p->text;
	double x;

	if (c->type == JSON_NULL)
		return p->triangle ? SPAN("") : SPAN("-");
	buf_reset(b);
	if (p->triangle && column->role == COLUMN_LATER && cell_number(c, &x)) {
		double whole = row_value(p), share = whole > 0 ? x / whole : 0;

		buf_addf(b, "%s%3.0f%%", chart_block(share, p->style.ascii), share * 100);
	} else if (!cell_add_number(c, column->kind, b)) {
		return c->text;
	}
	return (struct span){ b->p, b->n };
}

static void
add_to_table(struct output_format *p)
{
	size_t i;

	for (i = 0; i < p->cells.n; i++) {
		const struct question_column *column = &p->question->columns[i];
		struct span text;

		if (column->role == COLUMN_HIDDEN)
			continue;
		text = legible_cell(p, &p->cells.v[i], column);
		table_add(&p->table, text.p, text.n);
	}
}

/* The formats that look into a row. */
static bool
add_cells(struct output_format *p, const char *row, size_t n)
{
	if (!cells_parse(&p->cells, row, n, p->question->column_count))
		return false;
	if (is_table(p)) {
		add_to_table(p);
		return true;
	}
	if (p->format == OUTPUT_FORMAT_CHART)
		return plot_add(&p->plot, &p->cells);
	cells_add_csv(&p->cells, &p->line);
	write_line(p);
	return true;
}

bool
output_format_row(void *present, const char *row, size_t n)
{
	struct output_format *p = present;

	if (++p->rows > p->row_max)
		p->garbled = true;
	else if (p->format == OUTPUT_FORMAT_NDJSON || p->format == OUTPUT_FORMAT_JSON) {
		if (p->format == OUTPUT_FORMAT_JSON && p->rows > 1)
			out_write(p->out, ",", 1);
		out_write(p->out, row, n);
		if (p->format == OUTPUT_FORMAT_NDJSON)
			out_write(p->out, "\n", 1);
	} else if (!add_cells(p, row, n)) {
		p->garbled = true;
	}
	return !p->garbled && p->out->error == 0;
}

void
output_format_end(struct output_format *p, bool complete)
{
	bool good = true;

	if (is_table(p))
		good = table_print(&p->table, p->triangle ? p->style.width : p->table_width,
		    p->style.ascii, &p->line);
	else if (p->format == OUTPUT_FORMAT_CHART)
		good = plot_print(&p->plot, &p->style, complete, &p->line);
	else if (p->format == OUTPUT_FORMAT_JSON)
		buf_adds(&p->line, "]}\n");
	if (!good)
		p->line.failed = true;
	write_line(p);
}

void
output_format_release(struct output_format *p)
{
	cells_release(&p->cells);
	table_release(&p->table);
	plot_release(&p->plot);
	buf_release(&p->text);
	buf_release(&p->line);
}
