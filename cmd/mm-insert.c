/*
 * mm-insert: stores rows in ClickHouse, and keeps what it can't.
 */
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "intake.h"
#include "json.h"
#include "msg.h"
#include "sink.h"
#include "store.h"

#include "banned.h"

enum {
	MAX_LINE = 16 << 20,
	MAX_BYTES = 32 << 20,
	MAX_ROWS = 100000,
	GRACE_MS = 5000, /* that a request may still take after a signal */
};

enum { AUTO, NONE, GZIP, ZSTD }; /* --compress */

struct job {
	struct intake in;
	struct store store;
	struct clickhouse *clickhouse;
	struct batch batch;
	struct spool spool;
	struct sink sink;
	struct buf rejects_path, scratch;

	/* the options */
	const char *table, *spool_dir;
	int compress, summary;
	uint64_t max_age, max_bytes, max_rows, retry_for, timeout;

	const char *name;    /* of the file that the batch is from */
	bool regular;        /* it can be read again */
	uint64_t started_ms; /* when the batch's first row came */
	uint64_t dropped;    /* rows that a signal left in their file */
	bool cut;            /* a signal ended a batch early, and it was kept */
};

/* ---- opening ----------------------------------------------------------- */

static bool
open_clickhouse(struct job *j)
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
open_spool(struct job *j)
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
	struct job *j = context;
	struct complaint c = { .text = span_of(e->text) };

	intake_reject_line(&j->in, j->name, line, p, n, "rejected_by_clickhouse", &c, 1);
}

static void
on_retry(void *context, const struct clickhouse_error *e)
{
	const struct job *j = context;

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
open_sink(struct job *j)
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

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static bool
flush(struct job *j)
{
	bool going = sink_deliver(&j->sink, &j->batch);

	batch_reset(&j->batch);
	return going;
}

/* A batch never spans files, so that a file is cut the same in any company. */
static bool
begin_file(struct job *j)
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
is_object(struct job *j)
{
	struct lines *l = &j->in.lines;
	struct complaint c = { .text = SPAN("Not a JSON object") };
	struct json_member member;
	struct json_scan scan;

	if (json_open(&scan, l->p, l->n) == JSON_OBJECT)
		while (json_next(&scan, &member))
			;
	else if (scan.reason == JSON_OK)
		scan.reason = JSON_REASONS;
	if (scan.reason == JSON_OK)
		return true;
	if (scan.reason != JSON_REASONS) {
		buf_reset(&j->scratch);
		buf_addf(&j->scratch, "Invalid JSON at byte offset %zu: %s", json_offset(&scan),
		    json_reason_text(scan.reason));
		c.text = (struct span){ j->scratch.p, j->scratch.n };
		c.kind = span_of(json_reason_text(scan.reason));
	}
	intake_reject(&j->in, "invalid_payload", &c, 1);
	return false;
}

/* Takes the line at hand; false when the input must not be read further. */
static bool
take_line(struct job *j)
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
		j->started_ms = now_ms();
	return !batch_is_full(&j->batch) || flush(j);
}

