#include "show/page.h"

#include <stdlib.h>

#include "show/dateword.h"
#include "text/number_text.h"
#include "show/html.h"
#include "show/listing.h"
#include "page-css.h"
#include "show/trend.h"

#include "base/banned.h"

enum {
	REASON_WIDTH = 160, /* columns that are shown */
	REASONS = 20,       /* kinds of rejects that are shown */
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
add_head(struct buf *b, const struct page *r)
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
add_made(struct buf *b, const struct page *r)
{
	char text[TIMESTAMP_TEXT];

	timestamp_format(text, r->made);
	buf_addf(b, "<time datetime=\"%.10sT%.8sZ\">", text, text + DATE_TEXT + 1);
	dateword_add(b, r->overview->period.zone, r->made, DATEWORD_TIME);
	buf_adds(b, "</time>");
}

static void
add_header(struct buf *b, const struct page *r)
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
	buf_adds(b, "</dd></div>\n<div><dt>Time zone</dt><dd>");
	html_text(b, span_of(zone_name(f->period.zone)));
	buf_adds(b, "</dd></div>\n<div><dt>Project</dt><dd>");
	html_text(b, r->project);
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

static double
paid_share(const struct totals *t)
{
	return (double)t->paid / (double)t->events;
}

static void
add_paid(struct buf *b, const struct overview *f)
{
	const struct totals *now = &f->totals, *before = &f->totals_before;

	begin_figure(b, "Paid share");
	number_text_share(b, now->paid, now->events);
	buf_adds(b, "</dd>");
	if (now->events > 0 && before->events > 0) {
		buf_adds(b, "<dd class=\"change\"><b>");
		number_text_points(b, paid_share(now), paid_share(before));
		buf_adds(b, "</b> from ");
		number_text_share(b, before->paid, before->events);
		buf_adds(b, "</dd>");
	} else {
		add_no_change(b, f);
	}
	buf_adds(b, "</div>\n");
}

static void
add_figures(struct buf *b, const struct overview *f)
{
	begin_section(b, "key", "Key figures");
	buf_adds(b, "<dl class=\"key-figures\">\n");
	add_figure(b, f, "Visitors", f->totals.visitors, f->totals_before.visitors);
	add_figure(b, f, "Sessions", f->totals.sessions, f->totals_before.sessions);
	add_figure(b, f, "Events", f->totals.events, f->totals_before.events);
	add_paid(b, f);
	buf_adds(b, "</dl>\n</section>\n");
}

static void
add_trend(struct buf *b, const struct overview *f)
{
	begin_section(b, "trend",
	    f->interval == INTERVAL_HOUR      ? "By hour"
		: f->interval == INTERVAL_DAY ? "By day"
					      : "By week");
	trend_add(b, f);
	buf_adds(b, "</section>\n");
}

/* ---- rankings ------------------------------------------------------------- */

static void
add_section(struct buf *b, const struct overview *f, const char *id, const char *title,
    const struct listing *l)
{
	begin_section(b, id, title);
	listing_add(b, f, l);
	buf_adds(b, "</section>\n");
}

static void
add_origins(struct buf *b, const struct overview *f)
{
	static const struct listing sources = { RANK_SOURCES, "Source",
		"Sources by events; the strong part of a bar is paid", "unknown", true };
	static const struct listing pages = { RANK_PAGES, "Path", "Paths by events", "no path",
		false };

	buf_adds(b, "<div class=\"pair\">\n");
	add_section(b, f, "sources", "Sources", &sources);
	add_section(b, f, "pages", "Pages", &pages);
	buf_adds(b, "</div>\n");
}

static void
add_devices(struct buf *b, const struct overview *f)
{
	static const struct listing devices[] = {
		{ RANK_DEVICES, "Device", "Kinds of devices by events", "unknown", false },
		{ RANK_BROWSERS, "Browser", "Browsers by events", "unknown", false },
		{ RANK_SYSTEMS, "System", "Operating systems by events", "unknown", false },
	};
	size_t i;

	begin_section(b, "devices", "Devices");
	buf_adds(b, "<div class=\"triple\">\n");
	for (i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		buf_adds(b, "<div>\n");
		listing_add(b, f, &devices[i]);
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
		"Events that are stored in this period for the first time", "no name", false };

	buf_adds(b, "<h3>New events</h3>\n");
	if (!f->totals.earlier)
		buf_adds(b,
		    "<p class=\"note\">Nothing is stored from before this period, so that all of "
		    "its events would be new.</p>\n");
	else if (f->rank[RANK_NEW_EVENTS].n == 0)
		buf_adds(
		    b, "<p class=\"note\">All events of this period were known before it.</p>\n");
	else
		listing_add(b, f, &l);
}

static void
add_events(struct buf *b, const struct overview *f)
{
	static const struct listing countries = { RANK_COUNTRIES, "Country",
		"Countries by events, as two letters of ISO 3166", "unknown", false };
	static const struct listing names = { RANK_EVENTS, "Event", "Events by their number",
		"no name", false };

	buf_adds(b, "<div class=\"pair\">\n");
	add_section(b, f, "countries", "Countries", &countries);
	begin_section(b, "names", "Events");
	listing_add(b, f, &names);
	add_new_events(b, f);
	buf_adds(b, "</section>\n</div>\n");
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
		buf_adds(b, "<bdi>");
		html_cut(b, span_of(row->field), LISTING_NAME_WIDTH);
		buf_adds(b, "</bdi>");
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
add_reasons(struct buf *b, const struct rejected *r)
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
	listing_add_more(b, more);
}

static void
add_rejected(struct buf *b, struct rejected *r)
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
page_add(struct buf *b, const struct page *r)
{
	const struct overview *f = r->overview;

	add_head(b, r);
	buf_adds(b, "<body>\n");
	add_header(b, r);
	buf_adds(b, "<main>\n");
	add_figures(b, f);
	if (f->totals.events > 0) {
		add_trend(b, f);
		add_origins(b, f);
		add_devices(b, f);
		add_events(b, f);
	} else {
		add_nothing(b, f);
	}
	if (r->rejected)
		add_rejected(b, r->rejected);
	buf_adds(b,
	    "</main>\n<footer>\n<p>Visitors are different anonymous_ids, sessions different "
	    "session_ids among the events of the period. Paid are events of visits through "
	    "advertisements (medium \u201cpaid\u201d). Large numbers of visitors and sessions "
	    "are estimates, good to about half a percent.</p>\n"
	    "<p>Made by mm-report.</p>\n</footer>\n</body>\n</html>\n");
}
