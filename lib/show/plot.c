#include "show/plot.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/banned.h"

enum { NOTE_MAX = 96 };

/* Intervals, gathered to as many columns as there is room for. */
struct timeline {
	int64_t from, to;
	size_t buckets, per_column, columns;
};

void
plot_init(struct plot *p, const struct question *q)
{
	*p = (struct plot){ .question = q };
}

void
plot_release(struct plot *p)
{
	free(p->groups);
	free(p->points);
	buf_release(&p->text);
	buf_release(&p->key);
	buf_release(&p->label);
	buf_release(&p->number);
}

/* One more place in an array of `count`, which may move; NULL: memory is out. */
static void *
grow(void *array, size_t count, size_t *room, size_t size)
{
	void *larger;

	if (count < *room)
		return array;
	*room = *room ? *room * 2 : 64;
	larger = realloc(array, *room * size);
	if (!larger)
		free(array);
	return larger;
}

/*
 * The cells that a row is grouped by, as one text, and as one that differs where they
 * do; a number counts the rows.
 */
static void
make_label(struct plot *p, const struct cells *c)
{
	bool numbered = false;
	size_t i;

	buf_reset(&p->key);
	buf_reset(&p->label);
	for (i = 0; i < c->n; i++) {
		if (p->question->columns[i].role != COLUMN_KEY)
			continue;
		if (p->label.n > 0)
			buf_adds(&p->label, numbered ? ". " : " / ");
		numbered = p->question->columns[i].kind == KIND_NUMBER;
		buf_addf(&p->key, "%d %zu ", (int)c->v[i].type, c->v[i].text.n);
		buf_add(&p->key, c->v[i].text.p, c->v[i].text.n);
		if (c->v[i].type == JSON_NULL)
			buf_adds(&p->label, "(none)");
		else if (c->v[i].text.n == 0)
			buf_adds(&p->label, "(empty)");
		else
			buf_add_scrubbed(&p->label, c->v[i].text.p, c->v[i].text.n);
	}
}

static size_t
add_text(struct plot *p, const char *text, size_t n)
{
	size_t at = p->text.n;

	buf_add(&p->text, text, n);
	return at;
}

static struct span
text_at(const struct plot *p, size_t at, size_t n)
{
	return (struct span){ p->text.p + at, n };
}

/* The group of the key at hand, made when there is none; SIZE_MAX: no memory. */
static size_t
group_of_key(struct plot *p)
{
	struct span key = { p->key.p, p->key.n };
	struct plot_group *g;
	size_t i;

	for (i = 0; i < p->group_count; i++)
		if (span_eq(key, text_at(p, p->groups[i].key, p->groups[i].key_n)))
			return i;
	p->groups = grow(p->groups, p->group_count, &p->group_room, sizeof(*p->groups));
	if (!p->groups) {
		p->group_count = 0;
		return SIZE_MAX;
	}
	g = &p->groups[p->group_count];
	*g = (struct plot_group){ .key_n = key.n, .label_n = p->label.n };
	g->key = add_text(p, key.p, key.n);
	g->label = add_text(p, p->label.p, p->label.n);
	return p->group_count++;
}

/* What a chart can draw: null is nothing. */
static bool
parse_value(const struct cell *c, double *value)
{
	*value = 0;
	if (c->type == JSON_NULL)
		return true;
	return cell_number(c, value);
}

/* What stands beside the number; null is blank. */
static bool
add_beside(struct plot *p, const struct cell *c, enum question_kind kind)
{
	enum { SHARE_WIDTH = 6, NUMBER_WIDTH = 7, CHANGE_WIDTH = 8 };
	const int width = kind == KIND_CHANGE ? CHANGE_WIDTH
	    : kind == KIND_SHARE              ? SHARE_WIDTH
					      : NUMBER_WIDTH;
	struct buf text = BUF_INIT;
	bool good = c->type == JSON_NULL || cell_add_number(c, kind, &text);

	good &= !text.failed;
	buf_addf(&p->number, "  %*.*s", width, (int)text.n, text.p ? text.p : "");
	buf_release(&text);
	return good;
}

