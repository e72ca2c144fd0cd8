#include "serve/deliver.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/timestamp.h"
#include "event/reject.h"

#include "base/banned.h"

enum {
	MAX_ROWS = 100000,
	MAX_BYTES = 64 << 20,
	TIMEOUT_MS = 300000,
	GRACE_MS = 2000, /* that a request may still take when it is to end */
	RETRY_MS = 2000, /* before it waits in the spool again */
	LAST_MS = 3000,  /* for what waits at the end */
	STATE_MS = 1000, /* between looks at what waits */
};

static void
tell_broken(struct deliver *d, const char *path, int error)
{
	if (error && error != d->told_error && d->config.broken)
		d->config.broken(d->config.context, path, error);
	d->told_error = error;
}

/* ---- what the delivery tells ------------------------------------------------ */

static void
on_reject(void *context, const char *name, uint64_t line, struct span row, struct span key,
    const char *reason)
{
	const struct complaint c = { .field = key, .text = span_of(reason) };
	struct deliver *d = context;
	struct reject r = {
		.file = name,
		.line = line,
		.error = "rejected_by_clickhouse",
		.complaint = &c,
		.complaints = 1,
	};

	reject_add(&d->record, &r, row.p, row.n);
}

/* The records are on disk before the file goes that held the rows. */
static bool
on_told(void *context)
{
	struct deliver *d = context;
	int error = d->record.failed ? ENOMEM : 0;

	if (!error && d->record.n == 0)
		return true;
	if (!error && d->rejects_fd < 0)
		d->rejects_fd = open(d->rejects_path.p,
		    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (!error && d->rejects_fd < 0)
		error = errno;
	if (!error)
		error = fd_write(d->rejects_fd, d->record.p, d->record.n);
	if (!error)
		error = fd_sync(d->rejects_fd);
	tell_broken(d, d->rejects_path.p, error);
	buf_reset(&d->record);
	if (!error && !d->told_refused && d->config.refused) {
		d->told_refused = true;
		d->config.refused(d->config.context, d->rejects_path.p);
	}
	return error == 0;
}

static void
on_fail(void *context, const struct clickhouse_error *e, const char *file)
{
	struct deliver *d = context;

	(void)file;
	if (!d->failing && d->config.fail)
		d->config.fail(d->config.context, e);
	d->failing = true;
}

static void
on_aside(void *context, const struct clickhouse_error *e, const char *file)
{
	struct deliver *d = context;

	if (d->config.aside)
		d->config.aside(d->config.context, e, file);
}

static void
on_tick(void *context)
{
	(void)context;
}

/* ---- what waits ------------------------------------------------------------- */

static bool
ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), k = strlen(end);

	return n > k && strcmp(name + n - k, end) == 0;
}

