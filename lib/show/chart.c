#include "show/chart.h"

#include "text/display.h"

#include "base/banned.h"

enum {
	GAP = 2,
	EIGHTHS = 8,
	COLUMN_WIDTH_MAX = 6,
	SPARK_WIDTH_MAX = 3,
};

/* Of a cell filled from the left, and from below, by so many eighths. */
static const char *const from_left[] = { " ", "\u258f", "\u258e", "\u258d", "\u258c", "\u258b",
	"\u258a", "\u2589", "\u2588" };
static const char *const from_below[] = { " ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585",
	"\u2586", "\u2587", "\u2588" };
static const char *const ascii_from_left[] = { " ", ".", ".", ".", "-", "-", "-", "=", "=" };
static const char *const ascii_from_below[] = { " ", ".", ".", ":", ":", "|", "|", "#", "#" };
static const char *const ascii_spark[] = { " ", ".", ":", "-", "=", "+", "*", "#", "@" };

static void
begin_colour(struct buf *b, const struct chart_style *s)
{
	if (s->colour)
		buf_adds(b, "\033[36m");
}

static void
end_colour(struct buf *b, const struct chart_style *s)
{
	if (s->colour)
		buf_adds(b, "\033[0m");
}

/* So many parts of the largest value's for a value; what is above nothing shows. */
static size_t
parts_of(double value, double largest, size_t parts)
{
	size_t n;

	if (!(value > 0) || !(largest > 0))
		return 0;
	n = value < largest ? (size_t)(value / largest * (double)parts + 0.5) : parts;
	return n > 0 ? n : 1;
}

/* Eighths of `cells` cells for a value. */
static size_t
eighths(double value, double largest, size_t cells)
{
	return parts_of(value, largest, cells * EIGHTHS);
}

static void
repeat(struct buf *b, const char *text, size_t n)
{
	while (n-- > 0)
		buf_adds(b, text);
}

static void
end_line(struct buf *b)
{
	while (b->n > 0 && b->p[b->n - 1] == ' ')
		b->n--;
	buf_addc(b, '\n');
}

/* The widest label, but no more than two fifths of the line. */
static size_t
label_width(const struct chart_style *s, const struct chart_line *l, size_t n, struct span title)
{
	size_t widest = display_width(title.p, title.n), i;

	for (i = 0; i < n; i++) {
		size_t w = display_width(l[i].label.p, l[i].label.n);

		if (w > widest)
			widest = w;
	}
	return widest < s->width * 2 / 5 ? widest : s->width * 2 / 5;
}

static size_t
number_width(const struct chart_line *l, size_t n)
{
	size_t widest = 0, i;

	for (i = 0; i < n; i++)
		if (l[i].number.n > widest)
			widest = l[i].number.n;
	return widest;
}

static size_t
what_is_left(size_t width, size_t taken)
{
	return width > taken ? width - taken : 1;
}

const char *
chart_block(double share, bool ascii)
{
	return (ascii ? ascii_spark : from_below)[eighths(share < 1 ? share : 1, 1, 1)];
}

/* One scale on both sides of zero: what all cells stand for, and how many are left of it. */
struct bar_scale {
	double span;
	size_t cells, left;
};

static struct bar_scale
find_scale(const struct chart_line *l, size_t n, size_t cells)
{
	double lowest = 0, largest = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (l[i].value > largest)
			largest = l[i].value;
		if (-l[i].value > lowest)
			lowest = -l[i].value;
	}
	if (!(lowest > 0) || cells < 2)
		return (struct bar_scale){ largest, cells, 0 };
	/* zero stands between two cells, which may cost one */
	cells -= largest > 0;
	return (struct bar_scale){ largest + lowest, cells,
		(parts_of(lowest, largest + lowest, 2 * cells) + 1) / 2 };
}

/* Characters that fill a cell from the right exist for a half alone. */
static void
add_left(struct buf *b, const struct chart_style *s, const struct bar_scale *scale, double value)
{
	size_t halves = parts_of(-value, scale->span, 2 * scale->cells);

	display_spaces(b, scale->left - (halves + 1) / 2);
	begin_colour(b, s);
	if (halves % 2)
		buf_adds(b, s->ascii ? "-" : "\u2590");
	repeat(b, s->ascii ? "=" : "\u2588", halves / 2);
	end_colour(b, s);
}

static void
add_right(struct buf *b, const struct chart_style *s, const struct bar_scale *scale, double value)
{
	const char *const *cell = s->ascii ? ascii_from_left : from_left;
	size_t filled = eighths(value, scale->span, scale->cells);

	if (filled == 0)
		return;
	display_spaces(b, scale->left);
	begin_colour(b, s);
	repeat(b, cell[EIGHTHS], filled / EIGHTHS);
	if (filled % EIGHTHS)
		buf_adds(b, cell[filled % EIGHTHS]);
	end_colour(b, s);
}

void
chart_bars(struct buf *b, const struct chart_style *s, const struct chart_line *l, size_t n)
{
	size_t labels = label_width(s, l, n, SPAN("")), numbers = number_width(l, n), i;
	struct bar_scale scale =
	    find_scale(l, n, what_is_left(s->width, labels + numbers + 2 * GAP));

	for (i = 0; i < n; i++) {
		display_add(b, l[i].label, labels, false, s->ascii);
		display_spaces(b, labels > 0 ? GAP : 0);
		display_add(b, l[i].number, numbers, true, s->ascii);
		display_spaces(b, GAP);
		if (l[i].value < 0)
			add_left(b, s, &scale, l[i].value);
		else
			add_right(b, s, &scale, l[i].value);
		end_line(b);
	}
}