/* The number as it is printed, and what stands beside it, all of the same width. */
static bool
make_number(struct plot *p, const struct cells *c, size_t value)
{
	const struct question *q = p->question;
	size_t i;

	buf_reset(&p->number);
	if (c->v[value].type == JSON_NULL)
		buf_addc(&p->number, '-');
	else if (!cell_add_number(&c->v[value], q->columns[value].kind, &p->number))
		return false;
	for (i = 0; i < c->n; i++)
		if (q->columns[i].role == COLUMN_BESIDE &&
		    !add_beside(p, &c->v[i], q->columns[i].kind))
			return false;
	return true;
}

bool
plot_add(struct plot *p, const struct cells *c)
{
	const struct question *q = p->question;
	struct plot_point point = { 0 };
	struct plot_group *g;
	size_t value = SIZE_MAX, i;

	if (p->failed || c->n != q->column_count)
		return false;
	for (i = 0; i < c->n; i++) {
		if (q->columns[i].role == COLUMN_VALUE)
			value = i;
		else if (q->columns[i].role == COLUMN_BUCKET &&
		    !bucket_parse(q->period.zone, c->v[i].text, &point.bucket))
			return false;
	}
	if (value == SIZE_MAX || !parse_value(&c->v[value], &point.value) ||
	    !make_number(p, c, value))
		return false;
	make_label(p, c);
	point.group = group_of_key(p);
	p->points = grow(p->points, p->point_count, &p->point_room, sizeof(*p->points));
	p->failed = p->key.failed || p->label.failed || p->number.failed || p->text.failed ||
	    point.group == SIZE_MAX || !p->points;
	if (p->failed)
		return false;
	g = &p->groups[point.group];
	g->total += point.value;
	if (!g->drawn || point.value > g->value) {
		g->drawn = true;
		g->value = point.value;
		g->number = add_text(p, p->number.p, p->number.n);
		g->number_n = p->number.n;
	}
	p->points[p->point_count++] = point;
	return !p->text.failed;
}

/* ---- the axis of time ----------------------------------------------------- */

static void
find_timeline(const struct plot *p, bool complete, size_t room, struct timeline *t)
{
	const struct question *q = p->question;

	t->from = q->period.from;
	t->to = q->period.to;
	if (!complete && p->point_count > 0)
		t->to = p->points[p->point_count - 1].bucket + 1;
	t->buckets = bucket_count(q->period.zone, q->interval, t->from, t->to);
	t->per_column = (t->buckets + room - 1) / room;
	if (t->per_column == 0)
		t->per_column = 1;
	t->columns = (t->buckets + t->per_column - 1) / t->per_column;
}

/*
 * The highest value of each group in each column.  Rows come in the order of
 * their intervals, so one pass over these meets them all.
 */
static double *
gather(const struct plot *p, const struct timeline *t)
{
	const struct question *q = p->question;
	size_t groups = p->group_count ? p->group_count : 1;
	double *values = calloc(groups * t->columns, sizeof(*values));
	int64_t start = bucket_start(q->period.zone, q->interval, t->from), next;
	size_t bucket = 0, i;

	if (!values)
		return NULL;
	next = bucket_next(q->period.zone, q->interval, start);
	for (i = 0; i < p->point_count; i++) {
		const struct plot_point *point = &p->points[i];
		double *v;

		while (point->bucket >= next && bucket + 1 < t->buckets) {
			next = bucket_next(q->period.zone, q->interval, next);
			bucket++;
		}
		v = &values[point->group * t->columns + bucket / t->per_column];
		if (point->value > *v)
			*v = point->value;
	}
	return values;
}

/* "2026-05-16", or "2026-05-16 19:00" of an hour, by the zone's clock. */
static struct span
name_of(const struct plot *p, int64_t ms, char text[TIMESTAMP_TEXT])
{
	const struct question *q = p->question;
	int64_t start = bucket_start(q->period.zone, q->interval, ms);

	start += (int64_t)zone_offset(q->period.zone, start / 1000) * 1000;
	timestamp_format(text, start);
	return (struct span){ text, q->interval == INTERVAL_HOUR ? 16 : DATE_TEXT };
}

struct axis_text {
	char first[TIMESTAMP_TEXT], last[TIMESTAMP_TEXT], note[NOTE_MAX];
};

