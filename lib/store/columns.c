#include "store/columns.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "text/json.h"
#include "base/timestamp.h"

#include "base/banned.h"

/* Longer values than this are no saving, and would make blocks boundless. */
enum { FIXED_STRING_MAX = 256, FIELDS = 6 };

enum { FRESH_MS = 60000, KEY_MAX = 256 };

/*
 * A line a column: name, type, kind of default, and three answers that are
 * the same in all lines: settings of reading that were changed, the rounding
 * of decimal fractions, the time zone.
 */
static const char columns_sql[] =
    "SELECT name, type, default_kind, "
    "toString((SELECT count() FROM system.settings WHERE changed AND name LIKE 'input_format_%')), "
    "toString((SELECT any(value) FROM system.settings WHERE name = 'precise_float_parsing')), "
    "timezone() FROM system.columns WHERE database = currentDatabase() "
    "AND table = {table:String} AND default_kind IN ('', 'DEFAULT', 'EPHEMERAL') "
    "ORDER BY position "
    "FORMAT JSONCompactEachRow";

void
columns_add_name(struct buf *b, struct span name)
{
	size_t i;

	buf_addc(b, '`');
	for (i = 0; i < name.n; i++) {
		if (name.p[i] == '`' || name.p[i] == '\\')
			buf_addc(b, '\\');
		buf_addc(b, name.p[i]);
	}
	buf_addc(b, '`');
}

void
columns_add_names(struct buf *b, const struct columns *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		buf_adds(b, i ? ", " : " (");
		columns_add_name(b, c->list[i].name);
	}
	if (c->n)
		buf_addc(b, ')');
}

static bool
has_name(const struct columns *c, struct span name)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (span_eq(c->list[i].name, name))
			return true;
	return false;
}

struct span
columns_unknown_key(const struct columns *c, struct span row)
{
	char room[KEY_MAX];
	struct json_scan s;
	struct json_member m;
	struct span name;

	json_open(&s, row.p, row.n);
	while (c->n && json_next(&s, &m)) {
		if (m.key.raw.n > sizeof(room))
			break;
		name = json_short_text(&m.key, room, sizeof(room));
		if (!has_name(c, name))
			return (struct span){ m.key.raw.p + 1, m.key.raw.n - 2 };
	}
	return (struct span){ NULL, 0 };
}

/* ---- types -------------------------------------------------------------- */

/* The inside of "Outer(inside)"; false, with *inside untouched, for others. */
static bool
unwrap(struct span type, const char *outer, struct span *inside)
{
	size_t n = strlen(outer);

	if (type.n < n + 2 || memcmp(type.p, outer, n) != 0 || type.p[n] != '(' ||
	    type.p[type.n - 1] != ')')
		return false;
	*inside = (struct span){ type.p + n + 1, type.n - n - 2 };
	return true;
}

/* A number of at most four digits that is all of s, or -1. */
static int
whole_number(struct span s)
{
	uint64_t v;

	return s.n <= 4 && ascii_number(s, 9999, &v) ? (int)v : -1;
}

