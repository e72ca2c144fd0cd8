/*
 * mm-insert: stores rows in ClickHouse, and keeps what it can't.
 */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "cmd/cli/sending.h"
#include "cmd/insert/input.h"
#include "cmd/insert/report.h"
#include "base/msg.h"

#include "base/banned.h"

enum {
	MAX_LINE = 16 << 20,
	FOLLOW_AGE_MS = 1000, /* --flush-after with --follow */
};

static bool
insert(struct insert_job *j, char **files, size_t count)
{
	if (!store_config(&j->store, &face_stop) || !insert_open(j) ||
	    !intake_open(&j->in, files, count)) {
		insert_close(j);
		return false;
	}
	progress_size(&j->progress, files, count);
	insert_input(j, files, count);
	insert_close(j);
	return true;
}

/* ---- --drain ------------------------------------------------------------- */

static int
drain_table(void *context, const char *database, const char *table)
{
	struct insert_job *j = context;
	const char *only_database = j->store.database, *only_table = j->table;
	bool opened;

	if ((only_database && strcmp(only_database, database) != 0) ||
	    (only_table && strcmp(only_table, table) != 0))
		return 0;
	j->store.database = database;
	j->table = table;
	opened = store_config(&j->store, &face_stop) && insert_open(j);
	if (opened)
		delivery_drain(&j->delivery);
	insert_close(j);
	j->store.database = only_database;
	j->table = only_table;
	return opened && !face_stop ? 0 : 1;
}

static bool
drain(struct insert_job *j)
{
	int r;

	j->spool_dir = j->drain_dir;
	if (!intake_open(&j->in, NULL, 0))
		return false;
	r = spool_tables(j->drain_dir, drain_table, j);
	if (r < 0)
		msg_errno(errno, "%s", j->drain_dir);
	j->in.failed |= r != 0 && !face_stop;
	return true;
}

static int
run(struct insert_job *j, char **files, size_t count)
{
	bool done;

	if (sodium_init() < 0) {
		msg("libsodium does not start");
		return STATUS_ERROR;
	}
	j->progress.quiet = j->in.quiet;
	progress_begin(&j->progress);
	done = j->drain_dir ? drain(j) : insert(j, files, count);
	progress_end(&j->progress);
	return done ? insert_report(j) : STATUS_ERROR;
}

int
main(int argc, char **argv)
{
	struct insert_job j = {
		.in = INTAKE_INIT,
		.spool = { .fd = -1 },
		.pool = PIECE_POOL_INIT,
		.summary = -1,
		.connections = 2,
		.max_bytes = INSERT_MAX_BYTES,
		.max_rows = INSERT_MAX_ROWS,
		.retry_for = INSERT_NOT_GIVEN,
		.spool_max = UINT64_C(10) << 30,
		.timeout = INSERT_NOT_GIVEN,
	};
	const struct opt options[] = {
		INTAKE_REJECTS(j.in),
		{ 0, "follow", OPT_FLAG, NULL,
		    "read input that never ends, without waiting for ClickHouse", &j.follow, 0, 0 },
		{ 0, "spool", OPT_STRING, "DIR",
		    "keep rows here that can't be stored (default below ~/.local/state)",
		    &j.spool_dir, 0, 0 },
		{ 0, "drain", OPT_STRING, "DIR", "only deliver what waits in the spool DIR",
		    &j.drain_dir, 0, 0 },
		{ 0, "flush-after", OPT_DURATION, "TIME",
		    "send a batch when its first row has waited this long (default: when full; --follow 1s)",
		    &j.max_age, 100, 24 * 3600 * 1000 },
		OPT_FORMER("max-age"),
		{ 0, "retry-for", OPT_DURATION, "TIME",
		    "try again this long before keeping rows (default 60s, --follow 2s)",
		    &j.retry_for, 0, 24 * 3600 * 1000 },
		{ 0, "by-partition", OPT_FLAG, NULL, "make batches by month", &j.by_partition, 0,
		    0 },
		{ 0, "table", OPT_STRING, "NAME", "table to insert into (default events)", &j.table,
		    0, 0 },
		STORE_OPT_URL(j.store),
		STORE_OPT_DATABASE(j.store),
		STORE_OPT_PASSWORD_FILE(j.store),
		STORE_OPT_CACERT(j.store),
		{ 0, "summary", OPT_CHOICE, "text|json",
		    "print the counts on standard error at the end", &j.summary, 0, 0 },
		INTAKE_QUIET(j.in),
		{ 0, "progress", OPT_FLAG, NULL,
		    "show progress even if standard error is not a terminal", &j.progress.wanted, 0,
		    0 },
		{ 0, "max-rows", OPT_NUMBER, "N", "rows in a batch (default 100000)", &j.max_rows,
		    1, 10000000 },
		{ 0, "max-bytes", OPT_SIZE, "SIZE", "bytes in a batch (default 64M)", &j.max_bytes,
		    1, 1 << 30 },
		{ 0, "connections", OPT_NUMBER, "N", "requests at a time (default 2)",
		    &j.connections, 1, DELIVERY_CONNECTIONS_MAX },
		{ 0, "spool-max", OPT_SIZE, "SIZE",
		    "stop reading when the spool holds this much (default 10G)", &j.spool_max, 1,
		    UINT64_C(1) << 50 },
		{ 0, "timeout", OPT_DURATION, "TIME", "time for one request (default 300s)",
		    &j.timeout, 100, 24 * 3600 * 1000 },
		{ 0, "compress", OPT_CHOICE, "auto|none|gzip|zstd",
		    "compression (default auto: zstd, but none over loopback)", &j.compress, 0, 0 },
		{ 0, "wire-format", OPT_CHOICE, "native|json",
		    "format of requests (default native)", &j.format, 0, 0 },
		OPT_FORMER("format"),
		{ 0, "max-line", OPT_SIZE, "SIZE", "reject longer lines (default 16M)",
		    &j.in.max_line, 64, 1 << 30 },
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-insert",
		.summary = "Store rows in ClickHouse, and keep those that can't be stored",
		.synopsis = "[OPTION]... [FILE]...",
		.example = "mm-validate events.ndjson | mm-enrich | mm-insert",
		.options = options,
		.operands = "FILE",
	};
	size_t files;
	int status;

	j.in.max_line = MAX_LINE;
	j.in.no_summary = true;
	if (!face_begin(&command, argc, argv, &files, &status))
		return status;
	if (!sending_drain_alone(j.drain_dir, files, j.spool_dir, j.follow))
		return STATUS_ERROR;
	if (!j.table && !j.drain_dir)
		j.table = "events";
	if (j.follow && !j.max_age)
		j.max_age = FOLLOW_AGE_MS;
	face_catch_signals();
	status = run(&j, argv, files);
	spool_release(&j.spool);
	buf_release(&j.rejects_path);
	buf_release(&j.scratch);
	return face_end(status);
}
