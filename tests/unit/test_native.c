/*
 * Blocks of the Native format, types by their names, and what is left to JSON.
 */
#include "store/native.h"

#include "check.h"
#include "store/native_value.h"

enum { COLUMNS_MAX = 16 };

/* A table of columns "name type" with no defaults, for a server in UTC. */
static void
make_table(struct columns *c, struct column *list, const char *const *text)
{
	*c = (struct columns){ .list = list, .usual = true };
	for (; *text; text++) {
		const char *space = strchr(*text, ' ');
		struct column *column = &list[c->n++];

		*column = (struct column){ .name = { *text, (size_t)(space - *text) } };
		column->type = column_type_of(span_of(space + 1), true, true, &column->sent_as);
	}
}

static struct buf block;
static struct piece_pool pool = PIECE_POOL_INIT;

static void
read_block(const struct native *n)
{
	size_t i;

	buf_reset(&block);
	for (i = 0; i < n->count; i++)
		buf_add(&block, n->parts[i].p, n->parts[i].n);
}

/* What the rows, each ending with a newline, become in this table. */
static enum native_result
encode(const char *const *table, const char *rows, struct native *n)
{
	struct column list[COLUMNS_MAX];
	enum native_result r;
	struct columns c;

	make_table(&c, list, table);
	if (!native_begin(n, &c, &pool))
		abort();
	r = native_encode(n, span_of(rows));
	read_block(n);
	return r;
}

static void
test_block(void)
{
	static const char *const table[] = { "id UInt16", "s LowCardinality(String)",
		"n Nullable(Int8)", "never Date", "a Array(UInt8)", NULL };
	static const char rows[] = "{\"id\":258,\"s\":\"a\\u00e9\",\"n\":null,\"a\":[1,2]}\n"
				   " { \"n\" : -1 , \"id\" : 3 } \n"
				   "{\"s\":\"bc\",\"a\":[3]}\n";
	static const char want[] =
	    "\4\3"
	    "\2id\6UInt16\2\1\3\0\0\0"
	    "\1s\6String\3a\303\251\0\2bc"
	    "\1n\16Nullable(Int8)\1\0\1\0\377\0"
	    "\1a\14Array(UInt8)\2\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\1\2\3";
	struct native n = { 0 };

	CHECK(encode(table, rows, &n) == NATIVE_BLOCK, "a block");
	CHECK(block.n == sizeof(want) - 1 && memcmp(block.p, want, block.n) == 0,
	    "its bytes: %zu, not %zu", block.n, sizeof(want) - 1);
	CHECK(span_eq((struct span){ n.names.p, n.names.n }, SPAN("`id`, `s`, `n`, `a`")),
	    "its columns: %.*s", (int)n.names.n, n.names.p);
	CHECK(encode(table, "{\"id\":1}\n", &n) == NATIVE_BLOCK &&
		block.n == sizeof("\1\1\2id\6UInt16\1\0") - 1,
	    "nothing of the last block is left");
	native_release(&n);
}

static void
test_left_to_json(void)
{
	static const char *const table[] = { "id UInt8", "o Tuple(UInt8)", "d Date32",
		"f FixedString(2)", "e Enum8('a' = 1)", NULL };
	static const struct {
		const char *rows;
		enum native_result r;
	} cases[] = {
		{ "{\"id\":1}\n", NATIVE_BLOCK },
		{ "{}\n", NATIVE_ODD },
		{ "", NATIVE_ODD },
		{ "{\"id\":1}", NATIVE_ODD },
		{ "{\"id\":1,\"id\":1}\n", NATIVE_ODD },
		{ "{\"id\":1,\"x\":1}\n", NATIVE_NO_KEY },
		{ "{\"ID\":1}\n", NATIVE_NO_KEY },
		{ "{\"id\":256}\n", NATIVE_ODD },
		{ "{\"id\":1.0}\n", NATIVE_ODD },
		{ "{\"id\":[1]}\n", NATIVE_ODD },
		{ "{\"o\":[1]}\n", NATIVE_ODD },
		{ "{\"f\":\"abc\"}\n", NATIVE_ODD },
		{ "{\"e\":\"a\"}\n", NATIVE_BLOCK },
		{ "{\"e\":\"a\"}\n{}\n", NATIVE_ODD },
		{ "[1]\n", NATIVE_ODD },
		{ "{\"id\":\n", NATIVE_ODD },
	};
	struct native n = { 0 };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum native_result r = encode(table, cases[i].rows, &n);

		CHECK(r == cases[i].r, "%s: %d", cases[i].rows, (int)r);
	}
	native_release(&n);
}

