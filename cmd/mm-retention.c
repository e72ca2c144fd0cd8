/*
 * mm-retention: how many people come back, by days or weeks.
 */
#include "ask/cohort.h"
#include "cmd/cli/face.h"
#include "cmd/cli/reading.h"

#include "base/banned.h"

/* More than the cohorts of any period: all are asked for. */
enum { ALL_ROWS = INT32_MAX };

static int
run(struct reading *r, struct cohort *c)
{
	struct question q = { 0 };
	struct refusal e;
	bool good;

	if (!reading_period(r, &c->period, &c->project))
		return STATUS_ERROR;
	good = cohort_question(c, timestamp_now(), &q, &e);
	return reading_finish(r, &q, good ? NULL : &e, ALL_ROWS);
}

int
main(int argc, char **argv)
{
	struct reading r;
	struct cohort cohort = { .later = COHORT_LATER_DEFAULT };
	const char *start = NULL, *back = NULL;
	const struct opt options[] = {
		READING_OPT_FROM(r),
		READING_OPT_TO(r),
		READING_OPT_PERIOD(r),
		READING_OPT_TZ(r),
		{ 0, "start", OPT_STRING, "EVENT[,NAME=VALUE]...",
		    "the event that begins a cohort (default any)", &start, 0, 0 },
		{ 0, "back", OPT_STRING, "EVENT[,NAME=VALUE]...",
		    "the event that counts as coming back (default any)", &back, 0, 0 },
		{ 0, "interval", OPT_CHOICE, COHORT_INTERVALS, "length of cohorts (default day)",
		    &cohort.interval, 0, 0 },
		{ 0, "later", OPT_NUMBER, "N", "number of days or weeks to look at (default 7)",
		    &cohort.later, 1, COHORT_LATER_MAX },
		{ 0, "by", OPT_CHOICE, PEOPLE_BY, "count people by this id (default anonymous_id)",
		    &cohort.by, 0, 0 },
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
		.name = "mm-retention",
		.summary = "Count people who come back, by day or week",
		.synopsis = "{--from TIME [--to TIME] | --period PERIOD} [OPTION]...",
		.example = "mm-retention --from today-28d --start signup --interval week",
		.options = options,
	};
	size_t operands;
	int status;

	reading_init(&r);
	if (!face_begin(&command, argc, argv, &operands, &status))
		return status;
	reading_filter(&cohort.start, start);
	reading_filter(&cohort.back, back);
	face_catch_signals();
	return face_end(run(&r, &cohort));
}
