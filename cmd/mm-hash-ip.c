/*
 * mm-hash-ip: replaces addresses by their hashes, and does nothing else; or
 * looks whether any are left.
 */
#include "cmd/hash-ip/job.h"

#include "base/banned.h"

int
main(int argc, char **argv)
{
	static struct hash_job j = { .in = INTAKE_INIT, .crew.jobs = 1 };
	const struct opt options[] = {
		SALT_OPTION(j.salt_file),
		{ 0, "key", OPT_LIST, "PATH",
		    "also replace the address at this key, such as context.ip; repeatable", &j.keys,
		    0, 0 },
		{ 0, "text", OPT_FLAG, NULL, "read any text, and replace all addresses in it",
		    &j.text, 0, 0 },
		{ 0, "plain", OPT_FLAG, NULL, "read one address a line, and write its hash",
		    &j.plain, 0, 0 },
		{ 0, "date-key", OPT_STRING, "PATH",
		    "key of the line's date (default received_at, else timestamp)", &j.date_key, 0,
		    0 },
		{ 0, "date", OPT_STRING, "DAY",
		    "hash for this UTC day, YYYY-MM-DD or today (default the line's)", &j.date, 0,
		    0 },
		{ 0, "check", OPT_FLAG, NULL,
		    "write nothing; status 1 if a line still has an address", &j.check, 0, 0 },
		{ 0, "key-id", OPT_FLAG, NULL, "print a fingerprint of the salt, and exit",
		    &j.key_id, 0, 0 },
		INTAKE_REJECTS(j.in),
		CREW_JOBS(j.crew),
		INTAKE_SUMMARY(j.in),
		INTAKE_QUIET(j.in),
		INTAKE_MAX_LINE(j.in),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-hash-ip",
		.summary = "Replace IP addresses with keyed hashes that change daily",
		.synopsis = "[OPTION]... [FILE]...",
		.example = "mm-hash-ip --text --salt-file salt < access.log > anonymous.log",
		.options = options,
		.operands = "FILE",
	};
	size_t files;
	int status;

	if (!face_begin(&command, argc, argv, &files, &status))
		return status;
	if (hash_job_start(&j, &status)) {
		face_catch_signals();
		status = hash_job_run(&j, argv, files);
	}
	hash_job_release(&j);
	return face_end(status);
}
