#include "quality/qreport.h"

#include "base/banned.h"

/* What GitHub shows of one step. */
enum { SHOWN_MAX = 10 };

/*
 * Adds what a command's runner would read as its own signs, escaped: of a
 * message the per cent sign and line ends, of a property's value also colon
 * and comma.
 */
static void
add_escaped(struct buf *b, const char *p, size_t n, bool property)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c == '%' || c == '\n' || c == '\r' || (property && (c == ':' || c == ',')))
			buf_addf(b, "%%%02X", c);
		else
			buf_addc(b, c < 0x20 || c == 0x7f ? '?' : (char)c);
	}
}

struct annotation {
	struct buf *b;
	struct buf scratch;
};

/* Adds what stands in the scratch buffer, and empties it. */
static void
settle(struct annotation *a, bool property)
{
	if (a->scratch.failed)
		a->b->failed = true;
	add_escaped(a->b, a->scratch.n ? a->scratch.p : "", a->scratch.n, property);
	buf_reset(&a->scratch);
}

/* Standard input is no file that GitHub could show a line of. */
static bool
is_in_file(const struct finding *g)
{
	return g->examples > 0 && strcmp(g->example[0].file, "<stdin>") != 0;
}

static void
add_lines(struct annotation *a, const struct finding *g)
{
	unsigned i, first = is_in_file(g);

	buf_addf(
	    &a->scratch, " (%llu line%s", (unsigned long long)g->count, g->count == 1 ? "" : "s");
	for (i = first; i < g->examples; i++) {
		buf_adds(&a->scratch, first && i == first ? ", also " : ", ");
		qreport_add_place(&a->scratch, &g->example[i]);
	}
	buf_addc(&a->scratch, ')');
}

static void
add_annotation(struct annotation *a, const struct findings *f, const struct finding *g,
    const char *command, bool drift)
{
	struct finding_kind k = finding_kind(f, g);

	buf_addf(a->b, "::%s ", command);
	if (is_in_file(g)) {
		buf_adds(a->b, "file=");
		qreport_add_utf8(&a->scratch, g->example[0].file, strlen(g->example[0].file));
		settle(a, true);
		buf_addf(a->b, ",line=%llu,", (unsigned long long)g->example[0].line);
	}
	buf_adds(a->b, "title=");
	if (drift)
		buf_adds(&a->scratch, "Drift: ");
	if (k.event.n)
		qreport_add_plain(&a->scratch, k.event);
	else
		buf_adds(&a->scratch, "mm-validate");
	settle(a, true);
	buf_adds(a->b, "::");
	qreport_add_what(&a->scratch, &k);
	if (!drift)
		add_lines(a, g);
	settle(a, false);
	buf_addc(a->b, '\n');
}

/* Findings of one severity, as far as they are shown; counts those that are not. */
static void
add_annotations(struct annotation *a, const struct findings *f, enum severity severity,
    const char *command, bool drift, unsigned *shown, uint64_t *hidden)
{
	uint32_t i;

	for (i = 0; i < f->n; i++) {
		if (f->finding[i].severity != severity)
			continue;
		if (*shown == SHOWN_MAX) {
			++*hidden;
			continue;
		}
		++*shown;
		add_annotation(a, f, &f->finding[i], command, drift);
	}
}

void
qreport_github(const struct qreport *r, struct buf *b)
{
	struct annotation a = { b, BUF_INIT };
	unsigned errors = 0, warnings = 0;
	unsigned *rejects = r->too_many ? &errors : &warnings;
	uint64_t hidden = 0;

	if (r->drift)
		add_annotations(&a, r->drift, SEVERITY_ERROR, "error", true, &errors, &hidden);
	/* within the allowance they do not fail the job */
	add_annotations(&a, r->findings, SEVERITY_ERROR, r->too_many ? "error" : "warning", false,
	    rejects, &hidden);
	add_annotations(&a, r->findings, SEVERITY_WARN, "warning", false, &warnings, &hidden);
	if (r->drift)
		add_annotations(&a, r->drift, SEVERITY_WARN, "warning", true, &warnings, &hidden);
	buf_adds(b, "::notice title=mm-validate::");
	qreport_add_counts(&a.scratch, r);
	if (hidden)
		buf_addf(&a.scratch, "; not shown: %llu more kind%s of findings, less frequent",
		    (unsigned long long)hidden, hidden == 1 ? "" : "s");
	qreport_add_more(&a.scratch, r, "; and more: ");
	if (r->plan_version.p) {
		buf_adds(&a.scratch, "; plan ");
		qreport_add_plain(&a.scratch, r->plan_version);
	}
	settle(&a, false);
	buf_addc(b, '\n');
	buf_release(&a.scratch);
}