static struct chart_axis
make_axis(const struct plot *p, const struct timeline *t, struct axis_text *text)
{
	static const char *const units[] = { "", "hours", "days", "weeks", "months" };
	struct chart_axis axis;
	int n = 0;

	axis.first = name_of(p, t->from, text->first);
	axis.last = name_of(p, t->to - 1, text->last);
	if (t->per_column > 1)
		n = snprintf(text->note, sizeof(text->note),
		    "(a column shows the highest of %zu %s)", t->per_column,
		    units[p->question->interval]);
	axis.note = (struct span){ text->note, (size_t)n };
	return axis;
}

/* ---- the three kinds ------------------------------------------------------ */

static bool
print_bars(struct plot *p, const struct chart_style *style, struct buf *b)
{
	struct chart_line *lines = calloc(p->group_count + 1, sizeof(*lines));
	size_t i;

	if (!lines)
		return false;
	for (i = 0; i < p->group_count; i++) {
		const struct plot_group *g = &p->groups[i];

		lines[i].label = text_at(p, g->label, g->label_n);
		lines[i].number = text_at(p, g->number, g->number_n);
		lines[i].value = g->value;
	}
	chart_bars(b, style, lines, p->group_count);
	free(lines);
	return true;
}

static bool
print_blocks(struct plot *p, const struct chart_style *style, bool complete, struct buf *b)
{
	struct span top =
	    p->group_count ? text_at(p, p->groups[0].number, p->groups[0].number_n) : SPAN("0");
	struct timeline t;
	struct axis_text text;
	struct chart_axis axis;
	double *values;

	find_timeline(p, complete, chart_blocks_room(style, top.n), &t);
	values = gather(p, &t);
	if (!values)
		return false;
	axis = make_axis(p, &t, &text);
	chart_blocks(b, style, values, t.columns, top, &axis);
	free(values);
	return true;
}

static int
by_total(const void *a, const void *b)
{
	const struct plot_group *x = *(struct plot_group *const *)a;
	const struct plot_group *y = *(struct plot_group *const *)b;

	if (x->total != y->total)
		return x->total < y->total ? 1 : -1;
	return x < y ? -1 : 1;
}

static void
add_title(const struct question *q, struct buf *b)
{
	size_t i;

	for (i = 0; i < q->column_count; i++)
		if (q->columns[i].role == COLUMN_KEY)
			buf_addf(b, "%s%s", b->n ? " / " : "", q->columns[i].name);
}

static bool
print_sparks(struct plot *p, const struct chart_style *style, bool complete, struct buf *b)
{
	struct plot_group **order = calloc(p->group_count + 1, sizeof(*order));
	struct chart_line *lines = calloc(p->group_count + 1, sizeof(*lines));
	struct chart_sparks sparks = { lines, p->group_count, SPAN(""), SPAN("peak") };
	double *values = NULL;
	struct timeline t;
	struct axis_text text;
	struct chart_axis axis;
	size_t i;

	if (!order || !lines)
		goto out;
	for (i = 0; i < p->group_count; i++)
		order[i] = &p->groups[i];
	qsort(order, p->group_count, sizeof(*order), by_total);
	for (i = 0; i < p->group_count; i++) {
		lines[i].label = text_at(p, order[i]->label, order[i]->label_n);
		lines[i].number = text_at(p, order[i]->number, order[i]->number_n);
	}
	buf_reset(&p->label);
	add_title(p->question, &p->label);
	sparks.title = (struct span){ p->label.p, p->label.n };
	find_timeline(p, complete, chart_sparks_room(style, &sparks), &t);
	values = gather(p, &t);
	if (!values)
		goto out;
	for (i = 0; i < p->group_count; i++)
		lines[i].values = values + (size_t)(order[i] - p->groups) * t.columns;
	axis = make_axis(p, &t, &text);
	chart_sparks(b, style, &sparks, t.columns, &axis);
out:
	free(values);
	free(lines);
	free(order);
	return values != NULL;
}

static bool
has_groups(const struct question *q)
{
	size_t i;

	for (i = 0; i < q->column_count; i++)
		if (q->columns[i].role == COLUMN_KEY)
			return true;
	return false;
}

bool
plot_print(struct plot *p, const struct chart_style *style, bool complete, struct buf *b)
{
	bool good;

	if (p->failed)
		return false;
	if (p->question->interval == INTERVAL_NONE)
		good = print_bars(p, style, b);
	else if (has_groups(p->question))
		good = print_sparks(p, style, complete, b);
	else
		good = print_blocks(p, style, complete, b);
	return good && !b->failed;
}
