/*
 * The tables: the files of sql/, compiled in, applied and compared.
 *
 * A file holds one object, in a form that schema_check can read: a table's
 * columns stand one a line, with the type as ClickHouse prints it and then
 * COMMENT and CODEC; a view's SELECT begins a line.
 */
#ifndef MM_SCHEMA_H
#define MM_SCHEMA_H

#include "clickhouse.h"

struct schema_file {
	const char *name; /* "10-events.sql" */
	const char *sql;
};

/* In the order to apply them; ends with a NULL name.  Made by sql/embed.sh. */
extern const struct schema_file schema_files[];

/*
 * Creates the database and what is missing in it; what is there stays as it
 * is.  `system` is a connection whose database exists, `tables` one to
 * `database`.  On failure the error's text begins with the file's name.
 */
enum clickhouse_status schema_apply(struct clickhouse *system, struct clickhouse *tables,
    const char *database, struct clickhouse_error *);

/* What schema_apply runs, as text for clickhouse-client. */
void schema_print(const char *database, struct buf *);

/*
 * Compares the objects in `database` with the files: engines, sorting keys,
 * deduplication windows, columns and their types, the views' SELECTs.
 * Columns that were added are no difference.  Each difference is reported as
 * one line of text; *count is how many.  `system` as above.
 */
typedef void schema_difference(void *context, const char *text);
enum clickhouse_status schema_check(struct clickhouse *system, const char *database,
    schema_difference *report, void *context, size_t *count, struct clickhouse_error *);

#endif
