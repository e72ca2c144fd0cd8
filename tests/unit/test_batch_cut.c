/*
 * Which lines make a batch, with and without months.
 */
#include "check.h"
#include "store/batch_cut.h"

static void
test_months(void)
{
	static const struct {
		const char *row;
		int year, month; /* 0: none */
	} rows[] = {
		{ "{\"timestamp\":\"2026-01-31 23:59:59.999\"}", 2026, 1 },
		{ "{\"timestamp\":\"2026-02-01\"}", 2026, 2 },
		{ "{\"a\":1,\"timestamp\":\"2026-12-01T00:00:00Z\"}", 2026, 12 },
		{ "{\"timestamp\":\"2026-01-31T23:30:00-02:00\"}", 2026, 2 },
		{ "{\"timestamp\":\"2026-03-01T00:30:00+01:00\"}", 2026, 2 },
		{ "{\"timestamp\":\"2026\\u002d05-01\"}", 2026, 5 },
		{ "{\"timestamp\":\"2026-13-01 00:00:00\"}", 0, 0 },
		{ "{\"timestamp\":\"2026-0x-01\"}", 0, 0 },
		{ "{\"timestamp\":\"2026-0\"}", 0, 0 },
		{ "{\"timestamp\":\"\"}", 0, 0 },
		{ "{\"timestamp\":1767261600}", 0, 0 },
		{ "{\"timestamp\":null}", 0, 0 },
		{ "{\"properties\":{\"timestamp\":\"2026-01-01\"}}", 0, 0 },
		{ "{}", 0, 0 },
	};
	size_t i;
	int month;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		month = batch_cut_month(rows[i].row, strlen(rows[i].row));
		CHECK(month == rows[i].year * 12 + rows[i].month, "%s: %d", rows[i].row, month);
	}
}

/* What has gone: for each batch a line, of its rows. */
static void
gone(struct batch_cut *c, struct batch *b, struct buf *log)
{
	struct span s = batch_rows(b, 0, b->n);
	size_t i;

	for (i = 0; i < s.n; i++)
		buf_addc(log, s.p[i] == '\n' ? ' ' : s.p[i]);
	buf_addc(log, '\n');
	batch_reset(b);
	CHECK(batch_cut_gone(c, b), "memory");
}

static void
cut(struct batch_cut *c, int month, const char *row, struct buf *log)
{
	struct batch *b;

	while ((b = batch_cut_ahead_of(c, month, strlen(row))))
		gone(c, b, log);
	b = batch_cut_add(c, month, 1, row, strlen(row));
	CHECK(b != NULL, "memory");
	if (b && batch_is_full(b))
		gone(c, b, log);
}

static void
finish(struct batch_cut *c, struct buf *log, const char *expected)
{
	struct batch *b;

	while ((b = batch_cut_rest(c)))
		gone(c, b, log);
	CHECK(is_text(log->p, log->n, expected), "cut:\n%.*s", (int)log->n, log->p);
	buf_release(log);
	batch_cut_release(c);
}

static void
test_one(void)
{
	struct buf log = BUF_INIT;
	struct batch_cut c;

	CHECK(batch_cut_init(&c, 3, 10, false, NULL), "memory");
	cut(&c, 0, "a", &log);
	cut(&c, 0, "b", &log);
	cut(&c, 0, "c", &log);
	cut(&c, 0, "12345678", &log);
	cut(&c, 0, "d", &log);
	cut(&c, 0, "longer than a batch", &log);
	cut(&c, 0, "e", &log);
	finish(&c, &log, "a b c \n12345678 \nd \nlonger than a batch \ne \n");
}

static void
test_two_months(void)
{
	struct buf log = BUF_INIT;
	struct batch_cut c;

	CHECK(batch_cut_init(&c, 2, 100, true, NULL), "memory");
	cut(&c, 1, "a1", &log);
	cut(&c, 2, "a2", &log);
	cut(&c, 0, "a0", &log);
	cut(&c, 2, "b2", &log);
	cut(&c, 1, "b1", &log);
	cut(&c, 2, "c2", &log);
	finish(&c, &log, "a2 b2 \na1 b1 \na0 \nc2 \n");
}

/* All that are open share the limit of bytes: the largest one goes. */
static void
test_bytes(void)
{
	struct buf log = BUF_INIT;
	struct batch_cut c;

	CHECK(batch_cut_init(&c, 100, 12, true, NULL), "memory");
	cut(&c, 1, "a1", &log);
	cut(&c, 2, "a2", &log);
	cut(&c, 2, "b2", &log);
	cut(&c, 3, "a3", &log);
	cut(&c, 1, "b1", &log);
	cut(&c, 4, "much longer than all", &log);
	finish(&c, &log, "a2 b2 \na1 b1 \na3 \nmuch longer than all \n");
}

/* More months than may be open share a batch; one that is stale makes room. */
static void
test_many_months(void)
{
	struct buf log = BUF_INIT, expected = BUF_INIT;
	struct batch_cut c;
	int i;

	CHECK(batch_cut_init(&c, 100000, 1000000, true, NULL), "memory");
	for (i = 1; i < BATCH_CUT_OPEN_MAX; i++)
		cut(&c, i, "x", &log);
	cut(&c, 1000, "y", &log);
	cut(&c, 1001, "z", &log);
	cut(&c, 1, "again", &log);
	CHECK(log.n == 0, "none has gone");
	for (i = 0; i < BATCH_CUT_STALE; i++)
		cut(&c, 1, "", &log);
	CHECK(log.n == 0, "none has gone");
	cut(&c, 2000, "new", &log);
	CHECK(is_text(log.p, log.n, "x \n"), "the stalest has gone: %.*s", (int)log.n, log.p);
	for (i = 2; i < BATCH_CUT_OPEN_MAX; i++)
		buf_adds(&expected, "x \n");
	buf_adds(&expected, "y z \nx again ");
	for (i = 0; i < BATCH_CUT_STALE; i++)
		buf_addc(&expected, ' ');
	buf_adds(&expected, "\nnew \n");
	buf_addc(&expected, '\0');
	finish(&c, &log, expected.p);
	buf_release(&expected);
}

int
main(void)
{
	test_months();
	test_one();
	test_two_months();
	test_bytes();
	test_many_months();
	return check_end("test_batch_cut");
}
