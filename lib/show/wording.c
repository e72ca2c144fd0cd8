#include "show/wording.h"

#include "show/html.h"
#include "text/display.h"
#include "text/number_text.h"

#include "base/banned.h"

void
wording_name(struct buf *b, struct span name, size_t columns, enum wording how)
{
	struct buf text = BUF_INIT;
	size_t bytes;

	if (how == WORDING_HTML) {
		buf_adds(b, "<bdi>");
		html_cut(b, name, columns);
		buf_adds(b, "</bdi>");
		return;
	}
	buf_add_scrubbed(&text, name.p, name.n);
	display_fit(text.p, text.n, columns, &bytes);
	if (bytes < text.n)
		display_fit(text.p, text.n, columns - 1, &bytes);
	buf_add(b, text.p, bytes);
	buf_adds(b, bytes < text.n ? "\u2026" : "");
	b->failed |= text.failed;
	buf_release(&text);
}

bool
wording_compares(const struct overview *f)
{
	return f->has_before && f->totals_before.events > 0;
}

void
wording_counted(struct buf *b, uint64_t n, const char *one)
{
	number_text_count(b, n);
	buf_addf(b, " %s%s", one, n == 1 ? "" : "s");
}

void
wording_change(struct buf *b, uint64_t now, uint64_t before)
{
	if (before == now)
		buf_adds(b, "\u00b10");
	else if (before == 0) /* no number to grow from */
		buf_adds(b, "new");
	else
		number_text_change(b, now, before);
}

void
wording_worth_change(struct buf *b, const struct reached *r)
{
	if (r->worth_before != 0)
		number_text_growth(b, r->worth, r->worth_before);
	else
		buf_adds(b, r->worth != 0 ? "new" : NUMBER_TEXT_NONE);
}

bool
wording_shows_nothing(struct span name)
{
	size_t i;

	for (i = 0; i < name.n && name.p[i] == ' '; i++)
		;
	return i == name.n || display_width(name.p, name.n) == 0;
}

/* ---- the opening ---------------------------------------------------------------- */

/* "12.3% more than in the period before" */
static void
add_course(struct buf *b, uint64_t now, uint64_t before)
{
	double change = 100 * ((double)now / (double)before - 1);

	if (change < 0.05 && change > -0.05)
		buf_adds(b, "as many as in the period before");
	else
		buf_addf(b, "%.1f%% %s than in the period before", change < 0 ? -change : change,
		    change < 0 ? "fewer" : "more");
}

static void
add_source(struct buf *b, const struct overview *f, const struct ranked *r, enum wording how)
{
	wording_name(
	    b, r->name_n > 0 ? overview_name(f, r) : SPAN("unknown"), WORDING_NAME_MAX, how);
}

/* The source whose visits have changed most, up or down; NULL: none has. */
static const struct ranked *
most_changed(const struct ranking *k)
{
	const struct ranked *most = NULL;
	uint64_t largest = 0;
	size_t i;

	for (i = 0; i < k->n; i++) {
		const struct ranked *r = &k->v[i];
		uint64_t by = r->events > r->before ? r->events - r->before : r->before - r->events;

		if (by > largest) {
			largest = by;
			most = r;
		}
	}
	return most;
}

static void
add_changed(struct buf *b, const struct overview *f, const struct ranked *changed, enum wording how)
{
	buf_adds(b, " What changed most is ");
	add_source(b, f, changed, how);
	buf_adds(b, ": ");
	wording_counted(b, changed->events, "visit");
	if (changed->before > 0) {
		buf_adds(b, " after ");
		number_text_count(b, changed->before);
		buf_adds(b, " before.");
	} else {
		buf_adds(b, ", and none before.");
	}
}

/* The first goal, which is what the reader cares for most. */
static void
add_goal(struct buf *b, const struct report *r, enum wording how)
{
	const struct reached *g = &r->overview->goal[0].all;

	buf_adds(b, " The goal ");
	wording_name(b, r->goals[0].text, WORDING_NAME_MAX, how);
	buf_adds(b, " was reached ");
	wording_counted(b, g->events, "time");
	if (wording_compares(r->overview) && g->events_before > 0) {
		buf_adds(b, ", ");
		add_course(b, g->events, g->events_before);
	}
	buf_addc(b, '.');
}

void
wording_opening(struct buf *b, const struct report *r, enum wording how)
{
	const struct overview *f = r->overview;
	const struct ranking *k = &f->rank[RANK_SOURCES];
	const struct ranked *changed = most_changed(k);
	bool comparable = f->has_before && f->totals_before.visits > 0;

	wording_counted(b, f->totals.visitors, "visitor");
	buf_adds(b, " came for ");
	wording_counted(b, f->totals.visits, "visit");
	if (comparable) {
		buf_adds(b, ", ");
		add_course(b, f->totals.visits, f->totals_before.visits);
	}
	buf_addc(b, '.');
	if (k->n > 0) {
		buf_adds(b, " Most visits came from ");
		add_source(b, f, &k->v[0], how);
		buf_adds(b, " (");
		number_text_share(b, k->v[0].events, f->totals.visits);
		buf_adds(b, ").");
	}
	if (comparable && changed)
		add_changed(b, f, changed, how);
	if (f->goals > 0)
		add_goal(b, r, how);
}
