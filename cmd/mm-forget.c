/*
 * mm-forget: deletes the rows of people from ClickHouse, and says so.
 */
#include "cmd/forget/job.h"
#include "base/msg.h"
#include "cmd/cli/project.h"

#include "base/banned.h"

static bool
read_salt(struct forget_job *j, const char *file)
{
	struct salt salt;
	bool good;

	if (sodium_init() < 0) {
		msg("libsodium does not start");
		return false;
	}
	good = salt_read(&salt, file, true, ": audit records hold keyed hashes of the ids");
	if (good)
		forget_key_init(&j->key, &salt);
	sodium_memzero(&salt, sizeof(salt));
	return good;
}

int
main(int argc, char **argv)
{
	static struct forget_job j = { .in = INTAKE_INIT };
	const char *project = NULL, *salt_file = NULL;
	const struct opt options[] = {
		SALT_OPTION(salt_file),
		{ 0, "linked", OPT_FLAG, NULL,
		    "with a user_id, also forget its visitors' events without one",
		    &j.erasure.linked, 0, 0 },
		{ 0, "dry-run", OPT_FLAG, NULL, "count, and change nothing", &j.erasure.dry_run, 0,
		    0 },
		{ 0, "wait", OPT_FLAG, NULL, "end when no part of the table holds the rows",
		    &j.erasure.wait, 0, 0 },
		{ 0, "rebuild", OPT_FLAG, NULL,
		    "also remove the people from daily counts and sessions", &j.erasure.rebuild, 0,
		    0 },
		{ 0, "recount", OPT_FLAG, NULL,
		    "with --rebuild, also count events of interrupted inserts", &j.erasure.recount,
		    0, 0 },
		{ 0, "allow", OPT_FLAG, NULL, "only take people off the list of forgotten people",
		    &j.erasure.allow, 0, 0 },
		PROJECT_OPTION(project),
		INTAKE_REJECTS(j.in),
		INTAKE_SUMMARY(j.in),
		INTAKE_QUIET(j.in),
		STORE_OPT_URL(j.store),
		STORE_OPT_DATABASE(j.store),
		STORE_OPT_PASSWORD_FILE(j.store),
		INTAKE_MAX_LINE(j.in),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-forget",
		.summary = "Delete the events of people, with an audit record for each",
		.synopsis = "[OPTION]... [FILE]...",
		.example = "mm-forget --salt-file salt --linked --wait "
			   "< people.ndjson >> audit.ndjson",
		.options = options,
		.operands = "FILE",
	};
	size_t files;
	int status;

	if (!face_begin(&command, argc, argv, &files, &status))
		return status;
	if (j.erasure.recount && !j.erasure.rebuild) {
		msg("--recount needs --rebuild; try 'mm-forget --help'");
		return STATUS_ERROR;
	}
	if (j.erasure.allow &&
	    (j.erasure.rebuild || j.erasure.linked || j.erasure.dry_run || j.erasure.wait)) {
		msg("--allow can't be used with --dry-run, --linked, --rebuild or --wait; try "
		    "'mm-forget --help'");
		return STATUS_ERROR;
	}
	if (!project_id(project, &j.erasure.staging.project) || !read_salt(&j, salt_file))
		return STATUS_ERROR;
	face_catch_signals();
	status = forget_job_run(&j, argv, files);
	sodium_memzero(&j.key, sizeof(j.key));
	return face_end(status);
}
