#include "show/mail.h"

#include "show/html.h"
#include "text/number_text.h"

#include "base/banned.h"

/*
 * Programs for mail know little: tables are for places as well, looks stand at the elements,
 * and a class is for the one rule that some of them read: what is dark on dark screens.
 */

#define FONT "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"
#define INK "color:#16191d;"
#define SOFT "color:#59616b;"
#define RULE "border-bottom:1px solid #e4e7eb;"
#define PLACE "role=\"presentation\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\""
#define NOTHING "font-size:0;line-height:0;"

enum { CHART_HEIGHT_PX = 72, PART = 100 };

static void
add_text(struct buf *b, const struct digest *d, struct digest_text t)
{
	html_text(b, digest_span(d, t));
}

static void
add_head(struct buf *b, const struct digest *d)
{
	buf_adds(b,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"supported-color-schemes\" content=\"light dark\">\n<title>");
	add_text(b, d, d->subject);
	buf_adds(b,
	    "</title>\n<style>\n@media (prefers-color-scheme: dark) {\n"
	    ".p { background-color: #14171a !important; }\n"
	    ".i { color: #e9ecef !important; border-color: #2d3238 !important; }\n"
	    ".s { color: #a3acb6 !important; border-color: #2d3238 !important; }\n"
	    ".b { background-color: #3a5672 !important; }\n"
	    ".c { background-color: #7db4f0 !important; }\n}\n</style>\n</head>\n");
}

static void
begin_body(struct buf *b, const struct digest *d)
{
	buf_adds(b,
	    "<body class=\"p\" style=\"margin:0;padding:0;background-color:#ffffff;\">\n"
	    "<table " PLACE " width=\"100%\"><tr><td align=\"center\" class=\"p\" "
	    "style=\"padding:24px 16px;background-color:#ffffff;\">\n"
	    "<table " PLACE " width=\"100%\" style=\"max-width:600px;\"><tr>"
	    "<td align=\"left\" class=\"i\" style=\"" FONT INK
	    "font-size:15px;line-height:1.5;\">\n"
	    "<h1 class=\"i\" style=\"margin:0;" INK
	    "font-size:24px;line-height:1.25;font-weight:600;\">");
	add_text(b, d, d->title);
	buf_adds(b, "</h1>\n<p class=\"s\" style=\"margin:4px 0 20px;" SOFT "\">");
	add_text(b, d, d->period);
	buf_adds(b, "</p>\n<p class=\"i\" style=\"margin:0 0 20px;" INK "font-size:17px;\">");
	add_text(b, d, d->opening);
	buf_adds(b, "</p>\n");
}

/* Side by side as many as fit. */
static void
add_figures(struct buf *b, const struct digest *d)
{
	size_t i;

	buf_adds(b, "<div style=\"" NOTHING "\">\n");
	for (i = 0; i < d->figures; i++) {
		const struct digest_figure *f = &d->figure[i];

		buf_addf(b,
		    "<div style=\"display:inline-block;vertical-align:top;width:25%%;min-width:140px;"
		    "padding:0 0 16px;\"><p class=\"s\" style=\"margin:0;" SOFT
		    "font-size:13px;line-height:1.4;\">%s</p><p class=\"i\" style=\"margin:0;" INK
		    "font-size:24px;line-height:1.3;font-weight:600;\">",
		    f->name);
		add_text(b, d, f->value);
		buf_adds(b,
		    "</p><p class=\"s\" style=\"margin:0;" SOFT
		    "font-size:13px;line-height:1.4;\">");
		if (f->change.n > 0)
			add_text(b, d, f->change);
		else
			buf_adds(b, "&nbsp;");
		buf_adds(b, "</p></div>\n");
	}
	buf_adds(b, "</div>\n");
}

static void
add_heading(struct buf *b, const char *text)
{
	buf_addf(b,
	    "<h2 class=\"i\" style=\"margin:28px 0 6px;" INK
	    "font-size:17px;line-height:1.3;font-weight:600;\">%s</h2>\n",
	    text);
}

/* Columns of cells, as high as they count; what they say stands below in words. */
static void
add_columns(struct buf *b, const struct digest_chart *c)
{
	size_t i;

	buf_addf(b,
	    "<table " PLACE " width=\"100%%\" aria-hidden=\"true\" style=\"table-layout:fixed;\">"
	    "<tr style=\"height:%dpx;\">\n",
	    CHART_HEIGHT_PX);
	for (i = 0; i < c->n; i++) {
		int height = (int)(c->share[i] * CHART_HEIGHT_PX + 0.5);

		buf_addf(b,
		    "<td valign=\"bottom\" style=\"vertical-align:bottom;padding:0 1px 0 0;" NOTHING
		    "\"><div class=\"c\" style=\"height:%dpx;background-color:#1d5fa8;" NOTHING
		    "\">&nbsp;</div></td>\n",
		    height > 0 || c->share[i] <= 0 ? height : 1);
	}
	buf_adds(b, "</tr></table>\n");
}

