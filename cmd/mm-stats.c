/*
 * mm-stats: counts events or visitors, by intervals and groups.
 */
#include "cmd/cli/face.h"
#include "cmd/cli/reading.h"

#include "base/banned.h"

enum { LIMIT_NOT_GIVEN = 0 };

int
main(int argc, char **argv)
{
	static struct reading r; /* its list of conditions belongs to the process */
	struct ask ask;
	const char *event = NULL, *group_by = NULL;
	int interval = -1;
	uint64_t limit = LIMIT_NOT_GIVEN;
	const struct opt options[] = {
		READING_OPT_FROM(r),
		READING_OPT_TO(r),
		READING_OPT_PERIOD(r),
		READING_OPT_TZ(r),
		{ 0, "metric", OPT_CHOICE, ASK_METRICS,
		    "value to print: events, visitors, visits .. (default count)", &ask.metric, 0,
		    0 },
		READING_OPT_EVENT(event),
		{ 0, "group-by", OPT_STRING, "NAME[,NAME]...",
		    "print a row for each source, country, path, properties.NAME ..", &group_by, 0,
		    0 },
		{ 0, "interval", OPT_CHOICE, ASK_INTERVALS, "print a row for each", &interval, 0,
		    0 },
		READING_OPT_WHERE(r),
		READING_OPT_COMPARE(r),
		{ 0, "limit", OPT_NUMBER, "N",
		    "print at most N rows (default 100; 1000 for a chart by interval)", &limit, 1,
		    ASK_ROWS_MAX },
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
		.name = "mm-stats",
		.summary = "Count events, visitors or visits, by interval and group",
		.synopsis = "{--from TIME [--to TIME] | --period PERIOD} [OPTION]...",
		.example = "mm-stats --from today-30d --interval day --format chart",
		.options = options,
	};
	size_t operands;
	int status;

	reading_init(&r);
	ask_init(&ask, ASK_STATS);
	if (!face_begin(&command, argc, argv, &operands, &status))
		return status;
	reading_filter(&ask.filter[FILTER_EVENT], event);
	reading_filter(&ask.group_by, group_by);
	ask.interval = INTERVAL_NONE + 1 + interval;
	/* a chart of half the period would be read as the whole */
	if (limit != LIMIT_NOT_GIVEN)
		ask.limit = limit;
	else if (r.format == OUTPUT_FORMAT_CHART && ask.interval != INTERVAL_NONE)
		ask.limit = ASK_ROWS_MAX;
	face_catch_signals();
	return face_end(reading_run(&r, &ask));
}
