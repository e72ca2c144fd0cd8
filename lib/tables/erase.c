#include "tables/erase.h"

#include "base/timestamp.h"

#include "base/banned.h"

enum {
	NO_TABLE = 60, /* ClickHouse's code */
	POLL_FIRST_MS = 5,
	POLL_MAX_MS = 500,
	FAILING_MS = 30000, /* that a mutation may fail before it is given up */
};

/* ---- the tables --------------------------------------------------------- */

enum { EVENTS, DAILY_ROLLUP, SESSIONS, FORGOTTEN, TABLES };

static const char *const names[TABLES] = { "events", "daily_rollup", "sessions", "forgotten" };

struct table {
	uint64_t there, plain, by_month, ttl, keeps_empty, projections, projections_work;
};

static bool
on_table(void *context, const char *p, size_t n)
{
	struct table *t = context;
	uint64_t which;

	if (!staging_take_number(&p, &n, &which) || which >= TABLES)
		return false;
	t += which;
	t->there = 1;
	return staging_take_number(&p, &n, &t->plain) &&
	    staging_take_number(&p, &n, &t->by_month) && staging_take_number(&p, &n, &t->ttl) &&
	    staging_take_number(&p, &n, &t->keeps_empty) &&
	    staging_take_number(&p, &n, &t->projections) &&
	    staging_take_number(&p, &n, &t->projections_work);
}

static const char tables_sql[] =
    "SELECT indexOf(['events', 'daily_rollup', 'sessions', 'forgotten'], name) - 1, "
    "endsWith(engine, 'MergeTree') AND NOT match(engine, '^(Replicated|Shared)'), "
    "match(partition_key, '^toYYYYMM\\\\((timestamp|day|started_at)\\\\)$'), "
    "position(engine_full, ' TTL ') > 0, match(engine_full, ' remove_empty_parts = (0|false)'), "
    "position(create_table_query, ', PROJECTION ') > 0, "
    "match(engine_full, ' lightweight_mutation_projection_mode = .(drop|rebuild)') "
    "FROM system.tables WHERE database = currentDatabase() "
    "AND name IN ('events', 'daily_rollup', 'sessions', 'forgotten') FORMAT TSV";

static bool
misses(struct staging *s, const char *what)
{
	return staging_fail(s, CLICKHOUSE_CONFIG, "%s; run 'mm-schema' first", what);
}

bool
erase_check(struct staging *s, bool aggregates, struct erase_table *table)
{
	struct table t[TABLES] = { 0 };
	int i, last = aggregates ? SESSIONS : EVENTS;

	if (!staging_select(s, tables_sql, NULL, on_table, t))
		return false;
	if (!t[EVENTS].there) {
		staging_fail(s, CLICKHOUSE_CONFIG, "there is no table events");
		s->error.code = NO_TABLE;
		return false;
	}
	if (!t[EVENTS].plain)
		return staging_fail(s, CLICKHOUSE_CONFIG,
		    "the table events is not the MergeTree that mm-schema makes on one server: "
		    "tables of a cluster can't be worked on");
	for (i = EVENTS; aggregates && i < FORGOTTEN; i++)
		if (!t[i].plain || !t[i].by_month)
			return staging_fail(s, CLICKHOUSE_CONFIG,
			    "events, daily_rollup and sessions are not tables by months as "
			    "mm-schema makes them; see 'mm-schema --check'");
	if (!t[FORGOTTEN].there)
		return misses(s, "there is no table forgotten, which says whose rows are refused");
	for (i = EVENTS; i <= last; i++)
		if (!t[i].keeps_empty)
			return misses(s,
			    "events, daily_rollup and sessions lack remove_empty_parts = 0, so "
			    "that batches could be stored twice that are sent again");
	table->has_ttl = t[EVENTS].ttl;
	table->projections = 0;
	for (i = EVENTS; i <= last; i++)
		if (t[i].projections && !t[i].projections_work)
			table->projections |= 1U << i;
	return true;
}

