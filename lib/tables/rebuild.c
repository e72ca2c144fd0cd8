#include "tables/rebuild.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/banned.h"

enum {
	EMPTY_SOURCE = 36, /* ClickHouse's code: nothing is left of the month */
	TRIES = 20,
	LATE_TRIES = 200, /* once something may be missing, give up late */
	QUIET_TRIES = 100,
	QUIET_POLL_MS = 100,
};

/* A table of aggregates, and how to find what events went into one of its keys. */
struct aggregate {
	const char *table, *view;
	const char *staging; /* table of keys, with its @ */
	const char *keys;
	const char *keys_of_event;
	const char *events; /* those that have a key */
	const char *noun;   /* for one key */
};

/* Events of other days than a Date holds are not counted by days. */
#define HAS_DAY "toDate32(timestamp) BETWEEN '1970-01-01' AND '2149-06-06'"

static const struct aggregate aggregates[] = {
	{ "daily_rollup", "daily_rollup_mv", "@days", "project_id, day",
	    "project_id, toDate(timestamp)", HAS_DAY, "day" },
	{ "sessions", "sessions_mv", "@visits", "project_id, session_id, anonymous_id",
	    "project_id, session_id, anonymous_id", "1", "session" },
};

enum { AGGREGATES = sizeof(aggregates) / sizeof(aggregates[0]) };

/* Blocks that are equal are no repetition here. */
static const struct clickhouse_setting every_block[] = { { "insert_deduplicate", "0" },
	{ NULL, NULL } };

/* Runs SQL that is put together. */
static bool __attribute__((format(printf, 3, 4)))
run(struct staging *s, const struct clickhouse_setting *settings, const char *fmt, ...)
{
	char sql[4096];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(sql, sizeof(sql), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(sql))
		return staging_fail(s, CLICKHOUSE_UNKNOWN, "a statement is too long");
	return staging_run(s, sql, settings);
}

/* ---- what is concerned -------------------------------------------------- */

static const char days_sql[] =
    "INSERT INTO @days SELECT DISTINCT project_id, toDate(timestamp) FROM events "
    "WHERE project_id = {project:UUID} AND " HAS_DAY " AND " ERASE_PERSON;

/*
 * Where events expire, a day that has counted more events than are there can't
 * be had anew from those that are left.
 */
static const char whole_days_sql[] =
    " AND toDate(timestamp) NOT IN (SELECT day FROM "
    "(SELECT day, sum(events) AS counted FROM daily_rollup WHERE project_id = {project:UUID} "
    "GROUP BY day) AS r LEFT JOIN "
    "(SELECT toDate(timestamp) AS day, count() AS there FROM events "
    "WHERE project_id = {project:UUID} AND " HAS_DAY
    " GROUP BY day) AS e USING (day) WHERE counted > there)";

/* Sessions name people also after their events have expired. */
#define SESSIONS_OF_PEOPLE                                                               \
	"SELECT project_id, session_id, anonymous_id FROM "                              \
	"(SELECT project_id, session_id, anonymous_id, argMaxMerge(user_id) AS user_id " \
	"FROM sessions WHERE project_id = {project:UUID} "                               \
	"GROUP BY project_id, session_id, anonymous_id) WHERE " ERASE_PERSON

static const char visits_sql[] =
    "INSERT INTO @visits SELECT DISTINCT * FROM (SELECT project_id, session_id, anonymous_id "
    "FROM events WHERE project_id = {project:UUID} AND " ERASE_PERSON
    " UNION ALL " SESSIONS_OF_PEOPLE ")";

static const char counts_sql[] =
    "SELECT (SELECT uniqExact(day) FROM @days), (SELECT uniqExact(toDate(timestamp)) FROM events "
    "WHERE project_id = {project:UUID} AND " HAS_DAY " AND " ERASE_PERSON "), "
    "(SELECT uniqExact(session_id, anonymous_id) FROM @visits) "
    "SETTINGS apply_deleted_mask = 0 FORMAT TSV";

