#include "present.h"

#include "banned.h"

static void
write_line(struct present *p)
{
	if (p->line.failed)
		p->out->error = ENOMEM;
	else if (p->line.n > 0)
		out_write(p->out, p->line.p, p->line.n);
	buf_reset(&p->line);
}

static void
write_text(struct present *p, const char *text)
{
	out_write(p->out, text, strlen(text));
}

static void
begin_table(struct present *p)
{
	const struct question *q = p->question;
	size_t i, n = 0;

	for (i = 0; i < q->column_count; i++) {
		const struct question_column *c = &q->columns[i];
		bool time = c->role == COLUMN_BUCKET || c->role == COLUMN_TIME;

		if (c->role != COLUMN_HIDDEN)
			p->titles[n++] =
			    (struct table_column){ c->name, c->number, c->number || time };
	}
	table_init(&p->table, p->titles, n);
}

static void
write_names(struct present *p)
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
present_begin(struct present *p, const struct question *q)
{
	p->question = q;
	if (p->format == PRESENT_TABLE)
		begin_table(p);
	else if (p->format == PRESENT_CSV)
		write_names(p);
	else if (p->format == PRESENT_JSON)
		write_text(p, q->object);
	else if (p->format == PRESENT_CHART)
		plot_init(&p->plot, q);
}

static void
add_to_table(struct present *p)
{
	size_t i;

	for (i = 0; i < p->cells.n; i++) {
		const struct cell *c = &p->cells.v[i];

		if (p->question->columns[i].role == COLUMN_HIDDEN)
			continue;
		if (c->type == JSON_NULL)
			table_add(&p->table, "-", 1);
		else
			table_add(&p->table, c->text.p, c->text.n);
	}
}

/* The formats that look into a row. */
static bool
add_cells(struct present *p, const char *row, size_t n)
{
	if (!cells_parse(&p->cells, row, n, p->question->column_count))
		return false;
	if (p->format == PRESENT_CHART)
		return plot_add(&p->plot, &p->cells);
	if (p->format == PRESENT_TABLE) {
		add_to_table(p);
		return true;
	}
	cells_add_csv(&p->cells, &p->line);
	write_line(p);
	return true;
}

bool
present_row(void *present, const char *row, size_t n)
{
	struct present *p = present;

	if (++p->rows > p->row_max)
		p->garbled = true;
	else if (p->format == PRESENT_NDJSON || p->format == PRESENT_JSON) {
		if (p->format == PRESENT_JSON && p->rows > 1)
			out_write(p->out, ",", 1);
		out_write(p->out, row, n);
		if (p->format == PRESENT_NDJSON)
			out_write(p->out, "\n", 1);
	} else if (!add_cells(p, row, n)) {
		p->garbled = true;
	}
	return !p->garbled && p->out->error == 0;
}

void
present_end(struct present *p, bool complete)
{
	bool good = true;

	if (p->format == PRESENT_TABLE)
		good = table_print(&p->table, p->table_width, p->style.ascii, &p->line);
	else if (p->format == PRESENT_CHART)
		good = plot_print(&p->plot, &p->style, complete, &p->line);
	else if (p->format == PRESENT_JSON)
		buf_adds(&p->line, "]}\n");
	if (!good)
		p->line.failed = true;
	write_line(p);
}

void
present_release(struct present *p)
{
	cells_release(&p->cells);
	table_release(&p->table);
	plot_release(&p->plot);
	buf_release(&p->line);
}
