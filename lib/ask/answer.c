#include "ask/answer.h"

#include "ask/compare.h"

#include "base/banned.h"

struct gathered {
	const struct question *question;
	struct buf *json;
	uint64_t rows;
	bool odd;
};

static bool
gather(void *context, const char *p, size_t n)
{
	struct gathered *g = context;

	g->odd = g->question->limit > 0 && g->rows == g->question->limit;
	if (g->odd)
		return false;
	if (g->rows++)
		buf_addc(g->json, ',');
	buf_add(g->json, p, n);
	return !g->json->failed;
}

enum clickhouse_status
answer_add_object(
    struct clickhouse *c, struct question *q, struct buf *b, struct clickhouse_error *e)
{
	struct gathered g = { .question = q, .json = b };
	size_t start = b->n;
	struct buf why = BUF_INIT;
	enum clickhouse_status status = compare_check(c, q, timestamp_now(), &why, e);

	buf_release(&why);
	if (status != CLICKHOUSE_OK)
		return status;
	buf_adds(b, q->object);
	status = question_select(c, q, gather, &g, e);
	buf_adds(b, "]}");
	if (status == CLICKHOUSE_OK && g.odd)
		status =
		    clickhouse_fail(e, CLICKHOUSE_UNKNOWN, "ClickHouse sent an unexpected answer");
	else if (status == CLICKHOUSE_OK && b->failed)
		status = clickhouse_fail(e, CLICKHOUSE_UNKNOWN, "out of memory");
	if (status != CLICKHOUSE_OK)
		b->n = start;
	return status;
}
