#include "tables/rebuild.h"

#include <stdio.h>

#include "tables/rebuild_month.h"

#include "base/banned.h"

enum { AGGREGATES = 2 };

static const struct rebuild_aggregate aggregates[AGGREGATES] = {
	{ "daily_rollup", "day",
	    { { "table", "daily_rollup" }, { "touched", "@days" }, { "kept", "mm_forget_days" },
		{ "keys", "project_id, day" }, { "keys_of_event", "project_id, toDate(timestamp)" },
		{ "countable", REBUILD_HAS_DAY },
		{ "definition",
		    "(project_id UUID, day Date, kept UInt8) ENGINE = MergeTree "
		    "ORDER BY (project_id, day)" },
		{ NULL, NULL } } },
	{ "sessions", "session",
	    { { "table", "sessions" }, { "touched", "@visits" }, { "kept", "mm_forget_visits" },
		{ "keys", "project_id, session_id, anonymous_id" },
		{ "keys_of_event", "project_id, session_id, anonymous_id" }, { "countable", "1" },
		{ "definition",
		    "(project_id UUID, session_id String, anonymous_id String, kept UInt8) "
		    "ENGINE = MergeTree ORDER BY (project_id, session_id, anonymous_id)" },
		{ NULL, NULL } } },
};

/* Runs a statement for each table of aggregates. */
static bool
for_each(struct staging *s, const char *sql, const struct clickhouse_setting *settings)
{
	bool good = true;
	size_t a;

	for (a = 0; a < AGGREGATES && good; a++) {
		s->words = aggregates[a].words;
		good = staging_run(s, sql, settings);
	}
	s->words = NULL;
	return good;
}

/* ---- what is concerned -------------------------------------------------- */

static const char days_sql[] =
    "INSERT INTO @days SELECT DISTINCT project_id, toDate(timestamp), 0 FROM events "
    "WHERE project_id = {project:UUID} AND " REBUILD_HAS_DAY " AND " ERASE_PERSON;

/*
 * Where events expire, a day that has counted more events than are there can't
 * be had anew from those that are left.
 */
static const char whole_days_sql[] =
    " AND toDate(timestamp) NOT IN (SELECT day FROM "
    "(SELECT day, sum(events) AS counted FROM daily_rollup "
    "WHERE project_id = {project:UUID} AND _row_exists GROUP BY day) AS r LEFT JOIN "
    "(SELECT toDate(timestamp) AS day, count() AS there FROM events "
    "WHERE project_id = {project:UUID} AND " REBUILD_HAS_DAY
    " GROUP BY day) AS e USING (day) WHERE counted > there)";

/* Sessions name people also after their events have expired. */
#define SESSIONS_OF_PEOPLE                                                                    \
	"SELECT project_id, session_id, anonymous_id FROM "                                   \
	"(SELECT project_id, session_id, anonymous_id, argMaxMerge(last_user_id) AS user_id " \
	"FROM sessions WHERE project_id = {project:UUID} AND _row_exists "                    \
	"GROUP BY project_id, session_id, anonymous_id) WHERE " ERASE_PERSON

static const char visits_sql[] =
    "INSERT INTO @visits SELECT DISTINCT *, 0 FROM (SELECT project_id, session_id, anonymous_id "
    "FROM events WHERE project_id = {project:UUID} AND " ERASE_PERSON
    " UNION ALL " SESSIONS_OF_PEOPLE ")";

static const char counts_sql[] =
    "SELECT (SELECT uniqExact(day) FROM @days WHERE NOT kept), "
    "(SELECT uniqExact(toDate(timestamp)) FROM events "
    "WHERE project_id = {project:UUID} AND " REBUILD_HAS_DAY " AND " ERASE_PERSON "), "
    "(SELECT uniqExact(session_id, anonymous_id) FROM @visits WHERE NOT kept) "
    "SETTINGS apply_deleted_mask = 0, optimize_use_projections = 0 FORMAT TSV";

bool
rebuild_pending(struct staging *s, bool *pending)
{
	uint64_t tables;
	bool good = staging_numbers(s,
	    "SELECT count() FROM system.tables WHERE database = currentDatabase() "
	    "AND name IN ('mm_forget_days', 'mm_forget_visits') FORMAT TSV",
	    &tables, 1);

	*pending = good && tables > 0;
	return good;
}

/* Those that a killed run has left behind. */
static bool
find_kept(struct staging *s)
{
	bool pending;

	if (!rebuild_pending(s, &pending))
		return false;
	if (!pending)
		return true;
	return for_each(s, "CREATE TABLE IF NOT EXISTS $kept $definition", NULL) &&
	    for_each(s, "INSERT INTO $touched SELECT DISTINCT $keys, 1 FROM $kept", NULL);
}

