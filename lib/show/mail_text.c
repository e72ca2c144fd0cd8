#include "show/mail.h"

#include "show/chart.h"
#include "text/display.h"
#include "text/number_text.h"

#include "base/banned.h"

/* Columns. */
enum { WIDTH = 72, GAP = 2, FIGURE_NAME = 20, FIGURE_VALUE = 12, NAME_LEAST = 20 };

/* In lines of at most WIDTH columns, broken at blanks; a longer word stands alone. */
static void
add_wrapped(struct buf *b, struct span text)
{
	const char *p = text.p, *last = text.p + text.n;
	size_t column = 0;

	while (p < last) {
		const char *blank = memchr(p, ' ', (size_t)(last - p));
		size_t n = (size_t)((blank ? blank : last) - p), width = display_width(p, n);

		if (column > 0 && column + 1 + width > WIDTH) {
			buf_addc(b, '\n');
			column = 0;
		}
		if (column > 0) {
			buf_addc(b, ' ');
			column++;
		}
		buf_add(b, p, n);
		column += width;
		p += n + 1;
	}
	buf_addc(b, '\n');
}

static void
add_figures(struct buf *b, const struct digest *d)
{
	size_t i;

	buf_addc(b, '\n');
	for (i = 0; i < d->figures; i++) {
		const struct digest_figure *f = &d->figure[i];

		display_add(b, span_of(f->name), FIGURE_NAME, false, false);
		display_add(b, digest_span(d, f->value), FIGURE_VALUE, true, false);
		if (f->change.n > 0) {
			display_spaces(b, GAP);
			buf_add(b, d->text.p + f->change.at, f->change.n);
		}
		buf_addc(b, '\n');
	}
}

static void
add_chart(struct buf *b, const struct digest *d)
{
	const struct digest_chart *c = &d->chart;
	struct buf line = BUF_INIT;
	size_t i;

	buf_adds(b, "\n");
	for (i = 0; i < c->n; i++)
		buf_adds(b, chart_block(c->share[i], false));
	buf_addf(&line, "\nVisitors by %s, ", c->interval);
	buf_add(&line, d->text.p + c->first.at, c->first.n);
	buf_adds(&line, " to ");
	buf_add(&line, d->text.p + c->last.at, c->last.n);
	buf_adds(&line, "; the most, ");
	buf_add(&line, d->text.p + c->most.at, c->most.n);
	buf_adds(&line, ", on ");
	buf_add(&line, d->text.p + c->peak.at, c->peak.n);
	add_wrapped(b, (struct span){ line.p, line.n });
	b->failed |= line.failed;
	buf_release(&line);
}

/* As wide as their widest text. */
static void
measure(const struct digest *d, const struct digest_table *t, size_t width[DIGEST_CELLS])
{
	size_t i, k;

	for (k = 0; k < t->cells; k++) {
		width[k] = strlen(t->head[k]);
		for (i = 0; i < t->rows; i++) {
			struct span s = digest_span(d, t->row[i].cell[k]);
			size_t w = display_width(s.p, s.n);

			width[k] = w > width[k] ? w : width[k];
		}
		width[k] += GAP;
	}
}

static void
add_table(struct buf *b, const struct digest *d, const struct digest_table *t)
{
	size_t width[DIGEST_CELLS], names = WIDTH, i, k;

	measure(d, t, width);
	for (k = 0; k < t->cells; k++)
		names = names > NAME_LEAST + width[k] ? names - width[k] : NAME_LEAST;
	buf_addc(b, '\n');
	display_add(b, span_of(t->title), names, false, false);
	for (k = 0; k < t->cells; k++)
		display_add(b, span_of(t->head[k]), width[k], true, false);
	buf_addc(b, '\n');
	for (i = 0; i < t->rows; i++) {
		display_add(b, digest_span(d, t->row[i].name), names, false, false);
		for (k = 0; k < t->cells; k++)
			display_add(b, digest_span(d, t->row[i].cell[k]), width[k], true, false);
		buf_addc(b, '\n');
	}
	if (t->more > 0) {
		buf_adds(b, "and ");
		number_text_count(b, t->more);
		buf_adds(b, " more\n");
	}
}

void
mail_add_text(struct buf *b, const struct digest *d)
{
	size_t i;

	add_wrapped(b, digest_span(d, d->title));
	add_wrapped(b, digest_span(d, d->period));
	buf_addc(b, '\n');
	add_wrapped(b, digest_span(d, d->opening));
	add_figures(b, d);
	if (d->chart.n > 0)
		add_chart(b, d);
	for (i = 0; i < d->tables; i++)
		add_table(b, d, &d->table[i]);
	buf_addc(b, '\n');
	add_wrapped(b, digest_span(d, d->about));
	add_wrapped(b, digest_span(d, d->note));
}
