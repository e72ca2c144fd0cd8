#include "tables/rebuild_month.h"

#include "base/banned.h"

enum {
	LATE_TRIES = 200, /* once something is missing, give up late */
	QUIET_TRIES = 100,
};

/* ---- between inserts ---------------------------------------------------- */

bool
rebuild_look(struct staging *s, struct rebuild_moment *m)
{
	uint64_t n[3];

	if (!staging_numbers(s,
		"SELECT maxIf(max_block_number, table = 'events'), "
		"maxIf(max_block_number, table = '$table'), "
		"(SELECT count() FROM system.processes WHERE query_kind IN ('Insert', "
		"'AsyncInsertFlush') AND position(query, 'events') > 0 "
		"AND position(query, 'mm_forget_') = 0) FROM system.parts WHERE active "
		"AND database = currentDatabase() "
		"AND ({month:String} = '' OR partition_id = {month:String}) FORMAT TSV",
		n, 3))
		return false;
	*m = (struct rebuild_moment){ n[0], n[1], n[2] };
	return true;
}

bool
rebuild_await_quiet(struct staging *s, struct rebuild_moment *m)
{
	int i;

	for (i = 0; i < QUIET_TRIES; i++) {
		if (!rebuild_look(s, m))
			return false;
		if (m->running == 0)
			return true;
		if (!staging_sleep(s, REBUILD_POLL_MS))
			return false;
	}
	return true;
}

bool
rebuild_undisturbed(const struct rebuild_moment *before, const struct rebuild_moment *after)
{
	return before->running == 0 && after->running == 0 && before->events == after->events &&
	    before->aggregates == after->aggregates;
}

/* ---- aggregating -------------------------------------------------------- */

static bool
on_text(void *context, const char *p, size_t n)
{
	struct buf *b = context;

	buf_add(b, p, n);
	return true;
}

static bool
no_memory(struct staging *s)
{
	return staging_fail(s, CLICKHOUSE_UNKNOWN, "out of memory");
}

/*
 * The statement that aggregates events: the view's own SELECT, so that the
 * columns which users add to views are as they say.
 */
static bool
read_view(struct staging *s, const struct rebuild_aggregate *a, struct buf *sql)
{
	size_t begin;

	buf_reset(sql);
	staging_expand(s, "INSERT INTO @month (", sql);
	begin = sql->n;
	if (!staging_select(s,
		"SELECT arrayStringConcat(groupArray(concat('`', name, '`')), ', ') FROM "
		"(SELECT name FROM system.columns WHERE database = currentDatabase() "
		"AND table = '$table_mv' ORDER BY position) FORMAT TSVRaw",
		NULL, on_text, sql))
		return false;
	if (sql->n == begin && !sql->failed)
		return staging_fail(s, CLICKHOUSE_CONFIG,
		    "the view %s_mv is missing; see 'mm-schema --check'", a->table);
	buf_adds(sql, ") ");
	if (!staging_select(s,
		"SELECT as_select FROM system.tables WHERE database = currentDatabase() "
		"AND name = '$table_mv' FORMAT TSVRaw",
		NULL, on_text, sql))
		return false;
	buf_addc(sql, '\0');
	return !sql->failed || no_memory(s);
}

/*
 * What aggregates the events of the keys, from those who stay.  The server puts
 * the filter on events, in a statement that is not ours.
 */
