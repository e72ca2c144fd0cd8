#include "payload.h"

#include "timestamp.h"

#include "banned.h"

enum {
	COLUMNS_FRESH_MS = 60000,
	/* ClickHouse's codes: the table has no such column; no such name */
	NO_SUCH_COLUMN_IN_TABLE = 16,
	UNKNOWN_IDENTIFIER = 47,
};

bool
payload_init(struct payload *p, struct clickhouse *clickhouse, const char *table, bool native)
{
	*p = (struct payload){ .clickhouse = clickhouse, .table = table, .native = native };
	p->stale = true;
	buf_adds(&p->sql, "INSERT INTO ");
	columns_add_name(&p->sql, span_of(table));
	p->into = p->sql.n;
	return !p->sql.failed;
}

void
payload_release(struct payload *p)
{
	native_release(&p->block);
	columns_release(&p->columns);
	buf_release(&p->sql);
}

void
payload_new_batch(struct payload *p)
{
	p->barred = false;
}

/* What can't be learnt is no failure: JSON needs no columns. */
static enum clickhouse_status
know_columns(struct payload *p, struct clickhouse_error *e)
{
	uint64_t now = timestamp_monotonic();
	enum clickhouse_status s;

	if (!p->stale && now - p->asked_ms < COLUMNS_FRESH_MS)
		return CLICKHOUSE_OK;
	s = columns_ask(&p->columns, p->clickhouse, p->table, e);
	if (s == CLICKHOUSE_TRANSIENT || s == CLICKHOUSE_STOPPED ||
	    (s == CLICKHOUSE_UNKNOWN && e->code == 0))
		return s;
	p->stale = false;
	p->asked_ms = now;
	if (!p->columns.usual)
		p->columns.n = 0;
	if (!native_begin(&p->block, &p->columns))
		p->columns.n = 0;
	return CLICKHOUSE_OK;
}

/* Whether there is a block. */
static bool
encode(struct payload *p, struct span rows)
{
	enum native_result r;

	if (p->barred || p->columns.n == 0)
		return false;
	r = native_encode(&p->block, rows);
	p->stale = r == NATIVE_NO_KEY;
	return r == NATIVE_BLOCK;
}

enum clickhouse_status
payload_make(struct payload *p, struct span rows, struct clickhouse_error *e)
{
	enum clickhouse_status s = CLICKHOUSE_OK;

	if (p->native && !p->barred)
		s = know_columns(p, e);
	if (s != CLICKHOUSE_OK)
		return s;
	p->sql.n = p->into;
	p->is_native = p->native && encode(p, rows);
	if (p->is_native) {
		buf_adds(&p->sql, " (");
		buf_add(&p->sql, p->block.names.p, p->block.names.n);
		buf_adds(&p->sql, ") FORMAT Native");
		p->parts = p->block.parts;
		p->count = p->block.count;
	} else {
		buf_adds(&p->sql, " FORMAT JSONEachRow");
		p->rows = rows;
		p->parts = &p->rows;
		p->count = 1;
	}
	buf_addc(&p->sql, '\0');
	if (!p->sql.failed)
		return s;
	p->sql.failed = false; /* the next try may find some */
	*e = (struct clickhouse_error){ .text = "out of memory" };
	return e->status = CLICKHOUSE_UNKNOWN;
}

bool
payload_give_way(struct payload *p, const struct clickhouse_error *e)
{
	if (!p->is_native)
		return false;
	if (e->status != CLICKHOUSE_BAD_DATA && e->code != NO_SUCH_COLUMN_IN_TABLE &&
	    e->code != UNKNOWN_IDENTIFIER && !(e->status == CLICKHOUSE_UNKNOWN && e->code))
		return false;
	p->barred = p->stale = true;
	return true;
}
