#include "show/page.h"

#include <stdlib.h>

#include "show/country.h"
#include "show/dateword.h"
#include "text/number_text.h"
#include "show/html.h"
#include "page-css.h"
#include "show/svg.h"
#include "show/week.h"
#include "show/wording.h"

#include "base/banned.h"

enum {
	REASON_WIDTH = 160, /* columns that are shown */
	REASONS = 20,       /* kinds of rejects that are shown */
	LABELS = 6,         /* below a chart, so that they fit on a telephone */
};

/* ---- the head ------------------------------------------------------------- */

static void
add_style(struct buf *b)
{
	size_t i;

	buf_adds(b, "<style>\n");
	for (i = 0; i < sizeof(page_css) / sizeof(page_css[0]); i++)
		buf_adds(b, page_css[i]);
	buf_adds(b, "</style>\n");
}

/* Nothing is loaded and nothing runs, whatever a name in the page may say. */
static void
add_head(struct buf *b, const struct report *r)
{
	buf_adds(b,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n<title>");
	html_text(b, r->title);
	buf_adds(b, "</title>\n");
	add_style(b);
	buf_adds(b, "</head>\n");
}

static void
add_made(struct buf *b, const struct report *r)
{
	char text[TIMESTAMP_TEXT];

	timestamp_format(text, r->made);
	buf_addf(b, "<time datetime=\"%.10sT%.8sZ\">", text, text + DATE_TEXT + 1);
	dateword_add(b, r->overview->period.zone, r->made, DATEWORD_TIME);
	buf_adds(b, "</time>");
}

/* The project of those who name none. */
static bool
is_zero(struct span uuid)
{
	size_t i;

	for (i = 0; i < uuid.n && (uuid.p[i] == '0' || uuid.p[i] == '-'); i++)
		;
	return i == uuid.n;
}

static void
add_header(struct buf *b, const struct report *r)
{
	const struct overview *f = r->overview;

	buf_adds(b, "<header>\n<h1>");
	html_text(b, r->title);
	buf_adds(b, "</h1>\n<p class=\"period\">");
	dateword_period(b, &f->period);
	buf_adds(b, "</p>\n<dl class=\"about\">\n<div><dt>Compared with</dt><dd>");
	if (f->has_before)
		dateword_period(b, &f->before);
	else
		buf_adds(b, "nothing");
	if (f->why.n > 0) {
		buf_adds(b, ": ");
		html_text(b, (struct span){ f->why.p, f->why.n });
	}
	buf_adds(b, "</dd></div>\n<div><dt>Time zone</dt><dd>");
	html_text(b, span_of(zone_name(f->period.zone)));
	if (!is_zero(r->project)) {
		buf_adds(b, "</dd></div>\n<div><dt>Project</dt><dd>");
		html_text(b, r->project);
	}
	buf_adds(b, "</dd></div>\n<div><dt>Made</dt><dd>");
	add_made(b, r);
	buf_adds(b, "</dd></div>\n</dl>\n</header>\n");
}

static void
begin_section(struct buf *b, const char *id, const char *title)
{
	buf_addf(b, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", id, id, title);
}

/* ---- key figures ---------------------------------------------------------- */

static void
begin_figure(struct buf *b, const char *name)
{
	buf_addf(b, "<div><dt>%s</dt><dd class=\"value\">", name);
}

static void
add_no_change(struct buf *b, const struct overview *f)
{
	if (f->has_before)
		buf_adds(b, "<dd class=\"change\">nothing to compare</dd>");
}

static void
add_figure(struct buf *b, const struct overview *f, const char *name, uint64_t now, uint64_t before)
{
	begin_figure(b, name);
	number_text_count(b, now);
	buf_adds(b, "</dd>");
	if (before > 0) {
		buf_adds(b, "<dd class=\"change\"><b>");
		number_text_change(b, now, before);
		buf_adds(b, "</b> from ");
		number_text_count(b, before);
		buf_adds(b, "</dd>");
	} else {
		add_no_change(b, f);
	}
	buf_adds(b, "</div>\n");
}

/* A share, and by how many points it has changed. */
static void
add_share(struct buf *b, const struct overview *f, const char *name, uint64_t part, uint64_t whole,
    uint64_t part_before, uint64_t whole_before)
{
	begin_figure(b, name);
	number_text_share(b, part, whole);
	buf_adds(b, "</dd>");
	if (whole > 0 && whole_before > 0) {
		buf_adds(b, "<dd class=\"change\"><b>");
		number_text_points(
		    b, (double)part / (double)whole, (double)part_before / (double)whole_before);
		buf_adds(b, "</b> from ");
		number_text_share(b, part_before, whole_before);
		buf_adds(b, "</dd>");
	} else {
		add_no_change(b, f);
	}
	buf_adds(b, "</div>\n");
}

static uint64_t
returning(const struct totals *t)
{
	return t->visitors > t->fresh ? t->visitors - t->fresh : 0;
}

static void
add_figures(struct buf *b, const struct overview *f)
{
	const struct totals *now = &f->totals, *before = &f->totals_before;

	begin_section(b, "key", "Key figures");
	buf_adds(b, "<dl class=\"key-figures\">\n");
	add_figure(b, f, "Visitors", now->visitors, before->visitors);
	add_figure(b, f, "Visits", now->visits, before->visits);
	add_figure(b, f, "New visitors", now->fresh, before->fresh);
	add_figure(b, f, "Returning visitors", returning(now), returning(before));
	add_share(b, f, "Bounce rate", now->bounces, now->visits, before->bounces, before->visits);
	add_figure(b, f, "Page views", now->views, before->views);
	add_share(b, f, "Paid share", now->paid, now->events, before->paid, before->events);
	add_figure(b, f, "Events", now->events, before->events);
	buf_adds(b, "</dl>\n</section>\n");
}

/* ---- how the period went ---------------------------------------------- */

static const char *
interval_word(enum interval interval)
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
	buf_addf(b, "A line over %zu %s%s; the highest, ", s->n, interval_word(f->interval),
	    s->n == 1 ? "" : "s");
	number_text_count(b, v[most]);
	buf_adds(b, ", is that of ");
	dateword_add(b, f->period.zone, s->start[most],
	    f->interval == INTERVAL_HOUR ? DATEWORD_TIME : DATEWORD_DAY);
	buf_adds(b, wording_compares(f) ? ". A dashed line shows the period before. " : ". ");
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
		.before = wording_compares(f) ? before : NULL,
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
	const char *interval = interval_word(f->interval);
	bool first = first_in_part(f), last = f->series.n > 1 && last_in_part(f);
	size_t drawn = f->series.n, before = wording_compares(f) ? f->series_before.n : 0;

	buf_adds(b, "<p class=\"note\"><span class=\"key\">");
	svg_sample(b, false);
	buf_adds(b, "this period</span> ");
	if (wording_compares(f)) {
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
	if (before > drawn)
		buf_addf(b, "%sThe period before has %zu %s%s more, which the charts leave out.",
		    first || last ? " " : "", before - drawn, interval,
		    before - drawn > 1 ? "s" : "");
	buf_adds(b, "</p>\n");
}

/* ---- the same as a table -------------------------------------------------- */

static void
add_count_at(struct buf *b, const uint64_t *v, size_t n, size_t i)
{
	buf_adds(b, "<td>");
	if (i < n)
		number_text_count(b, v[i]);
	else
		buf_adds(b, NUMBER_TEXT_NONE);
	buf_adds(b, "</td>");
}

static void
add_interval(struct buf *b, const struct overview *f, size_t i)
{
	const struct series *s = &f->series, *before = &f->series_before;
	bool part = (i == 0 && first_in_part(f)) || (i + 1 == s->n && last_in_part(f));

	buf_adds(b, "<tr><th scope=\"row\">");
	dateword_add(b, f->period.zone, s->start[i],
	    f->interval == INTERVAL_HOUR ? DATEWORD_TIME : DATEWORD_DAY);
	buf_adds(b, part ? " (in part)</th>" : "</th>");
	add_count_at(b, s->visitors, s->n, i);
	if (wording_compares(f))
		add_count_at(b, before->visitors, before->n, i);
	add_count_at(b, s->events, s->n, i);
	if (wording_compares(f))
		add_count_at(b, before->events, before->n, i);
	buf_adds(b, "</tr>\n");
}

static void
add_intervals(struct buf *b, const struct overview *f)
{
	const char *interval = interval_word(f->interval);
	size_t i;

	buf_addf(b,
	    "<details>\n<summary>The figures by %s</summary>\n"
	    "<table class=\"figures\">\n<caption>Visitors and events by %s%s</caption>\n"
	    "<thead><tr><th scope=\"col\">%s</th><th scope=\"col\">Visitors</th>",
	    interval, interval,
	    wording_compares(f) ? ", each beside its counterpart in the period before" : "",
	    f->interval == INTERVAL_HOUR      ? "Hour"
		: f->interval == INTERVAL_DAY ? "Day"
					      : "Week from");
	buf_adds(b, wording_compares(f) ? "<th scope=\"col\">Visitors before</th>" : "");
	buf_adds(b, "<th scope=\"col\">Events</th>");
	buf_adds(b, wording_compares(f) ? "<th scope=\"col\">Events before</th>" : "");
	buf_adds(b, "</tr></thead>\n<tbody>\n");
	for (i = 0; i < f->series.n; i++)
		add_interval(b, f, i);
	buf_adds(b, "</tbody>\n</table>\n</details>\n");
}

static void
add_charts(struct buf *b, const struct overview *f)
{
	buf_adds(b, "<div class=\"pair\">\n");
	add_chart(b, f, "visitors", "Visitors", f->series.visitors, f->series_before.visitors);
	add_chart(b, f, "events", "Events", f->series.events, f->series_before.events);
	buf_adds(b, "</div>\n");
	add_legend(b, f);
	add_intervals(b, f);
}

static void
add_trend(struct buf *b, const struct overview *f)
{
	begin_section(b, "trend",
	    f->interval == INTERVAL_HOUR      ? "By hour"
		: f->interval == INTERVAL_DAY ? "By day"
					      : "By week");
	add_charts(b, f);
	buf_adds(b, "</section>\n");
}

static void
add_week(struct buf *b, const struct overview *f)
{
	struct week w;

	week_init(&w, f);
	if (!w.shown)
		return;
	begin_section(b, "week", "By hour of the week");
	week_add(b, &w);
	buf_adds(b, "</section>\n");
}

/* ---- rankings --------------------------------------------------------- */

/* What a table holds; texts are constants, in HTML. */
struct listing {
	enum overview_ranking rank;
	const char *column, *caption;
	const char *nameless; /* what an empty name means */
	bool visits;          /* ranked by visits, else by visitors */
	bool country;         /* names are codes of countries */
};

/* What it is ranked by. */
static uint64_t
first_figure(const struct listing *l, const struct ranked *r)
{
	return l->visits ? r->events : r->visitors;
}

static void
add_name(struct buf *b, const struct listing *l, const struct ranking *k, const struct ranked *r,
    struct span name)
{
	buf_adds(b, "<th scope=\"row\">");
	if (name.n == 0) {
		buf_addf(b, "<i>%s</i>", l->nameless);
	} else if (wording_shows_nothing(name)) {
		buf_adds(b, "<i>blank</i>");
	} else {
		wording_name(
		    b, l->country ? country_name(name) : name, WORDING_NAME_MAX, WORDING_HTML);
	}
	if (r->fresh)
		buf_adds(b, " <b class=\"new\">new</b>");
	svg_bar(b, first_figure(l, r), first_figure(l, &k->v[0]));
	buf_adds(b, "</th>");
}

static void
add_count(struct buf *b, uint64_t v)
{
	buf_adds(b, "<td>");
	number_text_count(b, v);
	buf_adds(b, "</td>");
}

static void
add_row_change(struct buf *b, uint64_t now, uint64_t before)
{
	buf_adds(b, "<td class=\"by\">");
	wording_change(b, now, before);
	buf_adds(b, "</td>");
}

static void
add_ranked(struct buf *b, const struct overview *f, const struct listing *l, size_t i)
{
	const struct ranking *k = &f->rank[l->rank];
	const struct ranked *r = &k->v[i];

	buf_adds(b, "<tr>");
	add_name(b, l, k, r, overview_name(f, r));
	add_count(b, first_figure(l, r));
	if (wording_compares(f))
		add_row_change(b, first_figure(l, r), r->before);
	add_count(b, l->visits ? r->visitors : r->events);
	buf_adds(b, "</tr>\n");
}

/* "and N more", unless that is none. */
static void
add_more(struct buf *b, uint64_t more)
{
	if (more == 0)
		return;
	buf_adds(b, "<p class=\"note\">and ");
	number_text_count(b, more);
	buf_adds(b, " more</p>\n");
}

static void
add_listing(struct buf *b, const struct overview *f, const struct listing *l)
{
	const struct ranking *k = &f->rank[l->rank];
	size_t i;

	buf_addf(b,
	    "<table class=\"ranking\">\n<caption>%s</caption>\n<thead><tr>"
	    "<th scope=\"col\">%s</th><th scope=\"col\">%s</th>%s"
	    "<th scope=\"col\">%s</th></tr></thead>\n<tbody>\n",
	    l->caption, l->column, l->visits ? "Visits" : "Visitors",
	    wording_compares(f) ? "<th scope=\"col\">Change</th>" : "",
	    l->visits ? "Visitors" : "Events");
	for (i = 0; i < k->n; i++)
		add_ranked(b, f, l, i);
	buf_adds(b, "</tbody>\n</table>\n");
	add_more(b, k->names - k->n);
}

static void
add_section(struct buf *b, const struct overview *f, const char *id, const char *title,
    const struct listing *l)
{
	begin_section(b, id, title);
	add_listing(b, f, l);
	buf_adds(b, "</section>\n");
}

static void
add_origins(struct buf *b, const struct overview *f)
{
	static const struct listing sources = { RANK_SOURCES, "Source", "Where visits came from",
		"unknown", true, false };
	static const struct listing entries = { RANK_ENTRIES, "Path",
		"The pages that visits began with", "no path", true, false };
	static const struct listing campaigns = { RANK_CAMPAIGNS, "Campaign",
		"Visits that a campaign brought", "no campaign", true, false };
	static const struct listing pages = { RANK_PAGES, "Path", "Paths by visitors", "no path",
		false, false };

	buf_adds(b, "<div class=\"pair\">\n");
	add_section(b, f, "sources", "Sources", &sources);
	if (f->rank[RANK_CAMPAIGNS].n > 0)
		add_section(b, f, "campaigns", "Campaigns", &campaigns);
	if (f->rank[RANK_ENTRIES].n > 0)
		add_section(b, f, "entries", "Entry pages", &entries);
	if (f->rank[RANK_PAGES].n > 0)
		add_section(b, f, "pages", "Pages", &pages);
	buf_adds(b, "</div>\n");
}

static void
add_devices(struct buf *b, const struct overview *f)
{
	static const struct listing devices[] = {
		{ RANK_DEVICES, "Device", "Kinds of devices by visitors", "unknown", false, false },
		{ RANK_BROWSERS, "Browser", "Browsers by visitors", "unknown", false, false },
		{ RANK_SYSTEMS, "System", "Operating systems by visitors", "unknown", false,
		    false },
	};
	size_t i;

	begin_section(b, "devices", "Devices");
	buf_adds(b, "<div class=\"triple\">\n");
	for (i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		buf_adds(b, "<div>\n");
		add_listing(b, f, &devices[i]);
		buf_adds(b, "</div>\n");
	}
	buf_adds(b, "</div>\n");
	buf_adds(b, "</section>\n");
}

/* ---- events, and those that are new --------------------------------------- */

static void
add_new_events(struct buf *b, const struct overview *f)
{
	static const struct listing l = { RANK_NEW_EVENTS, "Event",
		"Events that are stored in this period for the first time", "no name", false,
		false };

	buf_adds(b, "<h3>New events</h3>\n");
	if (!f->totals.earlier)
		buf_adds(b,
		    "<p class=\"note\">Nothing is stored from before this period, so that all of "
		    "its events would be new.</p>\n");
	else if (f->rank[RANK_NEW_EVENTS].n == 0)
		buf_adds(
		    b, "<p class=\"note\">All events of this period were known before it.</p>\n");
	else
		add_listing(b, f, &l);
}

static void
add_events(struct buf *b, const struct overview *f)
{
	static const struct listing countries = { RANK_COUNTRIES, "Country",
		"Countries by visitors", "unknown", false, true };
	static const struct listing names = { RANK_EVENTS, "Event", "Events by visitors", "no name",
		false, false };

	buf_adds(b, "<div class=\"pair\">\n");
	add_section(b, f, "countries", "Countries", &countries);
	begin_section(b, "names", "Events");
	add_listing(b, f, &names);
	add_new_events(b, f);
	buf_adds(b, "</section>\n</div>\n");
}

/* ---- goals ------------------------------------------------------------------- */

static void
begin_row(struct buf *b, struct span name)
{
	buf_adds(b, "<tr><th scope=\"row\">");
	wording_name(b, name, WORDING_NAME_MAX, WORDING_HTML);
}

static void
add_reached(struct buf *b, const struct overview *f, struct span goal, const struct reached *r)
{
	begin_row(b, goal);
	buf_adds(b, "</th>");
	add_count(b, r->events);
	if (wording_compares(f))
		add_row_change(b, r->events, r->events_before);
	add_count(b, r->visitors);
	buf_adds(b, "<td>");
	number_text_share(b, r->visitors, f->totals.visitors);
	buf_adds(b, "</td></tr>\n");
}

/* The sum, and by how much it has changed. */
static void
add_worth(struct buf *b, const struct overview *f, const struct reached *r)
{
	buf_adds(b, "</th><td>");
	if (r->value_n > 0)
		number_text_decimal(b, (struct span){ f->text.p + r->value, r->value_n });
	else
		buf_adds(b, NUMBER_TEXT_NONE);
	if (wording_compares(f)) {
		buf_adds(b, "</td><td class=\"by\">");
		wording_worth_change(b, r);
	}
	buf_adds(b, "</td>");
	add_count(b, r->events);
	buf_adds(b, "</tr>\n");
}

static void
add_worth_in(struct buf *b, const struct overview *f, struct span goal, const struct reached *r)
{
	begin_row(b, goal);
	buf_adds(b, ", ");
	if (r->null || r->currency_n == 0) {
		buf_adds(b, "<i>no currency</i>");
	} else {
		wording_name(b, (struct span){ f->text.p + r->currency, r->currency_n },
		    WORDING_NAME_MAX, WORDING_HTML);
	}
	add_worth(b, f, r);
}

static void
add_worths(struct buf *b, const struct report *r)
{
	const struct overview *f = r->overview;
	size_t i, k;

	begin_section(b, "worth", "Value of goals");
	buf_addf(b,
	    "<table class=\"goal\">\n<caption>Amounts of different currencies are never added up"
	    "</caption>\n<thead><tr><th scope=\"col\">Goal</th><th scope=\"col\">Value</th>%s"
	    "<th scope=\"col\">Times</th></tr></thead>\n<tbody>\n",
	    wording_compares(f) ? "<th scope=\"col\">Change</th>" : "");
	for (i = 0; i < f->goals; i++) {
		const struct goal_reached *g = &f->goal[i];

		if (r->goals[i].value.depth && !r->goals[i].currency.depth) {
			begin_row(b, r->goals[i].text);
			add_worth(b, f, &g->all);
		}
		for (k = 0; k < g->n; k++)
			add_worth_in(b, f, r->goals[i].text, &g->v[k]);
	}
	buf_adds(b, "</tbody>\n</table>\n</section>\n");
}

static void
add_goals(struct buf *b, const struct report *r)
{
	const struct overview *f = r->overview;
	bool worth = false;
	size_t i;

	buf_adds(b, "<div class=\"pair\">\n");
	begin_section(b, "goals", "Goals");
	buf_addf(b,
	    "<table class=\"goal\">\n<caption>The rate is the share of all visitors</caption>\n"
	    "<thead><tr><th scope=\"col\">Goal</th><th scope=\"col\">Times</th>%s"
	    "<th scope=\"col\">Visitors</th><th scope=\"col\">Rate</th></tr></thead>\n<tbody>\n",
	    wording_compares(f) ? "<th scope=\"col\">Change</th>" : "");
	for (i = 0; i < f->goals; i++) {
		add_reached(b, f, r->goals[i].text, &f->goal[i].all);
		worth |= r->goals[i].value.depth > 0;
	}
	buf_adds(b, "</tbody>\n</table>\n</section>\n");
	if (worth)
		add_worths(b, r);
	buf_adds(b, "</div>\n");
}

/* ---- data quality --------------------------------------------------------- */

static int
compare_rows(const void *a, const void *b)
{
	const struct tally_row *x = a, *y = b;

	return (x->count < y->count) - (x->count > y->count);
}

static void
add_reason(struct buf *b, const struct tally_row *row)
{
	buf_adds(b, "<tr><th scope=\"row\">");
	if (row->field) {
		wording_name(b, span_of(row->field), WORDING_NAME_MAX, WORDING_HTML);
	} else {
		buf_adds(b, "<i>the line</i>");
	}
	buf_adds(b, "</th><td class=\"text\"><bdi>");
	html_cut(b, span_of(row->kind), REASON_WIDTH);
	buf_adds(b, "</bdi></td><td>");
	number_text_count(b, row->count);
	buf_adds(b, "</td></tr>\n");
}

static void
add_reasons(struct buf *b, const struct reject_counts *r)
{
	const struct tally *t = &r->tally;
	size_t shown = t->rows < REASONS ? t->rows : REASONS, i;
	uint64_t more = t->more;

	buf_adds(b,
	    "<table class=\"ranking\">\n<caption>Reasons by field; a line can have "
	    "several</caption>\n<thead><tr><th scope=\"col\">Field</th>"
	    "<th scope=\"col\" class=\"text\">Reason</th><th scope=\"col\">Times</th>"
	    "</tr></thead>\n<tbody>\n");
	for (i = 0; i < shown; i++)
		add_reason(b, &t->row[i]);
	buf_adds(b, "</tbody>\n</table>\n");
	for (; i < t->rows; i++)
		more += t->row[i].count;
	add_more(b, more);
}

static void
add_rejected(struct buf *b, struct reject_counts *r)
{
	begin_section(b, "quality", "Data quality");
	qsort(r->tally.row, r->tally.rows, sizeof(r->tally.row[0]), compare_rows);
	buf_adds(b, "<p class=\"lead\">");
	if (r->lines > 0) {
		number_text_count(b, r->lines);
		buf_addf(b, " line%s of input %s rejected.</p>\n", r->lines == 1 ? "" : "s",
		    r->lines == 1 ? "was" : "were");
		add_reasons(b, r);
	} else {
		buf_adds(b, "No line of input was rejected.</p>\n");
	}
	buf_adds(b, "</section>\n");
}

static void
add_nothing(struct buf *b, const struct overview *f)
{
	begin_section(b, "nothing", "No events");
	buf_addf(b,
	    "<p class=\"lead\">No event of this project is stored with a time in this "
	    "period%s.</p>\n</section>\n",
	    f->totals.earlier ? "; there are some from before it" : ", nor from before it");
}

void
page_add(struct buf *b, const struct report *r)
{
	const struct overview *f = r->overview;

	add_head(b, r);
	buf_adds(b, "<body>\n");
	add_header(b, r);
	buf_adds(b, "<main>\n");
	if (f->totals.events > 0) {
		buf_adds(b, "<p class=\"opening\">");
		wording_opening(b, r, WORDING_HTML);
		buf_adds(b, "</p>\n");
	}
	add_figures(b, f);
	if (f->totals.events > 0) {
		add_trend(b, f);
		if (f->goals > 0)
			add_goals(b, r);
		add_origins(b, f);
		add_week(b, f);
		add_devices(b, f);
		add_events(b, f);
	} else {
		add_nothing(b, f);
	}
	if (r->rejected)
		add_rejected(b, r->rejected);
	buf_adds(b,
	    "</main>\n<footer>\n<p>Visitors are different anonymous_ids; new are those who were "
	    "never seen before the period. A visit is what a visitor does without a pause of half an "
	    "hour, and counts where it begins; navigation within the site is no source of visits. "
	    "A bounce is a visit of one page view and nothing else. Paid are events of visits "
	    "through advertisements (medium \u201cpaid\u201d). Large numbers of visitors are "
	    "estimates, good to about half a percent.</p>\n"
	    "<p>Made by mm-report.</p>\n</footer>\n</body>\n</html>\n");
}
