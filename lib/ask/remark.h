/*
 * What has to be said about an answer beside its rows: that it is empty, and what there
 * is instead; that its period is there in part only, or can't be compared.
 *
 *     struct remark w = { .question = &q };
 *     remark_begin(&w, c, timestamp_now(), &e);
 *     for each row: remark_row(&w, row, n);
 *     remark_ask(&w, c, timestamp_now(), &text, &e);
 *     remark_release(&w);
 */
#ifndef MM_REMARK_H
#define MM_REMARK_H

#include "ask/cells.h"
#include "ask/compare.h"
#include "ask/hint.h"

struct remark {
	struct question *question;

	/* the module's; zero at the start */
	struct cells cells;
	struct buf why; /* the periods are not compared */
	uint64_t rows;
	/* a value that is not 0 was seen, one that is, any number that is not */
	bool valued, zero, filled;
	bool named;          /* some group that a property names is not null */
	bool nothing_stored; /* set by remark_ask: of the project, at any time */
};

/* Before it is asked: compare_check.  `now` is the clock in ms. */
enum clickhouse_status remark_begin(
    struct remark *, struct clickhouse *, int64_t now, struct clickhouse_error *);

/* Looks at a row of the answer. */
void remark_row(struct remark *, const char *row, size_t n);

/*
 * Once the rows are out: asks what else there is, where the answer is empty or its period
 * may not be whole, and appends a sentence without its full stop, or nothing.  `now`
 * is the clock in ms.
 */
enum clickhouse_status remark_ask(
    struct remark *, struct clickhouse *, int64_t now, struct buf *, struct clickhouse_error *);

void remark_release(struct remark *);

#endif
