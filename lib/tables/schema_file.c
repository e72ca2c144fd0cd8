#include "tables/schema_file.h"

#include "base/ascii.h"

#include "base/banned.h"

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

/* Without the database before it. */
static struct span
word_after(const char *s, const char *before)
{
	struct span w = { strstr(s, before), 0 };
	size_t dot;

	if (!w.p)
		return w;
	w.p += strlen(before);
	w.n = strcspn(w.p, " \n;(");
	dot = span_find(w, SPAN("."));
	if (dot < w.n) {
		w.p += dot + 1;
		w.n -= dot + 1;
	}
	return w;
}

/* The setting has two names, one of which ends with the other. */
static struct span
window_of(const char *sql)
{
	if (strstr(sql, " non_replicated_deduplication_window"))
		return SPAN("non_replicated_deduplication_window");
	if (strstr(sql, " replicated_deduplication_window"))
		return SPAN("replicated_deduplication_window");
	return (struct span){ NULL, 0 };
}

bool
schema_file_object(const struct schema_file *f, struct schema_object *o)
{
	const char *sql = f->sql;
	bool is_view = strstr(sql, "CREATE VIEW ") != NULL;
	bool is_materialised = strstr(sql, "CREATE MATERIALIZED VIEW ") != NULL;

	memset(o, 0, sizeof(*o));
	o->name = word_after(sql, " IF NOT EXISTS ");
	if (is_view || is_materialised) {
		o->engine = is_view ? SPAN("View") : SPAN("MaterializedView");
		o->select = between(sql, " AS\n", ";\n");
		if (is_materialised)
			o->target = word_after(sql, " TO ");
		return true;
	}
	if (!strstr(sql, "CREATE TABLE "))
		return false;
	o->engine = word_after(sql, "\nENGINE = ");
	o->sorting_key = between(sql, "\nORDER BY (", ")\n");
	o->columns = between(sql, "\n(\n", "\n)\n");
	o->window = window_of(sql);
	return true;
}

bool
schema_next_column(struct span *lines, struct span *name, struct span *type)
{
	struct span line = *lines;
	size_t skip = 0;

	if (lines->n == 0)
		return false;
	line.n = span_find(*lines, SPAN("\n"));
	lines->p += line.n;
	lines->n -= line.n;
	if (lines->n > 0) {
		lines->p++;
		lines->n--;
	}
	while (skip < line.n && line.p[skip] == ' ')
		skip++;
	*name = (struct span){ line.p + skip, line.n - skip };
	name->n = span_find(*name, SPAN(" "));
	*type = (struct span){ name->p + name->n, line.n - skip - name->n };
	if (type->n > 0) {
		type->p++;
		type->n--;
	}
	type->n = span_find(*type, SPAN(" COMMENT "));
	type->n = span_find(*type, SPAN(" DEFAULT "));
	type->n = span_find(*type, SPAN(" CODEC("));
	if (type->n > 0 && type->p[type->n - 1] == ',')
		type->n--;
	return true;
}

/* The number that the text begins with, which is cut off; 0: none. */
static unsigned
take_number(struct span *s)
{
	uint64_t n;

	return ascii_take_number(s, UINT32_MAX / 1000, &n) ? (unsigned)n : 0;
}

unsigned
schema_file_number(const struct schema_file *f)
{
	struct span name = span_of(f->name);

	return take_number(&name);
}

unsigned
schema_version(struct span s)
{
	unsigned year = take_number(&s);

	if (s.n == 0 || *s.p != '.')
		return year * 100;
	s.p++;
	s.n--;
	return year * 100 + take_number(&s);
}

unsigned
schema_file_since(const struct schema_file *f)
{
	static const char mark[] = "-- Since ClickHouse ";
	size_t n = strlen(mark);

	return strncmp(f->sql, mark, n) == 0 ? schema_version(span_of(f->sql + n)) : 0;
}

void
schema_file_sql(
    const struct schema_file *f, const char *database, const char *cluster, struct buf *b)
{
	static const char database_mark[] = "{database:Identifier}", cluster_mark[] = "'{cluster}'";
	struct span rest = span_of(f->sql);

	while (rest.n > 0) {
		size_t d = span_find(rest, span_of(database_mark));
		size_t c = cluster ? span_find(rest, span_of(cluster_mark)) : rest.n;
		size_t n = d < c ? d : c;

		buf_add(b, rest.p, n);
		if (n < rest.n) {
			buf_addf(b, n == d ? "`%s`" : "'%s'", n == d ? database : cluster);
			n += n == d ? sizeof(database_mark) - 1 : sizeof(cluster_mark) - 1;
		}
		rest.p += n;
		rest.n -= n;
	}
}
