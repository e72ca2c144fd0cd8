#include "cmd/insert/job.h"

#include <errno.h>
#include <stdlib.h>

#include "base/msg.h"
#include "cmd/cli/sending.h"

#include "base/banned.h"

enum {
	GRACE_MS = 5000,        /* that a request may still take after a signal */
	RETRY_MS = 60000,       /* that a request is tried again for */
	RETRY_FOLLOW_MS = 2000, /* the same, where rows had better go to the spool */
	ASK_MS = 10000,         /* for the table's columns, at most */
	TIMEOUT_MS = 300000,    /* of a request */
	SILENCE_MS = 10000,     /* the shortest that --retry-for makes of it, while nothing moves */
};

enum { AUTO, NONE, GZIP, ZSTD }; /* --compress */

static bool
open_clickhouse(struct insert_job *j)
{
	struct clickhouse_config config = j->store.config;
	struct clickhouse_error e;
	size_t i;

	for (i = 0; i <= j->connections; i++) {
		/* reading waits for the answers to the last one's questions */
		if (i == j->connections) {
			if (config.timeout_ms > ASK_MS)
				config.timeout_ms = ASK_MS;
			config.stop_grace_ms = 0;
		}
		j->clickhouse[i] = clickhouse_open(&config, &e);
		if (!j->clickhouse[i])
			break;
	}
	store_forget(&j->store);
	if (i <= j->connections)
		msg("%s", e.text);
	return i > j->connections;
}

static int
count_table(void *tables, const char *database, const char *table)
{
	(void)database;
	(void)table;
	++*(size_t *)tables;
	return 0;
}

/*
 * Versions before kept rows by the host alone, as if it had one server.  Which
 * of them they are for nobody but the user knows.
 */
static void
tell_former(const struct insert_job *j)
{
	const char *host = clickhouse_host(j->clickhouse[0]);
	char *dir = j->spool_dir ? NULL : spool_of_server(host);
	size_t tables = 0;

	if (dir && spool_tables(dir, count_table, &tables) == 0 && tables > 0)
		msg("%s: rows wait here that an earlier version kept for a server on %s without "
		    "noting its port; when you know which one it was, this sends them: mm-insert "
		    "--url URL --drain %s",
		    dir, host, dir);
	free(dir);
}