static void
test_bounds(void)
{
	static const char *const table[] = { "a FixedString(256)", "b UInt8", NULL };
	struct native n = { 0 };
	struct buf rows = BUF_INIT;
	size_t i;

	for (i = 0; i < 10000; i++)
		buf_adds(&rows, "{\"b\":1}\n");
	buf_adds(&rows, "{\"a\":\"x\"}\n");
	buf_addc(&rows, '\0');
	CHECK(encode(table, rows.p, &n) == NATIVE_ODD, "a block of many times the rows' size");
	CHECK(pieces_size(&n.columns[0].data) < 1 << 20, "is not even begun");
	buf_release(&rows);
	native_release(&n);
}

/* Rows that become more than they are, and then text, which is as long as it is. */
static void
test_bound_of_text(void)
{
	static const char *const table[] = { "a Array(UInt64)", "s String", NULL };
	struct native n = { 0 };
	struct column list[COLUMNS_MAX];
	struct columns c;
	struct buf row = BUF_INIT;
	uint64_t seed = 5;
	size_t i, k, taken = 0, bytes = 0;

	make_table(&c, list, table);
	CHECK(native_begin(&n, &c, &pool), "memory");
	for (i = 0; i < 20000; i++) {
		buf_reset(&row);
		buf_adds(&row, "{\"a\":[0");
		for (k = check_random(&seed) % 100; k; k--)
			buf_adds(&row, ",0");
		buf_adds(&row, "],\"s\":\"");
		for (k = check_random(&seed) % 200; k; k--)
			buf_addc(&row, 's');
		buf_adds(&row, "\"}");
		if (native_add(&n, (struct span){ row.p, row.n }) != NATIVE_BLOCK)
			continue;
		taken++;
		bytes += row.n + 1;
	}
	CHECK(taken > 1000 && taken < 20000, "%zu rows of 20000", taken);
	CHECK(native_end(&n) == NATIVE_BLOCK, "a block");
	read_block(&n);
	CHECK(block.n <= 2 * bytes + (128 << 10), "%zu bytes of rows become %zu", bytes, block.n);
	buf_release(&row);
	native_release(&n);
}

