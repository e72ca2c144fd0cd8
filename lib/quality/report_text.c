#include <stdlib.h>

#include "text/display.h"
#include "quality/report.h"
#include "text/table.h"

#include "base/banned.h"

enum {
	FINDINGS_SHOWN = 20, /* of each severity */
	EVENTS_SHOWN = 30,
	EVENT_WIDTH_MAX = 32, /* what is longer pushes its line out */
	INDENT = 2,
};

#define BOLD "\033[1m"
#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define DIM "\033[2m"
#define PLAIN "\033[m"

struct text {
	const struct quality_report *r;
	struct buf *b;
	struct buf scratch;
	size_t count_width, event_width;
};

static void
paint(struct text *t, const char *colour)
{
	if (t->r->colour)
		buf_adds(t->b, colour);
}

static void
add_painted(struct text *t, const char *colour, const char *text)
{
	paint(t, colour);
	buf_adds(t->b, text);
	paint(t, PLAIN);
}

/* ---- the head ---- */

static void
add_head(struct text *t)
{
	const struct quality_report *r = t->r;

	add_painted(t, BOLD, "Event quality: ");
	if (r->failed)
		add_painted(t, RED, "FAILED");
	else
		add_painted(t, GREEN, "passed");
	buf_adds(t->b, "\n\n  ");
	quality_report_add_counts(t->b, r);
	buf_addc(t->b, '\n');
	if (r->allowed)
		buf_addf(t->b, "  rejected lines allowed: %s (--max-errors)\n", r->allowed);
	if (r->plan_version.p) {
		buf_adds(t->b, "  plan ");
		quality_report_add_plain(t->b, r->plan_version);
		buf_addc(t->b, '\n');
	}
}

/* ---- findings ---- */

static size_t
digits(uint64_t n)
{
	size_t d = 1;

	for (; n >= 10; n /= 10)
		d++;
	return d;
}

static struct span
event_shown(struct text *t, const struct finding_kind *k)
{
	buf_reset(&t->scratch);
	quality_report_add_plain(&t->scratch, k->event.n ? k->event : SPAN("-"));
	return (struct span){ t->scratch.n ? t->scratch.p : "", t->scratch.n };
}

static void
measure(struct text *t, const struct findings *f, uint32_t from, uint32_t to)
{
	uint32_t i;

	t->count_width = strlen("count");
	t->event_width = strlen("event");
	for (i = from; i < to; i++) {
		struct finding_kind k = finding_kind(f, &f->finding[i]);
		struct span event = event_shown(t, &k);
		size_t width = display_width(event.p, event.n), count = digits(f->finding[i].count);

		if (width > t->event_width && width <= EVENT_WIDTH_MAX)
			t->event_width = width;
		if (count > t->count_width)
			t->count_width = count;
	}
}

static void
add_examples(struct text *t, const struct findings *f, const struct finding *g)
{
	size_t places[FINDING_EXAMPLES], widest = 0;
	size_t margin = INDENT + t->count_width + 2;
	unsigned i;

	for (i = 0; i < g->examples; i++) {
		buf_reset(&t->scratch);
		quality_report_add_place(&t->scratch, &g->example[i]);
		places[i] = display_width(t->scratch.n ? t->scratch.p : "", t->scratch.n);
		if (places[i] > widest)
			widest = places[i];
	}
	for (i = 0; i < g->examples; i++) {
		struct span excerpt = finding_excerpt(f, &g->example[i]);

		display_spaces(t->b, margin);
		paint(t, DIM);
		quality_report_add_place(t->b, &g->example[i]);
		if (excerpt.n) {
			display_spaces(t->b, widest - places[i] + 2);
			quality_report_add_plain(t->b, excerpt);
		}
		paint(t, PLAIN);
		buf_addc(t->b, '\n');
	}
}

static void
add_finding(struct text *t, const struct findings *f, const struct finding *g)
{
	struct finding_kind k = finding_kind(f, g);
	struct span event;
	size_t width;

	display_spaces(t->b, INDENT + t->count_width - digits(g->count));
	paint(t, g->severity == SEVERITY_ERROR ? RED : YELLOW);
	buf_addu(t->b, g->count);
	paint(t, PLAIN);
	buf_adds(t->b, "  ");
	event = event_shown(t, &k);
	width = display_width(event.p, event.n);
	paint(t, BOLD);
	buf_add(t->b, event.p, event.n);
	paint(t, PLAIN);
	display_spaces(t->b, (width < t->event_width ? t->event_width - width : 0) + 2);
	quality_report_add_what(t->b, &k);
	buf_addc(t->b, '\n');
	add_examples(t, f, g);
}