static void
count_file(const char *name, int folder, int64_t now, struct deliver_state *s)
{
	struct stat st;
	int64_t age;

	if (ends_in(name, ".refused"))
		s->aside++;
	if (!ends_in(name, ".ndjson") && !ends_in(name, ".ready"))
		return;
	if (ends_in(name, ".cut.ndjson") || fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	age = now - ((int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000);
	if (age > 0 && (uint64_t)age > s->oldest_ms)
		s->oldest_ms = (uint64_t)age;
	s->files++;
	s->bytes += (uint64_t)st.st_size;
}

static void
look(struct deliver *d)
{
	struct deliver_state s = {
		.stored = d->delivery.stored,
		.refused = d->delivery.refused,
		.forgotten = d->delivery.forgotten,
		.away = d->failing,
	};
	int64_t now = timestamp_now();
	DIR *folder = opendir(d->spool.path);
	struct dirent *e;

	if (!folder)
		return;
	while ((e = readdir(folder)) != NULL)
		count_file(e->d_name, dirfd(folder), now, &s);
	closedir(folder);
	pthread_mutex_lock(&d->lock);
	d->state = s;
	pthread_mutex_unlock(&d->lock);
}

void
deliver_look(struct deliver *d, struct deliver_state *s)
{
	pthread_mutex_lock(&d->lock);
	*s = d->state;
	pthread_mutex_unlock(&d->lock);
}

/* ---- the thread ------------------------------------------------------------- */

static void
mind(struct deliver *d)
{
	uint64_t stored = d->delivery.stored;

	delivery_mind(&d->delivery);
	if (d->failing && d->delivery.state == DELIVERY_READY && d->delivery.stored > stored) {
		d->failing = false;
		if (d->config.works)
			d->config.works(d->config.context);
	}
	tell_broken(
	    d, d->spool.path, d->delivery.spool_error ? d->delivery.spool_error : d->spool.error);
	d->delivery.spool_error = d->spool.error = 0;
}

/* Waits for deliver_wake, or as long as the delivery has patience; true: to the end. */
static bool
await(struct deliver *d)
{
	int wait_ms = delivery_patience(&d->delivery);
	struct timespec until;
	bool end;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
	until.tv_sec += wait_ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&d->lock);
	if (!d->wake && !d->end)
		pthread_cond_timedwait(&d->more, &d->lock, &until);
	if (d->wake)
		delivery_look(&d->delivery);
	d->wake = false;
	end = d->end;
	pthread_mutex_unlock(&d->lock);
	return end;
}

static void *
run(void *arg)
{
	const struct timespec pause = { 0, 5000000 };
	struct deliver *d = arg;
	uint64_t next_ms = 0, now;

	while (!await(d)) {
		mind(d);
		now = timestamp_monotonic();
		if (now < next_ms)
			continue;
		next_ms = now + STATE_MS;
		look(d);
	}
	/* what was sealed last, where nothing is in the way */
	delivery_look(&d->delivery);
	now = timestamp_monotonic();
	do
		mind(d);
	while (!d->failing && d->delivery.in_flight > 0 && timestamp_monotonic() < now + LAST_MS &&
	    nanosleep(&pause, NULL) == 0);
	atomic_store(&d->stop, 1);
	delivery_settle(&d->delivery);
	return NULL;
}

static void
release(struct deliver *d)
{
	delivery_stop(&d->delivery);
	spool_release(&d->spool);
	piece_pool_release(&d->pool);
	clickhouse_close(d->clickhouse);
	if (d->rejects_fd >= 0)
		close(d->rejects_fd);
	buf_release(&d->rejects_path);
	buf_release(&d->record);
}

static int
open_all(struct deliver *d, struct clickhouse_error *e)
{
	struct clickhouse_config c = *d->config.clickhouse;
	const struct batch_place place = { d->config.dir, d->config.database, d->config.table };
	struct delivery_config config;
	int error;

	c.timeout_ms = TIMEOUT_MS;
	c.stop_grace_ms = GRACE_MS;
	c.stop = &d->stop;
	d->clickhouse = clickhouse_open(&c, e);
	if (!d->clickhouse)
		return EINVAL;
	error =
	    spool_open(&d->spool, d->config.dir, d->config.database, d->config.table, UINT64_MAX);
	if (error)
		return error;
	buf_addf(&d->rejects_path, "%s/%s.rejects", d->spool.dir, d->spool.run);
	buf_addc(&d->rejects_path, '\0');
	config = (struct delivery_config){
		.sink = {
			.database = d->config.database,
			.table = d->config.table,
			.native = true,
			.compress = clickhouse_is_local(d->clickhouse) ? COMPRESS_NONE : COMPRESS_ZSTD,
			.pool = &d->pool,
			.retry_ms = RETRY_MS,
			.stop = &d->stop,
		},
		.clickhouse = &d->clickhouse,
		.connections = 1,
		.max_rows = MAX_ROWS,
		.max_bytes = MAX_BYTES,
		.place = place,
		.spool = &d->spool,
		.follow = true,
		.context = d,
		.reject = on_reject,
		.told = on_told,
		.fail = on_fail,
		.aside = on_aside,
		.tick = on_tick,
	};
	if (d->rejects_path.failed || !delivery_start(&d->delivery, &config))
		return ENOMEM;
	return 0;
}

int
deliver_start(struct deliver *d, const struct deliver_config *config, struct clickhouse_error *e)
{
	pthread_condattr_t clock;
	int error;

	d->config = *config;
	d->rejects_fd = -1;
	d->spool.fd = -1;
	d->pool = (struct piece_pool)PIECE_POOL_INIT;
	e->text[0] = '\0';
	error = open_all(d, e);
	if (!error) {
		pthread_mutex_init(&d->lock, NULL);
		pthread_condattr_init(&clock);
		pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
		pthread_cond_init(&d->more, &clock);
		pthread_condattr_destroy(&clock);
		d->wake = true;
		error = pthread_create(&d->thread, NULL, run, d);
		d->started = error == 0;
	}
	if (error)
		release(d);
	return error;
}

void
deliver_wake(struct deliver *d)
{
	pthread_mutex_lock(&d->lock);
	d->wake = true;
	pthread_cond_signal(&d->more);
	pthread_mutex_unlock(&d->lock);
}

void
deliver_stop(struct deliver *d)
{
	if (!d->started)
		return;
	pthread_mutex_lock(&d->lock);
	d->end = true;
	pthread_cond_signal(&d->more);
	pthread_mutex_unlock(&d->lock);
	pthread_join(d->thread, NULL);
	pthread_cond_destroy(&d->more);
	pthread_mutex_destroy(&d->lock);
	d->started = false;
	release(d);
}
