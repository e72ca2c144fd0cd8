#include "schema.h"

#include <stdio.h>

#include "banned.h"

#define STEPS_TABLE "schema_steps"

void
schema_state_release(struct schema_state *s)
{
	buf_release(&s->objects);
	buf_release(&s->steps);
}

/* ---- what is there ----------------------------------------------------- */

/* One row a host: that is how clusterAllReplicas answers. */
#define LOOK(databases, tables, hosts)                                                  \
	"SELECT '', '', '', count() FROM " databases " WHERE name = {database:String} " \
	"UNION ALL SELECT '', '', 'hosts', " hosts " "                                  \
	"UNION ALL SELECT name, any(engine), "                                          \
	"any(extract(engine_full, ' TTL (.*?)(?: SETTINGS |$)')), count() FROM " tables \
	" WHERE database = {database:String} GROUP BY name FORMAT TSV"

static const char look[] = LOOK("system.databases", "system.tables", "1");
static const char look_cluster[] = LOOK("clusterAllReplicas({cluster:String}, system.databases)",
    "clusterAllReplicas({cluster:String}, system.tables)",
    "(SELECT count() FROM system.clusters WHERE cluster = {cluster:String})");

#define LOOK_STEPS(table, settings)                            \
	"SELECT name, argMax(version, applied_at) FROM " table \
	" GROUP BY number, name ORDER BY number, name" settings " FORMAT TSV"

static const char look_steps[] = LOOK_STEPS("{database:Identifier}." STEPS_TABLE, "");
/* a host that has just come may lack the table */
static const char look_steps_cluster[] =
    LOOK_STEPS("clusterAllReplicas({cluster:String}, {database:Identifier}." STEPS_TABLE ")",
	" SETTINGS skip_unavailable_shards = 1");

static uint64_t
number(struct span s)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		n = n * 10 + (uint64_t)(s.p[i] - '0');
	return n;
}

/* The part of the line after `skip` tabs. */
static struct span
cell(struct span line, unsigned skip)
{
	size_t n;

	while (skip-- > 0) {
		n = schema_find(line, "\t");
		n += n < line.n;
		line.p += n;
		line.n -= n;
	}
	line.n = schema_find(line, "\t");
	return line;
}

static bool
next_line(struct span *rest, struct span *line)
{
	size_t n;

	if (rest->n == 0)
		return false;
	n = schema_find(*rest, "\n");
	*line = (struct span){ rest->p, n };
	n += n < rest->n;
	rest->p += n;
	rest->n -= n;
	return true;
}

static bool
note(void *context, const char *p, size_t n)
{
	struct schema_state *s = context;
	struct span line = { p, n };
	uint64_t count = number(cell(line, SCHEMA_HOSTS));

	if (cell(line, 0).n > 0)
		return clickhouse_collect(&s->objects, p, n);
	if (cell(line, SCHEMA_TTL).n > 0)
		s->hosts = count;
	else
		s->databases = count;
	return true;
}

enum clickhouse_status
schema_look(struct clickhouse *system, const struct schema_config *c, struct schema_state *s,
    struct clickhouse_error *e)
{
	const struct clickhouse_param params[] = { { "database", span_of(c->database) },
		{ c->cluster ? "cluster" : NULL, span_of(c->cluster ? c->cluster : "") },
		{ NULL, { NULL, 0 } } };
	enum clickhouse_status st;
	uint64_t hosts;

	buf_reset(&s->objects);
	buf_reset(&s->steps);
	st = clickhouse_select(system, c->cluster ? look_cluster : look, params, NULL, note, s, e);
	if (st != CLICKHOUSE_OK)
		return st;
	schema_state_fact(s, SPAN(STEPS_TABLE), SCHEMA_ENGINE, &hosts);
	if (hosts == 0)
		return st;
	return clickhouse_select(system, c->cluster ? look_steps_cluster : look_steps, params, NULL,
	    clickhouse_collect, &s->steps, e);
}

struct span
schema_state_fact(
    const struct schema_state *s, struct span object, enum schema_fact fact, uint64_t *hosts)
{
	struct span rest = { s->objects.p, s->objects.n }, line;

	while (next_line(&rest, &line)) {
		if (!span_eq(cell(line, 0), object))
			continue;
		if (hosts)
			*hosts = number(cell(line, SCHEMA_HOSTS));
		return cell(line, fact);
	}
	if (hosts)
		*hosts = 0;
	return (struct span){ NULL, 0 };
}

