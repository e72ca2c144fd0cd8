#include "show/listing.h"

#include "text/display.h"
#include "text/number_text.h"
#include "show/html.h"
#include "show/svg.h"

#include "base/banned.h"

/* Spaces, and characters that take no place, show nothing. */
static bool
shows_nothing(struct span name)
{
	size_t i;

	for (i = 0; i < name.n && name.p[i] == ' '; i++)
		;
	return i == name.n || display_width(name.p, name.n) == 0;
}

static void
add_name(struct buf *b, const struct listing *l, const struct ranking *k, const struct ranked *r,
    struct span name)
{
	buf_adds(b, "<th scope=\"row\">");
	if (r->null || name.n == 0) {
		buf_addf(b, "<i>%s</i>", l->nameless);
	} else if (shows_nothing(name)) {
		buf_adds(b, "<i>blank</i>");
	} else {
		buf_adds(b, "<bdi>");
		html_cut(b, name, LISTING_NAME_WIDTH);
		buf_adds(b, "</bdi>");
	}
	if (r->fresh)
		buf_adds(b, " <b class=\"new\">new</b>");
	svg_bar(b, l->paid ? r->paid : 0, r->events, k->v[0].events);
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
add_ranked(struct buf *b, const struct overview *f, const struct listing *l, size_t i)
{
	const struct ranking *k = &f->rank[l->rank];
	const struct ranked *r = &k->v[i];

	buf_adds(b, "<tr>");
	add_name(b, l, k, r, overview_name(f, r));
	add_count(b, r->visitors);
	add_count(b, r->events);
	if (l->paid) {
		buf_adds(b, "<td>");
		number_text_share(b, r->paid, r->events);
		buf_adds(b, "</td>");
	}
	buf_adds(b, "</tr>\n");
}

void
listing_add_more(struct buf *b, uint64_t more)
{
	if (more == 0)
		return;
	buf_adds(b, "<p class=\"note\">and ");
	number_text_count(b, more);
	buf_adds(b, " more</p>\n");
}

void
listing_add(struct buf *b, const struct overview *f, const struct listing *l)
{
	const struct ranking *k = &f->rank[l->rank];
	size_t i;

	buf_addf(b,
	    "<table class=\"ranking\">\n<caption>%s</caption>\n<thead><tr>"
	    "<th scope=\"col\">%s</th><th scope=\"col\">Visitors</th>"
	    "<th scope=\"col\">Events</th>%s</tr></thead>\n<tbody>\n",
	    l->caption, l->column, l->paid ? "<th scope=\"col\">Paid</th>" : "");
	for (i = 0; i < k->n; i++)
		add_ranked(b, f, l, i);
	buf_adds(b, "</tbody>\n</table>\n");
	listing_add_more(b, k->names - k->n);
}