bool
rebuild_find(struct staging *s, const struct erase_table *table, struct rebuild_counts *counts)
{
	/* also by events that are hidden already */
	static const struct clickhouse_setting settings[] = { { "join_use_nulls", "0" },
		{ "apply_deleted_mask", "0" }, { NULL, NULL } };
	uint64_t n[3];
	struct buf sql = BUF_INIT;
	bool good;

	buf_adds(&sql, days_sql);
	if (table->has_ttl)
		buf_adds(&sql, whole_days_sql);
	buf_addc(&sql, '\0');
	good = !sql.failed &&
	    staging_run(s,
		"CREATE TABLE IF NOT EXISTS @days (project_id UUID, day Date) ENGINE = MergeTree "
		"ORDER BY (project_id, day)",
		NULL) &&
	    staging_run(s,
		"CREATE TABLE IF NOT EXISTS @visits (project_id UUID, session_id String, anonymous_id String) "
		"ENGINE = MergeTree ORDER BY (project_id, session_id, anonymous_id)",
		NULL) &&
	    staging_run(s, sql.p, settings) && staging_run(s, visits_sql, settings) &&
	    staging_numbers(s, counts_sql, n, 3);
	buf_release(&sql);
	if (good)
		*counts = (struct rebuild_counts){ n[0], n[1] > n[0] ? n[1] - n[0] : 0, n[2] };
	return good;
}

bool
rebuild_left(struct staging *s, uint64_t *sessions)
{
	return staging_numbers(
	    s, "SELECT count() FROM (" SESSIONS_OF_PEOPLE ") FORMAT TSV", sessions, 1);
}

/* ---- building a month --------------------------------------------------- */

static bool
on_text(void *context, const char *p, size_t n)
{
	struct buf *b = context;

	buf_add(b, p, n);
	return true;
}

/*
 * The statement that aggregates events: the view's own SELECT, so that the
 * columns which users add to views are as they say.
 */
static bool
read_view(struct staging *s, const struct aggregate *a, struct buf *sql)
{
	char columns[512], select[512];
	size_t begin;

	snprintf(columns, sizeof(columns),
	    "SELECT arrayStringConcat(groupArray(concat('`', name, '`')), ', ') FROM "
	    "(SELECT name FROM system.columns WHERE database = currentDatabase() "
	    "AND table = '%s' ORDER BY position) FORMAT TSVRaw",
	    a->view);
	snprintf(select, sizeof(select),
	    "SELECT as_select FROM system.tables WHERE database = currentDatabase() "
	    "AND name = '%s' FORMAT TSVRaw",
	    a->view);
	buf_reset(sql);
	staging_expand(s, "INSERT INTO @month (", sql);
	begin = sql->n;
	if (!staging_select(s, columns, NULL, on_text, sql))
		return false;
	if (sql->n == begin && !sql->failed)
		return staging_fail(s, CLICKHOUSE_CONFIG,
		    "the view %s is missing; see 'mm-schema --check'", a->view);
	buf_adds(sql, ") ");
	if (!staging_select(s, select, NULL, on_text, sql))
		return false;
	buf_addc(sql, '\0');
	return !sql->failed || staging_fail(s, CLICKHOUSE_UNKNOWN, "out of memory");
}

/* A filter that the server puts on events in a statement that is not ours. */
static void
add_filter(struct staging *s, const struct aggregate *a, const char *database, struct buf *b)
{
	struct buf filter = BUF_INIT;

	buf_addf(&filter,
	    "{'%s.events':'(%s) IN (SELECT %s FROM %s) AND toYYYYMM(timestamp) = %s "
	    "AND NOT " ERASE_PERSON "'}",
	    database, a->keys_of_event, a->keys, a->staging, s->month);
	buf_addc(&filter, '\0');
	buf_reset(b);
	if (!filter.failed)
		staging_expand(s, filter.p, b);
	buf_addc(b, '\0');
	b->failed |= filter.failed;
	buf_release(&filter);
}

