#include "tables/staging.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "base/ascii.h"
#include "base/timestamp.h"

#include "base/banned.h"

#define PREFIX "mm_forget_"
#define OURS "mm_forget_[0-9a-f]{16}_" /* RE2; what staging tables begin with */
#define LOCK PREFIX "lock"

enum {
	TABLE_EXISTS = 57, /* ClickHouse's code */
	POLL_MS = 50,
	POLL_MAX_MS = 400,
	IDLE_MS = 5000, /* without a sign of life: who held the lock is dead */
};

bool
staging_fail(struct staging *s, enum clickhouse_status status, const char *fmt, ...)
{
	va_list ap;

	s->error = (struct clickhouse_error){ .status = status };
	va_start(ap, fmt);
	vsnprintf(s->error.text, sizeof(s->error.text), fmt, ap);
	va_end(ap);
	return false;
}

static bool
stopped(const struct staging *s)
{
	return s->stop && *s->stop;
}

bool
staging_sleep(struct staging *s, unsigned ms)
{
	unsigned slept = 0;

	while (slept < ms && !stopped(s)) {
		unsigned step = ms - slept < POLL_MS ? ms - slept : POLL_MS;
		struct timespec t = { 0, (long)step * 1000000 };

		nanosleep(&t, NULL);
		slept += step;
	}
	return !stopped(s) || staging_fail(s, CLICKHOUSE_STOPPED, "stopped by a signal");
}

/* The word that [p, ..) begins with, or NULL. */
static const struct staging_word *
find_word(const struct staging *s, const char *p)
{
	const struct staging_word *w = s->words, *found = NULL;

	for (; w && w->name; w++) {
		size_t n = strlen(w->name);

		if (strncmp(p, w->name, n) == 0 && (!found || n > strlen(found->name)))
			found = w;
	}
	return found;
}

void
staging_expand(const struct staging *s, const char *sql, struct buf *b)
{
	const struct staging_word *w;

	for (; *sql; sql++) {
		if (*sql == '@') {
			buf_adds(b, PREFIX);
			buf_adds(b, s->run);
			buf_addc(b, '_');
		} else if (*sql == '$' && (w = find_word(s, sql + 1))) {
			staging_expand(s, w->text, b);
			sql += strlen(w->name);
		} else {
			buf_addc(b, *sql);
		}
	}
}

static bool
expand(struct staging *s, const char *sql)
{
	buf_reset(&s->sql);
	staging_expand(s, sql, &s->sql);
	buf_addc(&s->sql, '\0');
	return !s->sql.failed || staging_fail(s, CLICKHOUSE_UNKNOWN, "out of memory");
}

bool
staging_select(struct staging *s, const char *sql, const struct clickhouse_setting *settings,
    clickhouse_row *row, void *context)
{
	const struct clickhouse_param params[] = { { "project", s->project },
		{ "month", span_of(s->month) }, { NULL, { NULL, 0 } } };

	return expand(s, sql) &&
	    clickhouse_select(s->clickhouse, s->sql.p, params, settings, row, context, &s->error) ==
	    CLICKHOUSE_OK;
}

bool
staging_run(struct staging *s, const char *sql, const struct clickhouse_setting *settings)
{
	const struct clickhouse_param params[] = { { "project", s->project },
		{ "month", span_of(s->month) }, { NULL, { NULL, 0 } } };

	return expand(s, sql) &&
	    clickhouse_run(s->clickhouse, s->sql.p, params, settings, &s->error) == CLICKHOUSE_OK;
}

bool
staging_insert(struct staging *s, const char *sql, const char *body, size_t n)
{
	const struct span part = { body, n };
	const struct clickhouse_body whole = { .parts = &part, .count = 1 };

	return expand(s, sql) &&
	    clickhouse_insert(s->clickhouse, s->sql.p, &whole, NULL, NULL, &s->error) ==
	    CLICKHOUSE_OK;
}

/* ---- numbers ------------------------------------------------------------ */

bool
staging_take_number(const char **p, size_t *n, uint64_t *v)
{
	struct span rest = { *p, *n };

	if (!ascii_take_number(&rest, UINT64_MAX, v) || (rest.n > 0 && *rest.p != '\t'))
		return false;
	*p = rest.p + (rest.n > 0);
	*n = rest.n - (rest.n > 0);
	return true;
}

struct numbers {
	uint64_t *to;
	size_t n;
	bool good;
};

static bool
on_numbers(void *context, const char *p, size_t n)
{
	struct numbers *k = context;
	size_t i;

	k->good = true;
	for (i = 0; i < k->n && k->good; i++)
		k->good = staging_take_number(&p, &n, &k->to[i]);
	return k->good;
}

bool
staging_numbers(struct staging *s, const char *sql, uint64_t *to, size_t n)
{
	struct numbers k = { to, n, false };

	if (!staging_select(s, sql, NULL, on_numbers, &k))
		return false;
	return k.good ||
	    staging_fail(s, CLICKHOUSE_UNKNOWN, "ClickHouse answers with something unexpected");
}