bool
erase_prepare(struct staging *s, const struct erase_table *table)
{
	struct buf sql = BUF_INIT;
	bool good = true;
	int i;

	for (i = EVENTS; i < FORGOTTEN && good; i++) {
		if (!(table->projections & 1U << i))
			continue;
		buf_reset(&sql);
		buf_addf(&sql,
		    "ALTER TABLE %s MODIFY SETTING lightweight_mutation_projection_mode = "
		    "'rebuild'",
		    names[i]);
		buf_addc(&sql, '\0');
		good = !sql.failed && staging_run(s, sql.p, NULL);
	}
	buf_release(&sql);
	return good;
}

/* ---- the ids ------------------------------------------------------------ */

void
erase_add(
    struct buf *rows, struct span project, uint64_t number, enum erase_kind kind, struct span id)
{
	buf_adds(rows, "{\"project_id\":\"");
	buf_add(rows, project.p, project.n);
	buf_adds(rows, "\",\"n\":");
	buf_addu(rows, number);
	buf_adds(rows, ",\"kind\":");
	buf_addu(rows, kind);
	buf_adds(rows, ",\"id\":");
	buf_add(rows, id.p, id.n);
	buf_adds(rows, "}\n");
}

/* On disk, so that a mutation finds it also after the server was started anew. */
static const char ids_sql[] =
    "CREATE TABLE IF NOT EXISTS @ids (project_id UUID, n UInt64, kind UInt8, "
    "id String) ENGINE = MergeTree ORDER BY (kind, id)";

static const char linked_sql[] =
    "INSERT INTO @ids SELECT DISTINCT {project:UUID}, n, 3, anonymous_id FROM "
    "(SELECT DISTINCT assumeNotNull(user_id) AS u, anonymous_id FROM events "
    "WHERE project_id = {project:UUID} AND user_id IN (SELECT id FROM @ids WHERE kind = 1) "
    "AND anonymous_id != '') AS seen "
    "INNER JOIN (SELECT n, id FROM @ids WHERE kind = 1) AS asked ON seen.u = asked.id";

bool
erase_stage(struct staging *s, const struct buf *rows, bool linked)
{
	/* who was hidden by a run that did not come to its end still tells */
	static const struct clickhouse_setting settings[] = { { "apply_deleted_mask", "0" },
		{ NULL, NULL } };

	return staging_run(s, ids_sql, NULL) &&
	    staging_insert(s, "INSERT INTO @ids FORMAT JSONEachRow", rows->p, rows->n) &&
	    (!linked || staging_run(s, linked_sql, settings));
}

/* ---- counting ----------------------------------------------------------- */

#define NUMBERS(kind) \
	"(SELECT id, groupUniqArray(n) AS ns FROM @ids WHERE kind = " kind " GROUP BY id)"

static const char count_sql[] =
    "SELECT n, sum(c) FROM (SELECT arrayJoin(arrayDistinct(arrayConcat(u.ns, a.ns, l.ns))) AS n, "
    "c FROM (SELECT user_id, anonymous_id, count() AS c FROM events "
    "WHERE project_id = {project:UUID} AND " ERASE_PERSON " GROUP BY user_id, anonymous_id) AS e "
    "LEFT JOIN " NUMBERS(
	"1") " AS u ON ifNull(e.user_id, '') = u.id "
	     "LEFT JOIN " NUMBERS(
		 "2") " AS a ON e.anonymous_id = a.id "
		      "LEFT JOIN " NUMBERS(
			  "3") " AS l ON if(isNull(e.user_id), e.anonymous_id, '') = l.id) "
			       "GROUP BY n FORMAT TSV";

struct counts {
	uint64_t *to;
	size_t n;
	bool astray;
};

static bool
on_count(void *context, const char *p, size_t n)
{
	struct counts *c = context;
	uint64_t number, count;

	c->astray = !staging_take_number(&p, &n, &number) || !staging_take_number(&p, &n, &count) ||
	    number >= c->n;
	if (!c->astray)
		c->to[number] = count;
	return !c->astray;
}

bool
erase_count(struct staging *s, bool hidden, uint64_t *to, size_t n)
{
	const struct clickhouse_setting settings[] = { { "join_use_nulls", "0" },
		{ "optimize_use_projections", "0" }, { hidden ? "apply_deleted_mask" : NULL, "0" },
		{ NULL, NULL } };
	struct counts c = { to, n, false };

	memset(to, 0, n * sizeof(*to));
	if (!staging_select(s, count_sql, settings, on_count, &c))
		return false;
	return !c.astray ||
	    staging_fail(s, CLICKHOUSE_UNKNOWN, "ClickHouse answers with something unexpected");
}

