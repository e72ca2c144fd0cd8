#include "show/digest.h"

#include "show/country.h"
#include "show/dateword.h"
#include "show/wording.h"
#include "text/number_text.h"

#include "base/banned.h"

enum {
	NAMES = 5,       /* of a ranking */
	NAME_WIDTH = 60, /* columns of one */
};

/* Texts are added to d->text between these two. */
static size_t
begin(const struct digest *d)
{
	return d->text.n;
}

static struct digest_text
end(const struct digest *d, size_t at)
{
	return (struct digest_text){ at, d->text.n - at };
}

static struct digest_text
count(struct digest *d, uint64_t v)
{
	size_t at = begin(d);

	number_text_count(&d->text, v);
	return end(d, at);
}

static struct digest_text
share(struct digest *d, uint64_t part, uint64_t whole)
{
	size_t at = begin(d);

	number_text_share(&d->text, part, whole);
	return end(d, at);
}

static struct digest_text
name(struct digest *d, struct span text)
{
	size_t at = begin(d);

	wording_name(&d->text, text, NAME_WIDTH, WORDING_TEXT);
	return end(d, at);
}

static struct digest_text
date(struct digest *d, const struct overview *f, size_t interval, enum dateword how)
{
	size_t at = begin(d);

	dateword_add(&d->text, f->period.zone, f->series.start[interval], how);
	return end(d, at);
}

/* ---- texts ------------------------------------------------------------------------- */

/* ", up 12.3%", in ASCII as far as that goes. */
static void
add_course(struct buf *b, uint64_t now, uint64_t before)
{
	double change = before > 0 ? 100 * ((double)now / (double)before - 1) : 0;

	if (change >= 0.05 || change <= -0.05)
		buf_addf(
		    b, ", %s %.1f%%", change > 0 ? "up" : "down", change > 0 ? change : -change);
}

/* "The week: 456 visits, up 9.9%; purchase 72, up 50.0% (16 to 30 June 2026)" */
static struct digest_text
subject(struct digest *d, const struct report *r)
{
	const struct overview *f = r->overview;
	struct buf *b = &d->text;
	size_t at = begin(d);

	wording_name(b, r->title, NAME_WIDTH, WORDING_TEXT);
	buf_adds(b, ": ");
	if (f->totals.events == 0) {
		buf_adds(b, "no events");
	} else {
		wording_counted(b, f->totals.visits, "visit");
		add_course(b, f->totals.visits, f->has_before ? f->totals_before.visits : 0);
	}
	if (f->goals > 0 && f->totals.events > 0) {
		buf_adds(b, "; ");
		wording_name(b, r->goals[0].text, NAME_WIDTH, WORDING_TEXT);
		buf_addc(b, ' ');
		number_text_count(b, f->goal[0].all.events);
		add_course(b, f->goal[0].all.events, f->goal[0].all.events_before);
	}
	buf_adds(b, " (");
	dateword_period(b, &f->period);
	buf_addc(b, ')');
	return end(d, at);
}

static struct digest_text
about(struct digest *d, const struct overview *f)
{
	struct buf *b = &d->text;
	size_t at = begin(d);

	if (f->has_before) {
		buf_adds(b, "Compared with ");
		dateword_period(b, &f->before);
		buf_addc(b, '.');
	} else if (f->why.n > 0) {
		buf_adds(b, "Compared with nothing: ");
		buf_add(b, f->why.p, f->why.n);
		buf_addc(b, '.');
	}
	buf_addf(b, "%sTime zone: %s.", b->n > at ? " " : "", zone_name(f->period.zone));
	return end(d, at);
}

static struct digest_text
opening(struct digest *d, const struct report *r)
{
	const struct overview *f = r->overview;
	size_t at = begin(d);

	if (f->totals.events > 0)
		wording_opening(&d->text, r, WORDING_TEXT);
	else
		buf_addf(&d->text,
		    "No event of this project is stored with a time in this period%s.",
		    f->totals.earlier ? "; there are some from before it" : ", nor from before it");
	return end(d, at);
}

static struct digest_text
note(struct digest *d, const struct report *r)
{
	size_t at = begin(d);

	buf_adds(&d->text,
	    "A visit is what a visitor does without a pause of half an hour; one of a single page "
	    "view is a bounce. Large numbers of visitors are estimates, good to about half a "
	    "percent. Changes are against the period before.");
	if (r->rejected) {
		buf_addc(&d->text, ' ');
		wording_counted(&d->text, r->rejected->lines, "line");
		buf_addf(
		    &d->text, " of input %s rejected.", r->rejected->lines == 1 ? "was" : "were");
	}
	return end(d, at);
}

/* ---- key figures ------------------------------------------------------------------- */

static void
add_figure(
    struct digest *d, const struct overview *f, const char *what, uint64_t now, uint64_t before)
{
	struct digest_figure *to = &d->figure[d->figures++];
	size_t at;

	*to = (struct digest_figure){ .name = what, .value = count(d, now) };
	if (!f->has_before || before == 0)
		return;
	at = begin(d);
	number_text_change(&d->text, now, before);
	buf_adds(&d->text, " from ");
	number_text_count(&d->text, before);
	to->change = end(d, at);
}