/* ---- the end of tables -------------------------------------------------- */

/* SYNC: else the server keeps the files for minutes. */
static bool
drop(struct staging *s, struct span name)
{
	const struct clickhouse_param params[] = { { "table", name }, { NULL, { NULL, 0 } } };

	return clickhouse_run(s->clickhouse, "DROP TABLE IF EXISTS {table:Identifier} SYNC", params,
		   NULL, &s->error) == CLICKHOUSE_OK;
}

/*
 * Whoever's they are; the caller holds the lock, or takes it from the dead.  No
 * name that matches holds a newline.
 */
static bool
drop_all(struct staging *s)
{
	struct span names, name;

	if (!staging_run(s,
		"KILL MUTATION WHERE database = currentDatabase() AND NOT is_done "
		"AND match(command, '" OURS "') SYNC FORMAT Null",
		NULL))
		return false;
	buf_reset(&s->names);
	if (!staging_select(s,
		"SELECT name FROM system.tables WHERE database = currentDatabase() "
		"AND match(name, '^" OURS "[a-z]+$') FORMAT TSVRaw",
		NULL, clickhouse_collect, &s->names))
		return false;
	if (s->names.failed)
		return staging_fail(s, CLICKHOUSE_UNKNOWN, "out of memory");
	names = (struct span){ s->names.p, s->names.n };
	while (span_take_line(&names, &name))
		if (!drop(s, name))
			return false;
	return true;
}

/* ---- the lock ----------------------------------------------------------- */

/* What is known of the one who holds the lock. */
struct holder {
	char id[64]; /* of the lock's table; "" when there is none */
	uint64_t busy;
};

static bool
on_holder(void *context, const char *p, size_t n)
{
	struct holder *h = context;

	if (!staging_take_number(&p, &n, &h->busy) || n >= sizeof(h->id))
		return false;
	memcpy(h->id, p, n);
	h->id[n] = '\0';
	return true;
}

/* A mutation that only fails is no sign of life: it would go on for ever. */
static bool
look(struct staging *s, struct holder *h)
{
	*h = (struct holder){ .busy = 0 };
	return staging_select(s,
	    "SELECT (SELECT count() FROM system.processes WHERE position(query, '" PREFIX "') > 0 "
	    "AND position(query, 'system.processes') = 0) + "
	    "(SELECT count() FROM system.mutations WHERE database = currentDatabase() "
	    "AND NOT is_done AND latest_fail_reason = '' "
	    "AND (table IN ('events', 'daily_rollup', 'sessions') "
	    "OR position(command, '" PREFIX "') > 0)), toString(uuid) "
	    "FROM system.tables WHERE database = currentDatabase() AND name = '" LOCK
	    "' FORMAT TSV",
	    NULL, on_holder, h);
}

/* Waits until the lock is gone, and takes it from one who is dead. */
static bool
outlast(struct staging *s)
{
	struct holder first, now;
	unsigned ms = POLL_MS;
	uint64_t since;

	if (!look(s, &first))
		return false;
	if (!first.id[0])
		return true;
	since = timestamp_monotonic();
	for (;;) {
		if (!staging_sleep(s, ms) || !look(s, &now))
			return false;
		ms = ms * 2 < POLL_MAX_MS ? ms * 2 : POLL_MAX_MS;
		if (strcmp(now.id, first.id) != 0)
			return true;
		if (now.busy)
			since = timestamp_monotonic();
		if (timestamp_monotonic() - since >= IDLE_MS)
			break;
	}
	s->notice(s->context, "removing what one that was killed has left behind");
	return drop_all(s) && drop(s, SPAN(LOCK));
}

static void
name_run(struct staging *s)
{
	unsigned char random[STAGING_RUN / 2];

	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(s->run, sizeof(s->run), random, sizeof(random));
}

bool
staging_open(struct staging *s)
{
	bool told = false;

	name_run(s);
	while (!staging_run(
	    s, "CREATE TABLE " LOCK " (x UInt8) ENGINE = MergeTree ORDER BY x", NULL)) {
		if (s->error.code != TABLE_EXISTS)
			return false;
		if (!told)
			s->notice(s->context,
			    "another mm-forget works on this database, or was killed; waiting");
		told = true;
		if (!outlast(s))
			return false;
	}
	s->locked = true;
	s->in_use = false;
	return drop_all(s);
}

bool
staging_close(struct staging *s)
{
	struct clickhouse_error first = s->error;
	bool good = true;

	if (s->locked && !s->in_use)
		good = drop_all(s) && drop(s, SPAN(LOCK));
	s->locked = false;
	if (good)
		s->error = first;
	return good;
}

void
staging_release(struct staging *s)
{
	buf_release(&s->sql);
	buf_release(&s->names);
}
