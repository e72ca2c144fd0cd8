/*
 * A report as a mail has it: texts, figures and short tables, the same in each of its parts.
 */
#ifndef MM_DIGEST_H
#define MM_DIGEST_H

#include "show/report.h"

enum {
	DIGEST_FIGURES = 8,
	DIGEST_TABLES = 16,
	DIGEST_ROWS = 20,
	DIGEST_CELLS = 3,
	DIGEST_COLUMNS = 60, /* of the chart */
};

/* Scrubbed UTF-8, in struct digest' text. */
struct digest_text {
	size_t at, n;
};

struct digest_figure {
	const char *name;
	struct digest_text value, change; /* change: empty where nothing is compared */
};

struct digest_row {
	struct digest_text name, cell[DIGEST_CELLS];
	double bar; /* of its first figure, 0 to 1; below 0: none */
};

struct digest_table {
	const char *title, *names; /* what it is about, and what its names are */
	const char *head[DIGEST_CELLS];
	size_t cells;
	struct digest_row row[DIGEST_ROWS];
	size_t rows;
	uint64_t more; /* names that are left out */
};

/* Visitors by interval, or by some of them together, the most of which counts. */
struct digest_chart {
	double share[DIGEST_COLUMNS]; /* of the most */
	size_t n;
	const char *interval;                       /* "day" */
	struct digest_text first, last, most, peak; /* dates of its ends, the most, and its date */
};

struct digest {
	struct digest_text subject, title, period, about, opening, note;
	struct digest_figure figure[DIGEST_FIGURES];
	size_t figures;
	struct digest_chart chart; /* n 0: no events */
	struct digest_table table[DIGEST_TABLES];
	size_t tables;
	struct buf text; /* failed: memory was out */
};

/* Fills it from a report; digest_release afterwards. */
void digest_make(struct digest *, const struct report *);
void digest_release(struct digest *);

static inline struct span
digest_span(const struct digest *d, struct digest_text t)
{
	return t.n ? (struct span){ d->text.p + t.at, t.n } : SPAN("");
}

#endif
