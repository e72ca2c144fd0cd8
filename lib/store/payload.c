#include "store/payload.h"

#include <stdlib.h>

#include "base/banned.h"

enum {
	/* ClickHouse's codes: the table has no such column; no such name */
	NO_SUCH_COLUMN_IN_TABLE = 16,
	UNKNOWN_IDENTIFIER = 47,
};

bool
payload_init(struct payload *p, struct clickhouse *clickhouse, const char *table, bool native,
    struct piece_pool *pool)
{
	*p = (struct payload){ .native = native, .pool = pool };
	columns_watch_begin(&p->watch, clickhouse, table);
	buf_adds(&p->sql, "INSERT INTO ");
	columns_add_name(&p->sql, span_of(table));
	p->into = p->sql.n;
	return !p->sql.failed;
}

void
payload_release(struct payload *p)
{
	native_release(&p->own);
	columns_watch_release(&p->watch);
	buf_release(&p->window.bytes);
	buf_release(&p->gathered);
	buf_release(&p->sql);
}

void
payload_new_batch(struct payload *p)
{
	p->barred = false;
}

/* ---- the request ---------------------------------------------------------- */

/* A part of the body has been taken. */
static void
on_read(void *payload, size_t part)
{
	struct payload *p = payload;

	p->spent = true;
	native_read(p->block, part);
}

static bool
finish(struct payload *p)
{
	buf_addc(&p->sql, '\0');
	if (!p->sql.failed)
		return true;
	p->sql.failed = false; /* the next try may find some */
	return false;
}

static bool
take_block(struct payload *p, struct native *block)
{
	p->block = block;
	p->is_native = true;
	p->spent = false;
	p->body = (struct clickhouse_body){
		.parts = block->parts,
		.count = block->count,
		.read = on_read,
		.context = p,
	};
	p->sql.n = p->into;
	buf_adds(&p->sql, " (");
	buf_add(&p->sql, block->names.p, block->names.n);
	buf_adds(&p->sql, ") FORMAT Native");
	return finish(p);
}

/* The rows that are sent, in one stretch. */
static struct span
gather(struct payload *p, const struct batch *b, size_t first, size_t count)
{
	size_t i;

	buf_reset(&p->gathered);
	for (i = first; i < first + count; i++) {
		struct span row = batch_rows(b, i, 1);

		if (!b->rows[i].left_out)
			buf_add(&p->gathered, row.p, row.n);
	}
	return (struct span){ p->gathered.p, p->gathered.n };
}

static bool
take_rows(struct payload *p, const struct batch *b, size_t first, size_t count)
{
	p->is_native = p->spent = false;
	if (b->left_out)
		p->rows = gather(p, b, first, count);
	else if (b->in_file > 0)
		p->rows = (struct span){ b->bytes.p, b->bytes.n };
	else
		p->rows = batch_rows(b, first, count);
	p->body = (struct clickhouse_body){
		.fd = b->fd,
		.in_file = b->in_file,
		.parts = &p->rows,
		.count = 1,
	};
	p->sql.n = p->into;
	if (p->watch.columns.ephemeral)
		columns_add_names(&p->sql, &p->watch.columns);
	buf_adds(&p->sql, " FORMAT JSONEachRow");
	return finish(p) && !p->gathered.failed;
}

bool
payload_adopt(struct payload *p, struct native *block)
{
	return p->native && !p->barred && block->count > 0 && take_block(p, block);
}

/* Whether there is a block of the rows.  Where they can't be read, there is none. */
static bool
encode(struct payload *p, const struct batch *b, size_t first, size_t count)
{
	enum native_result r = NATIVE_BLOCK;
	size_t i;

	native_clear(&p->own);
	p->window.bytes.n = 0;
	for (i = first; i < first + count && r == NATIVE_BLOCK; i++) {
		struct span row;

		if (b->rows[i].left_out)
			continue;
		row = batch_row(b, i, &p->window);
		r = row.p ? native_add(&p->own, (struct span){ row.p, row.n - 1 }) : NATIVE_ODD;
	}
	if (r == NATIVE_BLOCK)
		r = native_end(&p->own);
	if (r != NATIVE_BLOCK)
		native_clear(&p->own);
	p->watch.stale = r == NATIVE_NO_KEY;
	return r == NATIVE_BLOCK;
}

enum clickhouse_status
payload_make(struct payload *p, const struct batch *b, size_t first, size_t count,
    struct clickhouse_error *e)
{
	enum clickhouse_status s = CLICKHOUSE_OK;
	bool native = p->native && !p->barred, renewed;

	if (!p->barred) {
		s = columns_watch_look(&p->watch, &renewed, e);
		if (renewed && !native_begin(&p->own, &p->watch.columns, p->pool))
			p->watch.columns.n = 0;
	}
	if (s != CLICKHOUSE_OK)
		return s;
	native = native && p->watch.columns.usual && p->watch.columns.n > 0 &&
	    encode(p, b, first, count);
	if (native ? take_block(p, &p->own) : take_rows(p, b, first, count))
		return s;
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
	native_clear(p->block);
	p->barred = p->watch.stale = true;
	return true;
}

/* ---- ahead ----------------------------------------------------------------- */

bool
ahead_init(struct ahead *a, struct clickhouse *clickhouse, const char *table,
    struct piece_pool *pool, size_t batches)
{
	*a = (struct ahead){ .pool = pool, .max = batches };
	columns_watch_begin(&a->watch, clickhouse, table);
	a->blocks = calloc(batches, sizeof(*a->blocks));
	return a->blocks != NULL;
}

void
ahead_release(struct ahead *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		native_release(&a->blocks[i]);
	free(a->blocks);
	columns_watch_release(&a->watch);
	*a = (struct ahead){ 0 };
}

static void
begin(struct ahead *a, struct batch *b, uint64_t stored)
{
	struct clickhouse_error e;
	bool renewed;

	a->open = NULL;
	if (stored < a->stored_first || (!b->block && a->n == a->max))
		return;
	a->stored_first = 0;
	a->watch.stale |= a->doubt;
	a->doubt = false;
	if (columns_watch_look(&a->watch, &renewed, &e) != CLICKHOUSE_OK)
		a->stored_first = stored + 1;
	if (a->watch.columns.n == 0 || !a->watch.columns.usual)
		return;
	if (!b->block)
		b->block = &a->blocks[a->n++];
	if (native_begin(b->block, &a->watch.columns, a->pool))
		a->open = b->block;
}

bool
ahead_add(struct ahead *a, struct batch *b, uint64_t stored, struct span row)
{
	enum native_result r;

	if (b->n == 0)
		begin(a, b, stored);
	if (!a->open)
		return false;
	r = native_add(a->open, row);
	a->doubt |= r == NATIVE_NO_KEY;
	return r == NATIVE_BLOCK;
}

void
ahead_give_up(struct ahead *a)
{
	if (a->open)
		native_clear(a->open);
	a->open = NULL;
}

void
ahead_end(struct ahead *a, struct batch *b)
{
	/* a row may be in the block and, for want of memory, not in the batch */
	b->encoded = a->open && a->open == b->block && a->open->rows == b->n &&
	    native_end(a->open) == NATIVE_BLOCK;
	if (a->open && !b->encoded)
		native_clear(a->open);
	a->open = NULL;
}
