#include "cmd/import/job.h"

#include "base/msg.h"

#include "base/banned.h"

/* ---- which format ------------------------------------------------------ */

static void
refuse(struct import_job *j, const char *name, const char *other)
{
	j->refused = true;
	if (other)
		msg("%s: looks like %s", name, other);
	else
		msg("%s: has an unknown format; see mm-import(1), --map", name);
}

/* Tells the format by the line at hand; false: it is not told yet. */
static bool
tell_format(struct import_job *j)
{
	const char *other;
	enum import_format f = import_guess(j->in.lines.p, j->in.lines.n, &other);

	if (f != IMPORT_FORMATS) {
		j->im.format = f;
		if (f != j->told && !j->in.quiet)
			msg("%s: looks like %s", j->in.lines.name, import_format_name(f));
		j->told = f;
		return true;
	}
	if (other || ++j->unknown == IMPORT_FIRST_LINES)
		refuse(j, j->in.lines.name, other);
	return false;
}

bool
import_job_is_foreign(struct import_job *j, const char *name, uint64_t number, const char *p,
    size_t n, uint64_t taken)
{
	const char *other;
	enum import_format f;

	if (taken || number > IMPORT_FIRST_LINES)
		return false;
	f = import_guess(p, n, &other);
	if (other) {
		refuse(j, name, other);
	} else if (f != IMPORT_FORMATS && !import_takes(j->im.format, f)) {
		msg("%s: looks like %s, not %s", name, import_format_name(f),
		    import_format_name(j->im.format));
		j->refused = true;
	}
	return j->refused;
}

/* ---- lines ------------------------------------------------------------- */

static void
begin_file(struct import_job *j)
{
	const struct lines *l = &j->in.lines;

	if (l->name == j->name && l->number > j->number)
		return;
	j->name = l->name;
	if (j->tails)
		return; /* tail.c knows */
	j->taken = j->unknown = 0;
	if (j->automatic)
		j->im.format = IMPORT_AUTO;
	importer_begin_file(&j->im);
}

void
import_job_tell_site(struct import_job *j, const char *name)
{
	if (!j->told_site && !j->in.quiet)
		msg("%s: no host in these lines: with --site HOST their events have a url, by "
		    "whose parameters sources are found",
		    name);
	j->told_site = true;
}

void
import_job_tell_proxy(struct import_job *j, const char *name)
{
	if (!j->told_proxy && !j->in.quiet)
		msg("%s: came through a proxy that is not trusted: with --trusted-proxy CIDR the "
		    "client is read from X-Forwarded-For",
		    name);
	j->told_proxy = true;
}

static void
reject(void *context, struct span record, const struct complaint *c, size_t complaints)
{
	struct import_job *j = context;
	const struct lines *l = &j->in.lines;

	if (!j->refused && !import_job_is_foreign(j, l->name, l->number, l->p, l->n, j->taken))
		intake_reject_line(&j->in, j->name, j->number, record.p, record.n, "invalid_record",
		    c, complaints);
}

static void
take_line(struct import_job *j)
{
	struct complaint unknown = { .text = SPAN("Expected a line of a format that is known") };
	struct intake *in = &j->in;
	uint64_t events = j->im.events, skips = j->im.skips;

	begin_file(j);
	if (line_is_blank(in->lines.p, in->lines.n) && !importer_in_row(&j->im)) {
		in->blank++;
		return;
	}
	j->number = in->lines.number;
	if (j->im.format == IMPORT_AUTO && !tell_format(j)) {
		if (!j->refused)
			intake_reject(in, "invalid_record", &unknown, 1);
		return;
	}
	importer_take(&j->im, in->lines.p, in->lines.n, &in->out);
	events = j->im.events - events;
	skips = j->im.skips - skips;
	in->passed += events;
	in->dropped += skips;
	j->taken += events + skips;
	if (events && j->im.pageview.no_site)
		import_job_tell_site(j, j->name);
	if (events && j->im.pageview.untrusted)
		import_job_tell_proxy(j, j->name);
}

