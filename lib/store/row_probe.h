/*
 * Which rows of a batch a table takes, asked of ClickHouse without storing
 * any: the rows go along with a query as its data, each with a number, are
 * read with the types of the table's columns, and the numbers of those that
 * could be read come back.
 *
 * That tells what parsing and types refuse, and keys that the table lacks;
 * what constraints and views refuse shows only when rows are stored.
 */
#ifndef MM_ROW_PROBE_H
#define MM_ROW_PROBE_H

#include "store/batch.h"
#include "store/columns.h"

struct row_probe {
	struct clickhouse *clickhouse; /* the caller's, as is the name */
	const char *table;             /* of the connection's database */

	bool *good;             /* of the last batch, a mark for each row */
	size_t n;               /* of these, how many are set */
	struct columns columns; /* of the table, once they have been asked for */

	/* the module's */
	size_t cap, count, data_max;
	struct buf structure, data;
	bool astray; /* the answer is not what was asked for */
	bool ended;  /* the answer holds the row that was put behind the last one */
};

/* The pointers are kept. */
void row_probe_init(struct row_probe *, struct clickhouse *, const char *table);
void row_probe_release(struct row_probe *);

/* Asks for the table's columns; CLICKHOUSE_CONFIG: they can't be learnt. */
enum clickhouse_status row_probe_columns(struct row_probe *, struct clickhouse_error *);

/*
 * Fills `good`: for all rows, or for those that are left out of what is sent
 * (the others are then marked without being asked for).  The rows are JSON objects.  Asks for the table's columns
 * first, then sends the rows, about 4 MiB a request.  CLICKHOUSE_CONFIG says
 * that this server or this table can't be asked in this way; the other
 * failures are those of the requests.
 */
enum clickhouse_status row_probe_batch(
    struct row_probe *, const struct batch *, bool left_out, struct clickhouse_error *);

/*
 * Why a row (a JSON object) is refused: CLICKHOUSE_BAD_DATA and the error as
 * clickhouse_insert would have it; OK when it is not.  Uses the columns that
 * row_probe_batch has asked for.  One request.
 */
enum clickhouse_status row_probe_row(
    struct row_probe *, struct span row, struct clickhouse_error *);

#endif
