#include "tables/schema_check.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/banned.h"

struct check {
	struct clickhouse *system;
	const struct schema_config *config;
	const struct schema_state *state;
	schema_report *report;
	void *context;
	size_t *count;
	struct clickhouse_error *e;
	struct buf answer, text, sql;
};

/* The statement that the file is sent as, which its object's spans are to be of. */
static bool
read_object(struct check *c, const struct schema_file *f, struct schema_object *o)
{
	struct schema_file sent = { f->name, NULL };

	buf_reset(&c->sql);
	schema_file_sql(f, c->config->database, c->config->cluster, &c->sql);
	buf_addc(&c->sql, '\0');
	if (c->sql.failed)
		return false;
	sent.sql = c->sql.p;
	return schema_file_object(&sent, o);
}

/* The answer's lines are left in c->answer. */
static enum clickhouse_status
ask(struct check *c, const struct schema_object *o, const char *sql)
{
	const struct clickhouse_param params[] = { { "database", span_of(c->config->database) },
		{ "name", o->name }, { "engine", o->engine }, { "sorting_key", o->sorting_key },
		{ "window", o->window }, { "target", o->target }, { "select", o->select },
		{ NULL, { NULL, 0 } } };

	buf_reset(&c->answer);
	return clickhouse_select(
	    c->system, sql, params, NULL, clickhouse_collect, &c->answer, c->e);
}

static void __attribute__((format(printf, 3, 4)))
differ(struct check *c, struct span what, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	buf_reset(&c->text);
	buf_addf(&c->text, "%.*s: %s", (int)what.n, what.p, line);
	buf_addc(&c->text, '\0');
	++*c->count;
	c->report(c->context, c->text.failed ? "out of memory" : c->text.p);
}

/* The server's type of the column, among lines of "name\ttype\n". */
static struct span
type_of(const struct buf *lines, struct span name)
{
	struct span rest = { lines->p, lines->n }, none = { NULL, 0 };

	while (rest.n > 0) {
		size_t n = span_find(rest, SPAN("\n"));
		size_t tab = span_find((struct span){ rest.p, n }, SPAN("\t"));

		if (span_eq((struct span){ rest.p, tab }, name) && tab < n)
			return (struct span){ rest.p + tab + 1, n - tab - 1 };
		n += n < rest.n;
		rest.p += n;
		rest.n -= n;
	}
	return none;
}

static enum clickhouse_status
check_columns(struct check *c, const struct schema_object *o)
{
	struct span lines = o->columns, name, type;
	enum clickhouse_status st = ask(c, o,
	    "SELECT name, type FROM system.columns WHERE database = {database:String} "
	    "AND table = {name:String} FORMAT TSVRaw");

	if (st != CLICKHOUSE_OK)
		return st;
	while (schema_next_column(&lines, &name, &type)) {
		struct span is = type_of(&c->answer, name);

		if (!is.p)
			differ(c, o->name, "the column %.*s is missing", (int)name.n, name.p);
		else if (!span_eq(is, type))
			differ(c, o->name, "the column %.*s is %.*s and should be %.*s",
			    (int)name.n, name.p, (int)is.n, is.p, (int)type.n, type.p);
	}
	return st;
}

/*
 * The server formats both SELECTs, so that layout does not count; then the
 * database's name, which it has put in or the file has, is taken out of both.
 */
static const char object_query[] =
    "WITH replaceAll(as_select, '`', '') AS is_select, "
    "replaceAll(create_table_query, '`', '') AS is_create, "
    "formatQuerySingleLine(if({select:String} = '', 'SELECT 1', {select:String})) AS select, "
    "replaceAll(replaceAll(select, '`', ''), database || '.', '') AS should "
    "SELECT engine = {engine:String}, sorting_key = {sorting_key:String}, "
    "position(engine_full, ' ' || {window:String} || ' ') > 0, "
    "{select:String} = '' "
    "OR replaceAll(is_select, database || '.', '') = should, "
    "{target:String} = '' "
    "OR position(is_create, ' TO ' || database || '.' || {target:String} || ' ') > 0, engine "
    "FROM system.tables WHERE database = {database:String} AND name = {name:String} FORMAT TSVRaw";

