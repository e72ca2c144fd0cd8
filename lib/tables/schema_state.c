#include "tables/schema_state.h"

#include <stdio.h>

#include "base/ascii.h"

#include "base/banned.h"

void
schema_state_release(struct schema_state *s)
{
	buf_release(&s->objects);
	buf_release(&s->steps);
}

/* ---- what is there ----------------------------------------------------- */

/* One row a host: that is how clusterAllReplicas answers. */
#define LOOK(databases, tables, hosts)                                                            \
	"SELECT '', '', '', count(), '' FROM " databases " WHERE name = {database:String} "       \
	"UNION ALL SELECT '', '', 'hosts', " hosts ", '' "                                        \
	"UNION ALL SELECT name, any(engine), "                                                    \
	"any(extract(engine_full, ' TTL (.*?)(?: SETTINGS |$)')), count(), "                      \
	"any(extract(replaceAll(create_table_query, '`', ''), concat("                            \
	"'^CREATE MATERIALIZED VIEW [^ ]+ TO ', {database:String}, '[.]([^ ]+) '))) FROM " tables \
	" WHERE database = {database:String} GROUP BY name FORMAT TSV"

static const char look_one[] = LOOK("system.databases", "system.tables", "1");
static const char look_cluster[] = LOOK("clusterAllReplicas({cluster:String}, system.databases)",
    "clusterAllReplicas({cluster:String}, system.tables)",
    "(SELECT count() FROM system.clusters WHERE cluster = {cluster:String})");

#define LOOK_STEPS(table, settings)                            \
	"SELECT name, argMax(version, applied_at) FROM " table \
	" GROUP BY number, name ORDER BY number, name" settings " FORMAT TSV"

static const char look_steps[] = LOOK_STEPS("{database:Identifier}." SCHEMA_STEPS, "");
/* a host that has just come may lack the table */
static const char look_steps_cluster[] =
    LOOK_STEPS("clusterAllReplicas({cluster:String}, {database:Identifier}." SCHEMA_STEPS ")",
	" SETTINGS skip_unavailable_shards = 1");

/* What the text begins with; 0 when that is no number. */
static uint64_t
number(struct span s)
{
	uint64_t n;

	return ascii_take_number(&s, UINT64_MAX, &n) ? n : 0;
}

/* The part of the line after `skip` tabs. */
static struct span
cell(struct span line, unsigned skip)
{
	size_t n;

	while (skip-- > 0) {
		n = span_find(line, SPAN("\t"));
		n += n < line.n;
		line.p += n;
		line.n -= n;
	}
	line.n = span_find(line, SPAN("\t"));
	return line;
}

static bool
next_line(struct span *rest, struct span *line)
{
	size_t n;

	if (rest->n == 0)
		return false;
	n = span_find(*rest, SPAN("\n"));
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

static enum clickhouse_status
look_once(struct clickhouse *system, const struct schema_config *c, struct schema_state *s,
    struct clickhouse_error *e)
{
	const struct clickhouse_param params[] = { { "database", span_of(c->database) },
		{ c->cluster ? "cluster" : NULL, span_of(c->cluster ? c->cluster : "") },
		{ NULL, { NULL, 0 } } };
	enum clickhouse_status st;
	uint64_t hosts;

	buf_reset(&s->objects);
	buf_reset(&s->steps);
	st = clickhouse_select(
	    system, c->cluster ? look_cluster : look_one, params, NULL, note, s, e);
	if (st != CLICKHOUSE_OK)
		return st;
	schema_state_fact(s, SPAN(SCHEMA_STEPS), SCHEMA_ENGINE, &hosts);
	if (hosts == 0)
		return st;
	return clickhouse_select(system, c->cluster ? look_steps_cluster : look_steps, params, NULL,
	    clickhouse_collect, &s->steps, e);
}

static bool
has_misnamed(const struct schema_config *c, const struct schema_state *s)
{
	const struct schema_file *f;
	struct schema_object o;

	for (f = c->files; f->name; f++)
		if (schema_file_object(f, &o) &&
		    schema_state_name(s, &o, NULL, NULL) != SCHEMA_NAME_RIGHT)
			return true;
	return false;
}

enum clickhouse_status
schema_look(struct clickhouse *system, const struct schema_config *c, struct schema_state *s,
    struct clickhouse_error *e)
{
	enum clickhouse_status st = look_once(system, c, s, e);

	/* another run may be at it: what stays was left behind */
	if (st == CLICKHOUSE_OK && has_misnamed(c, s))
		st = look_once(system, c, s, e);
	return st;
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

bool
schema_state_is_old(const struct schema_state *s, const struct schema_file *f)
{
	return s->server > 0 && s->server < schema_file_since(f);
}

enum schema_name
schema_state_name(const struct schema_state *s, const struct schema_object *o,
    char interim[SCHEMA_NAME_MAX], uint64_t *hosts)
{
	char room[SCHEMA_NAME_MAX] = "";
	int n = snprintf(room, sizeof(room), "%.*s_", (int)o->name.n, o->name.p);
	struct span name = { room, n < 0 ? 0 : (size_t)n };
	uint64_t there, others;

	if (!o->target.p || name.n >= sizeof(room))
		return SCHEMA_NAME_RIGHT;
	schema_state_fact(s, name, SCHEMA_HOSTS, &others);
	if (others == 0 || !span_eq(schema_state_fact(s, name, SCHEMA_TARGET, NULL), o->target))
		return SCHEMA_NAME_RIGHT;
	schema_state_fact(s, o->name, SCHEMA_HOSTS, &there);
	if (interim)
		memcpy(interim, room, sizeof(room));
	if (hosts)
		*hosts = others;
	return there < s->hosts ? SCHEMA_NAME_INTERIM : SCHEMA_NAME_BOTH;
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