bool
schema_state_recorded(const struct schema_state *s, const char *step)
{
	struct span rest = { s->steps.p, s->steps.n }, line;

	while (next_line(&rest, &line))
		if (span_eq(cell(line, 0), span_of(step)))
			return true;
	return false;
}

/* ---- may it be touched? ------------------------------------------------ */

static bool
is_known(const struct schema_file *files, struct span step)
{
	for (; files->name; files++)
		if (span_eq(span_of(files->name), step))
			return true;
	return false;
}

bool
schema_conflicts(const struct schema_config *c, const struct schema_state *s, struct buf *why)
{
	struct span rest = { s->steps.p, s->steps.n }, line;
	const struct schema_file *f;
	struct schema_object o;

	for (f = c->files; f->name; f++) {
		struct span is, distributed = SPAN("Distributed");

		if (!schema_file_object(f, &o))
			continue;
		is = schema_state_fact(s, o.name, SCHEMA_ENGINE, NULL);
		if (!is.p || span_eq(is, distributed) == span_eq(o.engine, distributed))
			continue;
		buf_addf(why, "the table %.*s of %s is %s; nothing has been changed", (int)o.name.n,
		    o.name.p, c->database,
		    c->cluster ? "one of a single server: a cluster needs a database of its own"
			       : "one of a cluster: name that with --cluster");
		return true;
	}
	while (next_line(&rest, &line)) {
		struct span step = cell(line, 0), version = cell(line, 1);

		if (is_known(c->files, step))
			continue;
		buf_addf(why, "%s holds the step ", c->database);
		buf_add_scrubbed(why, step.p, step.n);
		buf_adds(why, " of version ");
		buf_add_scrubbed(why, version.p, version.n);
		buf_addf(why,
		    ", which this version, %s, does not know; use one that does, "
		    "nothing has been changed",
		    c->version);
		return true;
	}
	return false;
}

/* ---- what is to be done ------------------------------------------------ */

struct planner {
	const struct schema_config *config;
	schema_run *run;
	void *context;
	struct clickhouse_error *e;
	struct buf sql;
};

static enum clickhouse_status
run(struct planner *p, const char *step, bool in_database)
{
	buf_addc(&p->sql, '\0');
	if (!p->sql.failed)
		return p->run(p->context, step, p->sql.p, in_database, p->e);
	memset(p->e, 0, sizeof(*p->e));
	p->e->status = CLICKHOUSE_UNKNOWN;
	snprintf(p->e->text, sizeof(p->e->text), "out of memory");
	return p->e->status;
}

/* An empty version says that the step's object was found there. */
static enum clickhouse_status
record(struct planner *p, const struct schema_file *f, const char *version)
{
	buf_reset(&p->sql);
	buf_addf(&p->sql,
	    "INSERT INTO " STEPS_TABLE " (number, name, version) VALUES (%u, '%s', '%s');\n",
	    schema_file_number(f), f->name, version);
	return run(p, f->name, true);
}

static enum clickhouse_status
apply_file(struct planner *p, const struct schema_file *f)
{
	buf_reset(&p->sql);
	schema_file_sql(f, p->config->database, p->config->cluster, &p->sql);
	return run(p, f->name, f != p->config->files);
}

static enum clickhouse_status
plan_files(struct planner *p, const struct schema_state *s)
{
	const struct schema_file *f;
	enum clickhouse_status st = CLICKHOUSE_OK;
	bool made = false;

	for (f = p->config->files; f->name && st == CLICKHOUSE_OK; f++) {
		/* the first one makes the database, and what records steps is in that */
		bool first = f == p->config->files;
		bool recorded = first || schema_state_recorded(s, f->name);
		struct schema_object o;
		bool makes = schema_file_object(f, &o) || first;
		uint64_t hosts = s->databases;
		bool found;

		if (!first)
			schema_state_fact(s, o.name, SCHEMA_ENGINE, &hosts);
		found = makes ? hosts >= s->hosts : recorded && !made;
		if (!found)
			st = apply_file(p, f);
		made = made || (makes && !found);
		if (st == CLICKHOUSE_OK && !recorded)
			st = record(p, f, found ? "" : p->config->version);
	}
	return st;
}

