/*
 * A table of text for people: columns aligned, control characters visible.
 */
#ifndef MM_TABLE_H
#define MM_TABLE_H

#include "base/buf.h"

enum { TABLE_COLUMNS_MAX = 40 };

/* What becomes of a column when there is little room. */
enum table_fit {
	TABLE_CUT,   /* it is cut, and then left out */
	TABLE_WHOLE, /* nothing */
	TABLE_EXTRA, /* it is left out before others are cut to nothing, but not cut */
};

struct table_column {
	const char *title;
	bool right; /* aligned to the right: numbers */
	enum table_fit fit;
};

struct table {
	const struct table_column *columns;
	size_t n;
	/* the module's */
	size_t cells;
	size_t width[TABLE_COLUMNS_MAX]; /* 0: the column is left out */
	struct buf text;                 /* of all cells, each with a final NUL */
};

/* The columns, at most TABLE_COLUMNS_MAX, are kept, not copied. */
void table_init(struct table *, const struct table_column *, size_t n);
void table_release(struct table *);

/* The next cell, row by row; n bytes of UTF-8, which are copied. */
void table_add(struct table *, const char *p, size_t n);

/*
 * Appends the titles and the rows, a line each.  So that lines fit in `width`
 * columns of the terminal, as far as that goes, the widest columns of the table
 * are cut, and when none can be narrower the last ones are left out; 0:
 * nothing is.  `ascii` as display_add does it.  False: memory was out.
 */
bool table_print(struct table *, size_t width, bool ascii, struct buf *);

#endif
