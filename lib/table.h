/*
 * A table of text for people: columns aligned, control characters visible.
 *
 * Widths are counted in code points, which is right for most scripts without
 * asking the locale; wide and combining characters are off by a column.
 */
#ifndef MM_TABLE_H
#define MM_TABLE_H

#include "buf.h"

enum { TABLE_COLUMNS_MAX = 32 };

struct table_column {
	const char *title;
	bool right; /* aligned to the right: numbers */
};

struct table {
	const struct table_column *columns;
	size_t n;
	/* the module's */
	size_t cells;
	size_t width[TABLE_COLUMNS_MAX];
	struct buf text; /* of all cells, each with a final NUL */
};

/* The columns, at most TABLE_COLUMNS_MAX, are kept, not copied. */
void table_init(struct table *, const struct table_column *, size_t n);
void table_release(struct table *);

/* The next cell, row by row; n bytes of UTF-8, which are copied. */
void table_add(struct table *, const char *p, size_t n);

/* Appends the titles and the rows, a line each.  False: memory was out. */
bool table_print(const struct table *, struct buf *);

#endif
