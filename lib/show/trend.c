#include "show/trend.h"

#include <stdlib.h>

#include "show/dateword.h"
#include "text/number_text.h"
#include "show/html.h"
#include "show/svg.h"

#include "base/banned.h"

enum {
	LABELS = 6, /* below a chart, so that they fit on a telephone */
};

static bool
compares(const struct overview *f)
{
	return f->has_before && f->totals_before.events > 0;
}

static const char *
word(enum interval interval)
{
	return interval == INTERVAL_HOUR ? "hour" : interval == INTERVAL_DAY ? "day" : "week";
}

static bool
first_in_part(const struct overview *f)
{
	return f->series.start[0] < f->period.from;
}

static bool
last_in_part(const struct overview *f)
{
	const struct series *s = &f->series;

	return bucket_next(f->period.zone, f->interval, s->start[s->n - 1]) > f->period.to;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* ---- charts --------------------------------------------------------------- */

static enum dateword
label_style(const struct overview *f)
{
	enum { WEEKS_OF_A_YEAR = 54 };

	if (f->interval == INTERVAL_HOUR)
		return DATEWORD_HOUR;
	return f->series.n > WEEKS_OF_A_YEAR && f->interval == INTERVAL_WEEK ? DATEWORD_MONTH
									     : DATEWORD_SHORT;
}

/* From label to label, so that hours and weeks fall on times one knows. */
static size_t
label_distance(const struct overview *f)
{
	static const size_t hours[] = { 1, 2, 3, 4, 6, 12 };
	size_t n = f->series.n, i;

	if (f->interval == INTERVAL_HOUR)
		for (i = 0; i < sizeof(hours) / sizeof(hours[0]); i++)
			if (n <= hours[i] * LABELS)
				return hours[i];
	if (f->interval == INTERVAL_DAY && n > LABELS && n <= 7 * LABELS)
		return n <= 2 * LABELS ? 2 : 7;
	return (n + LABELS - 1) / LABELS;
}

static size_t
make_labels(const struct overview *f, struct buf *text, struct svg_label *labels)
{
	size_t distance = label_distance(f), n = 0, i, at[LABELS + 1];

	for (i = 0; i < f->series.n && n < LABELS; i += distance) {
		at[n] = text->n;
		dateword_add(text, f->period.zone, f->series.start[i], label_style(f));
		labels[n++].index = i;
	}
	at[n] = text->n;
	if (text->failed)
		return 0;
	for (i = 0; i < n; i++)
		labels[i].text = (struct span){ text->p + at[i], at[i + 1] - at[i] };
	return n;
}

static void
describe(struct buf *b, const struct overview *f, const uint64_t *v)
{
	const struct series *s = &f->series;
	size_t i, most = 0;

	for (i = 1; i < s->n; i++)
		if (v[i] > v[most])
			most = i;
	buf_addf(b, "A line over %zu %s%s; the highest, ", s->n, word(f->interval),
	    s->n == 1 ? "" : "s");
	number_text_count(b, v[most]);
	buf_adds(b, ", is that of ");
	dateword_add(b, f->period.zone, s->start[most],
	    f->interval == INTERVAL_HOUR ? DATEWORD_TIME : DATEWORD_DAY);
	buf_adds(b, compares(f) ? ". A dashed line shows the period before. " : ". ");
	buf_adds(b, "The table below has the figures.");
}

static void
add_chart(struct buf *b, const struct overview *f, const char *id, const char *title,
    const uint64_t *now, const uint64_t *before)
{
	struct svg_label labels[LABELS];
	struct buf text = BUF_INIT, about = BUF_INIT;
	struct svg_chart c = {
		.id = id,
		.title = span_of(title),
		.now = now,
		.n = f->series.n,
		.before = compares(f) ? before : NULL,
		.before_n = least(f->series.n, f->series_before.n),
		.first_in_part = first_in_part(f),
		.last_in_part = last_in_part(f),
		.labels = labels,
	};

	c.label_count = make_labels(f, &text, labels);
	describe(&about, f, now);
	c.about = (struct span){ about.p, about.n };
	buf_addf(b, "<div>\n<h3>%s</h3>\n", title);
	svg_chart(b, &c);
	buf_adds(b, "</div>\n");
	b->failed |= text.failed || about.failed;
	buf_release(&text);
	buf_release(&about);
}

static void
add_legend(struct buf *b, const struct overview *f)
{
	const char *interval = word(f->interval);
	bool first = first_in_part(f), last = f->series.n > 1 && last_in_part(f);

	buf_adds(b, "<p class=\"note\"><span class=\"key\">");
	svg_sample(b, false);
	buf_adds(b, "this period</span> ");
	if (compares(f)) {
		buf_adds(b, "<span class=\"key\">");
		svg_sample(b, true);
		buf_adds(b, "the period before</span> ");
	} else {
		buf_adds(b, "Nothing is stored from the period before. ");
	}
	if (first || last)
		buf_addf(b, "The %s %s%s in the period with a part only (ring).",
		    first && last ? "first and the last"
			: first   ? "first"
				  : "last",
		    interval, first && last ? " are" : " is");
	buf_adds(b, "</p>\n");
}

/* ---- the same as a table -------------------------------------------------- */

static void
add_number(struct buf *b, const uint64_t *v, size_t n, size_t i)
{
	buf_adds(b, "<td>");
	if (i < n)
		number_text_count(b, v[i]);
	else
		buf_adds(b, NUMBER_TEXT_NONE);
	buf_adds(b, "</td>");
}

static void
add_row(struct buf *b, const struct overview *f, size_t i)
{
	const struct series *s = &f->series, *before = &f->series_before;
	bool part = (i == 0 && first_in_part(f)) || (i + 1 == s->n && last_in_part(f));

	buf_adds(b, "<tr><th scope=\"row\">");
	dateword_add(b, f->period.zone, s->start[i],
	    f->interval == INTERVAL_HOUR ? DATEWORD_TIME : DATEWORD_DAY);
	buf_adds(b, part ? " (in part)</th>" : "</th>");
	add_number(b, s->visitors, s->n, i);
	if (compares(f))
		add_number(b, before->visitors, before->n, i);
	add_number(b, s->events, s->n, i);
	if (compares(f))
		add_number(b, before->events, before->n, i);
	buf_adds(b, "</tr>\n");
}

static void
add_table(struct buf *b, const struct overview *f)
{
	const char *interval = word(f->interval);
	size_t i;

	buf_addf(b,
	    "<details>\n<summary>The figures by %s</summary>\n"
	    "<table class=\"figures\">\n<caption>Visitors and events by %s%s</caption>\n"
	    "<thead><tr><th scope=\"col\">%s</th><th scope=\"col\">Visitors</th>",
	    interval, interval,
	    compares(f) ? ", each beside its counterpart in the period before" : "",
	    f->interval == INTERVAL_HOUR      ? "Hour"
		: f->interval == INTERVAL_DAY ? "Day"
					      : "Week from");
	buf_adds(b, compares(f) ? "<th scope=\"col\">Visitors before</th>" : "");
	buf_adds(b, "<th scope=\"col\">Events</th>");
	buf_adds(b, compares(f) ? "<th scope=\"col\">Events before</th>" : "");
	buf_adds(b, "</tr></thead>\n<tbody>\n");
	for (i = 0; i < f->series.n; i++)
		add_row(b, f, i);
	buf_adds(b, "</tbody>\n</table>\n</details>\n");
}

void
trend_add(struct buf *b, const struct overview *f)
{
	buf_adds(b, "<div class=\"pair\">\n");
	add_chart(b, f, "visitors", "Visitors", f->series.visitors, f->series_before.visitors);
	add_chart(b, f, "events", "Events", f->series.events, f->series_before.events);
	buf_adds(b, "</div>\n");
	add_legend(b, f);
	add_table(b, f);
}
