#include "cmd/validate/quality.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quality/baseline.h"
#include "text/datafile.h"
#include "quality/drift.h"
#include "event/event.h"
#include "quality/excerpt.h"
#include "base/fd.h"
#include "base/msg.h"
#include "quality/plan_infer.h"
#include "quality/report.h"

#include "base/banned.h"

enum { EVENT_NAME_MAX = 128 };

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_JUNIT, FORMAT_GITHUB };

/* ---- options ----------------------------------------------------------- */

/* Whether both options name one file, which is there already or not. */
static bool
is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	if (!a || !b || strcmp(a, "-") == 0)
		return false;
	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino;
}

static bool
check_options(struct quality *q, const char *rejects)
{
	const char *wrong = NULL;

	q->drift_max = (struct percent){ 10, 1 };
	if (q->format >= 0 && !q->report)
		wrong = "--report-format needs --report FILE (- for standard error)";
	else if (q->baseline && !q->report)
		wrong =
		    "--baseline needs --report FILE, which tells the drift (- for standard error)";
	else if (q->max_drift && !q->baseline)
		wrong = "--max-drift needs --baseline FILE, an earlier report";
	else if (q->max_errors && !allowance_read(q->max_errors, &q->allowance))
		wrong = "--max-errors: expected a number of lines, as 10, or a percentage, as 0.5%";
	else if (is_same_file(q->report, rejects))
		wrong = "--report and --rejects need a file each";
	else if (q->max_drift && !percent_read(q->max_drift, &q->drift_max))
		wrong = "--max-drift: expected percentage points from 0 to 100, as 2.5";
	if (wrong)
		msg("%s; try 'mm-validate --help'", wrong);
	return !wrong;
}

static bool
read_baseline(struct quality *q)
{
	struct buf text = BUF_INIT, errors = BUF_INIT;
	const char *wrong = NULL;
	bool good = true;

	if (!profile_init(&q->before, false)) {
		msg("out of memory");
		good = false;
	} else if (!datafile_read(q->baseline, &text, &errors)) {
		/* without the end of the line, which msg adds */
		msg("%.*s", errors.n ? (int)errors.n - 1 : 0, errors.n ? errors.p : "");
		good = false;
	} else {
		wrong = baseline_read(&q->before, text.n ? text.p : "", text.n);
	}
	if (wrong)
		msg("%s: %s", q->baseline, wrong);
	buf_release(&text);
	buf_release(&errors);
	return good && !wrong;
}

/* ---- lines ------------------------------------------------------------- */

/* The name of the event at hand, as far as it is one. */
static struct span
event_name(const struct quality *q)
{
	const struct json_value *v = &q->event->value[EVENT_EVENT];

	if (!event_has(q->event, EVENT_EVENT) || v->type != JSON_STRING || v->utf16 == 0 ||
	    v->utf16 > EVENT_NAME_MAX)
		return (struct span){ NULL, 0 };
	return event_text(q->event, EVENT_EVENT);
}

static bool
is_at_hand(const struct quality *q, const char *file, uint64_t line)
{
	return q->row_line == line && q->row_file == file;
}

static void
take_line(struct quality *q, const char *file, uint64_t line, struct span name)
{
	q->row = name.n ? profile_name(&q->profile, name) : NULL;
	q->row_file = file;
	q->row_line = line;
	q->row_warned = false;
	if (q->row)
		q->row->lines++;
}

void
quality_event(struct quality *q)
{
	const struct lines *l = &q->in->lines;

	take_line(q, l->name, l->number, event_name(q));
	if (q->row)
		profile_add(&q->profile, q->row, q->event);
}

static void
add_finding(struct quality *q, const struct finding_kind *k, const char *file, uint64_t line,
    const char *p, size_t n)
{
	struct finding *g = findings_add(&q->findings, k);

	if (g)
		findings_place(&q->findings, g, file, line);
	if (!finding_wants_example(g))
		return;
	buf_reset(&q->excerpt);
	if (p)
		excerpt_add(&q->excerpt, p, n, k->field);
	findings_example(&q->findings, g, file, line,
	    (struct span){ q->excerpt.n ? q->excerpt.p : "", q->excerpt.n });
}

