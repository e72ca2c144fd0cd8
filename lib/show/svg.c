#include "show/svg.h"

#include "text/number_text.h"

#include "base/banned.h"

/* In pixels; the width is that of the place. */
enum { TOP = 22, HEIGHT = 150, AXIS = 24, LABEL_ABOVE = 5, MIDDLE = 4, RADIUS = 4, LINES = 4 };

/* The lines are drawn in a box of their own, which is stretched. */
enum { BOX_WIDTH = 1000, BOX_HEIGHT = 100 };

uint64_t
svg_step(uint64_t max, unsigned lines)
{
	uint64_t power = 1;

	for (;;) {
		if (max / power <= lines)
			return power;
		if (max / 2 / power <= lines)
			return 2 * power;
		if (max / 5 / power <= lines)
			return 5 * power;
		power *= 10;
	}
}

/* Where a value stands, in parts of the width; one alone stands in the middle. */
static double
across(size_t i, size_t n)
{
	return n > 1 ? (double)i / (double)(n - 1) : 0.5;
}

static uint64_t
largest(const struct svg_chart *c)
{
	uint64_t max = 1;
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->now[i] > max)
			max = c->now[i];
	for (i = 0; c->before && i < c->before_n; i++)
		if (c->before[i] > max)
			max = c->before[i];
	return max;
}

static void
add_points(struct buf *b, const struct svg_chart *c, const uint64_t *v, size_t n, uint64_t top)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_addf(b, "%s%.1f %.2f", i ? "L" : "M", across(i, c->n) * BOX_WIDTH,
		    BOX_HEIGHT - (double)v[i] / (double)top * BOX_HEIGHT);
	/* of a single value, the round ends of a line without length are seen */
	if (n == 1)
		buf_adds(b, "h0");
}

static void
add_grid(struct buf *b, uint64_t top, uint64_t step)
{
	uint64_t v;

	for (v = 0; v <= top; v += step) {
		double y = TOP + HEIGHT - (double)v / (double)top * HEIGHT;

		buf_addf(b, "<line class=\"%s\" x1=\"0\" x2=\"100%%\" y1=\"%.1f\" y2=\"%.1f\"/>",
		    v == 0 ? "base" : "grid", y, y);
	}
}

/* Beside the lines, in the margin that the style leaves. */
static void
add_scale(struct buf *b, uint64_t top, uint64_t step)
{
	uint64_t v;

	for (v = 0; v <= top; v += step) {
		buf_addf(b, "<text class=\"last\" x=\"-8\" y=\"%.1f\">",
		    TOP + HEIGHT - (double)v / (double)top * HEIGHT + MIDDLE);
		number_text_count(b, v);
		buf_adds(b, "</text>");
	}
}

static void
add_labels(struct buf *b, const struct svg_chart *c)
{
	size_t i;

	for (i = 0; i < c->label_count; i++) {
		const struct svg_label *l = &c->labels[i];
		double x = across(l->index, c->n);

		buf_addf(b, "<text class=\"%s\" x=\"%.2f%%\" y=\"%d\">",
		    x < 0.04       ? "first"
			: x > 0.96 ? "last"
				   : "mid",
		    x * 100, TOP + HEIGHT + AXIS - LABEL_ABOVE);
		buf_add(b, l->text.p, l->text.n);
		buf_adds(b, "</text>");
	}
}

static void
add_ring(struct buf *b, const struct svg_chart *c, size_t i, uint64_t top)
{
	buf_addf(b, "<circle class=\"part\" cx=\"%.2f%%\" cy=\"%.1f\" r=\"%d\"/>",
	    across(i, c->n) * 100, TOP + HEIGHT - (double)c->now[i] / (double)top * HEIGHT, RADIUS);
}

static void
add_lines(struct buf *b, const struct svg_chart *c, uint64_t top)
{
	buf_addf(b,
	    "<svg class=\"lines\" x=\"0\" y=\"%d\" width=\"100%%\" height=\"%d\" "
	    "viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\">",
	    TOP, HEIGHT, BOX_WIDTH, BOX_HEIGHT);
	if (c->n > 1) {
		buf_adds(b, "<path class=\"area\" d=\"");
		add_points(b, c, c->now, c->n, top);
		buf_addf(b, "V%dH0z\"/>", BOX_HEIGHT);
	}
	if (c->before && c->before_n > 0) {
		buf_adds(b, "<path class=\"before\" vector-effect=\"non-scaling-stroke\" d=\"");
		add_points(b, c, c->before, c->before_n, top);
		buf_adds(b, "\"/>");
	}
	buf_adds(b, "<path class=\"now\" vector-effect=\"non-scaling-stroke\" d=\"");
	add_points(b, c, c->now, c->n, top);
	buf_adds(b, "\"/></svg>");
}

static void
add_text(struct buf *b, const struct svg_chart *c, const char *element, struct span text)
{
	buf_addf(b, "<%s id=\"%s-%s\">", element, c->id, element);
	buf_add(b, text.p, text.n);
	buf_addf(b, "</%s>", element);
}

void
svg_chart(struct buf *b, const struct svg_chart *c)
{
	uint64_t max = largest(c), step = svg_step(max, LINES);
	uint64_t top = (max + step - 1) / step * step;

	buf_addf(b,
	    "<svg class=\"chart\" role=\"img\" height=\"%d\" aria-labelledby=\"%s-title %s-desc\">",
	    TOP + HEIGHT + AXIS, c->id, c->id);
	add_text(b, c, "title", c->title);
	add_text(b, c, "desc", c->about);
	add_grid(b, top, step);
	add_lines(b, c, top);
	if (c->first_in_part)
		add_ring(b, c, 0, top);
	if (c->last_in_part && c->n > 1)
		add_ring(b, c, c->n - 1, top);
	add_scale(b, top, step);
	add_labels(b, c);
	buf_adds(b, "</svg>\n");
}

void
svg_bar(struct buf *b, uint64_t value, uint64_t max)
{
	buf_addf(b,
	    "<svg class=\"bar\" aria-hidden=\"true\" focusable=\"false\">"
	    "<rect width=\"%.2f%%\" height=\"100%%\"/></svg>",
	    max ? 100 * (double)value / (double)max : 0);
}

void
svg_sample(struct buf *b, bool dashed)
{
	buf_addf(b,
	    "<svg class=\"sample\" aria-hidden=\"true\" focusable=\"false\">"
	    "<line class=\"%s\" x1=\"1\" x2=\"27\" y1=\"5\" y2=\"5\"/></svg>",
	    dashed ? "before" : "now");
}
