/*
 * The rows of an answer, as one of the formats that people and programs read.
 */
#ifndef MM_PRESENT_H
#define MM_PRESENT_H

#include "ask/cells.h"
#include "base/out.h"
#include "show/plot.h"
#include "ask/question.h"
#include "text/table.h"

enum present_format {
	PRESENT_NDJSON, /* the rows as they come, a line each */
	PRESENT_TABLE,  /* for people: shares in percent, spans in hours and minutes */
	PRESENT_CSV,    /* RFC 4180, with a line of names first */
	PRESENT_JSON,   /* the object of the API: {"rows":[...]} */
	PRESENT_CHART,
};

#define PRESENT_FORMATS "ndjson|table|csv|json"
#define PRESENT_FORMATS_AND_CHART PRESENT_FORMATS "|chart"

struct present {
	enum present_format format;
	struct chart_style style;
	size_t table_width; /* 0: tables are as wide as they get */
	uint64_t row_max;   /* more rows than that are no answer */
	struct out *out;
	/* the module's */
	const struct question *question;
	size_t rows;
	struct cells cells;
	struct table table;
	struct table_column titles[QUESTION_COLUMNS_MAX];
	struct plot plot;
	bool triangle;
	struct buf text, line;
	bool garbled;
};

/*
 * Begins the output of a question's rows to `out`; the first five members have
 * been set, all others are zero.  The question is kept until present_release.
 */
void present_begin(struct present *, const struct question *);

/* A row: a clickhouse_row, whose context is the struct present.  False ends the
   request: what was wrong is in `garbled` or in out->error. */
bool present_row(void *present, const char *p, size_t n);

/*
 * Ends the output; `complete`: the rows were all there are, not the first so
 * many of them.  Nothing is flushed.  Errors as of present_row.
 */
void present_end(struct present *, bool complete);
void present_release(struct present *);

#endif