static bool
is_utc(struct span zone)
{
	static const char *const names[] = { "UTC", "Etc/UTC", "GMT", "Etc/GMT" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (span_eq(zone, span_of(names[i])))
			return true;
	return false;
}

/* 'zone', quoted. */
static bool
is_quoted_utc(struct span s)
{
	return s.n > 2 && s.p[0] == '\'' && s.p[s.n - 1] == '\'' &&
	    is_utc((struct span){ s.p + 1, s.n - 2 });
}

/* DateTime64(3) and DateTime64(3, 'UTC'). */
static struct column_type
datetime64_of(struct span inside, bool utc)
{
	struct column_type t = { .kind = COLUMN_OTHER, .size = 8 };
	const char *comma = memchr(inside.p, ',', inside.n);
	struct span digits = inside, zone = { NULL, 0 };
	int scale;

	if (comma) {
		digits.n = (size_t)(comma - inside.p);
		zone = (struct span){ comma + 1, inside.n - digits.n - 1 };
		while (zone.n && *zone.p == ' ')
			zone = (struct span){ zone.p + 1, zone.n - 1 };
		utc = is_quoted_utc(zone);
	}
	scale = whole_number(digits);
	if (scale >= 0 && scale <= 9 && utc) {
		t.kind = COLUMN_DATETIME64;
		t.scale = (unsigned)scale;
	}
	return t;
}

static struct column_type
simple_of(struct span name, bool utc, bool precise)
{
	static const struct {
		const char *name;
		struct column_type type;
	} simple[] = {
		{ "String", { .kind = COLUMN_STRING } },
		{ "Int8", { .kind = COLUMN_INT, .size = 1 } },
		{ "Int16", { .kind = COLUMN_INT, .size = 2 } },
		{ "Int32", { .kind = COLUMN_INT, .size = 4 } },
		{ "Int64", { .kind = COLUMN_INT, .size = 8 } },
		{ "UInt8", { .kind = COLUMN_UINT, .size = 1 } },
		{ "UInt16", { .kind = COLUMN_UINT, .size = 2 } },
		{ "UInt32", { .kind = COLUMN_UINT, .size = 4 } },
		{ "UInt64", { .kind = COLUMN_UINT, .size = 8 } },
		{ "Float32", { .kind = COLUMN_FLOAT, .size = 4 } },
		{ "Float64", { .kind = COLUMN_FLOAT, .size = 8 } },
		{ "Bool", { .kind = COLUMN_BOOL, .size = 1 } },
		{ "UUID", { .kind = COLUMN_UUID, .size = 16 } },
		{ "Date", { .kind = COLUMN_DATE, .size = 2 } },
		{ "Date32", { .kind = COLUMN_DATE32, .size = 4 } },
		{ "DateTime", { .kind = COLUMN_DATETIME, .size = 4 } },
	};
	struct column_type t = { .kind = COLUMN_OTHER };
	struct span inside;
	size_t i;
	int n;

	for (i = 0; i < sizeof(simple) / sizeof(simple[0]); i++)
		if (span_eq(name, span_of(simple[i].name)))
			t = simple[i].type;
	if ((t.kind == COLUMN_FLOAT && !precise) || (t.kind == COLUMN_DATETIME && !utc))
		t.kind = COLUMN_OTHER;
	if (unwrap(name, "FixedString", &inside)) {
		n = whole_number(inside);
		if (n > 0 && n <= FIXED_STRING_MAX)
			t = (struct column_type){ .kind = COLUMN_FIXED_STRING,
				.size = (unsigned)n };
	} else if (unwrap(name, "DateTime64", &inside)) {
		t = datetime64_of(inside, utc);
	} else if (unwrap(name, "DateTime", &inside) && is_quoted_utc(inside)) {
		t = (struct column_type){ .kind = COLUMN_DATETIME, .size = 4 };
	} else if (unwrap(name, "Enum8", &inside) || unwrap(name, "Enum16", &inside)) {
		t.kind = COLUMN_ENUM;
	}
	return t;
}

struct column_type
column_type_of(struct span name, bool utc, bool precise, struct span *sent_as)
{
	struct column_type t;
	struct span inside = name;

	unwrap(name, "LowCardinality", &inside);
	*sent_as = inside;
	if (unwrap(inside, "Array", &inside)) {
		/* others inside would need a name of their own */
		t = simple_of(inside, utc, precise);
		t.nullable = unwrap(inside, "Nullable", &inside);
		if (t.nullable) {
			t = simple_of(inside, utc, precise);
			t.nullable = true;
		}
		t.array = true;
		if (t.kind == COLUMN_ENUM)
			t.kind = COLUMN_OTHER;
		return t;
	}
	if (unwrap(inside, "Nullable", &inside)) {
		t = simple_of(inside, utc, precise);
		t.nullable = true;
	} else {
		t = simple_of(inside, utc, precise);
	}
	if (t.kind == COLUMN_ENUM)
		*sent_as = t.nullable ? SPAN("Nullable(String)") : SPAN("String");
	return t;
}

/* ---- asking ------------------------------------------------------------- */

/* Appends the text of a JSON string to c->text; false when it is none. */
static bool
take_text(struct columns *c, const struct json_value *v, size_t *start)
{
	char *w;

	*start = c->text.n;
	if (v->type != JSON_STRING)
		return false;
	w = buf_room(&c->text, v->raw.n);
	if (!w)
		return false;
	c->text.n += json_unescape(v->raw, w);
	return true;
}

/* The fields of a line, each with where its text starts in c->text. */
static bool
take_fields(struct columns *c, const char *p, size_t n, size_t start[FIELDS + 1])
{
	struct json_value v;
	struct json_scan s;
	size_t i = 0;

	json_open(&s, p, n);
	if (!json_enter_array(&s))
		return false;
	while (json_next_element(&s, &v) && i < FIELDS)
		if (!take_text(c, &v, &start[i++]))
			return false;
	start[i] = c->text.n;
	return i == FIELDS && !s.reason;
}

static bool
make_room(struct columns *c)
{
	size_t cap = c->cap ? c->cap * 2 : 32;
	struct column *list;

	if (c->n < c->cap)
		return true;
	list = realloc(c->list, cap * sizeof(*list));
	if (!list)
		return false;
	c->list = list;
	c->cap = cap;
	return true;
}

/* Spans hold offsets until all text is there: it moves as it grows. */
static bool
on_column(void *context, const char *p, size_t n)
{
	struct columns *c = context;
	size_t start[FIELDS + 1];
	struct column *column;

	if (c->failed || !take_fields(c, p, n, start) || !make_room(c)) {
		c->failed = true;
		return true;
	}
	column = &c->list[c->n++];
	*column = (struct column){ .has_default = start[3] > start[2] };
	c->ephemeral |= start[3] > start[2] && c->text.p[start[2]] == 'E';
	column->name.n = start[1] - start[0];
	column->type_name.n = start[2] - start[1];
	c->usual = start[4] - start[3] == 1 && c->text.p[start[3]] == '0';
	c->precise_floats = start[5] - start[4] == 1 && c->text.p[start[4]] == '1';
	c->utc = is_utc((struct span){ c->text.p + start[5], start[6] - start[5] });
	c->text.n = start[2]; /* name and type stay */
	return true;
}

/*
 * Where a row lacks it, a Date32 becomes 1970-01-01, and 1900-01-01 where the
 * INSERT does not name it.
 */
static bool
is_never_left_out(const struct column *c, struct span type)
{
	if (c->has_default || (c->type.kind != COLUMN_OTHER && c->type.kind != COLUMN_DATE32) ||
	    (c->type.kind == COLUMN_DATE32 && (c->type.nullable || c->type.array)))
		return false;
	return span_holds(type, SPAN("Date32"));
}

static void
resolve(struct columns *c)
{
	const char *p = c->text.p;
	size_t i;

	for (i = 0; i < c->n; i++) {
		struct column *column = &c->list[i];
		struct span type = { p + column->name.n, column->type_name.n };

		column->name.p = p;
		column->type_name = type;
		p = type.p + type.n;
		column->type = column_type_of(type, c->utc, c->precise_floats, &column->sent_as);
		column->never_left_out = is_never_left_out(column, type);
	}
}

enum clickhouse_status
columns_ask(
    struct columns *c, struct clickhouse *clickhouse, const char *table, struct clickhouse_error *e)
{
	const struct clickhouse_param params[] = {
		{ "table", span_of(table) },
		{ NULL, { NULL, 0 } },
	};
	enum clickhouse_status status;

	c->n = 0;
	c->failed = c->usual = c->ephemeral = false;
	buf_reset(&c->text);
	status = clickhouse_select(clickhouse, columns_sql, params, NULL, on_column, c, e);
	if (status == CLICKHOUSE_OK && (c->failed || c->text.failed)) {
		*e = (struct clickhouse_error){ .status = CLICKHOUSE_CONFIG };
		snprintf(e->text, sizeof(e->text), "the table's columns can't be learnt");
		status = CLICKHOUSE_CONFIG;
	}
	if (status != CLICKHOUSE_OK)
		c->n = 0;
	resolve(c);
	return status;
}

void
columns_release(struct columns *c)
{
	free(c->list);
	buf_release(&c->text);
	*c = (struct columns){ 0 };
}

/* ---- what is known -------------------------------------------------------- */

void
columns_watch_begin(struct columns_watch *w, struct clickhouse *clickhouse, const char *table)
{
	*w = (struct columns_watch){ .clickhouse = clickhouse, .table = table, .stale = true };
}

void
columns_watch_release(struct columns_watch *w)
{
	columns_release(&w->columns);
}

enum clickhouse_status
columns_watch_look(struct columns_watch *w, bool *renewed, struct clickhouse_error *e)
{
	uint64_t now = timestamp_monotonic();
	enum clickhouse_status s;

	*renewed = false;
	if (!w->stale && now - w->asked_ms < FRESH_MS)
		return CLICKHOUSE_OK;
	s = columns_ask(&w->columns, w->clickhouse, w->table, e);
	*renewed = true;
	if (s == CLICKHOUSE_TRANSIENT || s == CLICKHOUSE_STOPPED ||
	    (s == CLICKHOUSE_UNKNOWN && e->code == 0))
		return s;
	w->stale = false;
	w->asked_ms = now;
	return CLICKHOUSE_OK;
}
