/*
 * The rows of an answer, as one of the formats that people and programs read.
 */
#ifndef MM_OUTPUT_FORMAT_H
#define MM_OUTPUT_FORMAT_H

#include "ask/cells.h"
#include "base/out.h"
#include "show/plot.h"
#include "ask/question.h"
#include "text/table.h"

enum output_format_kind {
	OUTPUT_FORMAT_NDJSON, /* the rows as they come, a line each */
	OUTPUT_FORMAT_TABLE,  /* for people: shares in percent, spans in hours and minutes */
	OUTPUT_FORMAT_CSV,    /* RFC 4180, with a line of names first */
	OUTPUT_FORMAT_JSON,   /* the object of the API: {"rows":[...]} */
	OUTPUT_FORMAT_CHART,
};

#define OUTPUT_FORMATS "ndjson|table|csv|json"
#define OUTPUT_FORMATS_AND_CHART OUTPUT_FORMATS "|chart"

struct output_format {
	enum output_format_kind format;
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
 * been set, all others are zero.  The question is kept until output_format_release.
 */
void output_format_begin(struct output_format *, const struct question *);

/* A row: a clickhouse_row, whose context is the struct output_format.  False ends the
   request: what was wrong is in `garbled` or in out->error. */
bool output_format_row(void *present, const char *p, size_t n);

/*
 * Ends the output; `complete`: the rows were all there are, not the first so
 * many of them.  Nothing is flushed.  Errors as of output_format_row.
 */
void output_format_end(struct output_format *, bool complete);
void output_format_release(struct output_format *);

#endif
