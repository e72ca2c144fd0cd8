/*
 * The files of sql/ and sql/cluster/, compiled in, and what each of them says.
 *
 * A file holds one statement, in a form that is read here: a table's columns
 * stand one a line, with the type as ClickHouse prints it and then COMMENT,
 * DEFAULT or CODEC; a view's SELECT begins a line.  What a file makes is there or
 * not; a file that makes nothing changes what earlier ones have made, and
 * does no harm when it is applied twice.
 */
#ifndef MM_SCHEMA_FILE_H
#define MM_SCHEMA_FILE_H

#include "base/buf.h"

struct schema_file {
	const char *name; /* of the step: "10-events"; begins with its number */
	const char *sql;
};

/* In the order to apply them; end with a NULL name.  Made by sql/embed.sh. */
extern const struct schema_file schema_files[], schema_cluster_files[];

/* Spans into a file's text; p is NULL for what it does not say. */
struct schema_object {
	struct span name;
	struct span target;      /* of a materialised view */
	struct span engine;      /* as system.tables has it */
	struct span sorting_key; /* without parentheses */
	struct span select;      /* of a view */
	struct span columns;     /* the lines between "(" and ")" */
	struct span window;      /* the setting that makes inserts be stored once */
};

/* Returns false for a file that makes no table and no view. */
bool schema_file_object(const struct schema_file *, struct schema_object *);

/*
 * Takes the first column off *lines, the rest of an object's columns.  Returns
 * false when there is none left.
 */
bool schema_next_column(struct span *lines, struct span *name, struct span *type);

unsigned schema_file_number(const struct schema_file *);

/* A server's version, "24.2.1.5", as a number to compare: 2402. */
unsigned schema_version(struct span text);

/* The version that a file needs, of its first line "-- Since ClickHouse 24.2"; 0: any. */
unsigned schema_file_since(const struct schema_file *);

/*
 * Adds the statement, as it is sent.  `database` is an identifier; `cluster`
 * is of letters, digits and "_.-", or NULL for files of sql/.
 */
void schema_file_sql(
    const struct schema_file *, const char *database, const char *cluster, struct buf *);

#endif
