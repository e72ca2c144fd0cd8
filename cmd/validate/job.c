#include "cmd/validate/job.h"

#include "base/banned.h"

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
