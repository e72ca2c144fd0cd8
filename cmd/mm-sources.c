/*
 * mm-sources: where the visitors of a period came from.
 */
#include "face.h"
#include "reading.h"

#include "banned.h"

int
main(int argc, char **argv)
{
	struct reading r;
	struct ask ask;
	const struct opt options[] = {
		READING_OPT_ASCII(r),
		{ 0, "breakdown", OPT_CHOICE, ASK_BREAKDOWNS,
		    "what a row stands for (default source_medium)", &ask.breakdown, 0, 0 },
		STORE_OPT_DATABASE(r.store),
		READING_OPT_EXPLAIN(r),
		READING_OPT_FORMAT(r, PRESENT_FORMATS_AND_CHART),
		READING_OPT_FROM(r),
		{ 0, "limit", OPT_NUMBER, "N", "print at most N rows (default 50)", &ask.limit, 1,
		    ASK_SOURCES_ROWS_MAX },
		STORE_OPT_PASSWORD_FILE(r.store),
		READING_OPT_PROJECT(r),
		READING_OPT_TO(r),
		READING_OPT_TZ(r),
		STORE_OPT_URL(r.store),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-sources",
		.summary = "Where the visitors of a period came from",
		.synopsis = "--from TIME [--to TIME] [OPTION]...",
		.example = "mm-sources --from this-month --format chart",
		.options = options,
	};
	size_t operands;
	int status;

	reading_init(&r);
	ask_init(&ask, ASK_SOURCES);
	if (!face_begin(&command, argc, argv, &operands, &status))
		return status;
	face_catch_signals();
	return face_end(reading_run(&r, &ask));
}
