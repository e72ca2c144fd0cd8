#include "store/ahead.h"

#include <stdlib.h>

#include "base/banned.h"

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
	if (a->watch.columns.n == 0)
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
