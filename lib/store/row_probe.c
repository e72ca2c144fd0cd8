#include "store/row_probe.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/ascii.h"

#include "base/banned.h"

enum {
	DATA_MAX = 4 << 20, /* of a query, about: it is a copy of the rows */
	HTTP_TOO_LARGE = 413,
};

/* A name that hardly any table has for a column; where one has it, the query
   is refused, and so is the row probe. */
#define NUMBER "#"

static const char rows_sql[] = "SELECT `" NUMBER "` FROM " CLICKHOUSE_DATA " FORMAT TSV";

void
row_probe_init(struct row_probe *s, struct clickhouse *clickhouse, const char *table)
{
	*s = (struct row_probe){ .clickhouse = clickhouse, .table = table, .data_max = DATA_MAX };
}

void
row_probe_release(struct row_probe *s)
{
	free(s->good);
	columns_release(&s->columns);
	buf_release(&s->structure);
	buf_release(&s->data);
	*s = (struct row_probe){ 0 };
}

static enum clickhouse_status
fail(struct clickhouse_error *e, enum clickhouse_status status, const char *text)
{
	*e = (struct clickhouse_error){ .status = status };
	snprintf(e->text, sizeof(e->text), "%s", text);
	return status;
}

enum clickhouse_status
row_probe_columns(struct row_probe *s, struct clickhouse_error *e)
{
	enum clickhouse_status status = columns_ask(&s->columns, s->clickhouse, s->table, e);
	struct buf *b = &s->structure;
	size_t i;

	if (status != CLICKHOUSE_OK)
		return status == CLICKHOUSE_BAD_DATA ? (e->status = CLICKHOUSE_CONFIG) : status;
	if (s->columns.n == 0)
		return fail(e, CLICKHOUSE_CONFIG, "the table's columns can't be learnt");
	buf_reset(b);
	buf_adds(b, "`" NUMBER "` UInt64");
	for (i = 0; i < s->columns.n; i++) {
		buf_adds(b, ", ");
		columns_add_name(b, s->columns.list[i].name);
		buf_addc(b, ' ');
		buf_add(b, s->columns.list[i].type_name.p, s->columns.list[i].type_name.n);
	}
	buf_addc(b, '\0');
	return b->failed ? fail(e, CLICKHOUSE_UNKNOWN, "out of memory") : CLICKHOUSE_OK;
}

/* The row with its number as the first key. */
static void
add_numbered(struct buf *b, struct span row, size_t number)
{
	size_t i = 0;

	while (i < row.n && row.p[i] != '{')
		i++;
	for (i++; i < row.n && strchr(" \t\r\n", row.p[i]); i++)
		;
	buf_adds(b, "{\"" NUMBER "\":");
	buf_addu(b, number);
	if (i < row.n && row.p[i] != '}')
		buf_addc(b, ',');
	if (i < row.n)
		buf_add(b, row.p + i, row.n - i);
}

/* The number behind the last row's is that of a row which is always good. */
static bool
on_good(void *context, const char *p, size_t n)
{
	struct row_probe *s = context;
	uint64_t v;

	if (!ascii_number((struct span){ p, n }, s->count, &v)) {
		s->astray = true;
	} else if (v == s->count) {
		s->ended = true;
	} else if (!s->good[v]) {
		s->good[v] = true;
		s->n++;
	} else {
		s->astray = true;
	}
	return !s->astray;
}

static bool
make_room(struct row_probe *s, size_t count)
{
	bool *good;

	s->n = 0;
	s->count = count;
	if (count > s->cap) {
		good = realloc(s->good, count * sizeof(*good));
		if (!good)
			return false;
		s->good = good;
		s->cap = count;
	}
	if (count)
		memset(s->good, 0, count * sizeof(*s->good));
	return true;
}

static enum clickhouse_status
ask_rows(struct row_probe *s, struct clickhouse_error *e)
{
	static const struct clickhouse_setting settings[] = {
		{ "input_format_skip_unknown_fields", "0" },
		{ "input_format_allow_errors_num", "4294967295" },
		{ "input_format_allow_errors_ratio", "1" },
		{ NULL, NULL },
	};
	enum clickhouse_status status;

	s->astray = s->ended = false;
	status = clickhouse_select_data(
	    s->clickhouse, rows_sql, s->structure.p, &s->data, settings, on_good, s, e);
	if (status == CLICKHOUSE_BAD_DATA)
		return e->status = CLICKHOUSE_CONFIG;
	if (status == CLICKHOUSE_OK && (s->astray || !s->ended))
		return fail(e, CLICKHOUSE_CONFIG, "the rows can't be told apart");
	return status;
}

/* The rows from *i on that go in one request; *i is then behind them. */
static void
add_rows(struct row_probe *s, const struct batch *b, bool left_out, size_t *i)
{
	size_t first = *i;

	clickhouse_data_begin(&s->data);
	for (; *i < b->n && (*i == first || s->data.n < s->data_max); ++*i) {
		s->good[*i] = left_out && !b->rows[*i].left_out;
		s->n += s->good[*i];
		if (!s->good[*i])
			add_numbered(&s->data, batch_rows(b, *i, 1), *i);
	}
	add_numbered(&s->data, SPAN("{}\n"), b->n);
}

enum clickhouse_status
row_probe_batch(
    struct row_probe *s, const struct batch *b, bool left_out, struct clickhouse_error *e)
{
	enum clickhouse_status status = row_probe_columns(s, e);
	size_t i, first;

	if (status != CLICKHOUSE_OK)
		return status;
	if (!make_room(s, b->n))
		return fail(e, CLICKHOUSE_UNKNOWN, "out of memory");
	for (i = 0; i < b->n && status == CLICKHOUSE_OK;) {
		first = i;
		add_rows(s, b, left_out, &i);
		status = ask_rows(s, e);
		if (status != CLICKHOUSE_OK && e->http == HTTP_TOO_LARGE && i - first > 1) {
			s->data_max = s->data.n / 2;
			while (i > first)
				s->n -= s->good[--i];
			status = CLICKHOUSE_OK;
		}
	}
	return status;
}

static bool
on_row(void *context, const char *p, size_t n)
{
	(void)context;
	(void)p;
	(void)n;
	return true;
}

enum clickhouse_status
row_probe_row(struct row_probe *s, struct span row, struct clickhouse_error *e)
{
	static const struct clickhouse_setting settings[] = {
		{ "input_format_skip_unknown_fields", "0" },
		{ "input_format_allow_errors_num", "0" },
		{ "input_format_allow_errors_ratio", "0" },
		{ NULL, NULL },
	};

	clickhouse_data_begin(&s->data);
	add_numbered(&s->data, row, 0);
	return clickhouse_select_data(
	    s->clickhouse, rows_sql, s->structure.p, &s->data, settings, on_row, NULL, e);
}
