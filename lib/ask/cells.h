/*
 * A row of an answer, one flat JSON object, taken apart.
 */
#ifndef MM_CELLS_H
#define MM_CELLS_H

#include "ask/question.h"
#include "text/json.h"

enum { CELLS_MAX = 40 };

struct cell {
	struct span text; /* a string unescaped; a number as it was written */
	enum json_type type;
};

struct cells {
	struct cell v[CELLS_MAX];
	size_t n;
	struct buf text; /* of the strings */
};

/*
 * Takes [p, p+n) apart, in the order of its members; the cells are valid until
 * the next row, or until [p, p+n) goes.  Returns false when that is no JSON
 * object of `expected` members, at most CELLS_MAX, or when memory is out.
 */
bool cells_parse(struct cells *, const char *p, size_t n, size_t expected);
void cells_release(struct cells *);

/* The value of a number; false for anything else, and what is too large for a picture. */
bool cell_number(const struct cell *, double *value);

/*
 * Adds a number as people read it: a share in percent, a span, a difference, or as it
 * was written.  False for what cell_number is false for; nothing is added then.
 */
bool cell_add_number(const struct cell *, enum question_kind, struct buf *);

/*
 * The cells as a line of CSV: RFC 4180, but with a newline alone; text is
 * quoted, numbers are not, and null is an empty field without quotes.  It is for
 * spreadsheets and people: a text that begins as a formula (=, +, -, @, a
 * tab, CR) and is no number gets a ' in front, and what controls a terminal is
 * made visible, as buf_add_scrubbed does it, but for lines and tabs.
 */
void cells_add_csv(const struct cells *, struct buf *);

#endif
