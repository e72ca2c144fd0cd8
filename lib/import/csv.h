/*
 * Comma-separated values (RFC 4180), a row at a time, as JSON objects whose keys
 * are the names of the first row.
 */
#ifndef MM_CSV_H
#define MM_CSV_H

#include "base/buf.h"

enum {
	CSV_COLUMNS = 500,
	CSV_ROW_MAX = 1024 * 1024, /* bytes of a row that goes over several lines */
};

enum csv_result {
	CSV_MORE,   /* a text in quotes goes on in the next line */
	CSV_HEADER, /* the first row */
	CSV_ROW,
	CSV_BAD, /* *why says what is wrong with the row */
};

/* Starts as all zero; again for each file, by csv_begin. */
struct csv {
	struct span row;  /* the row as it stands, of one line or more */
	struct span json; /* with CSV_ROW: an object of strings; empty cells are left out */
	const char *why;

	/* the module's */
	struct buf pending, names, object;
	size_t columns, name_end[CSV_COLUMNS];
};

void csv_begin(struct csv *);
void csv_release(struct csv *);

/* Takes a line; spans are valid until the next call. */
enum csv_result csv_line(struct csv *, const char *p, size_t n);

/* What is left of a row whose quotes never ended; n is 0: nothing. */
struct span csv_left(const struct csv *);

#endif
