/*
 * mm-funnel: how many people went through a sequence of events.
 */
#include "cmd/cli/face.h"
#include "ask/funnel.h"
#include "base/msg.h"
#include "cmd/cli/reading.h"

#include "base/banned.h"

static bool
set(struct funnel *f, const struct opt_list *steps, const char *window, struct refusal *e)
{
	size_t i;

	if (window && !funnel_set(f, SPAN("window"), span_of(window), e))
		return false;
	for (i = 0; i < steps->n; i++) {
		if (!funnel_add_step(f, span_of(steps->v[i]), e))
			return false;
	}
	return true;
}

static int
run(struct reading *r, struct funnel *f, const struct opt_list *steps, const char *window)
{
	struct question q = { 0 };
	struct refusal e;
	bool good;

	if (f->limit && !f->group_by.p) {
		msg("--limit needs --group-by: each step has its row");
		return STATUS_ERROR;
	}
	if (!reading_period(r, &f->period, &f->project))
		return STATUS_ERROR;
	reading_filter(&f->compare, r->compare);
	good = set(f, steps, window, &e) && funnel_question(f, timestamp_now(), &q, &e);
	return reading_finish(r, &q, good ? NULL : &e, q.limit ? q.limit : FUNNEL_STEPS_MAX + 1);
}

int
main(int argc, char **argv)
{
	struct reading r;
	struct funnel funnel;
	const char *window = NULL, *group_by = NULL;
	static struct opt_list steps; /* belongs to the process */
	const struct opt options[] = {
		READING_OPT_FROM(r),
		READING_OPT_TO(r),
		READING_OPT_PERIOD(r),
		READING_OPT_TZ(r),
		{ 0, "step", OPT_LIST, "EVENT[,NAME=VALUE]...",
		    "the next step; give it 2 to 10 times", &steps, 0, 0 },
		{ 0, "window", OPT_STRING, "TIME",
		    "longest time from the first step to the last (default 7d)", &window, 0, 0 },
		{ 0, "by", OPT_CHOICE, PEOPLE_BY, "count people by this id (default anonymous_id)",
		    &funnel.by, 0, 0 },
		{ 0, "group-by", OPT_STRING, "NAME[,NAME]...",
		    "print a row for each country, source, properties.NAME .. of the first step",
		    &group_by, 0, 0 },
		READING_OPT_COMPARE(r),
		{ 0, "limit", OPT_NUMBER, "N", "print at most N groups (default 100)",
		    &funnel.limit, 1, ASK_ROWS_MAX },
		READING_OPT_FORMAT(r, OUTPUT_FORMATS_AND_CHART),
		READING_OPT_PROJECT(r),
		STORE_OPT_URL(r.store),
		STORE_OPT_DATABASE(r.store),
		STORE_OPT_PASSWORD_FILE(r.store),
		READING_OPT_EXPLAIN(r),
		READING_OPT_ASCII(r),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-funnel",
		.summary = "Count people through a sequence of events",
		.synopsis =
		    "{--from TIME [--to TIME] | --period PERIOD} --step EVENT --step EVENT [OPTION]...",
		.example = "mm-funnel --from -30d --step '$pageview' --step signup --step purchase",
		.options = options,
	};
	size_t operands;
	int status;

	reading_init(&r);
	funnel_init(&funnel);
	if (!face_begin(&command, argc, argv, &operands, &status))
		return status;
	reading_filter(&funnel.group_by, group_by);
	face_catch_signals();
	return face_end(run(&r, &funnel, &steps, window));
}
