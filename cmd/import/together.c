#include <stdlib.h>

#include "base/msg.h"
#include "cmd/import/job.h"

#include "base/banned.h"

/* What a thread takes lines with. */
struct worker {
	struct importer im;
	struct intake *in;            /* of the block at hand */
	bool noted_site, noted_proxy; /* in this block */
};

enum { COUNT_EVENTS, COUNT_SKIPS, COUNT_NO_SITE, COUNT_UNTRUSTED, COUNT_CUT, COUNT_SKIPPED };

static const char no_site[] = "no host", untrusted[] = "proxy that is not trusted";

bool
together_may(const struct import_job *j)
{
	const char *option = NULL;
	struct buf format = BUF_INIT;
	bool may;

	if (j->options.follow)
		option = "--follow";
	else if (j->options.state)
		option = "--state";
	else if (!importer_may_share(j->im.format))
		buf_addf(&format, "the format %s%c", import_format_name(j->im.format), '\0');
	may = crew_may(&j->crew, format.n ? format.p : option);
	buf_release(&format);
	return may;
}

/* ---- on a thread of several -------------------------------------------- */

static void
reject(void *worker, struct span record, const struct complaint *c, size_t complaints)
{
	struct worker *w = worker;
	const struct lines *l = &w->in->lines;

	intake_reject_line(
	    w->in, l->name, l->number, record.p, record.n, "invalid_record", c, complaints);
}

/* Once a block, so that the first line of all that it is of is among those. */
static void
note(struct intake *in, const char *what, bool *noted)
{
	struct complaint c = { .text = span_of(what) };

	if (!*noted)
		intake_warn(in, &c, 1);
	*noted = true;
}

static void
take(void *worker, struct intake *in)
{
	struct worker *w = worker;
	struct importer *im = &w->im;
	uint64_t events = im->events, skips = im->skips;

	if (line_is_blank(in->lines.p, in->lines.n)) {
		in->blank++;
		return;
	}
	w->in = in;
	im->repeats.later = &in->aside;
	importer_take(im, in->lines.p, in->lines.n, &in->out);
	in->passed += im->events - events;
	in->dropped += im->skips - skips;
	if (im->events > events && im->pageview.no_site)
		note(in, no_site, &w->noted_site);
	if (im->events > events && im->pageview.untrusted)
		note(in, untrusted, &w->noted_proxy);
}

/* At the end of each block. */
static void
count(void *worker, uint64_t *v)
{
	struct worker *w = worker;
	struct importer *im = &w->im;

	_Static_assert((int)COUNT_SKIPPED + (int)SKIP_REASONS <= (int)CREW_COUNTS, "counts");
	v[COUNT_EVENTS] = im->events;
	v[COUNT_SKIPS] = im->skips;
	v[COUNT_NO_SITE] = im->pageview.no_site;
	v[COUNT_UNTRUSTED] = im->pageview.untrusted;
	v[COUNT_CUT] = im->pageview.cut;
	memcpy(v + COUNT_SKIPPED, im->skipped, sizeof(im->skipped));
	im->events = im->skips = 0;
	im->pageview.no_site = im->pageview.untrusted = im->pageview.cut = 0;
	memset(im->skipped, 0, sizeof(im->skipped));
	w->noted_site = w->noted_proxy = false;
}

/* ---- in the order of the input ----------------------------------------- */

static void
settle(void *job, struct intake *block, size_t file)
{
	struct import_job *j = job;

	if (file != j->file) {
		importer_begin_file(&j->im);
		j->taken = 0;
	}
	j->file = file;
	j->taken_before = j->taken;
	j->taken += block->passed + block->dropped;
	importer_settle(&j->im, &block->aside, block->out.b.p, block->out.b.n);
}

static bool
may_reject(void *job, const char *name, uint64_t number, const char *p, size_t n, uint64_t taken)
{
	struct import_job *j = job;

	return !import_job_is_foreign(j, name, number, p, n, j->taken_before + taken);
}

static void
warn(void *job, const char *name, uint64_t number, const struct complaint *c, size_t complaints)
{
	(void)number;
	(void)complaints;
	if (span_eq(c->text, span_of(no_site)))
		import_job_tell_site(job, name);
	else
		import_job_tell_proxy(job, name);
}

/* ---- the whole --------------------------------------------------------- */

static void
take_counts(struct import_job *j)
{
	const uint64_t *v = j->crew.counts;

	j->im.events = v[COUNT_EVENTS];
	j->im.skips = v[COUNT_SKIPS];
	j->im.pageview.no_site = v[COUNT_NO_SITE];
	j->im.pageview.untrusted = v[COUNT_UNTRUSTED];
	j->im.pageview.cut = v[COUNT_CUT];
	memcpy(j->im.skipped, v + COUNT_SKIPPED, sizeof(j->im.skipped));
}

bool
together_run(struct import_job *j)
{
	struct worker *w = calloc((size_t)j->crew.jobs, sizeof(*w));
	bool ran;
	size_t i;

	if (!w) {
		msg("out of memory");
		return false;
	}
	for (i = 0; i < j->crew.jobs; i++) {
		importer_share(&w[i].im, &j->im);
		w[i].im.reject = reject;
		w[i].im.context = &w[i];
		j->crew.worker[i] = &w[i];
	}
	j->crew.take = take;
	j->crew.count = count;
	j->crew.settle = settle;
	j->crew.context = j;
	j->in.may_reject = may_reject;
	j->in.on_warning = warn;
	ran = crew_run(&j->crew, &j->in);
	take_counts(j);
	for (i = 0; i < j->crew.jobs; i++)
		importer_unshare(&w[i].im);
	free(w);
	return ran;
}
