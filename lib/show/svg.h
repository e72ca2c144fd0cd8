/*
 * Charts as SVG inside of HTML: they take the width of their place, and their
 * text keeps its size.  The looks are classes, which the page's style defines.
 */
#ifndef MM_SVG_H
#define MM_SVG_H

#include "base/buf.h"

/* The distance between lines of a scale from 0 to max: 1, 2 or 5 times a power
   of ten, at least 1, so that at most `lines` of them lie above 0. */
uint64_t svg_step(uint64_t max, unsigned lines);

struct svg_label {
	size_t index;     /* of the value below which it stands */
	struct span text; /* escaped */
};

struct svg_chart {
	const char *id;           /* of the chart in the page; a constant */
	struct span title, about; /* its name, and what it shows; escaped */
	const uint64_t *now;
	size_t n; /* at least 1 */
	/* drawn dashed behind, value by value; NULL: not at all */
	const uint64_t *before;
	size_t before_n; /* at most n */
	/* values of parts of an interval, which get a ring */
	bool first_in_part, last_in_part;
	const struct svg_label *labels; /* of the horizontal axis, by index */
	size_t label_count;
};

/* Lines over a scale that begins at 0. */
void svg_chart(struct buf *, const struct svg_chart *);

/* A bar; the value is at most max. */
void svg_bar(struct buf *, uint64_t value, uint64_t max);

/* A piece of a line as svg_chart draws it, for legends. */
void svg_sample(struct buf *, bool dashed);

#endif