/* Rows that are refused in their middle leave nothing behind. */
static void
test_undone(void)
{
	static const char *const table[] = { "s String", "n Nullable(String)", "i UInt8",
		"a Array(Nullable(UInt8))", "f FixedString(3)", "t Array(String)", NULL };
	static const char *const values[] = { "null", "\"x\"", "\"a\\\"b\"", "\"\\u00e9\"", "1",
		"300", "[1,null,2]", "[1,300]", "[\"a\",\"b\"]", "[\"a\",1]", "{}", "\"\x01\"",
		"[1," };
	static const char *const keys[] = { "s", "n", "i", "a", "f", "t", "x" };
	struct native n = { 0 }, again = { 0 };
	struct column list[COLUMNS_MAX];
	struct buf row = BUF_INIT, good = BUF_INIT, first = BUF_INIT;
	struct columns c;
	uint64_t seed = 3;
	size_t taken = 0, i;
	int rows;

	make_table(&c, list, table);
	CHECK(native_begin(&n, &c, &pool) && native_begin(&again, &c, &pool), "memory");
	for (rows = 0; rows < 20000; rows++) {
		size_t members = check_random(&seed) % 5;
		struct json_scan s;

		buf_reset(&row);
		/* long enough for what other rows make of the columns that it lacks */
		buf_addf(&row, "{%40s", "");
		for (i = 0; i < members; i++)
			buf_addf(&row, "%s\"%s\":%s", i ? "," : "",
			    keys[check_random(&seed) % (sizeof(keys) / sizeof(*keys))],
			    values[check_random(&seed) % (sizeof(values) / sizeof(*values))]);
		buf_adds(&row, check_random(&seed) % 8 ? "}" : "},");
		if (native_add(&n, (struct span){ row.p, row.n }) != NATIVE_BLOCK)
			continue;
		taken++;
		CHECK(json_skim(&s, row.p, row.n) == JSON_OBJECT && !s.reason, "%.*s", (int)row.n,
		    row.p);
		buf_add(&good, row.p, row.n);
		buf_addc(&good, '\n');
	}
	CHECK(taken > 500 && taken < 10000, "%zu rows of 20000", taken);
	CHECK(native_end(&n) == NATIVE_BLOCK, "a block");
	read_block(&n);
	buf_add(&first, block.p, block.n);
	CHECK(native_encode(&again, (struct span){ good.p, good.n }) == NATIVE_BLOCK, "again");
	read_block(&again);
	CHECK(span_eq((struct span){ first.p, first.n }, (struct span){ block.p, block.n }),
	    "the block is that of the good rows: %zu bytes, %zu", first.n, block.n);
	buf_release(&row);
	buf_release(&good);
	buf_release(&first);
	native_release(&n);
	native_release(&again);
}

/* What has been read is used again, and a block that was read in part can go. */
static void
test_read(void)
{
	static const char *const table[] = { "s String", "n Nullable(UInt8)", NULL };
	struct native n = { 0 };
	struct column list[COLUMNS_MAX];
	struct columns c;
	struct buf rows = BUF_INIT, first = BUF_INIT;
	void *last;
	size_t i;
	int round;

	for (i = 0; i < 20000; i++)
		buf_addf(&rows, "{\"s\":\"row %zu of the rows\",\"n\":%zu}\n", i, i % 256);
	buf_add(&rows, "{\"s\":\"", 6);
	for (i = 0; i < 5000; i++)
		buf_adds(&rows, "long");
	buf_adds(&rows, "\"}\n");
	make_table(&c, list, table);
	CHECK(native_begin(&n, &c, &pool), "memory");
	for (round = 0; round < 3; round++) {
		size_t parts;

		CHECK(native_encode(&n, (struct span){ rows.p, rows.n }) == NATIVE_BLOCK, "block");
		read_block(&n);
		if (round == 0)
			buf_add(&first, block.p, block.n);
		CHECK(span_eq((struct span){ first.p, first.n }, (struct span){ block.p, block.n }),
		    "round %d", round);
		CHECK(n.count > 10, "in pieces");
		parts = round == 1 ? n.count / 2 : n.count;
		for (i = 0; i < parts; i++)
			native_read(&n, i);
		last = pool.free;
		CHECK(last != NULL, "pieces are back");
	}
	buf_release(&rows);
	buf_release(&first);
	native_release(&n);
}

