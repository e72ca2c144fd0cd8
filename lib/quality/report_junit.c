#include <stdlib.h>

#include "quality/report.h"

#include "base/banned.h"

/*
 * Adds text that XML 1.0 may hold: its own signs are escaped; control
 * characters stand as \xNN already; U+FFFE and U+FFFF are replaced.
 */
static void
add_xml(struct buf *b, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] == '&')
			buf_adds(b, "&amp;");
		else if (p[i] == '<')
			buf_adds(b, "&lt;");
		else if (p[i] == '>')
			buf_adds(b, "&gt;");
		else if (p[i] == '"')
			buf_adds(b, "&quot;");
		else if (n - i >= 3 && memcmp(p + i, "\xef\xbf", 2) == 0 &&
		    (unsigned char)p[i + 2] >= 0xbe)
			buf_add(b, "\xef\xbf\xbd", 3), i += 2;
		else
			buf_addc(b, p[i]);
	}
}

struct junit {
	struct buf *b;
	struct buf scratch;
};

/* Adds what stands in the scratch buffer, and empties it. */
static void
settle(struct junit *j)
{
	if (j->scratch.failed)
		j->b->failed = true;
	add_xml(j->b, j->scratch.n ? j->scratch.p : "", j->scratch.n);
	buf_reset(&j->scratch);
}

/* ---- cases ---- */

static void
begin_case(struct junit *j, struct span event)
{
	buf_adds(j->b, "<testcase classname=\"");
	quality_report_add_plain(&j->scratch, event.n ? event : SPAN("(no event)"));
	settle(j);
	buf_adds(j->b, "\" name=\"");
}

static void
add_examples(struct junit *j, const struct findings *f, const struct finding *g)
{
	unsigned i;

	for (i = 0; i < g->examples; i++) {
		struct span excerpt = finding_excerpt(f, &g->example[i]);

		buf_addc(j->b, '\n');
		quality_report_add_place(&j->scratch, &g->example[i]);
		buf_adds(&j->scratch, excerpt.n ? "  " : "");
		quality_report_add_plain(&j->scratch, excerpt);
		settle(j);
	}
}

/* The numbers in a text of drift would make it another case each day. */
static void
name_drift(struct junit *j, const struct finding_kind *k)
{
	struct finding_kind short_form = *k;
	size_t i;

	for (i = 0; i < k->text.n; i++)
		if (k->text.p[i] == ':' ||
		    (k->text.n - i > 4 && memcmp(k->text.p + i, " in ", 4) == 0))
			break;
	short_form.text.n = i;
	quality_report_add_what(&j->scratch, &short_form);
}

static void
add_case(struct junit *j, const struct findings *f, const struct finding *g, bool fails, bool drift)
{
	struct finding_kind k = finding_kind(f, g);

	begin_case(j, k.event);
	if (drift)
		name_drift(j, &k);
	else
		quality_report_add_what(&j->scratch, &k);
	settle(j);
	buf_adds(j->b, "\" time=\"0\">");
	if (fails)
		buf_addf(j->b, "<failure type=\"%s\" message=\"", severity_name(g->severity));
	else
		buf_adds(j->b, "<system-out>");
	buf_addf(&j->scratch, "%s, %llu %s%s: ", severity_name(g->severity),
	    (unsigned long long)g->count, drift ? "event" : "line", g->count == 1 ? "" : "s");
	quality_report_add_what(&j->scratch, &k);
	if (fails) {
		/* GitLab shows the text and not the message */
		struct buf message = j->scratch;

		add_xml(j->b, message.n ? message.p : "", message.n);
		buf_adds(j->b, "\">");
	}
	settle(j);
	add_examples(j, f, g);
	buf_adds(j->b, fails ? "</failure></testcase>\n" : "</system-out></testcase>\n");
}

/* ---- suites ---- */

static bool
case_fails(const struct finding *g, bool strict)
{
	return strict && g->severity == SEVERITY_ERROR;
}

static void
begin_suite(struct junit *j, const char *name, uint64_t tests, uint64_t failures)
{
	buf_addf(j->b,
	    "<testsuite name=\"%s\" tests=\"%llu\" failures=\"%llu\" errors=\"0\" skipped=\"0\" "
	    "time=\"0\">\n",
	    name, (unsigned long long)tests, (unsigned long long)failures);
}

static uint64_t
count_failures(const struct findings *f, bool strict)
{
	uint64_t n = 0;
	uint32_t i;

	for (i = 0; i < f->n; i++)
		n += case_fails(&f->finding[i], strict);
	return n;
}

static void
add_cases(struct junit *j, const struct findings *f, bool strict, bool drift)
{
	uint32_t i;

	for (i = 0; i < f->n; i++)
		add_case(j, f, &f->finding[i], case_fails(&f->finding[i], strict), drift);
}

/* A case that passes, for each event of which nothing was rejected. */
static uint64_t
count_good(const struct profile *p)
{
	uint64_t n = 0;
	uint32_t i;

	for (i = 0; i < p->names.n; i++)
		n += p->event[i].rejected == 0;
	return n;
}

static void
add_good(struct junit *j, const struct profile *p)
{
	struct quality_report_row *row = quality_report_events(p, true);
	uint32_t i;

	if (!row)
		j->b->failed = true;
	for (i = 0; row && i < p->names.n; i++) {
		if (p->event[row[i].number].rejected)
			continue;
		begin_case(j, row[i].name);
		buf_adds(j->b, "valid\" time=\"0\"/>\n");
	}
	free(row);
}

static void
add_summary(struct junit *j, const struct quality_report *r)
{
	buf_adds(j->b, "<system-out>");
	quality_report_add_counts(&j->scratch, r);
	if (r->plan_version.p) {
		buf_adds(&j->scratch, "; plan ");
		quality_report_add_plain(&j->scratch, r->plan_version);
	}
	quality_report_add_more(&j->scratch, r, "; and more: ");
	settle(j);
	buf_adds(j->b, "</system-out>\n</testsuite>\n");
}

void
quality_report_junit(const struct quality_report *r, struct buf *b)
{
	struct junit j = { b, BUF_INIT };
	uint64_t failures = count_failures(r->findings, r->too_many);
	uint64_t drifted = r->drift ? count_failures(r->drift, true) : 0;
	uint64_t tests = r->findings->n + count_good(r->profile);

	buf_addf(b,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"mm-validate\" "
	    "tests=\"%llu\" failures=\"%llu\" errors=\"0\" time=\"0\">\n",
	    (unsigned long long)(tests + (r->drift ? r->drift->n : 0)),
	    (unsigned long long)(failures + drifted));
	begin_suite(&j, "events", tests, failures);
	add_cases(&j, r->findings, r->too_many, false);
	add_good(&j, r->profile);
	add_summary(&j, r);
	if (r->drift) {
		begin_suite(&j, "drift", r->drift->n, drifted);
		add_cases(&j, r->drift, true, true);
		buf_adds(b, "</testsuite>\n");
	}
	buf_adds(b, "</testsuites>\n");
	buf_release(&j.scratch);
}
