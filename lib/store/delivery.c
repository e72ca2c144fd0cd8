#include "store/delivery.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/timestamp.h"

#include "base/banned.h"

enum {
	AWAY_MS = 30000,           /* between tries, once given up */
	LOOK_MS = 30000,           /* between looks for files of others in the spool */
	TICK_MS = 100,             /* while waiting */
	FLIGHT_MS = 200,           /* how late it is seen that a request is done */
	FOLLOW_PATIENCE_MS = 2000, /* that a batch waits for a connection, once */
};

/* A batch in the hands of a connection. */
struct delivery_item {
	struct batch batch;
	struct sink_task task;
	size_t rows;            /* as it was submitted */
	struct spool_file file; /* where it is from, when its descriptor is not -1 */
	struct buf path;        /* of that, with a NUL */
	void (*carry)(void *carrier, struct batch *, struct sink_task *);
	struct buf refused; /* rows, each behind a struct refused */
};

struct refused {
	uint64_t line;
	size_t n, reason_n; /* the row's bytes, and then the reason's with a NUL */
	size_t key, key_n;  /* where the key is in the row; without one key_n is 0 */
};

/* ---- on the threads of the connections ------------------------------------- */

static void
on_reject(void *context, uint64_t line, struct span row, struct span key,
    const struct clickhouse_error *e)
{
	struct delivery_item *item = context;
	struct refused r = { line, row.n, strlen(e->text) + 1, 0, key.n };

	if (key.n)
		r.key = (size_t)(key.p - row.p);
	buf_add(&item->refused, (const char *)&r, sizeof(r));
	buf_add(&item->refused, row.p, row.n);
	buf_add(&item->refused, e->text, r.reason_n);
}

/* What the next rows of the batch are sent as must not be the block of these. */
static void
drop_block(struct batch *b)
{
	if (b->block)
		native_clear(b->block);
}

static void
work(void *sink, void *context)
{
	struct delivery_item *item = context;

	sink_deliver(sink, &item->batch, &item->task);
	drop_block(&item->batch);
}

static void
work_of_carrier(void *carrier, void *context)
{
	struct delivery_item *item = context;

	item->carry(carrier, &item->batch, &item->task);
}

/* ---- starting and stopping ------------------------------------------------- */

static bool
start_pool(struct delivery *d)
{
	void *threads[DELIVERY_CONNECTIONS_MAX], *items[DELIVERY_CONNECTIONS_MAX];
	size_t i, n = d->config.connections;

	for (i = 0; i < n; i++) {
		threads[i] = d->sinks ? (void *)&d->sinks[i] : d->config.carriers[i];
		items[i] = &d->items[i];
	}
	d->pool = pool_start(n, threads, n, items, d->sinks ? work : work_of_carrier);
	return d->pool != NULL;
}

bool
delivery_start(struct delivery *d, const struct delivery_config *config)
{
	struct sink_config sink = config->sink;
	size_t i;

	*d = (struct delivery){ .config = *config };
	sink.too_large = &d->too_large;
	if (!batch_init(&d->part, SIZE_MAX, 1, NULL))
		return false;
	if (!config->carry)
		d->sinks = calloc(config->connections, sizeof(*d->sinks));
	d->items = calloc(config->connections, sizeof(*d->items));
	if ((!config->carry && !d->sinks) || !d->items)
		return false;
	for (i = 0; i < config->connections; i++)
		d->items[i].file.fd = d->items[i].batch.fd = -1;
	for (i = 0; i < config->connections; i++) {
		d->items[i].carry = config->carry;
		if (!batch_init(
			&d->items[i].batch, config->max_rows, config->max_bytes, &config->place))
			return false;
		if (config->carry)
			continue;
		sink.clickhouse = config->clickhouse[i];
		if (!sink_init(&d->sinks[i], &sink))
			return false;
	}
	return start_pool(d);
}

void
delivery_stop(struct delivery *d)
{
	size_t i;

	pool_stop(d->pool);
	for (i = 0; d->items && i < d->config.connections; i++) {
		if (d->sinks)
			sink_release(&d->sinks[i]);
		batch_release(&d->items[i].batch);
		buf_release(&d->items[i].path);
		buf_release(&d->items[i].refused);
		spool_put_back(d->config.spool, &d->items[i].file);
	}
	batch_release(&d->part);
	free(d->sinks);
	free(d->items);
	d->sinks = NULL;
	d->items = NULL;
	d->pool = NULL;
}

