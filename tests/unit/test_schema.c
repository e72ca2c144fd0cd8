/* What mm-schema plans to do, given what is there; without a server. */
#include "tables/schema.h"

#include "check.h"

#include "base/banned.h"

static const struct schema_file files[] = {
	{ "00-database", "CREATE DATABASE IF NOT EXISTS {database:Identifier};\n" },
	{ "01-schema_steps",
	    "CREATE TABLE IF NOT EXISTS schema_steps\n(\n    n Int8\n)\nENGINE = Memory;\n" },
	{ "10-events",
	    "-- A comment.\nCREATE TABLE IF NOT EXISTS events\n(\n    a Int8 COMMENT 'x' CODEC(ZSTD(1)),\n"
	    "    b Tuple(Int8, String) DEFAULT f(1),\n    c String\n)\n"
	    "ENGINE = MergeTree\nORDER BY (a, b)\n"
	    "SETTINGS non_replicated_deduplication_window = 1;\n" },
	{ "40-change", "ALTER TABLE events ADD COLUMN IF NOT EXISTS d Int8;\n" },
	{ "41-change", "ALTER TABLE events ADD COLUMN IF NOT EXISTS e Int8;\n" },
	{ NULL, NULL },
};

static const struct schema_config config = { files, "web", NULL, "1.0", SCHEMA_KEEP_RETENTION };

struct log {
	char steps[512];
	unsigned stop_at, calls; /* fails at this call */
};

/* "+10-events": applied; "r10-events": recorded as applied; "f…": as found. */
static enum clickhouse_status
note(void *context, const char *step, const char *sql, bool in_database, struct clickhouse_error *e)
{
	struct log *l = context;
	bool is_record = strncmp(sql, "INSERT INTO schema_steps ", 25) == 0;
	const char *mark = !is_record ? "+" : strstr(sql, "'1.0'") ? "r" : "f";
	size_t n = strlen(l->steps);

	CHECK(in_database == (strcmp(step, "00-database") != 0), "%s: in_database %d", step,
	    in_database);
	e->status = CLICKHOUSE_OK;
	if (++l->calls == l->stop_at)
		return CLICKHOUSE_TRANSIENT;
	snprintf(l->steps + n, sizeof(l->steps) - n, "%s%s ", mark, step);
	return CLICKHOUSE_OK;
}

static void
expect(const char *objects, const char *steps, bool has_database, const char *plan)
{
	struct schema_state s = SCHEMA_STATE_INIT;
	struct clickhouse_error e;
	struct log l = { "", 0, 0 };

	s.databases = has_database;
	buf_adds(&s.objects, objects);
	buf_adds(&s.steps, steps);
	CHECK(schema_plan(&config, &s, note, &l, &e) == CLICKHOUSE_OK, "the plan fails");
	CHECK(strcmp(l.steps, plan) == 0, "objects %s, steps %s: planned %s, not %s", objects,
	    steps, l.steps, plan);
	schema_state_release(&s);
}

#define STEPS "schema_steps\tMemory\t\t1\n"
#define EVENTS "events\tMergeTree\t\t1\n"

static void
test_versions(void)
{
	static const struct schema_file waits = { "43-waits",
		"-- Since ClickHouse 24.2: a new thing.\nALTER TABLE events NEW THING;\n" };
	struct schema_state s = SCHEMA_STATE_INIT;

	CHECK(schema_version(SPAN("26.7.2.1")) == 2607, "26.7.2.1");
	CHECK(schema_version(SPAN("22")) == 2200, "22");
	CHECK(schema_version(SPAN("")) == 0, "nothing");
	CHECK(schema_file_since(&waits) == 2402, "the file's version");
	CHECK(schema_file_since(&files[2]) == 0, "a comment that names none");
	CHECK(!schema_state_is_old(&s, &waits), "not known");
	s.server = 2401;
	CHECK(schema_state_is_old(&s, &waits), "too old");
	CHECK(!schema_state_is_old(&s, &files[2]), "old enough");
	s.server = 2402;
	CHECK(!schema_state_is_old(&s, &waits), "new enough");
}

/* A step that the server is too old for is neither applied nor recorded. */
static void
test_waiting(void)
{
	static const struct schema_file some[] = {
		{ "00-database", "CREATE DATABASE IF NOT EXISTS {database:Identifier};\n" },
		{ "01-schema_steps",
		    "CREATE TABLE IF NOT EXISTS schema_steps\n(\n    n Int8\n)\nENGINE = Memory;\n" },
		{ "43-waits",
		    "-- Since ClickHouse 24.2: a new thing.\nALTER TABLE t NEW THING;\n" },
		{ NULL, NULL }
	};
	struct schema_config c = config;
	struct schema_state s = SCHEMA_STATE_INIT;
	struct clickhouse_error e;
	struct log l = { "", 0, 0 };

	c.files = some;
	s.server = 2401;
	CHECK(schema_plan(&c, &s, note, &l, &e) == CLICKHOUSE_OK, "the plan fails");
	CHECK(
	    strcmp(l.steps, "+00-database +01-schema_steps r01-schema_steps ") == 0, "%s", l.steps);
}