/* The names of the axis' ends under `width` columns, in a field that may be wider. */
static void
add_ends(struct buf *b, size_t width, size_t field, const struct chart_axis *axis)
{
	size_t both = axis->first.n + GAP + axis->last.n;

	if (span_eq(axis->first, axis->last) || both > width) {
		display_add(b, axis->first, field, false, true);
		return;
	}
	buf_add(b, axis->first.p, axis->first.n);
	display_spaces(b, width - axis->first.n - axis->last.n);
	buf_add(b, axis->last.p, axis->last.n);
	display_spaces(b, field - width);
}

static void
add_note(struct buf *b, const struct chart_style *s, const struct chart_axis *axis)
{
	if (axis->note.n == 0)
		return;
	display_add(b, axis->note, s->width, false, s->ascii);
	end_line(b);
}

/* Columns for each value when n share the room. */
static size_t
column_width(size_t room, size_t n, size_t max)
{
	size_t w = n ? room / n : 1;

	return w > max ? max : w > 0 ? w : 1;
}

size_t
chart_blocks_room(const struct chart_style *s, size_t number_columns)
{
	return what_is_left(s->width, number_columns + 2);
}

void
chart_blocks(struct buf *b, const struct chart_style *s, const double *values, size_t n,
    struct span top, const struct chart_axis *axis)
{
	const char *const *cell = s->ascii ? ascii_from_below : from_below;
	size_t room = chart_blocks_room(s, top.n);
	size_t width = column_width(room, n, COLUMN_WIDTH_MAX), gap = width > 1, i, line;
	double largest = 0;

	for (i = 0; i < n; i++)
		if (values[i] > largest)
			largest = values[i];
	for (line = CHART_HEIGHT; line-- > 0;) {
		display_add(b, line + 1 == CHART_HEIGHT ? top : SPAN(""), top.n, true, s->ascii);
		buf_adds(b, s->ascii ? " |" : " \u2502");
		begin_colour(b, s);
		for (i = 0; i < n; i++) {
			size_t filled = eighths(values[i], largest, CHART_HEIGHT);
			size_t below = line * EIGHTHS;
			size_t here = filled <= below ? 0 : filled - below;

			repeat(b, cell[here < EIGHTHS ? here : EIGHTHS], width - gap);
			display_spaces(b, gap);
		}
		end_colour(b, s);
		end_line(b);
	}
	display_add(b, SPAN("0"), top.n, true, s->ascii);
	buf_adds(b, s->ascii ? " +" : " \u2514");
	repeat(b, s->ascii ? "-" : "\u2500", n * width);
	buf_addc(b, '\n');
	display_spaces(b, top.n + 2);
	add_ends(b, n * width, room, axis);
	end_line(b);
	add_note(b, s, axis);
}

/* The widths of the three columns. */
struct spark_widths {
	size_t labels, room, numbers;
};

static struct spark_widths
spark_widths(const struct chart_style *s, const struct chart_sparks *c)
{
	struct spark_widths w = { label_width(s, c->lines, c->n, c->title), 0,
		number_width(c->lines, c->n) };

	if (c->heading.n > w.numbers)
		w.numbers = c->heading.n;
	w.room = what_is_left(s->width, w.labels + w.numbers + 2 * GAP);
	return w;
}

size_t
chart_sparks_room(const struct chart_style *s, const struct chart_sparks *c)
{
	return spark_widths(s, c).room;
}

static void
add_spark(struct buf *b, const struct chart_style *s, const double *values, size_t n, size_t width)
{
	const char *const *cell = s->ascii ? ascii_spark : from_below;
	double largest = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (values[i] > largest)
			largest = values[i];
	begin_colour(b, s);
	for (i = 0; i < n; i++)
		repeat(b, cell[eighths(values[i], largest, 1)], width);
	end_colour(b, s);
}

void
chart_sparks(struct buf *b, const struct chart_style *s, const struct chart_sparks *c,
    size_t columns, const struct chart_axis *axis)
{
	struct spark_widths w = spark_widths(s, c);
	size_t width = column_width(w.room, columns, SPARK_WIDTH_MAX), used = columns * width;
	size_t field = axis->first.n > used ? axis->first.n : used, i;

	if (field > w.room)
		field = w.room;
	display_add(b, c->title, w.labels, false, s->ascii);
	display_spaces(b, GAP);
	add_ends(b, used, field, axis);
	display_spaces(b, GAP);
	display_add(b, c->heading, w.numbers, true, s->ascii);
	buf_addc(b, '\n');
	for (i = 0; i < c->n; i++) {
		display_add(b, c->lines[i].label, w.labels, false, s->ascii);
		display_spaces(b, GAP);
		add_spark(b, s, c->lines[i].values, columns, width);
		display_spaces(b, field - used + GAP);
		display_add(b, c->lines[i].number, w.numbers, true, s->ascii);
		buf_addc(b, '\n');
	}
	add_note(b, s, axis);
}
