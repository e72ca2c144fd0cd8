/*
 * Charts of block characters, or of ASCII, for a terminal of any width.
 */
#ifndef MM_CHART_H
#define MM_CHART_H

#include "base/buf.h"

enum { CHART_WIDTH = 80, CHART_WIDTH_MIN = 20, CHART_WIDTH_MAX = 1000, CHART_HEIGHT = 8 };

struct chart_style {
	size_t width; /* columns, within the bounds above */
	bool ascii, colour;
};

/* A line of chart_bars and chart_sparks. */
struct chart_line {
	struct span label;    /* scrubbed UTF-8 */
	struct span number;   /* ASCII, as it is printed */
	double value;         /* of a bar; below zero it goes to the left */
	const double *values; /* of chart_sparks: so many as it is told */
};

/* What `columns` values of the time axis stand for. */
struct chart_axis {
	struct span first, last; /* the names of its ends, ASCII */
	struct span note;        /* one line below, or empty */
};

/* A horizontal bar a line, all on one scale: label, number, bar. */
void chart_bars(struct buf *, const struct chart_style *, const struct chart_line *, size_t n);

/* One cell, as high as the share (0 to 1) of it is; what is not nothing shows. */
const char *chart_block(double share, bool ascii);

/* How many values fit beside an axis with numbers of that width. */
size_t chart_blocks_room(const struct chart_style *, size_t number_width);

/*
 * Columns CHART_HEIGHT lines high on one scale, from 0 to the largest, whose
 * text is `top`.  n is at most chart_blocks_room.
 */
void chart_blocks(struct buf *, const struct chart_style *, const double *values, size_t n,
    struct span top, const struct chart_axis *);

struct chart_sparks {
	const struct chart_line *lines;
	size_t n;
	struct span title, heading; /* above the labels, and the numbers, which are ASCII */
};

/* How many values fit in a line. */
size_t chart_sparks_room(const struct chart_style *, const struct chart_sparks *);

/*
 * One line of height a line, each on its own scale: label, values, number.
 * Each line has `columns` values, at most chart_sparks_room.
 */
void chart_sparks(struct buf *, const struct chart_style *, const struct chart_sparks *,
    size_t columns, const struct chart_axis *);

#endif