/* The findings of one severity, which stand together, worst first. */
static void
add_findings(struct text *t, const struct findings *f, enum severity severity, const char *title)
{
	uint32_t from = 0, to, shown, i;

	while (from < f->n && f->finding[from].severity != severity)
		from++;
	for (to = from; to < f->n && f->finding[to].severity == severity; to++)
		;
	if (from == to)
		return;
	shown = to - from > FINDINGS_SHOWN ? from + FINDINGS_SHOWN : to;
	measure(t, f, from, shown);
	buf_addc(t->b, '\n');
	add_painted(t, BOLD, title);
	buf_adds(t->b, "\n\n");
	display_spaces(t->b, INDENT + t->count_width - strlen("count"));
	paint(t, DIM);
	buf_adds(t->b, "count  event");
	display_spaces(t->b, t->event_width - strlen("event") + 2);
	buf_adds(t->b, "what");
	paint(t, PLAIN);
	buf_addc(t->b, '\n');
	for (i = from; i < shown; i++)
		add_finding(t, f, &f->finding[i]);
	if (shown < to)
		buf_addf(t->b, "  and %u more kind%s, less frequent\n", to - shown,
		    to - shown == 1 ? "" : "s");
}

/* ---- events ---- */

static void
add_number(struct text *t, struct table *table, uint64_t part, uint64_t whole)
{
	buf_reset(&t->scratch);
	buf_addu(&t->scratch, part);
	if (part && whole) {
		buf_adds(&t->scratch, " (");
		buf_add_percent(&t->scratch, part, whole);
		buf_addc(&t->scratch, ')');
	}
	table_add(table, t->scratch.n ? t->scratch.p : "", t->scratch.n);
}

static void
add_row(struct text *t, struct table *table, struct span name, const struct profile_event *e)
{
	buf_reset(&t->scratch);
	buf_adds(&t->scratch, "  ");
	quality_report_add_plain(&t->scratch, name);
	table_add(table, t->scratch.n ? t->scratch.p : "", t->scratch.n);
	add_number(t, table, e->lines, 0);
	add_number(t, table, e->rejected, e->lines);
	if (table->n > 3)
		add_number(t, table, e->warned, e->lines);
}

/* Lines in which no name of an event could be read. */
static struct profile_event
count_nameless(const struct quality_report *r)
{
	const struct profile *p = r->profile;
	struct profile_event e = { .lines = r->lines - p->more };
	uint32_t i;

	for (i = 0; i < p->names.n; i++)
		e.lines -= p->event[i].lines;
	e.rejected = e.lines;
	return e;
}

static void
add_events(struct text *t)
{
	static const struct table_column columns[] = { { "  event", false, true },
		{ "lines", true, true }, { "rejected", true, true },
		{ "with warnings", true, true } };
	const struct profile *p = t->r->profile;
	struct profile_event nameless = count_nameless(t->r);
	struct quality_report_row *row = quality_report_events(p, false);
	struct table table;
	uint32_t i;

	if (!row || p->names.n == 0) {
		t->b->failed |= !row;
		free(row);
		return;
	}
	table_init(&table, columns, t->r->warned ? 4 : 3);
	for (i = 0; i < p->names.n && i < EVENTS_SHOWN; i++)
		add_row(t, &table, row[i].name, &p->event[row[i].number]);
	if (nameless.lines)
		add_row(t, &table, SPAN("-"), &nameless);
	buf_addc(t->b, '\n');
	add_painted(t, BOLD, "Events, worst first");
	buf_adds(t->b, "\n\n");
	if (!table_print(&table, 0, false, t->b))
		t->b->failed = true;
	if (p->names.n > EVENTS_SHOWN)
		buf_addf(t->b, "  and %u more\n", p->names.n - EVENTS_SHOWN);
	table_release(&table);
	free(row);
}

static void
add_more(struct text *t)
{
	size_t before = t->b->n;

	quality_report_add_more(t->b, t->r, "\nToo many kinds to tell apart; and more: ");
	if (t->b->n > before)
		buf_addc(t->b, '\n');
}

void
quality_report_text(const struct quality_report *r, struct buf *b)
{
	struct text t = { .r = r, .b = b };

	add_head(&t);
	add_findings(&t, r->findings, SEVERITY_ERROR, "What failed, worst first");
	if (r->drift) {
		add_findings(&t, r->drift, SEVERITY_ERROR, "Drift from the baseline");
		add_findings(&t, r->drift, SEVERITY_WARN, "Changes since the baseline");
		if (r->drift->n == 0)
			buf_adds(b, "\nNothing has changed since the baseline.\n");
	}
	add_findings(&t, r->findings, SEVERITY_WARN, "Warnings");
	add_events(&t);
	add_more(&t);
	if (t.scratch.failed)
		b->failed = true;
	buf_release(&t.scratch);
}