/* ---- deleting ----------------------------------------------------------- */

struct mutation {
	bool found, done, failing;
	char id[64];
};

static bool
on_mutation(void *context, const char *p, size_t n)
{
	struct mutation *m = context;
	uint64_t done, failing;

	if (!staging_take_number(&p, &n, &done) || !staging_take_number(&p, &n, &failing) ||
	    n >= sizeof(m->id))
		return false;
	m->found = true;
	m->done = done;
	m->failing = failing;
	memcpy(m->id, p, n);
	m->id[n] = '\0';
	return true;
}

#define NEWEST(condition)                                                                 \
	"SELECT is_done, latest_fail_reason != '', mutation_id FROM system.mutations "    \
	"WHERE database = currentDatabase() AND table = '$table' AND " condition          \
	" ORDER BY create_time DESC, length(mutation_id) DESC, mutation_id DESC LIMIT 1 " \
	"FORMAT TSV"

/* Waits for the mutation that `sql` finds, when `wait`; adds its id, and a newline. */
static bool
follow(struct staging *s, const char *sql, bool wait, struct buf *ids)
{
	uint64_t failing_since = 0;
	unsigned ms = POLL_FIRST_MS;
	struct mutation m;

	for (;;) {
		m = (struct mutation){ .found = false };
		if (!staging_select(s, sql, NULL, on_mutation, &m))
			return false;
		if (!m.found)
			return staging_fail(
			    s, CLICKHOUSE_UNKNOWN, "the mutation is not in system.mutations");
		if (m.done || !wait)
			break;
		if (!m.failing)
			failing_since = 0;
		else if (!failing_since)
			failing_since = timestamp_monotonic();
		else if (timestamp_monotonic() - failing_since > FAILING_MS)
			return staging_fail(s, CLICKHOUSE_UNKNOWN,
			    "the mutation %s fails; system.mutations tells why", m.id);
		if (!staging_sleep(s, ms))
			return false;
		ms = ms * 2 < POLL_MAX_MS ? ms * 2 : POLL_MAX_MS;
	}
	buf_adds(ids, m.id);
	buf_addc(ids, '\n');
	return true;
}

static const struct staging_word words[FORGOTTEN][2] = {
	{ { "table", "events" }, { NULL, NULL } },
	{ { "table", "daily_rollup" }, { NULL, NULL } },
	{ { "table", "sessions" }, { NULL, NULL } },
};

static bool
hide(struct staging *s, struct buf *ids)
{
	static const struct clickhouse_setting settings[] = { { "lightweight_deletes_sync", "0" },
		{ NULL, NULL } };
	bool good;

	/* the answer may be lost on its way back: from here on it may be running */
	s->in_use = true;
	good = staging_run(
	    s, "DELETE FROM $table WHERE project_id = {project:UUID} AND " ERASE_PERSON, settings);
	if (!good && s->error.code)
		s->in_use = false;
	good = good && follow(s, NEWEST("position(command, '@ids') > 0"), true, ids);
	if (good)
		s->in_use = false;
	return good;
}

bool
erase_hide(struct staging *s, struct buf *ids)
{
	bool good;

	s->words = words[EVENTS];
	good = hide(s, ids);
	s->words = NULL;
	return good;
}

static bool
purge(struct staging *s, bool wait, struct buf *ids)
{
	static const struct clickhouse_setting settings[] = { { "mutations_sync", "0" },
		{ NULL, NULL } };

	return staging_run(s, "ALTER TABLE $table APPLY DELETED MASK", settings) &&
	    follow(s, NEWEST("position(command, 'APPLY DELETED MASK') > 0"), wait, ids);
}

bool
erase_purge(struct staging *s, bool events, bool aggregates, bool wait, struct buf *ids)
{
	bool good = true;
	int i;

	for (i = EVENTS; i < FORGOTTEN && good; i++) {
		s->words = words[i];
		if (i == EVENTS ? events : aggregates)
			good = purge(s, wait, ids);
	}
	s->words = NULL;
	return good;
}
