#include "cmd/validate/job.h"

#include <stdlib.h>

#include "base/msg.h"

#include "base/banned.h"

/* What a thread judges lines by, when neither expressions are asked nor reports collected. */
struct judge {
	struct event event;
	struct plans plans;
};

/* What goes to standard output is the events, or a plan made of them. */
static void
pass(struct job *j)
{
	if (j->quality.infer)
		j->in.passed++;
	else
		intake_pass(&j->in);
}

/* What the plan and the expressions say of the event. */
static enum judgement
ask(struct job *j)
{
	return assertions_judge(&j->assertions, !plans_judge(&j->plans, &j->assertions, &j->event));
}

void
job_ask(void *context, const char *p, size_t n)
{
	struct job *j = context;

	if (event_parse(&j->event, p, n))
		ask(j);
}

/* For events that are valid by themselves. */
static void
judge(struct job *j)
{
	switch (ask(j)) {
	case JUDGED_PASS:
		pass(j);
		break;
	case JUDGED_REJECT:
		plans_reject(&j->plans, &j->assertions, &j->in);
		break;
	case JUDGED_DROP:
		j->in.dropped++;
		break;
	}
	plans_warn(&j->plans, &j->in);
	quality_warn(&j->quality, j->plans.answer.warnings.complaint, j->plans.answer.warnings.n);
}

void
job_take(void *context)
{
	struct job *j = context;
	struct intake *in = &j->in;

	if (!event_parse(&j->event, in->lines.p, in->lines.n)) {
		intake_reject(in, "invalid_payload", j->event.complaint, j->event.complaints);
		return;
	}
	if (quality_collects(&j->quality))
		quality_event(&j->quality);
	if (plans_any(&j->plans) || assertions_any(&j->assertions))
		judge(j);
	else
		pass(j);
}

/* Takes the line at hand on one thread of several. */
static void
judge_take(void *context, struct intake *in)
{
	struct judge *j = context;
	const struct lines *l = &in->lines;

	if (!event_parse(&j->event, l->p, l->n)) {
		intake_reject(in, "invalid_payload", j->event.complaint, j->event.complaints);
		return;
	}
	if (plans_judge(&j->plans, NULL, &j->event))
		intake_pass(in);
	else
		plans_reject(&j->plans, NULL, in);
	plans_warn(&j->plans, in);
}

const char *
job_of_one_thread(const struct job *j)
{
	if (quality_collects(&j->quality))
		return j->quality.report ? "--report"
		    : j->quality.infer   ? "--infer-plan"
					 : "--lint-names";
	if (!assertions_any(&j->assertions))
		return NULL;
	return j->assertions.asserted.n ? "--assert"
	    : j->assertions.select      ? "--select"
	    : j->assertions.where       ? "--assert-if"
					: "a plan with assertions";
}

static bool
share(struct job *j, struct judge *judge)
{
	size_t i;

	for (i = 0; judge && i < j->crew.jobs; i++) {
		event_init(&judge[i].event);
		judge[i].event.strict_keys = j->event.strict_keys;
		j->crew.worker[i] = &judge[i];
		if (!plans_share(&judge[i].plans, &j->plans))
			break;
	}
	if (judge && i == j->crew.jobs)
		return true;
	msg("out of memory");
	return false;
}

static bool
take_together(struct job *j)
{
	struct judge *judge = calloc((size_t)j->crew.jobs, sizeof(*judge));
	bool ran;
	size_t i;

	j->crew.take = judge_take;
	ran = share(j, judge) && crew_run(&j->crew, &j->in);
	for (i = 0; judge && i < j->crew.jobs; i++) {
		plans_unshare(&judge[i].plans);
		event_release(&judge[i].event);
	}
	free(judge);
	return ran;
}

bool
job_take_lines(struct job *j)
{
	if (job_of_one_thread(j)) {
		while (!j->waiting.ended && intake_next(&j->in)) {
			if (assertions_any(&j->assertions))
				waiting_next(&j->waiting);
			else
				job_take(j);
		}
		return true;
	}
	return take_together(j);
}

void
job_warn(
    void *context, const char *name, uint64_t number, const struct complaint *c, size_t complaints)
{
	struct job *j = context;

	plans_tell_warning(&j->plans, j->in.quiet, name, number, c, complaints);
}

void
job_add_counts(void *context, bool json, bool asked, struct buf *b)
{
	const struct job *j = context;
	unsigned long long dropped = j->in.dropped;

	if (json && j->assertions.select)
		buf_addf(b, ",\"dropped\":{\"select\":%llu}", dropped);
	if (!json && dropped)
		buf_addf(b, ", %llu dropped by --select", dropped);
	plans_add_counts(&j->plans, &j->in, json, asked, b);
}