static void
test_plans(void)
{
	expect("", "", false,
	    "+00-database +01-schema_steps r01-schema_steps +10-events r10-events "
	    "+40-change r40-change +41-change r41-change ");
	expect(STEPS EVENTS, "01-schema_steps\t1\n10-events\t1\n40-change\t1\n41-change\t1\n", true,
	    "");
	/* the previous release */
	expect(EVENTS, "", true,
	    "+01-schema_steps r01-schema_steps f10-events +40-change r40-change +41-change "
	    "r41-change ");
	/* a newer version of the files */
	expect(STEPS EVENTS, "01-schema_steps\t1\n10-events\t1\n40-change\t1\n", true,
	    "+41-change r41-change ");
	/* applied, killed before it was recorded */
	expect(STEPS EVENTS, "01-schema_steps\t1\n10-events\t1\n41-change\t1\n", true,
	    "+40-change r40-change ");
	/* a table was dropped: its changes come again, and are recorded already */
	expect(STEPS, "01-schema_steps\t1\n10-events\t1\n40-change\t1\n41-change\t1\n", true,
	    "+10-events +40-change +41-change ");
	/* names that only begin alike */
	expect(STEPS "events2\tMergeTree\t\t1\n", "01-schema_steps\t1\n10-events2\t1\n", true,
	    "+10-events r10-events +40-change r40-change +41-change r41-change ");
}

/* Wherever it stops, nothing is done after that. */
static void
test_failure(void)
{
	static const struct schema_state nothing = SCHEMA_STATE_INIT;
	unsigned i;

	for (i = 1; i <= 9; i++) {
		struct log l = { "", i, 0 };
		struct clickhouse_error e;

		CHECK(schema_plan(&config, &nothing, note, &l, &e) == CLICKHOUSE_TRANSIENT,
		    "call %u: the failure is lost", i);
		CHECK(l.calls == i, "after a failure at %u: %u calls", i, l.calls);
	}
}

static void
test_conflicts(void)
{
	static const struct {
		const char *objects, *steps;
		bool conflict;
	} cases[] = {
		{ STEPS EVENTS, "10-events\t1.0\n", false },
		{ STEPS EVENTS, "10-events\t1.0\n50-later\t2.0\n", true },
		{ EVENTS, "", false },
		{ "events\tDistributed\t\t1\n", "", true },
		{ "events\tReplicatedMergeTree\t\t1\n", "", false },
		{ "other\tDistributed\t\t1\n", "", false },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct schema_state s = SCHEMA_STATE_INIT;
		struct buf why = BUF_INIT;

		buf_adds(&s.objects, cases[i].objects);
		buf_adds(&s.steps, cases[i].steps);
		CHECK(schema_conflicts(&config, &s, &why) == cases[i].conflict, "case %zu", i);
		CHECK((why.n > 0) == cases[i].conflict, "case %zu: said \"%.*s\"", i, (int)why.n,
		    why.p);
		buf_release(&why);
		schema_state_release(&s);
	}
}

static bool
is(struct span s, const char *text)
{
	return text ? span_eq(s, span_of(text)) : !s.p;
}

static void
test_object(void)
{
	static const char *const names[] = { "a", "b", "c" };
	static const char *const types[] = { "Int8", "Tuple(Int8, String)", "String" };
	struct schema_object o;
	struct span name, type;
	size_t i;

	CHECK(!schema_file_object(&files[0], &o), "a database is no table");
	CHECK(!schema_file_object(&files[3], &o), "an ALTER is no table");
	CHECK(schema_file_object(&files[2], &o), "a table");
	CHECK(is(o.name, "events") && is(o.engine, "MergeTree") && is(o.sorting_key, "a, b"),
	    "name, engine or sorting key");
	CHECK(is(o.window, "non_replicated_deduplication_window"), "the window");
	for (i = 0; i < 3; i++) {
		CHECK(schema_next_column(&o.columns, &name, &type), "column %zu", i);
		CHECK(is(name, names[i]) && is(type, types[i]), "column %zu: %.*s %.*s", i,
		    (int)name.n, name.p, (int)type.n, type.p);
	}
	CHECK(!schema_next_column(&o.columns, &name, &type), "a fourth column");
}

