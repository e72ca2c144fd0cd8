#include "tables/schema.h"

#include <stdio.h>

#include "base/banned.h"

/* ---- what is to be done ------------------------------------------------ */

struct planner {
	const struct schema_config *config;
	schema_run *run;
	void *context;
	struct clickhouse_error *e;
	schema_report *report; /* may be NULL */
	void *report_context;
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
	    "INSERT INTO " SCHEMA_STEPS " (number, name, version) VALUES (%u, '%s', '%s');\n",
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

/* "IF EXISTS": another run may have been faster. */
static void
add_naming(struct planner *p, const struct schema_object *o, enum schema_name fault, const char *is)
{
	const struct schema_config *c = p->config;
	const char *word = fault == SCHEMA_NAME_BOTH ? "DROP VIEW" : "RENAME TABLE";

	buf_reset(&p->sql);
	if (c->cluster)
		buf_addf(&p->sql, "%s IF EXISTS `%s`.%s", word, c->database, is);
	else
		buf_addf(&p->sql, "%s IF EXISTS %s", word, is);
	if (fault == SCHEMA_NAME_INTERIM && c->cluster)
		buf_addf(&p->sql, " TO `%s`.%.*s", c->database, (int)o->name.n, o->name.p);
	else if (fault == SCHEMA_NAME_INTERIM)
		buf_addf(&p->sql, " TO %.*s", (int)o->name.n, o->name.p);
	if (c->cluster)
		buf_addf(&p->sql, " ON CLUSTER '%s'", c->cluster);
	buf_adds(&p->sql, ";\n");
}

static void
report_naming(
    struct planner *p, const struct schema_object *o, enum schema_name fault, const char *was)
{
	static const char interim[] =
	    "%.*s: has its name again, instead of %s, which an interrupted run had left; a batch "
	    "that was stored under one name and is sent again under the other is counted twice in "
	    "%.*s, see INTERRUPTED RUNS in 'man mm-schema'";
	static const char both[] =
	    "%.*s: %s, which an interrupted run had left beside it, is dropped; what was stored "
	    "while both were there is counted twice in %.*s, see INTERRUPTED RUNS in 'man mm-schema'";
	char text[512];

	if (!p->report)
		return;
	snprintf(text, sizeof(text), fault == SCHEMA_NAME_BOTH ? both : interim, (int)o->name.n,
	    o->name.p, was, (int)o->target.n, o->target.p);
	p->report(p->report_context, text);
}

static enum clickhouse_status
plan_names(struct planner *p, const struct schema_state *s)
{
	const struct schema_file *f;
	enum clickhouse_status st = CLICKHOUSE_OK;

	for (f = p->config->files; f->name && st == CLICKHOUSE_OK; f++) {
		char is[SCHEMA_NAME_MAX];
		struct schema_object o;
		enum schema_name fault = SCHEMA_NAME_RIGHT;

		if (schema_file_object(f, &o))
			fault = schema_state_name(s, &o, is, NULL);
		if (fault == SCHEMA_NAME_RIGHT)
			continue;
		add_naming(p, &o, fault, is);
		st = run(p, "names", true);
		if (st == CLICKHOUSE_OK)
			report_naming(p, &o, fault, is);
	}
	return st;
}

/* On how many hosts it is once names have been put right. */
static uint64_t
hosts_of(const struct schema_state *s, const struct schema_object *o)
{
	uint64_t hosts, more;

	schema_state_fact(s, o->name, SCHEMA_ENGINE, &hosts);
	if (schema_state_name(s, o, NULL, &more) == SCHEMA_NAME_INTERIM)
		hosts += more;
	return hosts;
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
		uint64_t hosts = first ? s->databases : hosts_of(s, &o);
		bool found;

		if (schema_state_is_old(s, f))
			continue;
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

static enum clickhouse_status
plan(struct planner *p, const struct schema_state *s)
{
	enum clickhouse_status st = plan_names(p, s);

	if (st == CLICKHOUSE_OK)
		st = plan_files(p, s);
	if (st == CLICKHOUSE_OK && p->config->retention_days != SCHEMA_KEEP_RETENTION)
		st = plan_retention(p, s);
	buf_release(&p->sql);
	return st;
}

enum clickhouse_status
schema_plan(const struct schema_config *c, const struct schema_state *s, schema_run *runner,
    void *context, struct clickhouse_error *e)
{
	struct planner p = { c, runner, context, e, NULL, NULL, BUF_INIT };

	return plan(&p, s);
}

/* ---- doing it ---------------------------------------------------------- */

struct connections {
	struct clickhouse *system, *tables;
};

static enum clickhouse_status
send(void *context, const char *step, const char *sql, bool in_database, struct clickhouse_error *e)
{
	/*
	 * Of a cluster's servers each has a row in the answer as soon as it is done; the refusal of
	 * a later one would cut the answer off, and look like a server that went away.
	 */
	static const struct clickhouse_setting settings[] = { { "wait_end_of_query", "1" },
		{ NULL, NULL } };
	struct connections *c = context;
	char text[sizeof(e->text)];
	int n;
	enum clickhouse_status st =
	    clickhouse_run(in_database ? c->tables : c->system, sql, NULL, settings, e);

	if (st == CLICKHOUSE_OK)
		return st;
	n = snprintf(text, sizeof(text), "%s: %s", step, e->text);
	if (n > 0 && (size_t)n < sizeof(text))
		memcpy(e->text, text, (size_t)n + 1);
	return st;
}

enum clickhouse_status
schema_apply(struct clickhouse *system, struct clickhouse *tables, const struct schema_config *c,
    const struct schema_state *s, schema_report *report, void *context, struct clickhouse_error *e)
{
	struct connections both = { system, tables };
	struct planner p = { c, send, &both, e, report, context, BUF_INIT };

	return plan(&p, s);
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