/* Before anything is read: what can't be kept must not be taken. */
static bool
open_spool(struct insert_job *j)
{
	char *dir = j->spool_dir
	    ? strdup(j->spool_dir)
	    : spool_default(j->store.config.url, clickhouse_server(j->clickhouse[0]));
	int error;

	spool_release(&j->spool);
	error = spool_open(&j->spool, dir, j->store.config.database, j->table, j->spool_max);
	free(dir);
	j->spool.again = j->drain_dir != NULL;
	if (error && !j->spool.dir)
		msg("give --spool DIR, to keep rows that can't be stored");
	else if (error)
		msg_errno(error, "%s: rows that can't be stored could not be kept here",
		    j->spool.path ? j->spool.path : j->spool.dir);
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

/* ---- what the delivery tells ---------------------------------------------- */

/* A row that ClickHouse refuses becomes a reject record. */
static void
on_reject(void *context, const char *name, uint64_t line, struct span row, struct span key,
    const char *reason)
{
	struct insert_job *j = context;
	struct complaint c = { .field = key, .text = span_of(reason) };

	intake_reject_line(&j->in, name, line, row.p, row.n, "rejected_by_clickhouse", &c, 1);
}

static bool
on_told(void *context)
{
	struct insert_job *j = context;

	return intake_keep_rejects(&j->in);
}

/* On the thread of a connection. */
static void
on_retry(void *context, const struct clickhouse_error *e)
{
	const struct insert_job *j = context;

	sending_retry(e->text, j->delivery.config.sink.retry_ms, j->in.quiet);
}

static void
on_fail(void *context, const struct clickhouse_error *e, const char *file)
{
	(void)context;
	if (file)
		msg("%s: stays in the spool: %s", file, e->text);
	else
		store_complain(e);
}

static void
on_aside(void *context, const struct clickhouse_error *e, const char *file)
{
	(void)context;
	sending_aside(file, e->text);
}

/* On the thread of a connection. */
static void
on_halve(void *context, size_t bytes)
{
	const struct insert_job *j = context;

	sending_halve(clickhouse_url(j->clickhouse[0]), bytes, j->in.quiet);
}

void
insert_tick(void *job)
{
	struct insert_job *j = job;
	const struct progress_counts counts = {
		.rows = j->counts.stored + j->delivery.stored,
		.bytes = j->in.lines.bytes,
		.retries = j->counts.retries + j->delivery.retries,
		.waiting = j->spool.waiting,
	};

	progress_tick(&j->progress, &counts);
}

static uint64_t
retry_ms(const struct insert_job *j)
{
	if (j->retry_for != INSERT_NOT_GIVEN)
		return j->retry_for;
	return j->follow ? RETRY_FOLLOW_MS : RETRY_MS;
}

/*
 * Blocks are made ahead where one batch is open at a time.  Not with --follow:
 * asking about the table would hold up the reading.
 */
static bool
start_ahead(struct insert_job *j)
{
	if (j->format != 0 || j->by_partition || j->follow)
		return true;
	return ahead_init(&j->ahead, j->clickhouse[j->connections], j->table, &j->pool,
	    (size_t)j->connections + 1);
}

static bool
start_delivery(struct insert_job *j)
{
	struct delivery_config config;

	j->place = (struct batch_place){ j->spool.dir, j->store.config.database, j->table };
	config = (struct delivery_config){
		.sink = {
			.database = j->store.config.database,
			.table = j->table,
			.native = j->format == 0,
			.pool = &j->pool,
			.retry_ms = retry_ms(j),
			.stop = &face_stop,
			.context = j,
			.retry = on_retry,
			.halve = on_halve,
		},
		.clickhouse = j->clickhouse,
		.connections = (size_t)j->connections,
		.max_rows = (size_t)j->max_rows,
		.max_bytes = (size_t)j->max_bytes,
		.place = j->place,
		.spool = &j->spool,
		.follow = j->follow,
		.context = j,
		.reject = on_reject,
		.told = on_told,
		.fail = on_fail,
		.aside = on_aside,
		.tick = insert_tick,
	};

	/* the network is the narrow place, unless there is none between */
	if (j->compress == ZSTD || (j->compress == AUTO && !clickhouse_is_local(j->clickhouse[0])))
		config.sink.compress = COMPRESS_ZSTD;
	else if (j->compress == GZIP)
		config.sink.compress = COMPRESS_GZIP;
	if (batch_cut_init(
		&j->cut, (size_t)j->max_rows, (size_t)j->max_bytes, j->by_partition, &j->place) &&
	    start_ahead(j) && delivery_start(&j->delivery, &config))
		return true;
	msg("out of memory, or of threads");
	return false;
}

/* How long a request may take follows from how long it may be tried, unless it
   is told: the server may try again by itself, inside of the request. */
static void
choose_timeout(struct insert_job *j)
{
	struct clickhouse_config *c = &j->store.config;

	c->timeout_ms = j->timeout == INSERT_NOT_GIVEN ? TIMEOUT_MS : j->timeout;
	if (j->timeout != INSERT_NOT_GIVEN || j->retry_for == INSERT_NOT_GIVEN)
		return;
	c->silence_ms = j->retry_for > SILENCE_MS ? j->retry_for : SILENCE_MS;
	if (c->silence_ms >= c->timeout_ms)
		c->silence_ms = 0;
}

bool
insert_open(struct insert_job *j)
{
	choose_timeout(j);
	j->store.config.stop_grace_ms = GRACE_MS;
	if (!open_clickhouse(j) || !open_spool(j))
		return false;
	tell_former(j);
	j->checks = strcmp(j->table, "events") == 0;
	return start_delivery(j);
}

static void
add_counts(struct insert_job *j)
{
	const struct delivery *d = &j->delivery;
	struct insert_counts *c = &j->counts;

	c->requests += d->requests;
	c->native += d->native;
	c->stored += d->stored;
	c->drained += d->drained;
	c->refused += d->refused;
	c->forgotten += d->forgotten;
	c->retries += d->retries;
	c->kept += d->kept;
	c->kept_in_place += d->kept_in_place;
	c->cut += d->cut;
	c->lost += d->lost;
	c->stuck += d->stuck + j->spool.too_long;
	c->aside += d->aside;
	c->set_aside += j->spool.refused;
	c->waiting += j->spool.waiting;
	c->locked += j->spool.locked;
	c->away |= d->state == DELIVERY_AWAY;
	c->broken |= d->broken;
	if (!c->spool_error)
		c->spool_error = d->spool_error ? d->spool_error : j->spool.error;
}

void
insert_close(struct insert_job *j)
{
	size_t i;

	add_counts(j);
	delivery_stop(&j->delivery);
	j->delivery = (struct delivery){ 0 }; /* it has been counted */
	j->spool.waiting = j->spool.locked = j->spool.too_long = j->spool.refused = 0;
	j->spool.error = 0;
	batch_cut_release(&j->cut);
	ahead_release(&j->ahead);
	piece_pool_release(&j->pool);
	for (i = 0; i <= j->connections; i++) {
		clickhouse_close(j->clickhouse[i]);
		j->clickhouse[i] = NULL;
	}
}