static void
test_types(void)
{
	static const struct {
		const char *name, *sent_as;
		struct column_type type;
	} cases[] = {
		{ "String", "String", { .kind = COLUMN_STRING } },
		{ "LowCardinality(Nullable(String))", "Nullable(String)",
		    { .kind = COLUMN_STRING, .nullable = true } },
		{ "FixedString(256)", "FixedString(256)",
		    { .kind = COLUMN_FIXED_STRING, .size = 256 } },
		{ "FixedString(257)", "FixedString(257)", { .kind = COLUMN_OTHER } },
		{ "DateTime64(3, 'UTC')", "DateTime64(3, 'UTC')",
		    { .kind = COLUMN_DATETIME64, .size = 8, .scale = 3 } },
		{ "DateTime64(3, 'Europe/Berlin')", "DateTime64(3, 'Europe/Berlin')",
		    { .kind = COLUMN_OTHER, .size = 8 } },
		{ "DateTime('Etc/UTC')", "DateTime('Etc/UTC')",
		    { .kind = COLUMN_DATETIME, .size = 4 } },
		{ "DateTime('Asia/Tokyo')", "DateTime('Asia/Tokyo')", { .kind = COLUMN_OTHER } },
		{ "Array(Nullable(Int32))", "Array(Nullable(Int32))",
		    { .kind = COLUMN_INT, .size = 4, .nullable = true, .array = true } },
		{ "Array(Array(Int32))", "Array(Array(Int32))",
		    { .kind = COLUMN_OTHER, .array = true } },
		{ "Enum8('a' = 1)", "String", { .kind = COLUMN_ENUM } },
		{ "Nullable(Enum16('String(' = 1))", "Nullable(String)",
		    { .kind = COLUMN_ENUM, .nullable = true } },
		{ "Map(String, UInt8)", "Map(String, UInt8)", { .kind = COLUMN_OTHER } },
		{ "Int128", "Int128", { .kind = COLUMN_OTHER } },
		{ "", "", { .kind = COLUMN_OTHER } },
		{ "Nullable(", "Nullable(", { .kind = COLUMN_OTHER } },
	};
	struct span sent_as;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct column_type t = column_type_of(span_of(cases[i].name), true, true, &sent_as);
		const struct column_type *w = &cases[i].type;

		CHECK(t.kind == w->kind && t.scale == w->scale && t.nullable == w->nullable &&
			t.array == w->array && (w->kind == COLUMN_OTHER || t.size == w->size),
		    "%s: kind %d", cases[i].name, (int)t.kind);
		CHECK(span_eq(sent_as, span_of(cases[i].sent_as)), "%s: sent as %.*s",
		    cases[i].name, (int)sent_as.n, sent_as.p);
	}
	CHECK(column_type_of(SPAN("DateTime"), false, true, &sent_as).kind == COLUMN_OTHER,
	    "a server of another zone");
	CHECK(column_type_of(SPAN("Float64"), true, false, &sent_as).kind == COLUMN_OTHER,
	    "a server that rounds in its own way");
}