static void
add_chart(struct buf *b, const struct digest *d)
{
	const struct digest_chart *c = &d->chart;

	buf_addf(b,
	    "<h2 class=\"i\" style=\"margin:12px 0 10px;" INK
	    "font-size:17px;line-height:1.3;font-weight:600;\">Visitors by %s</h2>\n",
	    c->interval);
	add_columns(b, c);
	buf_adds(b, "<p class=\"s\" style=\"margin:6px 0 0;" SOFT "font-size:13px;\">");
	add_text(b, d, c->first);
	buf_adds(b, " to ");
	add_text(b, d, c->last);
	buf_adds(b, "; the most, ");
	add_text(b, d, c->most);
	buf_adds(b, ", on ");
	add_text(b, d, c->peak);
	buf_adds(b, "</p>\n");
}

static void
add_table_head(struct buf *b, const struct digest_table *t)
{
	size_t k;

	buf_addf(b,
	    "<table border=\"0\" cellpadding=\"0\" cellspacing=\"0\" width=\"100%%\"><tr>"
	    "<th scope=\"col\" align=\"left\" class=\"s\" style=\"" SOFT RULE
	    "padding:4px 0;font-size:13px;font-weight:400;text-align:left;\">%s</th>",
	    t->names);
	for (k = 0; k < t->cells; k++)
		buf_addf(b,
		    "<th scope=\"col\" align=\"right\" width=\"58\" class=\"s\" style=\"" SOFT RULE
		    "padding:4px 0 4px 10px;font-size:13px;font-weight:400;text-align:right;\">%s</th>",
		    t->head[k]);
	buf_adds(b, "</tr>\n");
}

/* A bar is a cell that is as wide as it counts. */
static void
add_bar(struct buf *b, double share)
{
	int width = (int)(share * PART + 0.5);

	buf_addf(b,
	    "<table " PLACE " width=\"%d%%\" aria-hidden=\"true\"><tr><td class=\"b\" "
	    "height=\"5\" style=\"height:5px;background-color:#b9d0ea;" NOTHING
	    "\">&nbsp;</td></tr></table>",
	    width > 0 ? width : 1);
}

static void
add_row(struct buf *b, const struct digest *d, const struct digest_table *t,
    const struct digest_row *row)
{
	size_t k;

	buf_adds(b,
	    "<tr><th scope=\"row\" align=\"left\" valign=\"top\" class=\"i\" style=\"" INK RULE
	    "padding:6px 0 5px;font-size:15px;font-weight:400;text-align:left;"
	    "word-break:break-word;\"><bdi>");
	add_text(b, d, row->name);
	buf_adds(b, "</bdi>");
	if (row->bar >= 0)
		add_bar(b, row->bar);
	buf_adds(b, "</th>");
	for (k = 0; k < t->cells; k++) {
		bool of_change = k == 1 && t->cells == DIGEST_CELLS;

		buf_addf(b,
		    "<td align=\"right\" valign=\"top\" class=\"%s\" style=\"%s" RULE
		    "padding:6px 0 5px 10px;font-size:15px;text-align:right;white-space:nowrap;\">",
		    of_change ? "s" : "i", of_change ? SOFT : INK);
		add_text(b, d, row->cell[k]);
		buf_adds(b, "</td>");
	}
	buf_adds(b, "</tr>\n");
}

static void
add_table(struct buf *b, const struct digest *d, const struct digest_table *t)
{
	size_t i;

	add_heading(b, t->title);
	add_table_head(b, t);
	for (i = 0; i < t->rows; i++)
		add_row(b, d, t, &t->row[i]);
	buf_adds(b, "</table>\n");
	if (t->more > 0) {
		buf_adds(b, "<p class=\"s\" style=\"margin:6px 0 0;" SOFT "font-size:13px;\">and ");
		number_text_count(b, t->more);
		buf_adds(b, " more</p>\n");
	}
}

void
mail_add_html(struct buf *b, const struct digest *d)
{
	size_t i;

	add_head(b, d);
	begin_body(b, d);
	add_figures(b, d);
	if (d->chart.n > 0)
		add_chart(b, d);
	for (i = 0; i < d->tables; i++)
		add_table(b, d, &d->table[i]);
	buf_adds(b, "<p class=\"s\" style=\"margin:28px 0 0;" SOFT "font-size:13px;\">");
	add_text(b, d, d->about);
	buf_addc(b, ' ');
	add_text(b, d, d->note);
	buf_adds(b, "</p>\n</td></tr></table>\n</td></tr></table>\n</body>\n</html>\n");
}