/* What aggregates the events of @month's keys, from those who stay. */
static bool
aggregate_events(struct staging *s, const struct aggregate *a, const char *database)
{
	struct buf sql = BUF_INIT, filter = BUF_INIT;
	bool good = read_view(s, a, &sql);

	add_filter(s, a, database, &filter);
	if (good && filter.failed)
		good = staging_fail(s, CLICKHOUSE_UNKNOWN, "out of memory");
	if (good) {
		const struct clickhouse_setting settings[] = { { "insert_deduplicate", "0" },
			{ "additional_table_filters", filter.p }, { NULL, NULL } };

		good = clickhouse_run(s->clickhouse, sql.p, NULL, settings, &s->error) ==
		    CLICKHOUSE_OK;
	}
	buf_release(&sql);
	buf_release(&filter);
	return good;
}

/* A view that reads something else than events would not have been filtered. */
static bool
check_keys(struct staging *s, const struct aggregate *a)
{
	char sql[512];
	uint64_t strays;

	snprintf(sql, sizeof(sql),
	    "SELECT count() FROM @month WHERE (%s) NOT IN (SELECT %s FROM %s) FORMAT TSV", a->keys,
	    a->keys, a->staging);
	if (!staging_numbers(s, sql, &strays, 1))
		return false;
	return strays == 0 ||
	    staging_fail(s, CLICKHOUSE_CONFIG,
		"the view %s does not read the table events as mm-schema has it; "
		"see 'mm-schema --check'",
		a->view);
}

static bool
build(struct staging *s, const struct aggregate *a, const char *database)
{
	return staging_run(s, "DROP TABLE IF EXISTS @month SYNC", NULL) &&
	    run(s, NULL, "CREATE TABLE IF NOT EXISTS @month AS %s", a->table) &&
	    aggregate_events(s, a, database) && check_keys(s, a) &&
	    run(s, every_block,
		"INSERT INTO @month SELECT * FROM %s WHERE _partition_id = {month:String} "
		"AND (%s) NOT IN (SELECT %s FROM %s)",
		a->table, a->keys, a->keys, a->staging);
}

/*
 * Whether the month counts no more events than it has to: a request whose
 * answer got lost on its way may have been sent twice by libcurl, and no insert
 * of this kind is known again by the server.  Fewer are those that expired.
 */
static bool
check_sum(struct staging *s, const struct aggregate *a, bool *once)
{
	char sql[4096];
	uint64_t n[2];

	snprintf(sql, sizeof(sql),
	    "SELECT (SELECT sum(events) FROM @month), "
	    "(SELECT count() FROM events WHERE (%s) IN (SELECT %s FROM %s) "
	    "AND _partition_id = {month:String} AND NOT " ERASE_PERSON
	    ") + (SELECT sum(events) FROM %s WHERE _partition_id = {month:String} "
	    "AND (%s) NOT IN (SELECT %s FROM %s)) FORMAT TSV",
	    a->keys_of_event, a->keys, a->staging, a->table, a->keys, a->keys, a->staging);
	*once = false;
	if (!staging_numbers(s, sql, n, 2))
		return false;
	*once = n[0] <= n[1];
	return true;
}

/*
 * REPLACE, also where nothing is left: DROP PARTITION would forget the tokens
 * of batches, and a batch that is sent again would be counted again.
 */
static bool
put_in_place(struct staging *s, const struct aggregate *a)
{
	static const struct clickhouse_setting empty[] = {
		{ "allow_replace_partition_from_empty_source", "1" }, { NULL, NULL }
	};
	static const char sql[] = "ALTER TABLE %s REPLACE PARTITION {month:UInt32} FROM @month";

	if (run(s, NULL, sql, a->table))
		return true;
	/* servers that do not know the setting do not ask for it */
	return s->error.code == EMPTY_SOURCE && run(s, empty, sql, a->table);
}

