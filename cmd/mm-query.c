/*
 * mm-query: the events of a period, newest first.
 */
#include "base/msg.h"
#include "cmd/cli/face.h"
#include "cmd/cli/reading.h"

#include "base/banned.h"

/* Whatever its size, it passes through: a table would have to wait for the last row. */
static bool
settle_all(struct reading *r, struct ask *ask, uint64_t limit)
{
	if (!ask->all) {
		ask->limit = limit ? limit : ask->limit;
		return true;
	}
	if (limit || r->format == OUTPUT_FORMAT_TABLE) {
		msg("--all prints the whole period as it comes, and can't be used with %s",
		    limit ? "--limit" : "--format table");
		return false;
	}
	if (r->format == READING_AUTO)
		r->format = OUTPUT_FORMAT_NDJSON;
	ask->limit = UINT64_MAX;
	return true;
}

int
main(int argc, char **argv)
{
	static struct reading r; /* its list of conditions belongs to the process */
	struct ask ask;
	const char *filter[FILTERS] = { NULL }, *fields = NULL, *after = NULL;
	uint64_t limit = 0;
	const struct opt options[] = {
		READING_OPT_FROM(r),
		READING_OPT_TO(r),
		READING_OPT_PERIOD(r),
		READING_OPT_TZ(r),
		READING_OPT_EVENT(filter[FILTER_EVENT]),
		READING_OPT_WHERE(r),
		{ 0, "source", OPT_STRING, "NAME", "only events from this source, such as google",
		    &filter[FILTER_SOURCE], 0, 0 },
		{ 0, "medium", OPT_STRING, "NAME", "only events of this medium, such as paid",
		    &filter[FILTER_MEDIUM], 0, 0 },
		{ 0, "country", OPT_STRING, "CC", "only events from this country, such as GB",
		    &filter[FILTER_COUNTRY], 0, 0 },
		{ 0, "user-id", OPT_STRING, "ID", "only events of this user",
		    &filter[FILTER_USER_ID], 0, 0 },
		{ 0, "anonymous-id", OPT_STRING, "ID", "only events of this visitor",
		    &filter[FILTER_ANONYMOUS_ID], 0, 0 },
		{ 0, "fields", OPT_STRING, "NAME[,NAME]...",
		    "print only these fields, in this order", &fields, 0, 0 },
		{ 0, "limit", OPT_NUMBER, "N", "print at most N events (default 100)", &limit, 1,
		    ASK_ROWS_MAX },
		{ 0, "all", OPT_FLAG, NULL, "print the whole period, oldest first", &ask.all, 0,
		    0 },
		{ 0, "after", OPT_STRING, "ID", "with --all: continue after the event with this id",
		    &after, 0, 0 },
		READING_OPT_FORMAT(r, OUTPUT_FORMATS),
		READING_OPT_PROJECT(r),
		STORE_OPT_URL(r.store),
		STORE_OPT_DATABASE(r.store),
		STORE_OPT_PASSWORD_FILE(r.store),
		READING_OPT_EXPLAIN(r),
		READING_OPT_ASCII(r),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-query",
		.summary = "Print the events of a period, newest first",
		.synopsis = "{--from TIME [--to TIME] | --period PERIOD} [OPTION]...",
		.example = "mm-query --from -24h --event signup",
		.options = options,
	};
	size_t operands, i;
	int status;

	reading_init(&r);
	ask_init(&ask, ASK_QUERY);
	if (!face_begin(&command, argc, argv, &operands, &status))
		return status;
	for (i = 0; i < FILTERS; i++)
		reading_filter(&ask.filter[i], filter[i]);
	reading_filter(&ask.fields, fields);
	reading_filter(&ask.after, after);
	if (!settle_all(&r, &ask, limit))
		return STATUS_ERROR;
	face_catch_signals();
	return face_end(reading_run(&r, &ask));
}