/* ---- the summary ------------------------------------------------------- */

static void
add_skips(const struct import_job *j, bool json, struct buf *b)
{
	const char *between = "";
	unsigned s;

	for (s = 0; s < SKIP_REASONS; s++) {
		unsigned long long n = j->im.skipped[s];

		if (!n)
			continue;
		buf_addf(
		    b, json ? "%s\"%s\":%llu" : "%s%s %llu", between, skip_name((enum skip)s), n);
		between = json ? "," : ", ";
	}
}

static void
add_counts(void *context, bool json, bool asked, struct buf *b)
{
	const struct import_job *j = context;
	const struct pageview *v = &j->im.pageview;
	unsigned long long events = j->im.events, skipped = j->in.dropped, no_site = v->no_site,
			   cut = v->cut, untrusted = v->untrusted;

	if (json) {
		buf_addf(b, ",\"events\":%llu,\"skipped\":{", events);
		add_skips(j, true, b);
		buf_addf(b, "},\"without_host\":%llu,\"untrusted_proxy\":%llu,\"cut\":%llu",
		    no_site, untrusted, cut);
		return;
	}
	if (!asked)
		return;
	buf_addf(b, ", %llu events, %llu skipped", events, skipped);
	if (skipped) {
		buf_adds(b, " (");
		add_skips(j, false, b);
		buf_addc(b, ')');
	}
	if (no_site)
		buf_addf(b, ", %llu events without a host", no_site);
	if (untrusted)
		buf_addf(b, ", %llu events through a proxy that is not trusted", untrusted);
	if (cut)
		buf_addf(
		    b, ", %llu events with a URL, referrer or User-Agent too long, and cut", cut);
}

/* ---- the whole --------------------------------------------------------- */

static void
source_begin(void *context)
{
	unpack_begin(&((struct import_job *)context)->unpack);
}

static ssize_t
source_read(void *context, int fd, char *p, size_t n, bool *ready, const char **reason)
{
	struct import_job *j = context;
	struct unpack *u = &j->unpack;
	ssize_t k;

	if (j->tails) {
		k = follow_read(&j->follow, p, n);
		*reason = j->follow.reason;
		return k;
	}
	k = unpack_read(u, fd, p, n);
	*ready = u->ready;
	*reason = u->reason;
	return k;
}

static void
take_lines(struct import_job *j)
{
	while (!j->refused && intake_next(&j->in)) {
		if (!j->in.idle)
			take_line(j);
		if (j->tails && !(j->in.idle ? tail_idle(j) : tail_line(j)))
			break;
	}
}

int
import_job_run(struct import_job *j, char *const *files, size_t count)
{
	bool good;
	int status;

	j->in.add_counts = add_counts;
	j->in.context = j;
	j->in.takes_text = true;
	j->in.with_blank = true; /* which a cell of CSV may hold */
	j->im.reject = j->im.sink.reject = reject;
	j->im.context = j->im.sink.context = j;
	j->tails = j->options.follow || j->options.state;
	if (j->tails && (count != 1 || strcmp(files[0], "-") == 0)) {
		msg("--follow and --state need the name of one FILE");
		return STATUS_ERROR;
	}
	if (!together_may(j))
		return STATUS_ERROR;
	if (j->options.state && !intake_may_write("--state", j->options.state, files, count))
		return STATUS_ERROR;
	if (!intake_open(&j->in, files, count))
		return STATUS_ERROR;
	j->source = (struct lines_source){ source_begin, source_read, j };
	j->in.lines.source = &j->source;
	good = !j->tails || tail_open(j, files[0]);
	if (good && j->crew.jobs > 1)
		good = together_run(j);
	else if (good)
		take_lines(j);
	if (j->tails && good && !j->refused)
		good = tail_end(j);
	if (!j->refused)
		importer_begin_file(&j->im); /* what the last one left */
	status = intake_end(&j->in);
	return j->refused || (!good && !face_stop) ? STATUS_ERROR : status;
}