static void
add_share(struct digest *d, const char *what, uint64_t part, uint64_t whole, uint64_t part_before,
    uint64_t whole_before)
{
	struct digest_figure *to = &d->figure[d->figures++];
	size_t at;

	*to = (struct digest_figure){ .name = what, .value = share(d, part, whole) };
	if (whole == 0 || whole_before == 0)
		return;
	at = begin(d);
	number_text_points(
	    &d->text, (double)part / (double)whole, (double)part_before / (double)whole_before);
	to->change = end(d, at);
}

static uint64_t
returning(const struct totals *t)
{
	return t->visitors > t->fresh ? t->visitors - t->fresh : 0;
}

static void
add_figures(struct digest *d, const struct overview *f)
{
	const struct totals *now = &f->totals, *before = &f->totals_before;

	add_figure(d, f, "Visitors", now->visitors, before->visitors);
	add_figure(d, f, "Visits", now->visits, before->visits);
	add_figure(d, f, "New visitors", now->fresh, before->fresh);
	add_figure(d, f, "Returning visitors", returning(now), returning(before));
	add_share(d, "Bounce rate", now->bounces, now->visits, before->bounces, before->visits);
	add_figure(d, f, "Page views", now->views, before->views);
	add_share(d, "Paid share", now->paid, now->events, before->paid, before->events);
	add_figure(d, f, "Events", now->events, before->events);
}

/* ---- the chart --------------------------------------------------------------------- */

static void
add_chart(struct digest *d, const struct overview *f)
{
	const struct series *s = &f->series;
	struct digest_chart *c = &d->chart;
	size_t together = (s->n + DIGEST_COLUMNS - 1) / DIGEST_COLUMNS, most = 0, i;
	bool hours = f->interval == INTERVAL_HOUR;

	for (i = 1; i < s->n; i++)
		if (s->visitors[i] > s->visitors[most])
			most = i;
	c->n = (s->n + together - 1) / together;
	for (i = 0; i < s->n && s->visitors[most] > 0; i++) {
		double of_most = (double)s->visitors[i] / (double)s->visitors[most];

		if (of_most > c->share[i / together])
			c->share[i / together] = of_most;
	}
	c->interval = hours ? "hour" : f->interval == INTERVAL_DAY ? "day" : "week";
	c->first = date(d, f, 0, hours ? DATEWORD_HOUR : DATEWORD_SHORT);
	c->last = date(d, f, s->n - 1, hours ? DATEWORD_HOUR : DATEWORD_SHORT);
	c->most = count(d, s->visitors[most]);
	c->peak = date(d, f, most, hours ? DATEWORD_TIME : DATEWORD_DAY);
}

/* ---- tables ------------------------------------------------------------------------ */

/* Columns in their order: the first figure, its change where there is one, the other. */
static struct digest_table *
add_table(struct digest *d, const struct overview *f, const char *title, const char *names,
    const char *first, const char *second)
{
	struct digest_table *t = &d->table[d->tables++];

	*t = (struct digest_table){ .title = title, .names = names };
	t->head[t->cells++] = first;
	if (f && wording_compares(f))
		t->head[t->cells++] = "Change";
	if (second)
		t->head[t->cells++] = second;
	return t;
}

static struct digest_text
change(struct digest *d, uint64_t now, uint64_t before)
{
	size_t at = begin(d);

	wording_change(&d->text, now, before);
	return end(d, at);
}

struct listing {
	enum overview_ranking rank;
	const char *title, *names, *nameless;
	bool visits;
};

static struct span
shown_name(const struct overview *f, const struct listing *l, const struct ranked *r)
{
	struct span text = overview_name(f, r);

	if (text.n == 0)
		return span_of(l->nameless);
	if (wording_shows_nothing(text))
		return SPAN("blank");
	return l->rank == RANK_COUNTRIES ? country_name(text) : text;
}

static void
add_ranking(struct digest *d, const struct overview *f, const struct listing *l)
{
	const struct ranking *k = &f->rank[l->rank];
	struct digest_table *t;
	uint64_t most;
	size_t i;

	if (k->n == 0)
		return;
	t = add_table(d, f, l->title, l->names, l->visits ? "Visits" : "Visitors",
	    l->visits ? "Visitors" : "Events");
	most = l->visits ? k->v[0].events : k->v[0].visitors;
	for (i = 0; i < k->n && i < NAMES; i++) {
		const struct ranked *r = &k->v[i];
		uint64_t first = l->visits ? r->events : r->visitors;
		struct digest_row *row = &t->row[t->rows++];
		size_t cell = 0;

		row->name = name(d, shown_name(f, l, r));
		row->cell[cell++] = count(d, first);
		if (wording_compares(f))
			row->cell[cell++] = change(d, first, r->before);
		row->cell[cell] = count(d, l->visits ? r->visitors : r->events);
		row->bar = most > 0 ? (double)first / (double)most : 0;
	}
	t->more = k->names - t->rows;
}