/* ---- between inserts ---------------------------------------------------- */

/*
 * What of the month has been inserted: the newest blocks, and inserts that run.
 * No month: of all.
 */
struct moment {
	uint64_t events, aggregates, running;
};

static bool
look(struct staging *s, const struct aggregate *a, struct moment *m)
{
	char sql[1024];
	uint64_t n[3];

	snprintf(sql, sizeof(sql),
	    "SELECT maxIf(max_block_number, table = 'events'), "
	    "maxIf(max_block_number, table = '%s'), "
	    "(SELECT count() FROM system.processes WHERE query_kind IN ('Insert', "
	    "'AsyncInsertFlush') AND position(query, 'events') > 0 "
	    "AND position(query, 'mm_forget_') = 0) FROM system.parts WHERE active "
	    "AND database = currentDatabase() "
	    "AND ({month:String} = '' OR partition_id = {month:String}) FORMAT TSV",
	    a->table);
	if (!staging_numbers(s, sql, n, 3))
		return false;
	*m = (struct moment){ n[0], n[1], n[2] };
	return true;
}

static bool
await_quiet(struct staging *s, const struct aggregate *a, struct moment *m)
{
	int i;

	for (i = 0; i < QUIET_TRIES; i++) {
		if (!look(s, a, m))
			return false;
		if (m->running == 0)
			return true;
		if (!staging_sleep(s, QUIET_POLL_MS))
			return false;
	}
	return true;
}

static bool
is_undisturbed(const struct moment *before, const struct moment *after)
{
	return before->running == 0 && after->running == 0 && before->events == after->events &&
	    before->aggregates == after->aggregates;
}

/* What has come into events after {block}, and may be missing in the aggregates. */
static bool
add_late_keys(struct staging *s, const struct aggregate *a)
{
	return run(s, every_block,
	    "INSERT INTO %s SELECT DISTINCT %s FROM events WHERE _partition_id = {month:String} "
	    "AND toUInt64(splitByChar('_', _part)[3]) > {block:UInt64}",
	    a->staging, a->keys_of_event);
}

static bool
rebuild_month(struct staging *s, const struct aggregate *a, const char *database)
{
	struct moment before, after;
	bool replaced = false, once;
	int i;

	for (i = 0; i < (replaced ? LATE_TRIES : TRIES); i++) {
		if (!await_quiet(s, a, &before) || (replaced && !add_late_keys(s, a)) ||
		    !build(s, a, database) || !check_sum(s, a, &once) || !look(s, a, &after))
			return false;
		if (!once || !is_undisturbed(&before, &after)) {
			if (!staging_sleep(s, QUIET_POLL_MS))
				return false;
			continue;
		}
		if (!replaced)
			snprintf(
			    s->block, sizeof(s->block), "%llu", (unsigned long long)before.events);
		if (!put_in_place(s, a) || !look(s, a, &after))
			return false;
		if (after.running == 0 && after.events == before.events)
			return true;
		/* an insert began in between: its days or sessions are built anew as well */
		replaced = true;
	}
	return staging_fail(s, CLICKHOUSE_TRANSIENT,
	    "events of the month %s keep arriving, so that %s can't be replaced without losing "
	    "some: stop what inserts them for a while%s",
	    s->month, a->table,
	    replaced ? "; the last ones may be missing there, which --recount puts right" : "");
}

/* ---- inserts that broke off ---------------------------------------------- */

/*
 * Counts the keys that have more events than the aggregate counts.  One that was
 * aggregated anew already, by a run which was killed before it deleted the
 * people's events, counts those of all others.
 */
