/*
 * mm-import: turns logs and exports into events; each record becomes an event,
 * is skipped for a reason that is counted, or is rejected.
 */
#include "base/msg.h"
#include "cmd/import/job.h"

#include "base/banned.h"

int
main(int argc, char **argv)
{
	static struct import_job j = { .in = INTAKE_INIT, .options.scheme = 1, .crew.jobs = 1 };
	struct import_options *o = &j.options;
	const struct opt options[] = {
		{ 0, "site", OPT_STRING, "HOST", "host of the site if the log has none", &o->site,
		    0, 0 },
		{ 0, "follow", OPT_FLAG, NULL,
		    "wait for more at the end of FILE, even after it is rotated", &o->follow, 0,
		    0 },
		{ 0, "state", OPT_STRING, "FILE",
		    "start where the last run ended, as FILE remembers", &o->state, 0, 0 },
		{ 0, "trusted-proxy", OPT_LIST, "CIDR",
		    "believe what this proxy says about clients; repeatable", &o->trusted, 0, 0 },
		{ 0, "ip-field", OPT_STRING, "KEY",
		    "take the client's address from KEY if it is present", &o->ip_field, 0, 0 },
		{ 0, "skip-path", OPT_LIST, "PREFIX",
		    "skip requests whose path begins with PREFIX; repeatable", &o->paths, 0, 0 },
		{ 0, "keep", OPT_STRING, "LIST",
		    "keep these skipped records: asset,method,redirect,status", &o->keep, 0, 0 },
		{ 0, "scheme", OPT_CHOICE, "http|https",
		    "scheme of URLs if the log has none (default https)", &o->scheme, 0, 0 },
		{ 0, "map", OPT_STRING, "FILE", "add the key names of FILE", &o->map, 0, 0 },
		INTAKE_REJECTS(j.in),
		CREW_JOBS(j.crew),
		INTAKE_SUMMARY(j.in),
		INTAKE_QUIET(j.in),
		INTAKE_MAX_LINE(j.in),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-import",
		.summary = "Turn logs and exports into events",
		.synopsis = "[OPTION]... FORMAT [FILE]...",
		.example =
		    "mm-import combined --site shop.example access.log | mm-enrich | mm-insert",
		.options = options,
		.operands = "FILE",
	};
	size_t operands;
	int status;

	if (!face_begin(&command, argc, argv, &operands, &status))
		return status;
	if (operands == 0) {
		msg("expected the FORMAT of the records, or auto; try 'mm-import --help'");
		return STATUS_ERROR;
	}
	face_catch_signals();
	status = import_job_begin(&j, argv[0]) ? import_job_run(&j, argv + 1, operands - 1)
					       : STATUS_ERROR;
	import_job_release(&j);
	return face_end(status);
}
