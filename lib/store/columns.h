/*
 * The columns of a table, as the server tells them: what an insert may name,
 * and of which type each is.
 */
#ifndef MM_COLUMNS_H
#define MM_COLUMNS_H

#include "clickhouse/clickhouse.h"

/* Types whose values native.h writes; COLUMN_OTHER is all the rest. */
enum column_kind {
	COLUMN_OTHER,
	COLUMN_STRING,
	COLUMN_FIXED_STRING, /* size: bytes */
	COLUMN_INT,          /* size: bytes, 1 to 8 */
	COLUMN_UINT,
	COLUMN_FLOAT, /* size: 4 or 8 */
	COLUMN_BOOL,
	COLUMN_UUID,
	COLUMN_DATE,
	COLUMN_DATE32,
	COLUMN_DATETIME,   /* only of UTC */
	COLUMN_DATETIME64, /* only of UTC; scale: digits of the fraction, 0 to 9 */
	COLUMN_ENUM,       /* sent by name, as a String */
};

struct column_type {
	enum column_kind kind; /* of an array: that of its elements */
	unsigned size, scale;
	bool nullable; /* of an array: its elements are */
	bool array;    /* of one dimension */
};

struct column {
	struct span name, type_name;
	struct column_type type;
	struct span sent_as; /* the name of the type that a block of it tells */
	bool has_default;    /* an expression, which the server evaluates */
	bool never_left_out; /* the default of an insert without it is not that of JSON */
};

struct columns {
	struct column *list;
	size_t n;
	/* the server reads JSON as it does out of the box: nobody has changed a
	   setting of how it reads formats */
	bool usual;
	bool ephemeral; /* some are filled only by an INSERT that names them */

	/* the module's */
	size_t cap;
	bool failed, precise_floats, utc;
	struct buf text; /* of the names; the spans point into it */
};

/* All zero is an empty list. */
void columns_release(struct columns *);

/*
 * Asks for the columns of the table (any name, of the connection's database)
 * that an INSERT takes, in their order.  A table that is not there, or that
 * the user may not see, has none.  Needs query parameters and
 * system.settings; on a failure the list is empty.
 */
enum clickhouse_status columns_ask(
    struct columns *, struct clickhouse *, const char *table, struct clickhouse_error *);

/*
 * The columns of one table as they are known, which may be out of date.
 */
struct columns_watch {
	struct columns columns; /* empty: not known */
	bool stale;             /* set by the caller: they are to be asked for again */
	/* the module's */
	struct clickhouse *clickhouse;
	const char *table;
	uint64_t asked_ms;
};

/* The pointers are kept. */
void columns_watch_begin(struct columns_watch *, struct clickhouse *, const char *table);
void columns_watch_release(struct columns_watch *);

/*
 * Asks for the columns when they are stale or were asked for a minute ago, and
 * sets *renewed when it has.  What can't be learnt is no failure, since JSON
 * needs no columns; fails only when asking does, in passing.
 */
enum clickhouse_status columns_watch_look(
    struct columns_watch *, bool *renewed, struct clickhouse_error *);

/*
 * What a type is, by its name as system.columns has it; LowCardinality is
 * seen through.  *sent_as (a span into `name` or a constant) is what a block
 * calls it, which the server converts.  `utc`: times without a zone of their
 * own are of UTC; `precise`: the server rounds decimal fractions correctly.
 */
struct column_type column_type_of(struct span name, bool utc, bool precise, struct span *sent_as);

/* Appends the name of a table or a column, quoted for SQL. */
void columns_add_name(struct buf *, struct span name);

/* Appends " (name, ...)" of all columns. */
void columns_add_names(struct buf *, const struct columns *);

/*
 * The first key of a row (an object in the sense of json.h) that is none of the
 * columns, as it stands inside its quotes; p is NULL when there is none, when
 * the columns are not known, or when it is longer than a name can be.
 */
struct span columns_unknown_key(const struct columns *, struct span row);

#endif