static bool
check_name(struct check *c, const struct schema_object *o)
{
	char is[SCHEMA_NAME_MAX];
	enum schema_name fault = schema_state_name(c->state, o, is, NULL);

	if (fault == SCHEMA_NAME_INTERIM)
		differ(c, o->name,
		    "has the name %s, as an interrupted run leaves it; 'mm-schema' puts it right",
		    is);
	else if (fault == SCHEMA_NAME_BOTH)
		differ(c, o->name,
		    "%s stands beside it, as an interrupted run leaves it, so that events are "
		    "counted twice; 'mm-schema' drops that",
		    is);
	return fault != SCHEMA_NAME_INTERIM;
}

static enum clickhouse_status
check_object(struct check *c, const struct schema_object *o)
{
	enum clickhouse_status st;
	const char *a;
	uint64_t hosts;

	if (!check_name(c, o))
		return CLICKHOUSE_OK;
	st = ask(c, o, object_query);
	a = c->answer.p;
	if (st != CLICKHOUSE_OK)
		return st;
	schema_state_fact(c->state, o->name, SCHEMA_ENGINE, &hosts);
	if (hosts > 0 && hosts < c->state->hosts)
		differ(c, o->name, "missing on %llu of %llu servers; 'mm-schema' makes it",
		    (unsigned long long)(c->state->hosts - hosts),
		    (unsigned long long)c->state->hosts);
	if (c->answer.n < sizeof("1\t1\t1\t1\t1\t") - 1) {
		if (hosts == 0 || hosts == c->state->hosts)
			differ(c, o->name, "missing; 'mm-schema' makes it");
		return st;
	}
	if (a[0] != '1')
		differ(c, o->name, "the engine is %.*s and should be %.*s", (int)(c->answer.n - 11),
		    a + 10, (int)o->engine.n, o->engine.p);
	if (o->sorting_key.p && a[2] != '1')
		differ(c, o->name, "the sorting key should be (%.*s)", (int)o->sorting_key.n,
		    o->sorting_key.p);
	if (o->window.p && a[4] != '1')
		differ(c, o->name, "the setting %.*s is missing", (int)o->window.n, o->window.p);
	if (a[6] != '1')
		differ(c, o->name, "the view's SELECT is not the one expected");
	if (a[8] != '1')
		differ(c, o->name, "the view should write to %.*s", (int)o->target.n, o->target.p);
	return o->columns.p ? check_columns(c, o) : st;
}

static void
check_retention(struct check *c)
{
	const struct schema_retained *r = schema_retained(c->config);
	uint64_t days = c->config->retention_days;

	for (; days != SCHEMA_KEEP_RETENTION && r->table.p; r++) {
		struct span is = schema_state_fact(c->state, r->table, SCHEMA_TTL, NULL);

		buf_reset(&c->sql);
		schema_ttl(r, days, &c->sql);
		if (span_eq(is, (struct span){ c->sql.p, c->sql.n }))
			continue;
		if (days == 0)
			differ(
			    c, r->table, "rows have a TTL; 'mm-schema --retention 0' removes it");
		else
			differ(c, r->table,
			    "rows are not kept for %llu days; "
			    "'mm-schema --retention %llu' sees to it",
			    (unsigned long long)days, (unsigned long long)days);
	}
}

/*
 * Materialised views of others that read our tables, and whose own table would
 * take the rows of a batch that comes again: "view\ttable\tto alter\n".  A
 * Replicated table has a window by itself, one that replaces rows needs none.
 */
