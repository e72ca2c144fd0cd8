/*
 * mm-schema: make the tables in ClickHouse, or say how they differ.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "face.h"
#include "msg.h"
#include "out.h"
#include "schema.h"
#include "store.h"

#include "banned.h"

static struct store store;
static bool check_only, print_only;

static const struct opt options[] = {
	{ 0, "check", OPT_FLAG, NULL, "change nothing; report what is not as expected, status 1",
	    &check_only, 0, 0 },
	STORE_OPT_DATABASE(store),
	STORE_OPT_PASSWORD_FILE(store),
	{ 0, "print", OPT_FLAG, NULL, "connect to nothing; print the SQL", &print_only, 0, 0 },
	STORE_OPT_URL(store),
	{ 0 },
};

static const struct opt_command command = {
	"mm-schema",
	"Makes the tables that events are stored in, where they are missing",
	"[OPTION]...",
	"mm-clickhouse -d ~/events -- mm-schema",
	options,
	NULL,
};

static int
print(const char *database)
{
	struct buf b = BUF_INIT;
	struct out out;
	int e;

	schema_print(database, &b);
	out_init(&out, STDOUT_FILENO, NULL);
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
check(struct clickhouse *system)
{
	struct clickhouse_error e;
	size_t count;

	if (schema_check(system, store.config.database, report, NULL, &count, &e) != CLICKHOUSE_OK)
		return store_complain(&e);
	return count ? STATUS_REJECTED : STATUS_OK;
}

static int
apply(struct clickhouse *system)
{
	struct clickhouse_error e;
	struct clickhouse *tables = clickhouse_open(&store.config, &e);
	int status = STATUS_OK;

	if (!tables || schema_apply(system, tables, store.config.database, &e) != CLICKHOUSE_OK)
		status = store_complain(&e);
	clickhouse_close(tables);
	return status;
}

int
main(int argc, char **argv)
{
	struct clickhouse_config config;
	struct clickhouse_error e;
	struct clickhouse *system;
	size_t operands;
	int status;

	if (!face_begin(&command, argc, argv, &operands, &status))
		return status;
	if (check_only && print_only) {
		msg("--check and --print exclude each other; try 'mm-schema --help'");
		return STATUS_ERROR;
	}
	face_catch_signals();
	if (!store_config(&store, &face_stop))
		return STATUS_ERROR;
	if (print_only)
		return face_end(print(store.config.database));
	/* the one database that is there before ours */
	config = store.config;
	config.database = "system";
	system = clickhouse_open(&config, &e);
	if (!system)
		status = store_complain(&e);
	else
		status = check_only ? check(system) : apply(system);
	clickhouse_close(system);
	store_forget(&store);
	return face_end(status);
}