/* ---- keeping --------------------------------------------------------------- */

static int
keep_rows(struct delivery *d, struct batch *b, bool cut)
{
	int error = spool_keep(d->config.spool, b, cut);

	/* the disk may have room for them, but not twice */
	if ((error == ENOSPC || error == EDQUOT) && batch_make_room(b))
		error = spool_keep(d->config.spool, b, cut);
	return error;
}

/* What is not stored has been kept by now, or is lost. */
static void
tell_settled(struct delivery *d, uint64_t mark)
{
	if (mark && d->config.settled && d->state != DELIVERY_LOST)
		d->config.settled(d->config.context, mark);
}

static void
keep(struct delivery *d, struct batch *b, bool cut)
{
	int error;

	if (b->n == 0)
		return;
	if (b->in_place) {
		d->kept_in_place += b->n;
		return;
	}
	error = d->state == DELIVERY_LOST ? d->spool_error : keep_rows(d, b, cut);
	if (error) {
		d->state = DELIVERY_LOST;
		d->spool_error = error;
		d->lost += b->n;
		return;
	}
	if (cut) {
		d->cut += b->n;
		return;
	}
	d->kept += b->n;
	d->next_look_ms = 0;
}

void
delivery_keep_cut(struct delivery *d, struct batch *b)
{
	keep(d, b, true);
}

/* Piece by piece, each the request that it was: so no row is stored twice, also
   when the server takes larger ones by then. */
static void
keep_pieces(struct delivery *d, struct delivery_item *item)
{
	const struct sink_task *t = &item->task;
	struct batch *b = &item->batch;
	size_t i, at = 0;

	if (t->pieces == 0 || b->in_place) {
		keep(d, b, false);
		return;
	}
	for (i = 0; i < t->pieces; at += t->piece[i++]) {
		batch_reset(&d->part);
		if (batch_copy(&d->part, b, at, t->piece[i])) {
			keep(d, &d->part, false);
		} else {
			d->state = DELIVERY_LOST;
			d->spool_error = ENOMEM;
			d->lost += t->piece[i];
		}
	}
}

/*
 * Puts files of the pieces that are left in the place of the file that they are
 * from, which is still there when that fails: what is sent twice then has the
 * same tokens.
 */
static bool
replace_file(struct delivery *d, struct delivery_item *item)
{
	const struct sink_task *t = &item->task;
	size_t i, at = 0;
	int error = 0;

	for (i = 0; i < t->pieces && !error; at += t->piece[i++]) {
		batch_reset(&d->part);
		error = batch_copy(&d->part, &item->batch, at, t->piece[i])
		    ? keep_rows(d, &d->part, false)
		    : ENOMEM;
	}
	if (error)
		d->spool_error = error;
	else
		d->kept += item->batch.n;
	return !error;
}

/* ---- what has become of a batch -------------------------------------------- */

/*
 * Tells the rows that are refused in the end.  False: they are not told for
 * good; where they came from a file of the spool, it has to stay.
 */
static bool
tell_refused(struct delivery *d, struct delivery_item *item)
{
	uint64_t i, n = item->task.refused;
	const char *p = item->refused.p;
	bool complete = !item->refused.failed;
	struct refused r;

	if (n > 0 && !complete) {
		d->state = DELIVERY_LOST;
		d->spool_error = ENOMEM;
		d->lost += item->file.fd < 0 ? n : 0;
	}
	for (i = 0; i < n && complete; i++) {
		memcpy(&r, p, sizeof(r));
		p += sizeof(r);
		d->config.reject(d->config.context, item->batch.name, r.line,
		    (struct span){ p, r.n }, (struct span){ r.key_n ? p + r.key : NULL, r.key_n },
		    p + r.n);
		p += r.n + r.reason_n;
	}
	buf_reset(&item->refused);
	return complete && (n == 0 || item->file.fd < 0 || d->config.told(d->config.context));
}

/* Whether it is this batch alone that the server, which is well, does not take. */
static bool
is_stuck(const struct delivery_item *item)
{
	const struct clickhouse_error *e = &item->task.error;

	return item->file.fd >= 0 && e->status == CLICKHOUSE_UNKNOWN && (e->code || e->http);
}

/* Whether the file of the spool is refused row by row: it must not hold up others. */
static bool
is_hopeless(const struct delivery_item *item)
{
	return item->file.fd >= 0 && item->task.hopeless;
}

