#include "schema.h"

#include <stdarg.h>
#include <stdio.h>

#include "banned.h"

/* ---- applying ---------------------------------------------------------- */

enum clickhouse_status
schema_apply(struct clickhouse *system, struct clickhouse *tables, const char *database,
    struct clickhouse_error *e)
{
	const struct clickhouse_param params[] = { { "database", span_of(database) },
		{ NULL, { NULL, 0 } } };
	const struct schema_file *f;

	for (f = schema_files; f->name; f++) {
		/* only the database itself can't be made in the database */
		bool first = f == schema_files;
		enum clickhouse_status s =
		    clickhouse_run(first ? system : tables, f->sql, first ? params : NULL, NULL, e);
		char text[sizeof(e->text)];
		int n;

		if (s == CLICKHOUSE_OK)
			continue;
		n = snprintf(text, sizeof(text), "%s: %s", f->name, e->text);
		if (n > 0 && (size_t)n < sizeof(text))
			memcpy(e->text, text, (size_t)n + 1);
		return s;
	}
	return CLICKHOUSE_OK;
}

void
schema_print(const char *database, struct buf *b)
{
	static const char placeholder[] = "{database:Identifier}";
	const struct schema_file *f;

	for (f = schema_files; f->name; f++) {
		const char *at = strstr(f->sql, placeholder);

		if (!at) {
			buf_addf(b, "\n-- %s\n%s", f->name, f->sql);
			continue;
		}
		buf_addf(b, "-- %s\n%.*s`%s`%s\nUSE `%s`;\n", f->name, (int)(at - f->sql), f->sql,
		    database, at + sizeof(placeholder) - 1, database);
	}
}

/* ---- reading our own files --------------------------------------------- */

/* What a file says about its object; spans into its text, p NULL: not there. */
struct shape {
	struct span name;
	struct span target;      /* of a materialised view */
	struct span engine;      /* as system.tables has it */
	struct span sorting_key; /* without parentheses */
	struct span select;      /* of a view */
	struct span columns;     /* the lines between "(" and ")" */
	bool deduplicates;
};

/* What stands between the first `before` and the next `after`. */
static struct span
between(const char *s, const char *before, const char *after)
{
	struct span found = { NULL, 0 };
	const char *end;

	s = strstr(s, before);
	if (!s)
		return found;
	s += strlen(before);
	end = strstr(s, after);
	if (end)
		found = (struct span){ s, (size_t)(end - s) };
	return found;
}

static struct span
word_after(const char *s, const char *before)
{
	struct span w = { strstr(s, before), 0 };

	if (w.p) {
		w.p += strlen(before);
		w.n = strcspn(w.p, " \n;");
	}
	return w;
}

/* False for what is no table and no view: the database. */
static bool
read_shape(const char *sql, struct shape *s)
{
	static const char exists[] = " IF NOT EXISTS ";
	bool is_view = strstr(sql, "CREATE VIEW ") != NULL;
	bool is_materialised = strstr(sql, "CREATE MATERIALIZED VIEW ") != NULL;

	memset(s, 0, sizeof(*s));
	s->name = word_after(sql, exists);
	if (is_view || is_materialised) {
		s->engine = is_view ? SPAN("View") : SPAN("MaterializedView");
		s->select = between(sql, " AS\n", ";\n");
		if (is_materialised)
			s->target = word_after(sql, " TO ");
		return true;
	}
	if (!strstr(sql, "CREATE TABLE "))
		return false;
	s->engine = word_after(sql, "\nENGINE = ");
	s->sorting_key = between(sql, "\nORDER BY (", ")\n");
	s->columns = between(sql, "\n(\n", "\n)\n");
	s->deduplicates = strstr(sql, "non_replicated_deduplication_window") != NULL;
	return true;
}

static size_t
find(struct span in, const char *what)
{
	size_t i, n = strlen(what);

	for (i = 0; i + n <= in.n; i++)
		if (memcmp(in.p + i, what, n) == 0)
			return i;
	return in.n;
}

/* Takes the next line off *lines: "    name Type COMMENT '...' CODEC(...),". */
static bool
next_column(struct span *lines, struct span *name, struct span *type)
{
	struct span line = *lines;
	size_t skip = 0, i;

	if (lines->n == 0)
		return false;
	line.n = find(*lines, "\n");
	lines->p += line.n;
	lines->n -= line.n;
	if (lines->n > 0) {
		lines->p++;
		lines->n--;
	}
	while (skip < line.n && line.p[skip] == ' ')
		skip++;
	*name = (struct span){ line.p + skip, line.n - skip };
	name->n = find(*name, " ");
	*type = (struct span){ name->p + name->n, line.n - skip - name->n };
	if (type->n > 0) {
		type->p++;
		type->n--;
	}
	i = find(*type, " COMMENT ");
	type->n = i;
	type->n = find(*type, " CODEC(");
	if (type->n > 0 && type->p[type->n - 1] == ',')
		type->n--;
	return true;
}

/* ---- comparing --------------------------------------------------------- */