const struct schema_retained *
schema_retained(const struct schema_config *c)
{
	static const struct schema_retained one[] = { { { "events", 6 }, "timestamp" },
		{ { "sessions", 8 }, "ended_at" }, { { NULL, 0 }, NULL } };
	static const struct schema_retained many[] = { { { "events_local", 12 }, "timestamp" },
		{ { "sessions_local", 14 }, "ended_at" }, { { NULL, 0 }, NULL } };

	return c->cluster ? many : one;
}

/*
 * Servers before 25.7 take a DateTime only, which ends in 2106 and wraps: so
 * the time is kept within 1970 and 2065 first.  The text is as the server
 * prints it.
 */
void
schema_ttl(const struct schema_retained *r, uint64_t days, struct buf *b)
{
	if (days > 0)
		buf_addf(b,
		    "toDateTime(intDiv(least(greatest(toUnixTimestamp64Milli(%s), 0), "
		    "3000000000000), 1000)) + toIntervalDay(%u)",
		    r->time, (unsigned)days);
}

static enum clickhouse_status
plan_retention(struct planner *p, const struct schema_state *s)
{
	const struct schema_retained *r = schema_retained(p->config);
	enum clickhouse_status st = CLICKHOUSE_OK;

	for (; r->table.p && st == CLICKHOUSE_OK; r++) {
		struct span is = schema_state_fact(s, r->table, SCHEMA_TTL, NULL);
		size_t begin;

		buf_reset(&p->sql);
		if (p->config->cluster)
			buf_addf(&p->sql, "ALTER TABLE `%s`.%s ON CLUSTER '%s'",
			    p->config->database, r->table.p, p->config->cluster);
		else
			buf_addf(&p->sql, "ALTER TABLE %s", r->table.p);
		buf_adds(&p->sql, p->config->retention_days ? " MODIFY TTL " : " REMOVE TTL");
		begin = p->sql.n;
		schema_ttl(r, p->config->retention_days, &p->sql);
		if (span_eq(is, (struct span){ p->sql.p + begin, p->sql.n - begin }))
			continue;
		buf_adds(&p->sql, ";\n");
		st = run(p, "retention", true);
	}
	return st;
}

enum clickhouse_status
schema_plan(const struct schema_config *c, const struct schema_state *s, schema_run *runner,
    void *context, struct clickhouse_error *e)
{
	struct planner p = { c, runner, context, e, BUF_INIT };
	enum clickhouse_status st = plan_files(&p, s);

	if (st == CLICKHOUSE_OK && c->retention_days != SCHEMA_KEEP_RETENTION)
		st = plan_retention(&p, s);
	buf_release(&p.sql);
	return st;
}

/* ---- doing it ---------------------------------------------------------- */

struct connections {
	struct clickhouse *system, *tables;
};

static enum clickhouse_status
send(void *context, const char *step, const char *sql, bool in_database, struct clickhouse_error *e)
{
	struct connections *c = context;
	char text[sizeof(e->text)];
	int n;
	enum clickhouse_status st =
	    clickhouse_run(in_database ? c->tables : c->system, sql, NULL, NULL, e);

	if (st == CLICKHOUSE_OK)
		return st;
	n = snprintf(text, sizeof(text), "%s: %s", step, e->text);
	if (n > 0 && (size_t)n < sizeof(text))
		memcpy(e->text, text, (size_t)n + 1);
	return st;
}

enum clickhouse_status
schema_apply(struct clickhouse *system, struct clickhouse *tables, const struct schema_config *c,
    const struct schema_state *s, struct clickhouse_error *e)
{
	struct connections both = { system, tables };

	return schema_plan(c, s, send, &both, e);
}

struct printer {
	struct buf *b;
	const char *database, *step;
	bool in_database;
};

static enum clickhouse_status
print(
    void *context, const char *step, const char *sql, bool in_database, struct clickhouse_error *e)
{
	struct printer *p = context;

	(void)e;
	if (in_database && !p->in_database) {
		buf_addf(p->b, "USE `%s`;\n", p->database);
		p->in_database = true;
	}
	if (!p->step || strcmp(p->step, step) != 0)
		buf_addf(p->b, "%s-- %s\n", p->b->n > 0 ? "\n" : "", step);
	p->step = step;
	buf_adds(p->b, sql);
	return CLICKHOUSE_OK;
}

void
schema_print(const struct schema_config *c, const struct schema_state *s, struct buf *b)
{
	struct printer p = { b, c->database, NULL, false };
	struct clickhouse_error e;

	if (schema_plan(c, s, print, &p, &e) != CLICKHOUSE_OK)
		b->failed = true;
}
