/*
 * mm-key: makes, lists, changes and checks the keys that mm-serve asks for.
 */
#include "cmd/cli/face.h"
#include "cmd/key/job.h"

#include "base/banned.h"

int
main(int argc, char **argv)
{
	static struct key_job j = KEY_JOB_INIT;
	const struct opt options[] = {
		{ 0, "keys", OPT_STRING, "FILE",
		    "file of keys; mint and project add create it (required)", &j.path, 0, 0 },
		{ 0, "kind", OPT_CHOICE, "pk|sk|rk|ak",
		    "mint: pk sends from pages, sk sends and forgets, rk reads, ak reads all projects",
		    &j.kind, 0, 0 },
		{ 0, "project", OPT_STRING, "UUID",
		    "mint, list, limits: the project (default: the only one)", &j.project, 0, 0 },
		{ 0, "origin", OPT_LIST, "URL",
		    "mint, origins: allow pages of this origin; repeatable", &j.origins, 0, 0 },
		{ 0, "remove", OPT_LIST, "URL", "origins: no longer allow this one; repeatable",
		    &j.removed, 0, 0 },
		{ 0, "name", OPT_STRING, "TEXT", "project add: name of the project", &j.name, 0,
		    0 },
		{ 0, "test", OPT_FLAG, NULL, "mint: a key for tests", &j.test, 0, 0 },
		{ 0, "grace", OPT_DURATION, "DURATION",
		    "rotate, revoke: the old key still works this long (default 0)", &j.grace, 0,
		    UINT64_C(86400000) * 3653 },
		{ 0, "mcp", OPT_STRING, "RATE[:BURST]|off",
		    "limits: requests of assistants a second (default 10:40)", &j.rate[LIMIT_MCP],
		    0, 0 },
		{ 0, "track", OPT_STRING, "RATE[:BURST]|off",
		    "limits: requests to /v1/track a second (default 50:200)", &j.rate[LIMIT_TRACK],
		    0, 0 },
		{ 0, "batch", OPT_STRING, "RATE[:BURST]|off",
		    "limits: requests to /v1/batch a second (default 5:20)", &j.rate[LIMIT_BATCH],
		    0, 0 },
		{ 0, "events", OPT_STRING, "RATE[:BURST]|off",
		    "limits: events a second (default off)", &j.rate[LIMIT_EVENTS], 0, 0 },
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-key",
		.summary = "Manage the API keys of mm-serve",
		.synopsis = "check|limits|list|mint|origins|project|revoke|rotate --keys FILE "
			    "[OPTION]... [KEY]",
		.example = "mm-key mint --keys keys --kind pk --origin https://www.example.com",
		.options = options,
		.operands = "check|limits|list|mint|origins|project|revoke|rotate",
	};
	size_t operands;
	int status;

	if (!face_begin(&command, argc, argv, &operands, &status))
		return status;
	face_catch_signals();
	status = key_job_run(&j, argv, operands);
	key_job_release(&j);
	return face_end(status);
}