static struct finding_kind
kind_of(const struct complaint *c, enum severity severity, struct span event)
{
	struct finding_kind k = { .severity = severity, .event = event };

	k.field = c->counted_field.p ? c->counted_field : c->field;
	k.text = c->kind.p ? c->kind : c->text;
	if (!k.field.p)
		k.field.n = 0;
	return k;
}

static void
on_reject(void *context, const char *file, uint64_t line, const char *p, size_t n,
    const struct complaint *c, size_t complaints)
{
	struct quality *q = context;
	bool is_event = p && complaints > 0 && !complaint_is_syntax(&c[0]);
	struct span name = is_event ? event_name(q) : (struct span){ NULL, 0 };
	size_t i;

	if (!is_at_hand(q, file, line))
		take_line(q, file, line, name);
	if (q->row)
		q->row->rejected++;
	for (i = 0; i < complaints; i++) {
		struct finding_kind k = kind_of(&c[i], SEVERITY_ERROR, name);

		if (complaint_is_syntax(&c[i])) {
			buf_reset(&q->out);
			buf_adds(&q->out, "Invalid JSON: ");
			buf_add(&q->out, k.text.p, k.text.n);
			k.text = (struct span){ q->out.p, q->out.n };
		}
		add_finding(q, &k, file, line, p, n);
	}
}

static void
find_fault(struct quality *q, enum severity severity, struct span event, struct span field,
    struct span text)
{
	const struct lines *l = &q->in->lines;
	struct finding_kind k = { severity, event, field, text };

	if (!q->collects)
		return;
	if (severity == SEVERITY_WARN && !q->row_warned) {
		q->row_warned = true;
		q->warned++;
		if (q->row)
			q->row->warned++;
	}
	add_finding(q, &k, l->name, l->number, l->p, l->n);
}

void
quality_warn(struct quality *q, const struct complaint *c, size_t n)
{
	struct finding_kind k;
	size_t i;

	for (i = 0; q->collects && i < n; i++) {
		k = kind_of(&c[i], SEVERITY_WARN, event_name(q));
		find_fault(q, k.severity, k.event, k.field, k.text);
	}
}

bool
quality_start(
    struct quality *q, struct intake *in, struct event *event, char *const *files, size_t count)
{
	if (!check_options(q, in->rejects_path))
		return false;
	q->collects = q->report || q->infer || q->lint;
	q->in = in;
	q->event = event;
	if (!q->collects)
		return true;
	if (q->report && strcmp(q->report, "-") != 0 &&
	    !intake_may_write("--report", q->report, files, count))
		return false;
	if (!findings_init(&q->findings) || !findings_init(&q->drift) ||
	    !profile_init(&q->profile, q->infer)) {
		msg("out of memory");
		return false;
	}
	in->on_reject = on_reject;
	in->reject_context = q;
	return !q->baseline || read_baseline(q);
}

/* ---- the end ----------------------------------------------------------- */

static uint64_t
line_count(const struct quality *q)
{
	return q->in->passed + q->in->rejected + q->in->dropped;
}

static bool
too_many(const struct quality *q)
{
	return allowance_exceeded(&q->allowance, q->in->rejected, line_count(q));
}

static uint32_t
count_errors(const struct findings *f)
{
	uint32_t i, n = 0;

	for (i = 0; i < f->n; i++)
		n += f->finding[i].severity == SEVERITY_ERROR;
	return n;
}

static bool
wants_colour(const struct quality *q)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	/* no-color.org: set and not empty */
	return strcmp(q->report, "-") == 0 && isatty(STDERR_FILENO) && !(no && *no) &&
	    !(term && strcmp(term, "dumb") == 0);
}

static bool
write_out(const char *name, int fd, const struct buf *b)
{
	int error;

	if (b->failed) {
		msg("%s: out of memory", name);
		return false;
	}
	error = fd < 0 ? fd_replace(name, b->p, b->n) : fd_write(fd, b->p, b->n);
	if (error)
		msg_errno(error, "%s", name);
	return error == 0;
}

static bool
write_report_text(const struct quality *q)
{
	bool to_stderr = strcmp(q->report, "-") == 0;

	return write_out(
	    to_stderr ? "standard error" : q->report, to_stderr ? STDERR_FILENO : -1, &q->out);
}

