/*
 * mm-schema: make the tables in ClickHouse, or say how they differ.
 */
#include <string.h>

#include "cmd/cli/face.h"
#include "base/msg.h"
#include "cmd/schema/job.h"

#include "base/banned.h"

static struct store store;
static bool check_only, dry_run, grants_only, print_only;
static struct schema_job job = {
	.tables = { .files = schema_files,
	    .version = MM_VERSION,
	    .retention_days = SCHEMA_KEEP_RETENTION },
	.store = &store,
};

static const struct opt options[] = {
	{ 0, "check", OPT_FLAG, NULL,
	    "change nothing; report differences, status 1 if there are any", &check_only, 0, 0 },
	{ 0, "dry-run", OPT_FLAG, NULL, "change nothing; print the SQL that would be run", &dry_run,
	    0, 0 },
	{ 0, "print", OPT_FLAG, NULL, "connect to nothing; print the SQL for an empty server",
	    &print_only, 0, 0 },
	{ 0, "grants", OPT_FLAG, NULL, "connect to nothing; print the roles that users need",
	    &grants_only, 0, 0 },
	{ 0, "retention", OPT_NUMBER, "DAYS",
	    "delete older events and sessions; 0 keeps them (default as set before)",
	    &job.tables.retention_days, 0, SCHEMA_RETENTION_MAX },
	{ 0, "cluster", OPT_STRING, "NAME", "create the tables on all servers of this cluster",
	    &job.tables.cluster, 0, 0 },
	STORE_OPT_URL(store),
	STORE_OPT_DATABASE(store),
	STORE_OPT_PASSWORD_FILE(store),
	{ 0 },
};

static const struct opt_command command = {
	"mm-schema",
	"Create the tables, or update those of an older version",
	"[OPTION]...",
	"mm-clickhouse -d ~/events -- mm-schema",
	options,
	NULL,
};

enum { CLUSTER_MAX = 64 };

static bool
options_are_sound(void)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
	size_t n = job.tables.cluster ? strlen(job.tables.cluster) : 1;

	if (check_only + dry_run + grants_only + print_only > 1) {
		msg("--check, --dry-run, --grants and --print exclude each other; "
		    "try 'mm-schema --help'");
		return false;
	}
	job.action = check_only ? SCHEMA_CHECK
	    : dry_run           ? SCHEMA_DRY_RUN
	    : grants_only       ? SCHEMA_GRANTS
	    : print_only        ? SCHEMA_PRINT
				: SCHEMA_APPLY;
	if (n == 0 || n > CLUSTER_MAX ||
	    (job.tables.cluster && strspn(job.tables.cluster, allowed) != n)) {
		msg("the name of the cluster must consist of letters, digits and \"_.-\", "
		    "at most %d",
		    CLUSTER_MAX);
		return false;
	}
	if (job.tables.cluster)
		job.tables.files = schema_cluster_files;
	return true;
}

int
main(int argc, char **argv)
{
	size_t operands;
	int status;

	if (!face_begin(&command, argc, argv, &operands, &status))
		return status;
	if (!options_are_sound())
		return STATUS_ERROR;
	face_catch_signals();
	if (!store_config(&store, &face_stop))
		return STATUS_ERROR;
	job.tables.database = store.config.database;
	status = schema_job_run(&job);
	store_forget(&store);
	return face_end(status);
}