struct check {
	struct clickhouse *system;
	const char *database;
	schema_difference *report;
	void *context;
	size_t *count;
	struct clickhouse_error *e;
	struct buf answer, text;
};

static bool
collect(void *context, const char *p, size_t n)
{
	struct buf *b = context;

	buf_add(b, p, n);
	buf_addc(b, '\n');
	return true;
}

/* The answer's lines are left in c->answer. */
static enum clickhouse_status
ask(struct check *c, const struct shape *s, const char *sql)
{
	const struct clickhouse_param params[] = { { "database", span_of(c->database) },
		{ "name", s->name }, { "engine", s->engine }, { "sorting_key", s->sorting_key },
		{ "target", s->target }, { "select", s->select }, { NULL, { NULL, 0 } } };

	buf_reset(&c->answer);
	return clickhouse_select(c->system, sql, params, NULL, collect, &c->answer, c->e);
}

static void __attribute__((format(printf, 3, 4)))
differ(struct check *c, const struct shape *s, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	buf_reset(&c->text);
	buf_addf(&c->text, "%.*s: %s", (int)s->name.n, s->name.p, line);
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
		size_t n = find(rest, "\n"), tab = find((struct span){ rest.p, n }, "\t");

		if (span_eq((struct span){ rest.p, tab }, name) && tab < n)
			return (struct span){ rest.p + tab + 1, n - tab - 1 };
		n += n < rest.n;
		rest.p += n;
		rest.n -= n;
	}
	return none;
}

static enum clickhouse_status
check_columns(struct check *c, const struct shape *s)
{
	struct span lines = s->columns, name, type;
	enum clickhouse_status st = ask(c, s,
	    "SELECT name, type FROM system.columns WHERE database = {database:String} "
	    "AND table = {name:String} FORMAT TSVRaw");

	if (st != CLICKHOUSE_OK)
		return st;
	while (next_column(&lines, &name, &type)) {
		struct span is = type_of(&c->answer, name);

		if (!is.p)
			differ(c, s, "the column %.*s is missing", (int)name.n, name.p);
		else if (!span_eq(is, type))
			differ(c, s, "the column %.*s is %.*s and should be %.*s", (int)name.n,
			    name.p, (int)is.n, is.p, (int)type.n, type.p);
	}
	return st;
}

/*
 * The server formats both SELECTs, so that layout does not count; then the
 * database's name, which it has put in, is taken out again.
 */
static const char object_query[] =
    "WITH replaceAll(as_select, '`', '') AS is_select, "
    "replaceAll(create_table_query, '`', '') AS is_create, "
    "if({select:String} = '', 'SELECT 1', {select:String}) AS should "
    "SELECT engine = {engine:String}, sorting_key = {sorting_key:String}, "
    "position(engine_full, 'non_replicated_deduplication_window') > 0, "
    "{select:String} = '' "
    "OR replaceAll(is_select, database || '.', '') = formatQuerySingleLine(should), "
    "{target:String} = '' "
    "OR position(is_create, ' TO ' || database || '.' || {target:String} || ' ') > 0, engine "
    "FROM system.tables WHERE database = {database:String} AND name = {name:String} FORMAT TSVRaw";

static enum clickhouse_status
check_object(struct check *c, const struct shape *s)
{
	enum clickhouse_status st = ask(c, s, object_query);
	const char *a = c->answer.p;

	if (st != CLICKHOUSE_OK)
		return st;
	if (c->answer.n < sizeof("1\t1\t1\t1\t1\t") - 1) {
		differ(c, s, "missing; 'mm-schema' makes it");
		return st;
	}
	if (a[0] != '1')
		differ(c, s, "the engine is %.*s and should be %.*s", (int)(c->answer.n - 11),
		    a + 10, (int)s->engine.n, s->engine.p);
	if (s->sorting_key.p && a[2] != '1')
		differ(c, s, "the sorting key should be (%.*s)", (int)s->sorting_key.n,
		    s->sorting_key.p);
	if (s->deduplicates && a[4] != '1')
		differ(c, s, "the setting non_replicated_deduplication_window is missing");
	if (a[6] != '1')
		differ(c, s, "the view's SELECT is not the one expected");
	if (a[8] != '1')
		differ(c, s, "the view should write to %.*s", (int)s->target.n, s->target.p);
	return s->columns.p ? check_columns(c, s) : st;
}

enum clickhouse_status
schema_check(struct clickhouse *system, const char *database, schema_difference *report,
    void *context, size_t *count, struct clickhouse_error *e)
{
	struct check c = { system, database, report, context, count, e, BUF_INIT, BUF_INIT };
	enum clickhouse_status st = CLICKHOUSE_OK;
	const struct schema_file *f;

	*count = 0;
	for (f = schema_files; f->name && st == CLICKHOUSE_OK; f++) {
		struct shape s;

		if (read_shape(f->sql, &s))
			st = check_object(&c, &s);
	}
	buf_release(&c.answer);
	buf_release(&c.text);
	return st;
}
