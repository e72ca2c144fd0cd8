#include "ask/remark.h"

#include "base/banned.h"

enum clickhouse_status
remark_begin(struct remark *w, struct clickhouse *c, int64_t now, struct clickhouse_error *e)
{
	return compare_check(c, w->question, now, &w->why, e);
}

void
remark_row(struct remark *w, const char *row, size_t n)
{
	const struct question *q = w->question;
	double value;
	size_t i;

	w->rows++;
	if ((w->valued && w->zero && (w->named || q->keys == 0)) ||
	    !cells_parse(&w->cells, row, n, q->column_count))
		return;
	for (i = 0; i < q->column_count; i++) {
		bool is_value = q->columns[i].role == COLUMN_VALUE;

		w->named |=
		    q->columns[i].name != q->columns[i].alias && w->cells.v[i].type != JSON_NULL;
		if (!cell_number(&w->cells.v[i], &value) || value == 0) {
			w->zero |= is_value;
			continue;
		}
		w->filled = true;
		w->valued |= is_value;
	}
}

/* Events are listed, not counted: each is right whatever is missing beside it. */
static bool
is_listing(const struct question *q)
{
	size_t i;

	for (i = 0; i < q->column_count && q->columns[i].role != COLUMN_VALUE; i++)
		;
	return i == q->column_count;
}

enum clickhouse_status
remark_ask(struct remark *w, struct clickhouse *c, int64_t now, struct buf *text,
    struct clickhouse_error *e)
{
	const struct question *q = w->question;
	bool listing = is_listing(q);
	/* of several events, each one's answer */
	bool empty = listing ? w->rows == 0 : !w->valued || (w->zero && q->asked_count > 1);
	/* nothing but null: that of the only property that was asked for */
	bool unnamed = q->keys == 1 && !w->named && q->property_count == 1 && !q->cut;
	size_t start = text->n;
	enum clickhouse_status status;
	struct extent x;

	if (listing && !empty)
		return CLICKHOUSE_OK;
	status = extent_ask(c, q->project, now, &x, e);
	if (status == CLICKHOUSE_OK && (empty || unnamed))
		status = hint_ask(c, q, &x, listing || !w->filled, text, e);
	if (status == CLICKHOUSE_OK && text->n == start && w->why.n > 0)
		buf_add(text, w->why.p, w->why.n);
	else if (status == CLICKHOUSE_OK && text->n == start)
		extent_tell(&x, &q->period, q->table, now, text);
	w->nothing_stored = status == CLICKHOUSE_OK && empty && x.empty;
	return status;
}

void
remark_release(struct remark *w)
{
	cells_release(&w->cells);
	buf_release(&w->why);
}
