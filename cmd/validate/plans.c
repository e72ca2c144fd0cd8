#include "cmd/validate/plans.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "text/datafile.h"
#include "base/fd.h"
#include "base/msg.h"
#include "quality/name_advice.h"
#include "quality/plan_import.h"
#include "quality/plan_read.h"

#include "base/banned.h"

/* ---- the plan ---------------------------------------------------------- */

/* Tells each, and how many there are: "FILE: 3 THINGS". */
static void
tell_errors(
    const char *file, const struct jsonfile_errors *errors, const char *one, const char *many)
{
	size_t i, n = errors->n + errors->more;

	for (i = 0; i < errors->n; i++) {
		const struct jsonfile_error *e = &errors->error[i];

		msg("%s:%zu: %.*s%s%.*s", file, e->line, (int)e->where.n, e->where.p,
		    e->where.n ? ": " : "", (int)e->what.n, e->what.p);
		if (e->shown.n)
			msg_raw(e->shown.p, e->shown.n);
	}
	if (errors->more)
		msg("%s: %zu more", file, errors->more);
	msg("%s: %zu %s", file, n, n == 1 ? one : many);
}

/* Reads it; the status, after messages when it is not STATUS_OK. */
static int
read_plan(const struct plans *p, const char *file, struct plan *plan, struct exprs **exprs)
{
	struct buf text = BUF_INIT, unread = BUF_INIT;
	struct jsonfile_errors errors = { .n = 0 };
	int status = STATUS_OK;

	if (!datafile_read(file, &text, &unread)) {
		msg("%.*s", (int)unread.n - 1, unread.p);
		status = STATUS_ERROR;
	} else if (!plan_read(plan, text.p, text.n, exprs, &errors)) {
		tell_errors(file, &errors, "error; mm-plan(5) describes the format",
		    "errors; mm-plan(5) describes the format");
		if (p->on_errors)
			p->on_errors(p->errors_context, file, &errors);
		status = STATUS_REJECTED;
	}
	jsonfile_errors_release(&errors);
	buf_release(&unread);
	buf_release(&text);
	return status;
}

/* As many assertions as the plan has for one event. */
static size_t
most_asserts(const struct plan *plan)
{
	size_t i, most = 0;

	for (i = 0; i < plan->names.n; i++)
		if (plan->event[i].asserts > most)
			most = plan->event[i].asserts;
	return most;
}

bool
plans_start(struct plans *p, struct assertions *a)
{
	if (!p->file)
		return true;
	if (read_plan(p, p->file, &p->plan, &a->exprs) != STATUS_OK)
		return false;
	a->others = most_asserts(&p->plan);
	p->all = calloc(PLAN_COMPLAINTS_MAX + 1 + assertions_most(a), sizeof(*p->all));
	if (p->all && plan_answer_init(&p->answer, &p->plan))
		return true;
	msg("out of memory");
	return false;
}

bool
plans_share(struct plans *p, const struct plans *other)
{
	*p = (struct plans){ .plan = other->plan };
	if (!plans_any(other))
		return true;
	p->all = calloc(PLAN_COMPLAINTS_MAX + 1, sizeof(*p->all));
	return p->all && plan_answer_init(&p->answer, &other->plan);
}

void
plans_unshare(struct plans *p)
{
	plan_answer_release(&p->answer);
	free(p->all);
}

void
plans_release(struct plans *p)
{
	plan_answer_release(&p->answer);
	plan_release(&p->plan);
	tally_release(&p->warnings);
	free(p->all);
}

/* ---- advice on its names ----------------------------------------------- */

static void
tell_name(const char *file, struct span event, struct span property, const char *text)
{
	msg("%s: warning: event %.*s: %.*s: %s", file, (int)event.n, event.p, (int)property.n,
	    property.p, text);
}

static void
lint_properties(const char *file, struct span event, const struct plan_object *o)
{
	bool currency = dict_get(&o->names, 0, SPAN("currency")) != DICT_NONE;
	uint32_t i;

	for (i = 0; i < o->names.n; i++) {
		const struct plan_property *p = &o->property[i];
		struct span name = dict_text(&o->names, i);
		const char *text = name_advice_property(name);

		if (text)
			tell_name(file, event, name, text);
		if (!currency && name_advice_is_cents(name))
			tell_name(file, event, name, name_advice_no_currency);
		for (; p; p = p->items)
			if (p->object)
				lint_properties(file, event, p->object);
	}
}

static void
lint(const char *file, const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->names.n; i++) {
		const struct plan_event *e = &plan->event[i];
		/* a glob is part of names */
		const char *text =
		    memchr(e->name.p, '*', e->name.n) ? NULL : name_advice_event(e->name);

		if (text)
			tell_name(file, e->name, SPAN("name"), text);
		lint_properties(file, e->name, &e->object);
	}
}

