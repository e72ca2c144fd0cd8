/*
 * mm-validate: passes valid events on, byte for byte, and says what is wrong
 * with the others.
 */
#include "base/msg.h"
#include "cmd/validate/job.h"

#include "base/banned.h"

/* An option that is about events, which --check-plan and --import-plan do not read; or NULL. */
static const char *
other_option(const struct job *j)
{
	const struct {
		const char *name;
		bool given;
	} options[] = {
		{ "--plan", j->plans.file },
		{ "--assert", j->assertions.asserted.n },
		{ "--assert-if", j->assertions.where },
		{ "--select", j->assertions.select },
		{ "--rejects", j->in.rejects_path },
		{ "--summary", j->in.summary >= 0 },
		{ "--report", j->quality.report && !quality_tells_plans(&j->quality) },
		{ "--report-format", j->quality.format >= 0 && !j->quality.report },
		{ "--max-errors", j->quality.max_errors },
		{ "--infer-plan", j->quality.infer },
	};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].given)
			return options[i].name;
	return NULL;
}

/* Whether the report does not go where the plan is read from; says so. */
static bool
may_report(const struct job *j, const char *plan)
{
	char *const files[] = { (char *)plan };

	return !plan || !j->quality.report || strcmp(j->quality.report, "-") == 0 ||
	    intake_may_write("--report", j->quality.report, files, 1);
}

static int
check_plan(const struct job *j, const char *other)
{
	if (other)
		msg("--check-plan reads no events; leave out %s", other);
	else if (may_report(j, j->plans.checked))
		return plans_check(&j->plans, j->quality.lint);
	return STATUS_ERROR;
}

static int
import_plan(const struct job *j, const char *other)
{
	if (!other && j->plans.checked)
		other = "--check-plan";
	if (!other && j->quality.lint)
		other = "--lint-names";
	if (!other)
		return plans_import(&j->plans);
	msg("--import-plan reads no events and no plan; leave out %s", other);
	return STATUS_ERROR;
}

static int
run(struct job *j, char **files, size_t count)
{
	struct intake *in = &j->in;
	struct waiting *w = &j->waiting;
	bool taken;
	int status;

	*w = (struct waiting){
		.in = in, .child = &j->assertions.child, .take = job_take, .context = j
	};
	if (!may_report(j, j->plans.file) ||
	    !quality_start(&j->quality, in, &j->event, files, count) ||
	    !plans_start(&j->plans, &j->assertions) || !assertions_start(&j->assertions) ||
	    !crew_may(&j->crew, job_of_one_thread(j)) || !intake_open(in, files, count) ||
	    !assertions_open(&j->assertions, in->max_line, job_ask, j))
		return STATUS_ERROR;
	in->add_counts = job_add_counts;
	in->context = j;
	in->on_warning = job_warn;
	taken = job_take_lines(j);
	if (!in->out.error && !in->rejects.error)
		waiting_settle(w);
	status = intake_end(in);
	j->quality.plan_version = plans_version(&j->plans);
	return quality_end(&j->quality, w->failed || !taken ? STATUS_ERROR : status);
}

int
main(int argc, char **argv)
{
	static struct job j = { .in = INTAKE_INIT,
		.assertions = ASSERTIONS_INIT,
		.quality = QUALITY_INIT,
		.crew.jobs = 1 };
	const struct opt options[] = {
		INTAKE_REJECTS(j.in),
		PLANS_PLAN(j.plans),
		ASSERTIONS_ASSERT(j.assertions),
		ASSERTIONS_IF(j.assertions),
		ASSERTIONS_SELECT(j.assertions),
		{ 0, "strict-keys", OPT_FLAG, NULL, "reject lines with unknown top-level keys",
		    &j.event.strict_keys, 0, 0 },
		QUALITY_MAX_ERRORS(j.quality),
		QUALITY_REPORT(j.quality),
		QUALITY_FORMAT(j.quality),
		QUALITY_BASELINE(j.quality),
		QUALITY_MAX_DRIFT(j.quality),
		CREW_JOBS(j.crew),
		INTAKE_SUMMARY(j.in),
		INTAKE_QUIET(j.in),
		QUALITY_INFER(j.quality),
		PLANS_IMPORT(j.plans),
		PLANS_CHECK(j.plans),
		QUALITY_LINT(j.quality),
		ASSERTIONS_MEMORY(j.assertions),
		ASSERTIONS_TIME(j.assertions),
		INTAKE_MAX_LINE(j.in),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-validate",
		.summary =
		    "Check events line by line: pass valid ones unchanged, reject the others",
		.synopsis = "[OPTION]... [FILE]...",
		.example = "mm-validate --rejects rejects.ndjson < events.ndjson > valid.ndjson",
		.options = options,
		.operands = "FILE",
	};
	size_t files;
	int status;

	event_init(&j.event);
	j.plans.on_errors = quality_plan_errors;
	j.plans.errors_context = &j.quality;
	if (!face_begin(&command, argc, argv, &files, &status))
		return status;
	if (j.plans.imported)
		return import_plan(&j, files ? argv[0] : other_option(&j));
	if (j.plans.checked)
		return check_plan(&j, files ? argv[0] : other_option(&j));
	face_catch_signals();
	status = run(&j, argv, files);
	plans_release(&j.plans);
	assertions_release(&j.assertions);
	event_release(&j.event);
	return face_end(status);
}