/* With --max-age: sends a batch that is old, says how long to wait for more. */
static bool
mind_age(struct job *j)
{
	uint64_t age;

	j->in.lines.wait_ms = -1;
	if (!j->max_age || j->batch.n == 0)
		return true;
	age = now_ms() - j->started_ms;
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
finish(struct job *j, bool going)
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

/* ---- the report -------------------------------------------------------- */

/* Adds a word of a command line, quoted for the shell where it has to be. */
static void
add_word(struct buf *b, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-./:@%+=,";
	const char *p;

	if (*word && strspn(word, plain) == strlen(word)) {
		buf_adds(b, word);
		return;
	}
	buf_addc(b, '\'');
	for (p = word; *p; p++) {
		if (*p == '\'')
			buf_adds(b, "'\\'");
		buf_addc(b, *p);
	}
	buf_addc(b, '\'');
}

static void
add_option(struct buf *b, const char *name, const char *value)
{
	if (!value)
		return;
	buf_addf(b, " --%s ", name);
	add_word(b, value);
}

/* The command that sends again what this run has kept. */
static void
add_command(const struct job *j, struct buf *b)
{
	buf_adds(b, "mm-insert");
	add_option(b, "database", j->store.database);
	if (j->max_bytes > MAX_BYTES)
		buf_addf(b, " --max-bytes %llu", (unsigned long long)j->max_bytes);
	if (j->max_rows > MAX_ROWS)
		buf_addf(b, " --max-rows %llu", (unsigned long long)j->max_rows);
	add_option(b, "password-file", j->store.password_file);
	add_option(b, "spool", j->spool_dir);
	add_option(b, "table", strcmp(j->table, "events") ? j->table : NULL);
	add_option(b, "url", j->store.url);
	buf_addc(b, ' ');
	add_word(b, j->spool.dir);
	buf_addf(b, "/%s-*.ndjson", j->spool.run);
}

static void
report_kept(const struct job *j)
{
	const struct sink *s = &j->sink;
	struct buf b = BUF_INIT;

	if (s->lost)
		msg_errno(s->spool_error,
		    "%s: %llu rows that were read are neither stored nor kept", j->spool.dir,
		    (unsigned long long)s->lost);
	if (s->kept) {
		add_command(j, &b);
		msg("%llu rows are not stored but kept; this sends them: %.*s",
		    (unsigned long long)s->kept, (int)b.n, b.p ? b.p : "");
	}
	if (j->cut)
		msg("input ended in the middle of a batch: send what is kept, or run all "
		    "from the start, but not both");
	if (s->kept_in_place)
		msg("%llu rows are not stored; they stay in the files that they were read from",
		    (unsigned long long)s->kept_in_place);
	if (j->dropped)
		msg("stopped; the same command sends the rest, and nothing twice");
	buf_release(&b);
}

static void
report_rejects(const struct job *j)
{
	uint64_t lines = j->in.passed + j->in.rejected - j->sink.refused;

	if (!j->in.rejected || j->in.quiet || j->summary >= 0)
		return;
	msg("%llu of %llu lines rejected; %s holds them with the reasons",
	    (unsigned long long)j->in.rejected, (unsigned long long)lines, j->in.rejects_path);
}

static void
report_summary(const struct job *j)
{
	const struct sink *s = &j->sink;
	struct buf b = BUF_INIT;
	bool json = j->summary == 1;
	const struct {
		const char *key, *text;
		uint64_t value;
	} counts[] = {
		{ "lines", "lines read", j->in.passed + j->in.rejected - s->refused },
		{ "stored", "rows stored", s->stored },
		{ "requests", "requests stored", s->batches },
		{ "retries", "requests sent again", s->retries },
		{ "rejected", "lines rejected", j->in.rejected },
		{ "kept", "rows kept unsent", s->kept + s->kept_in_place },
	};
	size_t i;

	if (j->summary < 0)
		return;
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		unsigned long long v = (unsigned long long)counts[i].value;

		if (json)
			buf_addf(&b, "%s\"%s\":%llu", i ? "," : "{", counts[i].key, v);
		else
			buf_addf(&b, "%s%llu %s", i ? ", " : "", v, counts[i].text);
	}
	if (json) {
		buf_adds(&b, "}\n");
		msg_raw(b.p, b.n);
	} else {
		msg("%.*s", (int)b.n, b.p ? b.p : "");
	}
	buf_release(&b);
}

/* Tells what became of the rows.  Returns the exit status. */
static int
report(struct job *j)
{
	const struct sink *s = &j->sink;
	bool quiet = j->in.quiet;
	int status;

	j->in.quiet = true; /* what the filters would say of rejects is said here */
	status = intake_end(&j->in);
	j->in.quiet = quiet;
	report_kept(j);
	report_rejects(j);
	report_summary(j);
	if (status == STATUS_ERROR || s->lost || s->broken)
		return STATUS_ERROR;
	return s->kept || s->kept_in_place ? STATUS_TEMPFAIL : status;
}

static void
release(struct job *j)
{
	sink_release(&j->sink);
	batch_release(&j->batch);
	spool_release(&j->spool);
	clickhouse_close(j->clickhouse);
	buf_release(&j->rejects_path);
	buf_release(&j->scratch);
}

static int
run(struct job *j, char **files, size_t count)
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
	return report(j);
}

int
main(int argc, char **argv)
{
	struct job j = {
		.in = INTAKE_INIT,
		.spool = { .fd = -1 },
		.table = "events",
		.summary = -1,
		.max_bytes = MAX_BYTES,
		.max_rows = MAX_ROWS,
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
	if (!face_begin(&command, argc, argv, &files, &status))
		return status;
	face_catch_signals();
	status = run(&j, argv, files);
	release(&j);
	return face_end(status);
}
