/*
 * mm-insert: stores rows in ClickHouse, and keeps what it can't.
 */
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "insert_report.h"
#include "json.h"
#include "msg.h"
#include "timestamp.h"

#include "banned.h"

enum {
	MAX_LINE = 16 << 20,
	GRACE_MS = 5000, /* that a request may still take after a signal */
};

enum { AUTO, NONE, GZIP, ZSTD }; /* --compress */

/* ---- opening ----------------------------------------------------------- */

static bool
open_clickhouse(struct insert_job *j)
{
	struct clickhouse_error e;

	if (!store_config(&j->store, &face_stop))
		return false;
	j->store.config.timeout_ms = j->timeout;
	j->store.config.stop_grace_ms = GRACE_MS;
	j->clickhouse = clickhouse_open(&j->store.config, &e);
	sodium_memzero(j->store.password, sizeof(j->store.password));
	if (!j->clickhouse)
		msg("%s", e.text);
	return j->clickhouse != NULL;
}

/* Before anything is read: what can't be kept must not be taken. */
static bool
open_spool(struct insert_job *j)
{
	int error = spool_open(&j->spool, j->spool_dir);

	if (error && !j->spool.dir)
		msg("say with --spool DIR where rows are kept that can't be stored");
	else if (error)
		msg_errno(
		    error, "%s: rows that can't be stored could not be kept here", j->spool.dir);
	if (error)
		return false;
	if (!j->in.rejects_path) {
		buf_addf(&j->rejects_path, "%s/%s.rejects", j->spool.dir, j->spool.run);
		buf_addc(&j->rejects_path, '\0');
		j->in.rejects_path = j->rejects_path.p;
		j->in.rejects_late = true;
	}
	return true;
}

/* A row that ClickHouse refuses becomes a reject record. */
static void
on_reject(void *context, uint64_t line, const char *p, size_t n, const struct clickhouse_error *e)
{
	struct insert_job *j = context;
	struct complaint c = { .text = span_of(e->text) };

	intake_reject_line(&j->in, j->name, line, p, n, "rejected_by_clickhouse", &c, 1);
}

static void
on_retry(void *context, const struct clickhouse_error *e)
{
	const struct insert_job *j = context;

	if (!j->in.quiet)
		msg("%s; trying again for up to %llu s", e->text,
		    (unsigned long long)((j->retry_for + 999) / 1000));
}

static void
on_fail(void *context, const struct clickhouse_error *e)
{
	(void)context;
	store_complain(e);
}

static bool
open_sink(struct insert_job *j)
{
	struct sink_config config = {
		.clickhouse = j->clickhouse,
		.database = j->store.config.database,
		.table = j->table,
		.retry_ms = j->retry_for,
		.spool = &j->spool,
		.stop = &face_stop,
		.context = j,
		.reject = on_reject,
		.retry = on_retry,
		.fail = on_fail,
	};

	/* the network is the narrow place, unless there is none between */
	if (j->compress == ZSTD || (j->compress == AUTO && !clickhouse_is_local(j->clickhouse)))
		config.compress = COMPRESS_ZSTD;
	else if (j->compress == GZIP)
		config.compress = COMPRESS_GZIP;
	if (sink_init(&j->sink, &config) &&
	    batch_init(&j->batch, (size_t)j->max_rows, (size_t)j->max_bytes))
		return true;
	msg("out of memory");
	return false;
}

/* ---- the record loop --------------------------------------------------- */

static bool
flush(struct insert_job *j)
{
	bool going = sink_deliver(&j->sink, &j->batch);

	batch_reset(&j->batch);
	return going;
}

/* A batch never spans files, so that a file is cut the same in any company. */
static bool
begin_file(struct insert_job *j)
{
	bool going = flush(j), standard = strcmp(j->in.lines.name, "<stdin>") == 0;
	struct stat st;

	j->name = j->in.lines.name;
	j->regular =
	    (standard ? fstat(STDIN_FILENO, &st) : stat(j->name, &st)) == 0 && S_ISREG(st.st_mode);
	j->sink.in_place = j->regular && !standard && spool_holds(&j->spool, j->name);
	return going;
}

/* Whether the line is one JSON object; else rejects it. */
static bool
is_object(struct insert_job *j)
{
	struct lines *l = &j->in.lines;
	struct json_scan scan;
	struct complaint c;
	enum json_type type = json_skim(&scan, l->p, l->n);

	if (type == JSON_OBJECT && !scan.reason)
		return true;
	buf_reset(&j->scratch);
	c = complaint_no_object(&scan, type, &j->scratch);
	intake_reject(&j->in, "invalid_payload", &c, 1);
	return false;
}