static bool
count_lacking(struct staging *s, const struct aggregate *a, uint64_t *lacking)
{
	char sql[4096];
	int n = snprintf(sql, sizeof(sql),
	    "SELECT count() FROM (SELECT k, sum(t) AS there, sum(o) AS others, sum(c) AS counted "
	    "FROM (SELECT (%s) AS k, count() AS t, countIf(NOT " ERASE_PERSON ") AS o, "
	    "toUInt64(0) AS c FROM events WHERE k IN (SELECT %s FROM %s) AND %s GROUP BY k "
	    "UNION ALL SELECT (%s) AS k, 0, 0, sum(events) FROM %s WHERE k IN (SELECT %s FROM %s) "
	    "GROUP BY k) GROUP BY k HAVING counted < there AND counted != others) FORMAT TSV",
	    a->keys_of_event, a->keys, a->staging, a->events, a->keys, a->table, a->keys,
	    a->staging);

	if (n < 0 || (size_t)n >= sizeof(sql))
		return staging_fail(s, CLICKHOUSE_UNKNOWN, "a statement is too long");
	return staging_numbers(s, sql, lacking, 1);
}

static bool
check_whole(struct staging *s, const struct aggregate *a)
{
	struct moment before, after;
	uint64_t lacking;
	int i;

	for (i = 0; i < TRIES; i++) {
		if (!await_quiet(s, a, &before) || !count_lacking(s, a, &lacking))
			return false;
		if (lacking == 0)
			return true;
		if (!look(s, a, &after))
			return false;
		if (is_undisturbed(&before, &after))
			return staging_fail(s, CLICKHOUSE_CONFIG,
			    "%s does not count all events of %llu %s%s: an insert broke off, and "
			    "when its rows are sent again they would be counted twice; send them "
			    "first ('mm-insert --drain DIR', or the same files again), or see "
			    "--recount in the manual",
			    a->table, (unsigned long long)lacking, a->noun,
			    lacking == 1 ? "" : "s");
		if (!staging_sleep(s, QUIET_POLL_MS))
			return false;
	}
	return staging_fail(s, CLICKHOUSE_TRANSIENT,
	    "events keep arriving, so that it can't be told whether %s counts them all: stop what "
	    "inserts them for a while",
	    a->table);
}

bool
rebuild_check(struct staging *s)
{
	size_t a;

	s->month[0] = '\0';
	for (a = 0; a < AGGREGATES; a++)
		if (!check_whole(s, &aggregates[a]))
			return false;
	return true;
}

/* ---- all months --------------------------------------------------------- */

enum { MONTHS_MAX = 12 * 400 }; /* all that DateTime64 holds */

struct months {
	uint64_t month[MONTHS_MAX];
	size_t n;
};

static bool
on_month(void *context, const char *p, size_t n)
{
	struct months *m = context;

	if (m->n < MONTHS_MAX && staging_take_number(&p, &n, &m->month[m->n]))
		m->n++;
	return true;
}

static bool
find_months(struct staging *s, const struct aggregate *a, struct months *m)
{
	char sql[1024];

	snprintf(sql, sizeof(sql),
	    "SELECT DISTINCT month FROM (SELECT _partition_id AS month FROM %s WHERE (%s) IN "
	    "(SELECT %s FROM %s) UNION ALL SELECT _partition_id AS month FROM events WHERE (%s) IN "
	    "(SELECT %s FROM %s)) ORDER BY month FORMAT TSV",
	    a->table, a->keys, a->keys, a->staging, a->keys_of_event, a->keys, a->staging);
	m->n = 0;
	return staging_select(s, sql, NULL, on_month, m);
}

bool
rebuild(struct staging *s, const char *database)
{
	struct months months;
	size_t a, i;

	for (a = 0; a < AGGREGATES; a++) {
		if (!find_months(s, &aggregates[a], &months))
			return false;
		for (i = 0; i < months.n; i++) {
			snprintf(s->month, sizeof(s->month), "%llu",
			    (unsigned long long)months.month[i]);
			if (!rebuild_month(s, &aggregates[a], database))
				return false;
		}
	}
	return true;
}
