/*
 * From the rows of a question to a chart: bars for groups, columns for
 * intervals, and a line of columns for each group where there are both.
 * Intervals without rows count as zero.
 */
#ifndef MM_PLOT_H
#define MM_PLOT_H

#include "ask/cells.h"
#include "show/chart.h"
#include "ask/question.h"

struct plot_group {
	size_t key, key_n;       /* in text: its cells, which no other group has */
	size_t label, label_n;   /* likewise, as they are shown */
	size_t number, number_n; /* likewise */
	double value, total;     /* the largest and the sum of its values */
	bool drawn;              /* it has had a value */
};

/* A row: the value of a group in an interval. */
struct plot_point {
	size_t group;
	int64_t bucket; /* its first instant */
	double value;
};

struct plot {
	const struct question *question;
	struct plot_group *groups; /* the module's, as all that follows */
	size_t group_count, group_room;
	struct plot_point *points;
	size_t point_count, point_room;
	struct buf text, key, label, number;
	bool failed; /* memory was out */
};

/* The question has a COLUMN_VALUE and no COLUMN_LATER; it is kept, not copied. */
void plot_init(struct plot *, const struct question *);
void plot_release(struct plot *);

/* A row of the question.  False when it is no row of one, or memory is out. */
bool plot_add(struct plot *, const struct cells *);

/*
 * Appends the chart.  `complete`: the rows are all there are; else what comes
 * after the last one's interval is not drawn, for it is not known.  False:
 * memory was out.
 */
bool plot_print(struct plot *, const struct chart_style *, bool complete, struct buf *);

#endif