/* The directory that GitHub has the repository in. */
static const char *
repository(void)
{
	const char *root = getenv("GITHUB_WORKSPACE");

	return root && *root ? root : ".";
}

static bool
write_report(struct quality *q, bool failed)
{
	static void (*const formats[])(const struct quality_report *, struct buf *) = {
		[FORMAT_TEXT] = quality_report_text,
		[FORMAT_JSON] = quality_report_json,
		[FORMAT_JUNIT] = quality_report_junit,
		[FORMAT_GITHUB] = quality_report_github,
	};
	struct quality_report r = {
		.findings = &q->findings,
		.drift = q->baseline ? &q->drift : NULL,
		.profile = &q->profile,
		.plan_version = q->plan_version,
		.lines = line_count(q),
		.valid = q->in->passed + q->in->dropped,
		.rejected = q->in->rejected,
		.warned = q->warned,
		.blank = q->in->blank,
		.failed = failed,
		.too_many = too_many(q),
		.allowed = q->max_errors,
		.colour = wants_colour(q),
		.root = repository(),
	};

	buf_reset(&q->out);
	formats[q->format < 0 ? FORMAT_TEXT : q->format](&r, &q->out);
	return write_report_text(q);
}

bool
quality_tells_plans(const struct quality *q)
{
	return q->report && q->format == FORMAT_GITHUB;
}

void
quality_plan_errors(void *context, const char *file, const struct jsonfile_errors *errors)
{
	struct quality *q = context;

	if (!quality_tells_plans(q))
		return;
	buf_reset(&q->out);
	quality_report_github_plan(file, repository(), errors, &q->out);
	write_report_text(q);
}

static bool
write_plan(struct quality *q)
{
	buf_reset(&q->out);
	plan_infer(&q->profile, &q->out);
	return write_out("standard output", STDOUT_FILENO, &q->out);
}

/* What the thresholds make of the run; says so where it fails. */
static bool
judge(struct quality *q)
{
	bool rejects = too_many(q);
	uint32_t drifted = count_errors(&q->drift);

	if (rejects && q->max_errors && !q->in->quiet)
		msg("%llu of %llu lines rejected: --max-errors %s allows less",
		    (unsigned long long)q->in->rejected, (unsigned long long)line_count(q),
		    q->max_errors);
	if (drifted && !q->in->quiet)
		msg("%lu change%s since %s beyond the threshold: see the report",
		    (unsigned long)drifted, drifted == 1 ? "" : "s", q->baseline);
	return rejects || drifted;
}

/* Whether the run went through the whole input, so that there is something to tell. */
static bool
is_whole(const struct quality *q, int status)
{
	if (face_stop)
		return false;
	if (status == STATUS_ERROR && (q->report || q->infer))
		msg("not all was read: no %s is written", q->report ? "report" : "plan");
	else if (q->in->cut && q->report)
		msg("the reader of standard output left early: no report is written "
		    "(> /dev/null drops the events)");
	else
		return status != STATUS_ERROR && !q->in->cut;
	return false;
}

static void
release(struct quality *q)
{
	findings_release(&q->findings);
	findings_release(&q->drift);
	profile_release(&q->profile);
	profile_release(&q->before);
	buf_release(&q->excerpt);
	buf_release(&q->out);
}

static int
finish(struct quality *q)
{
	bool failed, written = true;

	if (q->lint)
		quality_lint(q);
	findings_sort(&q->findings);
	if (q->baseline) {
		drift_find(&q->drift, &q->before, &q->profile,
		    (double)q->drift_max.value / (double)q->drift_max.unit);
		findings_sort(&q->drift);
	}
	failed = judge(q);
	if (q->infer && !write_plan(q))
		written = false;
	if (q->report && !write_report(q, failed))
		written = false;
	if (!written)
		return STATUS_ERROR;
	return failed ? STATUS_REJECTED : STATUS_OK;
}

int
quality_end(struct quality *q, int status)
{
	if (!q->collects && !q->max_errors)
		return status;
	if (is_whole(q, status))
		status = finish(q);
	else if (q->in->cut && q->report)
		status = STATUS_ERROR;
	release(q);
	return status;
}