static void
set_aside(struct delivery *d, struct delivery_item *item)
{
	const struct clickhouse_error *e = &item->task.error;
	int error = spool_set_aside(d->config.spool, &item->file, e->text);

	d->in_vain = 0;
	if (error)
		d->spool_error = error;
	else if (d->aside++ == 0)
		d->config.aside(d->config.context, e, item->path.p);
}

static void
give_up(struct delivery *d, const struct clickhouse_error *e)
{
	bool broken = e->status == CLICKHOUSE_CONFIG;
	bool told =
	    d->state == DELIVERY_BROKEN || (d->state == DELIVERY_AWAY && broken == d->broken);
	uint64_t wait = AWAY_MS;

	if (e->status == CLICKHOUSE_STOPPED)
		return;
	d->parallel = false;
	d->broken |= broken;
	if (d->state != DELIVERY_LOST)
		d->state = broken && !d->config.follow ? DELIVERY_BROKEN : DELIVERY_AWAY;
	if (d->config.follow && !broken)
		wait = sink_backoff_ms(++d->failures, e);
	else if (wait < e->retry_after_ms)
		wait = e->retry_after_ms;
	d->next_try_ms = timestamp_monotonic() + wait;
	if (!told)
		d->config.fail(d->config.context, e, NULL);
}

/* The file of the spool that a batch is from: deleted, or left where it is. */
static void
end_file(struct delivery *d, struct delivery_item *item, bool delivered)
{
	int error;

	if (item->file.fd < 0) /* set aside */
		return;
	if (!delivered) {
		spool_put_back(d->config.spool, &item->file);
		return;
	}
	if (spool_is_own(d->config.spool, &item->file))
		d->kept -= item->rows < d->kept ? item->rows : d->kept;
	error = spool_done(d->config.spool, &item->file);
	if (error)
		d->spool_error = error;
}

static void
note_success(struct delivery *d)
{
	if (d->state == DELIVERY_AWAY)
		d->state = DELIVERY_READY;
	if (d->state == DELIVERY_READY)
		d->broken = false;
	d->failures = 0;
}

static void
note_failure(struct delivery *d, struct delivery_item *item)
{
	if (is_hopeless(item)) {
		set_aside(d, item);
		return;
	}
	if (!is_stuck(item)) {
		give_up(d, &item->task.error);
		return;
	}
	d->stuck++;
	d->config.fail(d->config.context, &item->task.error, item->path.p);
}

/* What is not done is not counted: all of it comes again. */
static void
count(struct delivery *d, const struct delivery_item *item, bool done)
{
	const struct sink_task *t = &item->task;

	d->requests += t->requests;
	d->native += t->native;
	d->retries += t->retries;
	d->refused += t->refused;
	if (!done)
		return;
	d->stored += t->stored;
	d->forgotten += t->forgotten;
	d->drained += item->file.fd >= 0 ? t->stored : 0;
}

static void
conclude(struct delivery *d, struct delivery_item *item)
{
	struct sink_task *t = &item->task;
	bool spooled = item->file.fd >= 0, done = t->error.status == CLICKHOUSE_OK, told;
	/* what is left of its file is in others */
	bool replaced = spooled && !done && t->pieces > 0 && replace_file(d, item);

	d->in_flight--;
	d->impatient = false;
	d->in_vain = t->in_vain;
	d->parallel |= t->stored > 0;
	d->outdated |= t->outdated;
	if (spooled && !done && !replaced) /* the file holds these rows, too */
		t->refused = 0;
	count(d, item, done || replaced || (t->pieces > 0 && !item->batch.in_place));
	told = tell_refused(d, item);
	if (done || t->stored > 0)
		note_success(d);
	if (!done)
		note_failure(d, item);
	d->stuck += spooled && !told;
	if (spooled)
		end_file(d, item, (done || replaced) && told);
	else if (!done)
		keep_pieces(d, item);
	tell_settled(d, item->batch.mark);
	batch_reset(&item->batch);
}

static void
collect(struct delivery *d)
{
	struct delivery_item *item;

	while ((item = pool_collect(d->pool, false)))
		conclude(d, item);
}

static void
wait_a_little(struct delivery *d)
{
	pool_wait(d->pool, TICK_MS);
	d->config.tick(d->config.context);
	collect(d);
}

void
delivery_settle(struct delivery *d)
{
	collect(d);
	while (d->in_flight > 0)
		wait_a_little(d);
}

/* ---- sending --------------------------------------------------------------- */