static void
add_rankings(struct digest *d, const struct overview *f)
{
	static const struct listing listings[] = {
		{ RANK_SOURCES, "Sources of visits", "Source", "unknown", true },
		{ RANK_CAMPAIGNS, "Campaigns", "Campaign", "no campaign", true },
		{ RANK_ENTRIES, "Entry pages", "Path", "no path", true },
		{ RANK_PAGES, "Pages", "Path", "no path", false },
		{ RANK_COUNTRIES, "Countries", "Country", "unknown", false },
		{ RANK_DEVICES, "Devices", "Device", "unknown", false },
		{ RANK_EVENTS, "Events", "Event", "no name", false },
	};
	size_t i;

	for (i = 0; i < sizeof(listings) / sizeof(listings[0]); i++)
		add_ranking(d, f, &listings[i]);
}

static void
add_goals(struct digest *d, const struct report *r)
{
	const struct overview *f = r->overview;
	struct digest_table *t;
	size_t i;

	if (f->goals == 0)
		return;
	t = add_table(d, f, "Goals", "Goal", "Times", "Rate");
	for (i = 0; i < f->goals; i++) {
		const struct reached *g = &f->goal[i].all;
		struct digest_row *row = &t->row[t->rows++];
		size_t cell = 0;

		row->name = name(d, r->goals[i].text);
		row->cell[cell++] = count(d, g->events);
		if (wording_compares(f))
			row->cell[cell++] = change(d, g->events, g->events_before);
		row->cell[cell] = share(d, g->visitors, f->totals.visitors);
		row->bar = -1;
	}
}

/* What a goal was worth in a currency; in: NULL where it has none. */
static void
add_worth(struct digest *d, const struct overview *f, struct digest_table *t, struct span goal,
    const struct reached *r, bool in_currency)
{
	struct digest_row *row = &t->row[t->rows];
	size_t cell = 0, at = begin(d);

	if (t->rows == DIGEST_ROWS) {
		t->more++;
		return;
	}
	t->rows++;
	wording_name(&d->text, goal, NAME_WIDTH / 2, WORDING_TEXT);
	if (in_currency) {
		buf_adds(&d->text, ", ");
		wording_name(&d->text,
		    r->currency_n ? (struct span){ f->text.p + r->currency, r->currency_n }
				  : SPAN("no currency"),
		    NAME_WIDTH / 2, WORDING_TEXT);
	}
	row->name = end(d, at);
	at = begin(d);
	if (r->value_n > 0)
		number_text_decimal(&d->text, (struct span){ f->text.p + r->value, r->value_n });
	else
		buf_adds(&d->text, NUMBER_TEXT_NONE);
	row->cell[cell++] = end(d, at);
	if (wording_compares(f)) {
		at = begin(d);
		wording_worth_change(&d->text, r);
		row->cell[cell++] = end(d, at);
	}
	row->cell[cell] = count(d, r->events);
	row->bar = -1;
}

static void
add_worths(struct digest *d, const struct report *r)
{
	const struct overview *f = r->overview;
	struct digest_table *t = NULL;
	size_t i, k;

	for (i = 0; i < f->goals; i++) {
		const struct overview_goal *goal = &r->goals[i];

		if (!goal->value.depth)
			continue;
		if (!t)
			t = add_table(d, f, "Value of goals", "Goal", "Value", "Times");
		if (!goal->currency.depth)
			add_worth(d, f, t, goal->text, &f->goal[i].all, false);
		for (k = 0; k < f->goal[i].n; k++)
			add_worth(d, f, t, goal->text, &f->goal[i].v[k], true);
	}
}

static void
add_new_events(struct digest *d, const struct overview *f)
{
	const struct ranking *k = &f->rank[RANK_NEW_EVENTS];
	struct digest_table *t;
	size_t i;

	if (k->n == 0)
		return;
	t = add_table(d, NULL, "Events that are new", "Event", "Visitors", "Events");
	for (i = 0; i < k->n && i < NAMES; i++) {
		struct digest_row *row = &t->row[t->rows++];

		row->name = name(d, overview_name(f, &k->v[i]));
		row->cell[0] = count(d, k->v[i].visitors);
		row->cell[1] = count(d, k->v[i].events);
		row->bar = -1;
	}
	t->more = k->names - t->rows;
}

void
digest_make(struct digest *d, const struct report *r)
{
	const struct overview *f = r->overview;
	size_t at;

	*d = (struct digest){ .text = BUF_INIT };
	d->subject = subject(d, r);
	at = begin(d);
	buf_add_scrubbed(&d->text, r->title.p, r->title.n);
	d->title = end(d, at);
	at = begin(d);
	dateword_period(&d->text, &f->period);
	d->period = end(d, at);
	d->about = about(d, f);
	d->opening = opening(d, r);
	d->note = note(d, r);
	add_figures(d, f);
	if (f->totals.events == 0)
		return;
	add_chart(d, f);
	add_goals(d, r);
	add_worths(d, r);
	add_rankings(d, f);
	add_new_events(d, f);
}

void
digest_release(struct digest *d)
{
	buf_release(&d->text);
}
