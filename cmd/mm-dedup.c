/*
 * mm-dedup: drops events that were seen, by their event_id or by what --by
 * names, and passes all others on, byte for byte.
 */
#include "cmd/dedup/job.h"

#include "cmd/cli/project.h"

#include "base/banned.h"

int
main(int argc, char **argv)
{
	struct dedup_job j = DEDUP_JOB_INIT;
	const char *project = NULL;
	const struct opt options[] = {
		{ 0, "state", OPT_STRING, "FILE", "remember the ids in FILE for the next run",
		    &j.state_path, 0, 0 },
		{ 0, "by", OPT_STRING, "line|FIELDS",
		    "compare whole lines or these fields (default event_id)", &j.by, 0, 0 },
		{ 0, "within", OPT_DURATION, "DURATION",
		    "drop only events at most this far apart in time", &j.within, 1,
		    UINT64_C(86400000) * 36525 },
		{ 0, "remember", OPT_NUMBER, "N", "remember N ids, 32 bytes each (default 1000000)",
		    &j.window, 1, ID_WINDOW_WINDOW_MAX },
		OPT_FORMER("window"),
		{ 0, "learn", OPT_STRING, "FILE", "treat the ids, events or rows of FILE as seen",
		    &j.learn_path, 0, 0 },
		PROJECT_OPTION(project),
		INTAKE_REJECTS(j.in),
		INTAKE_SUMMARY(j.in),
		INTAKE_QUIET(j.in),
		INTAKE_MAX_LINE(j.in),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-dedup",
		.summary = "Drop duplicate events; pass all others unchanged",
		.synopsis = "[OPTION]... [FILE]...",
		.example = "mm-dedup --state seen < events.ndjson > once.ndjson",
		.options = options,
		.operands = "FILE",
	};
	size_t files;
	int status = STATUS_ERROR;

	if (!face_begin(&command, argc, argv, &files, &status))
		return status;
	if (project_id(project, &j.project)) {
		face_catch_signals();
		status = dedup_job_start(&j) ? dedup_job_run(&j, argv, files) : STATUS_ERROR;
	} else {
		status = STATUS_ERROR;
	}
	dedup_job_release(&j);
	return face_end(status);
}
