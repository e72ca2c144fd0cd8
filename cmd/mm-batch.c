/*
 * mm-batch: gathers events in bodies for POST /v1/batch, and undoes it.
 */
#include "cmd/batch/job.h"

#include "base/banned.h"

int
main(int argc, char **argv)
{
	struct batch_job j = { .in = INTAKE_INIT, .max_events = BODY_EVENTS_MAX };
	const struct opt options[] = {
		{ 'n', "max-events", OPT_NUMBER, "N", "events in a body (default 1000)",
		    &j.max_events, 1, BODY_EVENTS_MAX },
		{ 0, "max-bytes", OPT_SIZE, "SIZE", "bytes in a body (default 1M)", &j.max_bytes,
		    64, 256 << 20 },
		{ 0, "flush-after", OPT_DURATION, "TIME",
		    "write a body when its first event has waited this long (default: when full)",
		    &j.max_age, 1, 24 * 3600 * 1000 },
		OPT_FORMER("max-age"),
		{ 'd', "debatch", OPT_FLAG, NULL, "read bodies and write their events", &j.debatch,
		    0, 0 },
		INTAKE_REJECTS(j.in),
		{ 0, "strict-keys", OPT_FLAG, NULL, "reject events with unknown keys",
		    &j.event.strict_keys, 0, 0 },
		INTAKE_SUMMARY(j.in),
		INTAKE_QUIET(j.in),
		{ 0, "max-line", OPT_SIZE, "SIZE",
		    "reject longer lines (default 1M, with --debatch 16M)", &j.in.max_line, 64,
		    UINT64_C(1) << 30 },
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-batch",
		.summary = "Group events into bodies for POST /v1/batch, or split them",
		.synopsis = "[OPTION]... [FILE]...",
		.example = "mm-batch -n 500 < events.ndjson > bodies.ndjson",
		.options = options,
		.operands = "FILE",
	};
	size_t files;
	int status;

	j.in.max_line = 0; /* not given */
	if (!face_begin(&command, argc, argv, &files, &status))
		return status;
	if (!batch_job_start(&j))
		return STATUS_ERROR;
	face_catch_signals();
	return face_end(batch_job_run(&j, argv, files));
}