static bool
has_slot(const struct delivery *d)
{
	return d->in_flight < (d->parallel ? d->config.connections : 1);
}

static bool
stopped(const struct delivery *d)
{
	return d->config.sink.stop && *d->config.sink.stop;
}

/* Whether a request may be sent now, or once there is a slot. */
static bool
may_try(const struct delivery *d)
{
	if (d->state == DELIVERY_AWAY)
		return d->in_flight == 0 && timestamp_monotonic() >= d->next_try_ms;
	return d->state == DELIVERY_READY;
}

/* Waits for a slot; false when there is none, or no use for one any more. */
static bool
await_slot(struct delivery *d)
{
	uint64_t start = timestamp_monotonic();

	collect(d);
	while (may_try(d) && !has_slot(d)) {
		d->impatient |=
		    d->config.follow && timestamp_monotonic() - start >= FOLLOW_PATIENCE_MS;
		if (d->impatient)
			return false;
		wait_a_little(d);
	}
	return may_try(d);
}

static void
submit(struct delivery *d, struct delivery_item *item)
{
	item->rows = item->batch.n;
	item->task = (struct sink_task){
		.once = d->state == DELIVERY_AWAY,
		.proven = d->stored > 0,
		.in_vain = d->in_vain,
		.context = item,
		.reject = on_reject,
	};
	d->in_flight++;
	pool_submit(d->pool);
}

/* Reads a file of the spool that was taken; false: it is put back. */
static bool
load(struct delivery *d, struct delivery_item *item)
{
	struct spool *s = d->config.spool;
	int error;

	batch_reset(&item->batch);
	buf_reset(&item->path);
	buf_addf(&item->path, "%s/%s", s->path, item->file.name);
	buf_addc(&item->path, '\0');
	error = batch_of_file(&item->batch, item->file.fd);
	if (!error && item->path.failed)
		error = ENOMEM;
	item->batch.name = item->path.p;
	item->batch.in_place = true;
	if (!error)
		return true;
	d->spool_error = error;
	d->stuck++;
	batch_reset(&item->batch);
	spool_put_back(s, &item->file);
	return false;
}

/* Sends the next file that waits; false when there is none. */
static bool
send_spooled(struct delivery *d)
{
	struct delivery_item *item = pool_next(d->pool);
	int error = 0;

	while (item && (error = spool_take(d->config.spool, &item->file)) == 0) {
		if (load(d, item)) {
			submit(d, item);
			return true;
		}
	}
	if (error && error != ENOENT)
		d->spool_error = error;
	return false;
}

void
delivery_mind(struct delivery *d)
{
	collect(d);
	if (stopped(d) || d->spares_spool || timestamp_monotonic() < d->next_look_ms)
		return;
	while (may_try(d) && has_slot(d)) {
		if (send_spooled(d))
			continue;
		spool_rewind(d->config.spool);
		d->next_look_ms = timestamp_monotonic() + LOOK_MS;
		return;
	}
}

void
delivery_look(struct delivery *d)
{
	d->next_look_ms = 0;
}

int
delivery_patience(const struct delivery *d)
{
	uint64_t now = timestamp_monotonic();

	if (d->in_flight > 0)
		return FLIGHT_MS;
	if (d->state == DELIVERY_AWAY && d->next_try_ms < now + 1000)
		return d->next_try_ms > now ? (int)(d->next_try_ms - now) : 1;
	return 1000;
}

bool
delivery_accepts(struct delivery *d)
{
	if (d->state == DELIVERY_READY)
		return true;
	return d->state != DELIVERY_LOST && !spool_full(d->config.spool);
}

static void
swap(struct batch *a, struct batch *b)
{
	struct batch t = *a;

	*a = *b;
	*b = t;
}

bool
delivery_send(struct delivery *d, struct batch *b)
{
	struct delivery_item *item;

	if (b->n == 0)
		return delivery_accepts(d);
	delivery_mind(d);
	if (await_slot(d)) {
		item = pool_next(d->pool);
		swap(&item->batch, b);
		submit(d, item);
	} else {
		keep(d, b, false);
		tell_settled(d, b->mark);
		drop_block(b);
	}
	batch_reset(b);
	return delivery_accepts(d);
}

void
delivery_drain(struct delivery *d)
{
	spool_rewind(d->config.spool);
	while (!stopped(d) && await_slot(d) && send_spooled(d))
		d->config.tick(d->config.context);
	delivery_settle(d);
}