static void
test_sql(void)
{
	static const struct schema_file f = {
		"77-x",
		"A {database:Identifier} ON CLUSTER '{cluster}' '{shard}' {database:Identifier};\n"
	};
	struct buf b = BUF_INIT;

	schema_file_sql(&f, "web", "c1", &b);
	CHECK(is((struct span){ b.p, b.n }, "A `web` ON CLUSTER 'c1' '{shard}' `web`;\n"), "%.*s",
	    (int)b.n, b.p);
	CHECK(schema_file_number(&f) == 77, "number %u", schema_file_number(&f));
	buf_release(&b);
}

/* Steps are in order, each of one statement, of which nothing is left to fill in. */
static void
test_own_files(const struct schema_file *f, const char *cluster)
{
	unsigned last = 0;
	struct buf b = BUF_INIT;

	CHECK(schema_file_number(f) == 0, "the first makes the database");
	for (; f->name; f++) {
		const char *end;

		CHECK(schema_file_number(f) >= last, "%s: out of order", f->name);
		last = schema_file_number(f);
		buf_reset(&b);
		schema_file_sql(f, "web", cluster, &b);
		buf_addc(&b, '\0');
		end = strstr(b.p, ";\n");
		CHECK(end && end[2] == '\0', "%s: is not one statement", f->name);
		CHECK(!strstr(b.p, ":Identifier}") && !strstr(b.p, "{cluster}"),
		    "%s: something is left to fill in", f->name);
		CHECK(
		    !cluster || strstr(b.p, " ON CLUSTER 'c1'"), "%s: is for one server", f->name);
		CHECK(strpbrk(f->name, "'\\\t\n") == NULL, "%s: can't be in a string", f->name);
	}
	buf_release(&b);
}

/* Views that an interrupted run has left, or that stand on some hosts only. */
static void
test_names(void)
{
	static const struct schema_file views[] = {
		{ "00-database", "CREATE DATABASE IF NOT EXISTS {database:Identifier};\n" },
		{ "21-view",
		    "CREATE MATERIALIZED VIEW IF NOT EXISTS mv TO days AS\nSELECT a\nFROM events;\n" },
		{ NULL, NULL }
	};
	static const struct {
		const char *cluster, *objects, *sql;
	} cases[] = {
		{ NULL, "mv_\tMaterializedView\t\t1\tdays\n",
		    "USE `web`;\n\n-- names\nRENAME TABLE IF EXISTS mv_ TO mv;\n" },
		{ NULL, "mv\tMaterializedView\t\t1\tdays\nmv_\tMaterializedView\t\t1\tdays\n",
		    "USE `web`;\n\n-- names\nDROP VIEW IF EXISTS mv_;\n" },
		{ NULL, "mv\tMaterializedView\t\t1\tdays\nmv_\tMaterializedView\t\t1\tother\n",
		    "" },
		{ NULL, "mv\tMaterializedView\t\t1\tdays\nmv_\tMergeTree\t\t1\t\n", "" },
		{ "c1", "mv\tMaterializedView\t\t1\tdays\nmv_\tMaterializedView\t\t1\tdays\n",
		    "USE `web`;\n\n-- names\nRENAME TABLE IF EXISTS `web`.mv_ TO `web`.mv ON CLUSTER "
		    "'c1';\n" },
		{ "c1", "mv\tMaterializedView\t\t2\tdays\nmv_\tMaterializedView\t\t1\tdays\n",
		    "USE `web`;\n\n-- names\nDROP VIEW IF EXISTS `web`.mv_ ON CLUSTER 'c1';\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct schema_config c = { views, "web", cases[i].cluster, "1.0",
			SCHEMA_KEEP_RETENTION };
		struct schema_state s = SCHEMA_STATE_INIT;
		struct buf b = BUF_INIT;

		s.hosts = s.databases = cases[i].cluster ? 2 : 1;
		buf_adds(&s.objects, cases[i].objects);
		buf_adds(&s.steps, "21-view\t1.0\n");
		schema_print(&c, &s, &b);
		CHECK(is((struct span){ b.p, b.n }, cases[i].sql), "case %zu: %.*s", i, (int)b.n,
		    b.p);
		buf_release(&b);
		schema_state_release(&s);
	}
}

int
main(void)
{
	test_versions();
	test_waiting();
	test_plans();
	test_names();
	test_failure();
	test_conflicts();
	test_object();
	test_sql();
	test_own_files(schema_files, NULL);
	test_own_files(schema_cluster_files, "c1");
	return check_end("schema");
}
