/*
 * mm-schema: make the tables in ClickHouse, or say how they differ.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cli/face.h"
#include "base/msg.h"
#include "base/out.h"
#include "tables/schema.h"
#include "tables/schema_check.h"
#include "cmd/cli/store.h"

#include "base/banned.h"

static struct store store;
static bool check_only, dry_run, print_only;
static struct schema_config schema = {
	.files = schema_files,
	.version = MM_VERSION,
	.retention_days = SCHEMA_KEEP_RETENTION,
};

static const struct opt options[] = {
	{ 0, "check", OPT_FLAG, NULL, "change nothing; report what is not as expected, status 1",
	    &check_only, 0, 0 },
	{ 0, "cluster", OPT_STRING, "NAME",
	    "make Replicated and Distributed tables on all servers of this cluster",
	    &schema.cluster, 0, 0 },
	STORE_OPT_DATABASE(store),
	{ 0, "dry-run", OPT_FLAG, NULL, "change nothing; print the SQL that would be run", &dry_run,
	    0, 0 },
	STORE_OPT_PASSWORD_FILE(store),
	{ 0, "print", OPT_FLAG, NULL, "connect to nothing; print the SQL for an empty server",
	    &print_only, 0, 0 },
	{ 0, "retention", OPT_NUMBER, "DAYS",
	    "delete events and sessions that are older; 0: keep them for ever",
	    &schema.retention_days, 0, SCHEMA_RETENTION_MAX },
	STORE_OPT_URL(store),
	{ 0 },
};

static const struct opt_command command = {
	"mm-schema",
	"Makes the tables that events are stored in, and brings older ones up to date",
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
	size_t n = schema.cluster ? strlen(schema.cluster) : 1;

	if (check_only + dry_run + print_only > 1) {
		msg("--check, --dry-run and --print exclude each other; "
		    "try 'mm-schema --help'");
		return false;
	}
	if (n == 0 || n > CLUSTER_MAX || (schema.cluster && strspn(schema.cluster, allowed) != n)) {
		msg("the name of the cluster has to be of letters, digits and \"_.-\", "
		    "at most %d",
		    CLUSTER_MAX);
		return false;
	}
	if (schema.cluster)
		schema.files = schema_cluster_files;
	return true;
}

static int
print(const struct schema_state *state)
{
	struct buf b = BUF_INIT;
	struct out out;
	int e;

	schema_print(&schema, state, &b);
	out_init(&out, STDOUT_FILENO, NULL);
	if (b.n > 0)
		out_write(&out, b.p, b.n);
	e = b.failed ? ENOMEM : out_flush(&out);
	out_release(&out);
	buf_release(&b);
	if (e == 0 || e == EPIPE)
		return STATUS_OK;
	msg_errno(e, "standard output");
	return STATUS_ERROR;
}

static void
report(void *context, const char *text)
{
	(void)context;
	msg("%s", text);
}

static int
check(struct clickhouse *system, const struct schema_state *state)
{
	struct clickhouse_error e;
	size_t count;

	if (schema_check(system, &schema, state, report, NULL, &count, &e) != CLICKHOUSE_OK)
		return store_complain(&e);
	return count ? STATUS_REJECTED : STATUS_OK;
}

static int
apply(struct clickhouse *system, const struct schema_state *state)
{
	struct clickhouse_error e;
	struct clickhouse *tables = clickhouse_open(&store.config, &e);
	int status = STATUS_OK;

	if (!tables ||
	    schema_apply(system, tables, &schema, state, report, NULL, &e) != CLICKHOUSE_OK)
		status = store_complain(&e);
	clickhouse_close(tables);
	return status;
}

/* Whether these tools may touch the database at all; *status tells when not. */
static bool
is_ours(const struct schema_state *state, int *status)
{
	struct buf why = BUF_INIT;
	bool conflict = schema_conflicts(&schema, state, &why);

	buf_addc(&why, '\0');
	if (conflict) {
		msg("%s", why.failed ? "out of memory" : why.p);
		*status = check_only ? STATUS_REJECTED : STATUS_ERROR;
	}
	buf_release(&why);
	return !conflict;
}

static int
complain(const struct clickhouse_error *e)
{
	enum { CLUSTER_DOESNT_EXIST = 701 };

	if (e->code != CLUSTER_DOESNT_EXIST)
		return store_complain(e);
	msg("the server knows no cluster named %s; its system.clusters lists those it knows",
	    schema.cluster);
	return STATUS_ERROR;
}

static int
look_and_act(struct clickhouse *system)
{
	struct schema_state state = SCHEMA_STATE_INIT;
	struct clickhouse_error e;
	int status;

	if (schema_look(system, &schema, &state, &e) != CLICKHOUSE_OK)
		status = complain(&e);
	else if (is_ours(&state, &status))
		status = check_only ? check(system, &state)
		    : dry_run       ? print(&state)
				    : apply(system, &state);
	schema_state_release(&state);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct schema_state nothing = SCHEMA_STATE_INIT;
	struct clickhouse_config config;
	struct clickhouse_error e;
	struct clickhouse *system;
	size_t operands;
	int status;

	if (!face_begin(&command, argc, argv, &operands, &status))
		return status;
	if (!options_are_sound())
		return STATUS_ERROR;
	face_catch_signals();
	if (!store_config(&store, &face_stop))
		return STATUS_ERROR;
	schema.database = store.config.database;
	if (print_only)
		return face_end(print(&nothing));
	/* the one database that is there before ours */
	config = store.config;
	config.database = "system";
	system = clickhouse_open(&config, &e);
	status = system ? look_and_act(system) : store_complain(&e);
	clickhouse_close(system);
	store_forget(&store);
	return face_end(status);
}