/* One value's bytes in hexadecimal; NULL: left to JSON. */
static void
test_values(void)
{
	static const struct {
		const char *type, *json, *hex;
	} cases[] = {
		{ "Int8", "-128", "80" },
		{ "Int8", "-129", NULL },
		{ "Int8", "128", NULL },
		{ "UInt8", "-0", NULL },
		{ "UInt64", "18446744073709551615", "ffffffffffffffff" },
		{ "UInt64", "18446744073709551616", NULL },
		{ "Int64", "-9223372036854775808", "0000000000000080" },
		{ "Int64", "9223372036854775808", NULL },
		{ "Int16", "\"-2\"", "feff" },
		{ "Int16", "\"02\"", NULL },
		{ "Int16", "\"\"", NULL },
		{ "Int16", "1e2", NULL },
		{ "Float64", "0.1", "9a9999999999b93f" },
		{ "Float32", "0.1", "cdcccc3d" },
		{ "Float64", "1e999", NULL },
		{ "Float64", "\"1\"", NULL },
		{ "Bool", "true", "01" },
		{ "Bool", "1", NULL },
		{ "UUID", "\"00112233-4455-6677-8899-aAbBcCdDeEfF\"",
		    "7766554433221100ffeeddccbbaa9988" },
		{ "UUID", "\"00112233445566778899aabbccddeeff\"", NULL },
		{ "Date", "\"1970-01-02\"", "0100" },
		{ "Date", "\"2026-02-29\"", NULL },
		{ "Date", "\"2149-06-06\"", NULL },
		{ "Date32", "\"2000-01-01\"", "cd2a0000" },
		{ "Date32", "\"1969-12-31\"", NULL },
		{ "DateTime", "\"1970-01-01 00:01:00\"", "3c000000" },
		{ "DateTime", "\"2026-01-01 24:00:00\"", NULL },
		{ "DateTime64(3)", "\"1970-01-01 00:00:01.5\"", "dc05000000000000" },
		{ "DateTime64(3)", "\"1970-01-01 00:00:01.\"", NULL },
		{ "DateTime64(3)", "\"1970-01-01 00:00:01.1234\"", NULL },
		{ "DateTime64(3)", "\"1970-01-01T00:00:01.123\"", NULL },
		{ "DateTime64(3)", "\"1969-12-31 23:59:59.999\"", NULL },
		{ "DateTime64(0)", "\"1970-01-01 00:00:01\"", "0100000000000000" },
		{ "FixedString(3)", "\"ab\"", "616200" },
		{ "String", "\"a\\ud83d\\ude00\\n\"", "0661f09f98800a" },
		{ "String", "1", NULL },
		{ "String", "{}", NULL },
	};
	struct column_type t;
	struct json_value v;
	struct json_scan s;
	struct span sent_as;
	struct buf b = BUF_INIT, hex = BUF_INIT;
	size_t i, k;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool good;

		t = column_type_of(span_of(cases[i].type), true, true, &sent_as);
		json_open(&s, cases[i].json, strlen(cases[i].json));
		json_whole(&s, &v);
		buf_reset(&b);
		buf_reset(&hex);
		CHECK(native_room(&t, &v) >= 8, "room");
		good = native_value(&b, &t, &v);
		CHECK(b.n <= native_room(&t, &v), "%s as %s: more than its room", cases[i].json,
		    cases[i].type);
		for (k = 0; k < b.n; k++)
			buf_addf(&hex, "%02x", (unsigned char)b.p[k]);
		if (!cases[i].hex)
			CHECK(!good && b.n == 0, "%s as %s", cases[i].json, cases[i].type);
		else
			CHECK(good && span_eq((struct span){ hex.p, hex.n }, span_of(cases[i].hex)),
			    "%s as %s: %.*s", cases[i].json, cases[i].type, (int)hex.n, hex.p);
	}
	buf_release(&b);
	buf_release(&hex);
}

/* Around the lengths that take a byte more. */
static void
test_lengths(void)
{
	static const size_t sizes[] = { 0, 1, 126, 127, 128, 129, 200, 16383, 16384, 20000 };
	static const char *const table[] = { "s String", NULL };
	struct native n = { 0 };
	size_t i, k, escaped;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (escaped = 0; escaped < 2; escaped++) {
			struct buf rows = BUF_INIT, want = BUF_INIT;

			buf_adds(&rows, "{\"s\":\"");
			buf_adds(&want, "\1\1\1s\6String");
			native_add_length(&want, sizes[i]);
			for (k = 0; k < sizes[i]; k++) {
				buf_adds(&rows, escaped && k % 7 == 0 ? "\\u0041" : "b");
				buf_addc(&want, escaped && k % 7 == 0 ? 'A' : 'b');
			}
			buf_adds(&rows, "\"}\n");
			buf_addc(&rows, '\0');
			CHECK(encode(table, rows.p, &n) == NATIVE_BLOCK && block.n == want.n &&
				memcmp(block.p, want.p, want.n) == 0,
			    "a string of %zu bytes, escapes: %zu", sizes[i], escaped);
			buf_release(&rows);
			buf_release(&want);
		}
	}
	native_release(&n);
}

int
main(void)
{
	test_block();
	test_left_to_json();
	test_bounds();
	test_bound_of_text();
	test_undone();
	test_read();
	test_types();
	test_values();
	test_lengths();
	CHECK(pool.lent == 0, "%zu bytes are not given back", (size_t)pool.lent);
	buf_release(&block);
	return check_end("native");
}