static bool
aggregate(struct staging *s, const struct rebuild_aggregate *a, const char *database)
{
	struct buf sql = BUF_INIT, filter = BUF_INIT;
	bool good = read_view(s, a, &sql);

	buf_addf(&filter, "{'%s.events':'", database);
	staging_expand(
	    s, "($keys_of_event) IN (SELECT $keys FROM $touched) AND NOT " ERASE_PERSON, &filter);
	buf_addf(&filter, " AND toYYYYMM(timestamp) = %s'}", s->month);
	buf_addc(&filter, '\0');
	if (good && filter.failed)
		good = no_memory(s);
	if (good) {
		/* blocks that are equal are no repetition here */
		const struct clickhouse_setting settings[] = { { "insert_deduplicate", "0" },
			{ "optimize_use_projections", "0" },
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
check_keys(struct staging *s, const struct rebuild_aggregate *a)
{
	uint64_t strays;

	if (!staging_numbers(s,
		"SELECT count() FROM @month WHERE ($keys) NOT IN (SELECT $keys FROM $touched) "
		"FORMAT TSV",
		&strays, 1))
		return false;
	return strays == 0 ||
	    staging_fail(s, CLICKHOUSE_CONFIG,
		"the view %s_mv does not read the table events as mm-schema has it; "
		"see 'mm-schema --check'",
		a->table);
}

/*
 * Whether @month counts no more events than there are: a request whose answer
 * got lost on its way may have been sent twice by libcurl, and no insert of this
 * kind is known again by the server.
 */
static bool
check_sum(struct staging *s, bool *once)
{
	uint64_t n[2];

	*once = false;
	if (!staging_numbers(s,
		"SELECT (SELECT sum(events) FROM @month), "
		"(SELECT count() FROM events WHERE ($keys_of_event) IN (SELECT $keys FROM $touched) "
		"AND _partition_id = {month:String} AND NOT " ERASE_PERSON ") FORMAT TSV",
		n, 2))
		return false;
	*once = n[0] <= n[1];
	return true;
}

static bool
build(struct staging *s, const struct rebuild_aggregate *a, const char *database, bool *once)
{
	return staging_run(s, "DROP TABLE IF EXISTS @month SYNC", NULL) &&
	    staging_run(s, "CREATE TABLE IF NOT EXISTS @month AS $table", NULL) &&
	    aggregate(s, a, database) && check_keys(s, a) && check_sum(s, once);
}

/* ---- one for the other -------------------------------------------------- */

/* For the next run, should this one not come to its end. */
static bool
keep(struct staging *s)
{
	return staging_run(s,
		   "CREATE TABLE IF NOT EXISTS $kept $definition "
		   "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1",
		   NULL) &&
	    staging_run(s,
		"INSERT INTO $kept SELECT DISTINCT $keys, 1 FROM $touched "
		"WHERE ($keys) NOT IN (SELECT $keys FROM $kept)",
		NULL);
}

/*
 * Hides the rows that are there: the mask is written quickly, so that readers
 * miss the keys for a short while only.
 */
static bool
hide(struct staging *s)
{
	static const struct clickhouse_setting settings[] = { { "lightweight_deletes_sync", "2" },
		{ NULL, NULL } };
	struct buf sql = BUF_INIT;
	bool good;

	buf_addf(&sql,
	    "DELETE FROM $table IN PARTITION ID '%s' WHERE ($keys) IN (SELECT $keys FROM $touched)",
	    s->month);
	buf_addc(&sql, '\0');
	/* the answer may be lost on its way back: from here on it may be running */
	s->in_use = true;
	good = sql.failed ? no_memory(s) : staging_run(s, sql.p, settings);
	if (good || s->error.code)
		s->in_use = false;
	buf_release(&sql);
	return good;
}

/* MOVE, so that nothing is put there twice where the statement is sent again. */
static bool
put_in_place(struct staging *s)
{
	struct buf sql = BUF_INIT;
	bool good;

	buf_addf(&sql, "ALTER TABLE @month MOVE PARTITION ID '%s' TO TABLE $table", s->month);
	buf_addc(&sql, '\0');
	good = sql.failed ? no_memory(s) : staging_run(s, sql.p, NULL);
	buf_release(&sql);
	return good;
}

bool
rebuild_month(struct staging *s, const struct rebuild_aggregate *a, const char *database)
{
	struct rebuild_moment before, after;
	bool hidden = false, once;
	int i;

	for (i = 0; i < (hidden ? LATE_TRIES : REBUILD_TRIES); i++) {
		if (!rebuild_await_quiet(s, &before) || !build(s, a, database, &once) ||
		    !rebuild_look(s, &after))
			return false;
		if (!once || !rebuild_undisturbed(&before, &after)) {
			if (!staging_sleep(s, REBUILD_POLL_MS))
				return false;
			continue;
		}
		if (!keep(s) || !hide(s) || !put_in_place(s) || !rebuild_look(s, &after))
			return false;
		if (after.running == 0 && after.events == before.events)
			return true;
		/* an insert began in between, and may have been hidden: once more */
		hidden = true;
	}
	return staging_fail(s, CLICKHOUSE_TRANSIENT,
	    "events of the month %s keep arriving, so that %s can't be aggregated anew without "
	    "losing some: stop what inserts them for a while%s",
	    s->month, a->table,
	    hidden ? "; the last ones may be missing there, which the next run puts right" : "");
}