static const char foreign_query[] =
    "WITH '(?:`(?:[^`]|``)+`|[^ .`(]+)' AS word, "
    "concat('^CREATE MATERIALIZED VIEW ', word, '[.]', word, ' (?:.* )?TO (', word, ')[.](', word, ')') "
    "AS pattern "
    "SELECT v.view, t.database || '.' || t.name, "
    "concat('`', replaceAll(t.database, '`', '``'), '`.`', replaceAll(t.name, '`', '``'), '`') FROM ("
    "SELECT database || '.' || name AS view, "
    "trim(BOTH '`' FROM extractGroups(create_table_query, pattern)[1]) AS target_database, "
    "trim(BOTH '`' FROM extractGroups(create_table_query, pattern)[2]) AS target_name, "
    "database AS inner_database, ['.inner.' || name, '.inner_id.' || toString(uuid)] AS inner_names "
    "FROM system.tables WHERE engine = 'MaterializedView' AND (database, name) IN ("
    "SELECT d.1, d.2 FROM (SELECT arrayJoin(arrayZip(dependencies_database, dependencies_table)) AS d "
    "FROM system.tables WHERE database = {database:String})) "
    "AND NOT (database = {database:String} AND name IN ('daily_rollup_mv', 'sessions_mv', "
    "'daily_rollup_mv_', 'sessions_mv_'))) AS v CROSS JOIN ("
    "SELECT database, name FROM system.tables WHERE engine LIKE '%MergeTree' "
    "AND engine NOT LIKE 'Replicated%' AND engine NOT LIKE '%Replacing%' "
    "AND extract(engine_full, ' non_replicated_deduplication_window = ([0-9]+)') IN ('', '0')) AS t "
    "WHERE (v.target_name = '' AND t.database = v.inner_database AND has(v.inner_names, t.name)) "
    "OR (t.database = v.target_database AND t.name = v.target_name) "
    "ORDER BY v.view FORMAT TSVRaw";

static enum clickhouse_status
check_foreign(struct check *c)
{
	static const struct schema_object none = { .name = { NULL, 0 } };
	enum clickhouse_status st = ask(c, &none, foreign_query);
	struct span rest = { c->answer.p, c->answer.n };

	while (st == CLICKHOUSE_OK && rest.n > 0) {
		size_t n = span_find(rest, SPAN("\n"));
		size_t view = span_find(rest, SPAN("\t"));
		struct span table, alter;

		if (n == rest.n || view >= n)
			break;
		table = (struct span){ rest.p + view + 1, n - view - 1 };
		alter = table;
		table.n = span_find(table, SPAN("\t"));
		alter.p += table.n + 1;
		alter.n -= table.n + 1;
		differ(c, (struct span){ rest.p, view },
		    "a batch that is sent again is counted again in its table %.*s, which has no "
		    "deduplication window; this gives it one: ALTER TABLE %.*s MODIFY SETTING "
		    "non_replicated_deduplication_window = 10000",
		    (int)table.n, table.p, (int)alter.n, alter.p);
		rest.p += n + 1;
		rest.n -= n + 1;
	}
	return st;
}

static enum clickhouse_status
check_file(struct check *c, const struct schema_file *f)
{
	struct schema_object o;

	if (f == c->config->files)
		return CLICKHOUSE_OK; /* without the database all is missing */
	if (read_object(c, f, &o))
		return check_object(c, &o);
	if (!schema_state_recorded(c->state, f->name) && !schema_state_is_old(c->state, f))
		differ(
		    c, span_of(f->name), "the step has not been applied; 'mm-schema' applies it");
	return CLICKHOUSE_OK;
}

enum clickhouse_status
schema_check(struct clickhouse *system, const struct schema_config *config,
    const struct schema_state *state, schema_report *report, void *context, size_t *count,
    struct clickhouse_error *e)
{
	struct check c = { system, config, state, report, context, count, e, BUF_INIT, BUF_INIT,
		BUF_INIT };
	enum clickhouse_status st = CLICKHOUSE_OK;
	const struct schema_file *f;

	*count = 0;
	for (f = config->files; f->name && st == CLICKHOUSE_OK; f++)
		st = check_file(&c, f);
	if (st == CLICKHOUSE_OK)
		check_retention(&c);
	if (st == CLICKHOUSE_OK)
		st = check_foreign(&c);
	buf_release(&c.answer);
	buf_release(&c.text);
	buf_release(&c.sql);
	return st;
}
