/*
 * mm-sources: where the visitors of a period came from.
 */
#include "ask/credit.h"
#include "cmd/cli/face.h"
#include "base/msg.h"
#include "cmd/cli/reading.h"

#include "base/banned.h"

enum { TOUCH_NOT_GIVEN = -1 };

struct credit_options {
	const char *conversion, *value, *currency;
	int touch;
};

static int
run_credit(struct reading *r, struct ask *ask, const struct credit_options *o)
{
	struct credit c = {
		.touch = o->touch == TOUCH_NOT_GIVEN ? CREDIT_LAST : o->touch,
		.breakdown = ask->breakdown,
		.limit = ask->limit,
		.where = ask->where,
		.visits = ask->by == BY_VISITS,
	};
	struct question q = { 0 };
	struct refusal e;
	bool good;

	if (!reading_period(r, &c.period, &c.project))
		return STATUS_ERROR;
	reading_filter(&c.conversion, o->conversion);
	reading_filter(&c.compare, r->compare);
	reading_filter(&c.value, o->value);
	reading_filter(&c.currency, o->currency);
	good = reading_where(r, ask, &e);
	c.conditions = ask->conditions;
	good = good && credit_question(&c, timestamp_now(), &q, &e);
	return reading_finish(r, &q, good ? NULL : &e, c.limit);
}

static int
run(struct reading *r, struct ask *ask, const struct credit_options *o)
{
	if (o->conversion && ask->filter[FILTER_EVENT].p) {
		msg("--conversion says which events count; --event is of --by events");
		return STATUS_ERROR;
	}
	if (o->conversion)
		return run_credit(r, ask, o);
	if (o->touch == TOUCH_NOT_GIVEN && !o->value && !o->currency)
		return reading_run(r, ask);
	msg("%s asks about conversions; say which events they are with --conversion",
	    o->value          ? "--value"
		: o->currency ? "--currency"
			      : "--touch");
	return STATUS_ERROR;
}

int
main(int argc, char **argv)
{
	static struct reading r; /* its list of conditions belongs to the process */
	struct ask ask;
	struct credit_options credit = { .touch = TOUCH_NOT_GIVEN };
	const char *event = NULL;
	const struct opt options[] = {
		READING_OPT_FROM(r),
		READING_OPT_TO(r),
		READING_OPT_PERIOD(r),
		READING_OPT_TZ(r),
		{ 0, "by", OPT_CHOICE, ASK_BY, "count events or visits (default events)", &ask.by,
		    0, 0 },
		{ 0, "breakdown", OPT_CHOICE, ASK_BREAKDOWNS,
		    "print a row for each of these (default source_medium)", &ask.breakdown, 0, 0 },
		{ 0, "conversion", OPT_STRING, "EVENT[,NAME=VALUE]...",
		    "count these events by the source that brought their visitor",
		    &credit.conversion, 0, 0 },
		{ 0, "value", OPT_STRING, "PROPERTY", "add up this property of the conversions",
		    &credit.value, 0, 0 },
		{ 0, "currency", OPT_STRING, "PROPERTY",
		    "a row for each currency, which this property names", &credit.currency, 0, 0 },
		{ 0, "touch", OPT_CHOICE, CREDIT_TOUCHES,
		    "which event a conversion is credited to (default last)", &credit.touch, 0, 0 },
		READING_OPT_EVENT(event),
		READING_OPT_WHERE(r),
		READING_OPT_COMPARE(r),
		{ 0, "limit", OPT_NUMBER, "N", "print at most N rows (default 50)", &ask.limit, 1,
		    ASK_SOURCES_ROWS_MAX },
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
		.name = "mm-sources",
		.summary = "Show where visitors and conversions come from",
		.synopsis = "{--from TIME [--to TIME] | --period PERIOD} [OPTION]...",
		.example = "mm-sources --from this-month --format chart",
		.options = options,
	};
	size_t operands;
	int status;

	reading_init(&r);
	ask_init(&ask, ASK_SOURCES);
	if (!face_begin(&command, argc, argv, &operands, &status))
		return status;
	reading_filter(&ask.filter[FILTER_EVENT], event);
	face_catch_signals();
	return face_end(run(&r, &ask, &credit));
}