bool
rebuild_find(struct staging *s, const struct erase_table *table, struct rebuild_counts *counts)
{
	/* also by events that are hidden already */
	static const struct clickhouse_setting settings[] = { { "join_use_nulls", "0" },
		{ "apply_deleted_mask", "0" }, { "optimize_use_projections", "0" },
		{ NULL, NULL } };
	uint64_t n[3];
	struct buf sql = BUF_INIT;
	bool good;

	buf_adds(&sql, days_sql);
	if (table->has_ttl)
		buf_adds(&sql, whole_days_sql);
	buf_addc(&sql, '\0');
	good = !sql.failed &&
	    for_each(s, "CREATE TABLE IF NOT EXISTS $touched $definition", NULL) &&
	    staging_run(s, sql.p, settings) && staging_run(s, visits_sql, settings) &&
	    find_kept(s) && staging_numbers(s, counts_sql, n, 3);
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

/* ---- inserts that broke off ---------------------------------------------- */

/*
 * Counts the keys that have more events than the aggregate counts.  Those that a
 * killed run has left behind may be missing there.
 */
static const char lacking_sql[] =
    "SELECT count() FROM (SELECT k, sum(t) AS there, sum(c) AS counted FROM "
    "(SELECT ($keys_of_event) AS k, count() AS t, toUInt64(0) AS c FROM events "
    "WHERE k IN (SELECT $keys FROM $touched) AND $countable GROUP BY k UNION ALL "
    "SELECT ($keys) AS k, 0, sum(events) FROM $table WHERE k IN (SELECT $keys FROM $touched) "
    "GROUP BY k) WHERE k NOT IN (SELECT $keys FROM $touched WHERE kept) "
    "GROUP BY k HAVING counted < there) FORMAT TSV";

static bool
check_whole(struct staging *s, const struct rebuild_aggregate *a)
{
	struct rebuild_moment before, after;
	uint64_t lacking;
	int i;

	for (i = 0; i < REBUILD_TRIES; i++) {
		if (!rebuild_await_quiet(s, &before) ||
		    !staging_numbers(s, lacking_sql, &lacking, 1))
			return false;
		if (lacking == 0)
			return true;
		if (!rebuild_look(s, &after))
			return false;
		if (rebuild_undisturbed(&before, &after))
			return staging_fail(s, CLICKHOUSE_CONFIG,
			    "%s does not count all events of %llu %s%s: an insert broke off, and "
			    "when its rows are sent again they would be counted twice; send them "
			    "first ('mm-insert --drain DIR', or the same files again), or see "
			    "--recount in the manual",
			    a->table, (unsigned long long)lacking, a->noun,
			    lacking == 1 ? "" : "s");
		if (!staging_sleep(s, REBUILD_POLL_MS))
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
	bool good = true;
	size_t a;

	s->month[0] = '\0';
	for (a = 0; a < AGGREGATES && good; a++) {
		s->words = aggregates[a].words;
		good = check_whole(s, &aggregates[a]);
	}
	s->words = NULL;
	return good;
}

bool
rebuild_await_inserts(struct staging *s)
{
	struct rebuild_moment moment;
	bool good;

	s->month[0] = '\0';
	s->words = aggregates[0].words;
	good = rebuild_await_quiet(s, &moment);
	s->words = NULL;
	return good;
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
all_months(struct staging *s, const struct rebuild_aggregate *a, const char *database)
{
	struct months months = { .n = 0 };
	size_t i;

	s->words = a->words;
	if (!staging_select(s,
		"SELECT DISTINCT month FROM (SELECT _partition_id AS month FROM $table "
		"WHERE ($keys) IN (SELECT $keys FROM $touched) UNION ALL "
		"SELECT _partition_id AS month FROM events "
		"WHERE ($keys_of_event) IN (SELECT $keys FROM $touched)) "
		"ORDER BY month FORMAT TSV",
		NULL, on_month, &months))
		return false;
	for (i = 0; i < months.n; i++) {
		snprintf(s->month, sizeof(s->month), "%llu", (unsigned long long)months.month[i]);
		if (!rebuild_month(s, a, database))
			return false;
	}
	return true;
}

bool
rebuild(struct staging *s, const char *database)
{
	bool good = true;
	size_t a;

	for (a = 0; a < AGGREGATES && good; a++)
		good = all_months(s, &aggregates[a], database);
	s->words = NULL;
	return good;
}

bool
rebuild_done(struct staging *s)
{
	return for_each(s, "DROP TABLE IF EXISTS $kept SYNC", NULL);
}