/* Takes the line at hand; false when the input must not be read further. */
static bool
take_line(struct insert_job *j)
{
	struct lines *l = &j->in.lines;

	if (l->name != j->name && !begin_file(j))
		return false;
	if (!is_object(j))
		return true;
	if (!batch_fits(&j->batch, l->n) && !flush(j))
		return false;
	if (!batch_add(&j->batch, l->number, l->p, l->n)) {
		msg("out of memory");
		j->in.failed = true;
		return false;
	}
	j->in.passed++;
	if (j->batch.n == 1 && j->max_age)
		j->started_ms = timestamp_monotonic();
	return !batch_is_full(&j->batch) || flush(j);
}

/* With --max-age: sends a batch that is old, says how long to wait for more. */
static bool
mind_age(struct insert_job *j)
{
	uint64_t age;

	j->in.lines.wait_ms = -1;
	if (!j->max_age || j->batch.n == 0)
		return true;
	age = timestamp_monotonic() - j->started_ms;
	if (age >= j->max_age)
		return flush(j);
	j->in.lines.wait_ms = (int)(j->max_age - age);
	return true;
}

/*
 * The last batch.  One that a signal cut short is not sent, unless batches
 * are cut by time anyway: run again over the same input, the cuts would not
 * match, and rows would be stored twice.
 */
static void
finish(struct insert_job *j, bool going)
{
	bool interrupted = !going || face_stop || j->in.rejects.error;

	if (!interrupted || j->max_age || j->batch.n == 0) {
		flush(j);
	} else if (j->regular && face_stop) {
		j->dropped = j->batch.n;
	} else {
		j->cut = true;
		sink_keep(&j->sink, &j->batch);
	}
}

static void
release(struct insert_job *j)
{
	sink_release(&j->sink);
	batch_release(&j->batch);
	spool_release(&j->spool);
	clickhouse_close(j->clickhouse);
	buf_release(&j->rejects_path);
	buf_release(&j->scratch);
}

static int
run(struct insert_job *j, char **files, size_t count)
{
	bool going;

	if (sodium_init() < 0) {
		msg("libsodium does not start");
		return STATUS_ERROR;
	}
	if (!open_clickhouse(j) || !open_spool(j) || !open_sink(j) ||
	    !intake_open(&j->in, files, count))
		return STATUS_ERROR;
	do {
		going = mind_age(j);
		if (!going || !intake_next(&j->in))
			break;
		if (!j->in.idle)
			going = take_line(j);
	} while (going);
	finish(j, going);
	return insert_report(j);
}

int
main(int argc, char **argv)
{
	struct insert_job j = {
		.in = INTAKE_INIT,
		.spool = { .fd = -1 },
		.table = "events",
		.summary = -1,
		.max_bytes = INSERT_MAX_BYTES,
		.max_rows = INSERT_MAX_ROWS,
		.retry_for = 60000,
		.timeout = 300000,
	};
	const struct opt options[] = {
		{ 0, "compress", OPT_CHOICE, "auto|none|gzip|zstd",
		    "how to send the rows (auto: zstd, but none over loopback)", &j.compress, 0,
		    0 },
		STORE_OPT_DATABASE(j.store),
		{ 0, "max-age", OPT_DURATION, "TIME",
		    "send a batch when its first row is this old (default: when full)", &j.max_age,
		    100, 24 * 3600 * 1000 },
		{ 0, "max-bytes", OPT_SIZE, "SIZE", "of a batch (default 32M)", &j.max_bytes, 1,
		    1 << 30 },
		{ 0, "max-line", OPT_SIZE, "SIZE", "reject longer lines (default 16M)",
		    &j.in.max_line, 64, 1 << 30 },
		{ 0, "max-rows", OPT_NUMBER, "N", "of a batch (default 100000)", &j.max_rows, 1,
		    10000000 },
		STORE_OPT_PASSWORD_FILE(j.store),
		INTAKE_QUIET(j.in),
		INTAKE_REJECTS(j.in),
		{ 0, "retry-for", OPT_DURATION, "TIME",
		    "try again for so long before keeping rows (default 60s)", &j.retry_for, 0,
		    24 * 3600 * 1000 },
		{ 0, "spool", OPT_STRING, "DIR",
		    "keep here what can't be stored (default ~/.local/state/millimetric/spool)",
		    &j.spool_dir, 0, 0 },
		{ 0, "summary", OPT_CHOICE, "text|json", "print what was counted on standard error",
		    &j.summary, 0, 0 },
		{ 0, "table", OPT_STRING, "NAME", "insert into this table (default events)",
		    &j.table, 0, 0 },
		{ 0, "timeout", OPT_DURATION, "TIME", "of one request (default 300s)", &j.timeout,
		    100, 24 * 3600 * 1000 },
		STORE_OPT_URL(j.store),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-insert",
		.summary = "Store rows in ClickHouse; keep what can't be stored",
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
	face_catch_signals();
	status = run(&j, argv, files);
	release(&j);
	return face_end(status);
}