int
plans_check(const struct plans *p, bool lint_names)
{
	struct plan plan;
	struct exprs *exprs = NULL;
	int status = read_plan(p, p->checked, &plan, &exprs);

	if (status == STATUS_OK) {
		if (lint_names)
			lint(p->checked, &plan);
		plan_release(&plan);
	}
	exprs_free(exprs);
	return status;
}

/* ---- plans of others --------------------------------------------------- */

int
plans_import(const struct plans *p)
{
	struct buf text = BUF_INIT, plan = BUF_INIT, unread = BUF_INIT;
	struct jsonfile_errors errors = { .n = 0 };
	enum plan_import import = PLAN_IMPORT_NONE;
	int status = STATUS_ERROR, error = 0;

	if (!datafile_read(p->imported, &text, &unread))
		msg("%.*s", (int)unread.n - 1, unread.p);
	else
		import = plan_import(text.p, text.n, &plan, &errors);
	if (import != PLAN_IMPORT_NONE) {
		error = fd_write(STDOUT_FILENO, plan.p, plan.n);
		status = import == PLAN_IMPORT_WHOLE ? STATUS_OK : STATUS_REJECTED;
		if (import == PLAN_IMPORT_PART)
			tell_errors(p->imported, &errors, "rule is not in the plan",
			    "rules are not in the plan");
	} else if (errors.n) {
		msg("%s:%zu: %.*s", p->imported, errors.error[0].line, (int)errors.error[0].what.n,
		    errors.error[0].what.p);
	}
	if (error && error != EPIPE) {
		msg("standard output: %s", strerror(error));
		status = STATUS_ERROR;
	}
	jsonfile_errors_release(&errors);
	buf_release(&unread);
	buf_release(&plan);
	buf_release(&text);
	return status;
}

/* ---- one event --------------------------------------------------------- */

static void
judge_asserts(struct plans *p, struct assertions *a)
{
	const struct plan_event *x = p->answer.event;
	size_t i;

	for (i = 0; x && i < x->asserts; i++) {
		enum expr_answer answer = assertions_ask(a, x->assert[i].expr);

		if (answer != EXPR_TRUE)
			plan_not_true(&p->answer, &x->assert[i], answer);
	}
}

bool
plans_judge(struct plans *p, struct assertions *a, struct event *e)
{
	if (!plans_any(p))
		return true;
	plan_judge(&p->answer, e);
	judge_asserts(p, a);
	return p->answer.errors.n == 0;
}

void
plans_reject(struct plans *p, const struct assertions *a, struct intake *in)
{
	const struct plan_complaints *errors = &p->answer.errors;
	size_t others = a ? a->complaints : 0;

	if (errors->n == 0) {
		intake_reject(in, "invalid_payload", a->complaint, others);
		return;
	}
	memcpy(p->all, errors->complaint, errors->n * sizeof(*p->all));
	if (others)
		memcpy(p->all + errors->n, a->complaint, others * sizeof(*p->all));
	intake_reject(in, "invalid_payload", p->all, errors->n + others);
}

/* ---- warnings ---------------------------------------------------------- */

void
plans_warn(const struct plans *p, struct intake *in)
{
	const struct plan_complaints *warnings = &p->answer.warnings;

	if (warnings->n)
		intake_warn(in, warnings->complaint, warnings->n);
}

void
plans_tell_warning(struct plans *p, bool quiet, const char *name, uint64_t number,
    const struct complaint *c, size_t complaints)
{
	struct reject r = { .complaint = c, .complaints = complaints };
	struct buf text = BUF_INIT;

	if (!quiet && p->warned < INTAKE_EXPLAINED) {
		reject_explain(&text, &r);
		msg("%s:%llu: warning: %.*s", name, (unsigned long long)number, (int)text.n,
		    text.n ? text.p : "");
		buf_release(&text);
	}
	p->warned++;
	tally_add(&p->warnings, c, complaints);
}

static void
add_counts_json(const struct plans *p, struct buf *b)
{
	struct span version = plans_version(p);

	buf_adds(b, ",\"plan\":");
	if (version.p)
		json_add_string(b, version.p, version.n);
	else
		buf_adds(b, "null");
	buf_addf(b, ",\"warned\":%llu,\"warnings\":", (unsigned long long)p->warned);
	tally_add_json(&p->warnings, b);
	if (p->warnings.more)
		buf_addf(b, ",\"more_warnings\":%llu", (unsigned long long)p->warnings.more);
}

void
plans_add_counts(
    const struct plans *p, const struct intake *in, bool json, bool asked, struct buf *b)
{
	struct span version = plans_version(p);

	if (!plans_any(p))
		return;
	if (json) {
		add_counts_json(p, b);
		return;
	}
	if (p->warned)
		buf_addf(b, ", %llu with warnings", (unsigned long long)p->warned);
	if (version.p && (asked || p->warned || in->rejected)) {
		buf_adds(b, " (plan ");
		buf_add(b, version.p, version.n);
		buf_addc(b, ')');
	}
}
