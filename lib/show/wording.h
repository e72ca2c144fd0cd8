/*
 * The words of a report, in its page and in its mail.
 */
#ifndef MM_WORDING_H
#define MM_WORDING_H

#include "show/report.h"

enum { WORDING_NAME_MAX = 100 }; /* columns of a name */

/* Names of others: in HTML, isolated by <bdi>; or scrubbed, as text. */
enum wording { WORDING_TEXT, WORDING_HTML };

/* Adds a name in at most so many columns. */
void wording_name(struct buf *, struct span name, size_t columns, enum wording);

/* Whether there is a period before that has something to compare with. */
bool wording_compares(const struct overview *);

/* "1 visit", "2,345 visits". */
void wording_counted(struct buf *, uint64_t n, const char *one);

/* A row of a table against the period before: "+12.3%", "\u00b10", "new". */
void wording_change(struct buf *, uint64_t now, uint64_t before);

/* The same of what a goal was worth. */
void wording_worth_change(struct buf *, const struct reached *);

/* Sentences: what has happened, for those who read no further. */
void wording_opening(struct buf *, const struct report *, enum wording);

/* Spaces, and characters that take no place, show nothing. */
bool wording_shows_nothing(struct span name);

#endif
