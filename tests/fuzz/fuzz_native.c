/*
 * Any rows into a table of all kinds of columns: a block holds of each column
 * as many values as there are rows, to the last byte, and is bounded.  The
 * first byte of the input tells which columns there are.
 */
#include <stdlib.h>

#include "text/json.h"
#include "store/native.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)           \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static const struct {
	const char *name, *type;
} all[] = {
	{ "a", "String" },
	{ "b", "Nullable(String)" },
	{ "c", "FixedString(3)" },
	{ "d", "UInt8" },
	{ "e", "Nullable(Int64)" },
	{ "f", "Float64" },
	{ "g", "DateTime64(3, 'UTC')" },
	{ "h", "UUID" },
	{ "i", "Date32" },
	{ "j", "Array(Nullable(UInt16))" },
	{ "k", "Array(String)" },
	{ "l", "Nullable(Enum8('a' = 1))" },
	{ "m", "Map(String, String)" },
	{ "n", "Bool" },
	{ "o", "DateTime" },
	{ "p", "FixedString(256)" },
};

enum { COLUMNS = sizeof(all) / sizeof(all[0]) };

static struct column list[COLUMNS];
static struct columns table;
static struct native native, ahead;
static struct piece_pool pool = PIECE_POOL_INIT;
static struct buf rows, taken, block, again;

static void
make_table(uint8_t which)
{
	size_t i;

	table = (struct columns){ .list = list, .usual = true };
	for (i = 0; i < COLUMNS; i++) {
		struct column *c = &list[table.n];

		if (which >> i % 8 & 1)
			continue;
		*c = (struct column){ .name = span_of(all[i].name) };
		c->type = column_type_of(span_of(all[i].type), true, true, &c->sent_as);
		c->has_default = i % 5 == 4;
		c->never_left_out = c->type.kind == COLUMN_DATE32;
		table.n++;
	}
	MUST(native_begin(&native, &table, &pool) && native_begin(&ahead, &table, &pool));
}

/* ---- a reader of blocks ---- */

static const unsigned char *at, *end;

static const unsigned char *
take(uint64_t n)
{
	const unsigned char *p = at;

	MUST(n <= (uint64_t)(end - at));
	at += n;
	return p;
}

static uint64_t
length(void)
{
	uint64_t v = 0;
	unsigned shift = 0, byte;

	do {
		byte = *take(1);
		v |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return v;
}

static void
check_column(uint64_t n)
{
	uint64_t name_length = length(), i, last = 0;
	const unsigned char *name = take(name_length);
	const struct column *c = NULL;

	for (i = 0; i < table.n; i++)
		if (name_length == 1 && *name == (unsigned char)*list[i].name.p)
			c = &list[i];
	MUST(c && c->type.kind != COLUMN_OTHER);
	MUST(length() == c->sent_as.n &&
	    memcmp(take(c->sent_as.n), c->sent_as.p, c->sent_as.n) == 0);
	if (c->type.array) {
		for (i = 0; i < n; i++) {
			const unsigned char *p = take(8);
			uint64_t v = 0;
			int b;

			for (b = 7; b >= 0; b--)
				v = v << 8 | p[b];
			MUST(v >= last);
			last = v;
		}
		n = last;
	}
	for (i = 0; c->type.nullable && i < n; i++)
		MUST(*take(1) <= 1);
	for (i = 0; i < n; i++) {
		if (c->type.kind != COLUMN_STRING && c->type.kind != COLUMN_ENUM) {
			take(c->type.size);
			continue;
		}
		name_length = length();
		MUST(utf8_valid((const char *)take(name_length), name_length, NULL));
	}
}

static void
read_block(const struct native *n, struct buf *b)
{
	size_t i;

	buf_reset(b);
	for (i = 0; i < n->count; i++)
		buf_add(b, n->parts[i].p, n->parts[i].n);
}

static void
check_block(size_t count)
{
	uint64_t columns, i;

	read_block(&native, &block);
	MUST(block.n <= 2 * rows.n + (128 << 10));
	at = (const unsigned char *)block.p;
	end = at + block.n;
	columns = length();
	MUST(columns > 0 && columns <= table.n);
	MUST(length() == count);
	for (i = 0; i < columns; i++)
		check_column(count);
	MUST(at == end);
}

/* A block of rows that were added between refused ones is that of these rows. */
static void
check_ahead(void)
{
	enum native_result r = native_end(&ahead);

	MUST(r == native_encode(&native, (struct span){ taken.p, taken.n }));
	if (r != NATIVE_BLOCK)
		return;
	read_block(&ahead, &again);
	read_block(&native, &block);
	MUST(span_eq((struct span){ again.p, again.n }, (struct span){ block.p, block.n }));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data + 1, *last = (const char *)data + size, *newline;
	size_t count = 0;

	if (size == 0)
		return 0;
	column_type_of((struct span){ p, size - 1 }, true, true, &(struct span){ 0 });
	make_table(*data);
	buf_reset(&rows);
	buf_reset(&taken);
	for (; p < last; p = newline + 1) {
		struct json_scan s;
		bool in_block;

		newline = memchr(p, '\n', (size_t)(last - p));
		if (!newline)
			newline = last;
		in_block =
		    native_add(&ahead, (struct span){ p, (size_t)(newline - p) }) == NATIVE_BLOCK;
		if (json_skim(&s, p, (size_t)(newline - p)) != JSON_OBJECT || s.reason) {
			MUST(!in_block);
			continue;
		}
		if (in_block) {
			buf_add(&taken, p, (size_t)(newline - p));
			buf_addc(&taken, '\n');
		}
		buf_add(&rows, p, (size_t)(newline - p));
		buf_addc(&rows, '\n');
		count++;
	}
	if (rows.n && native_encode(&native, (struct span){ rows.p, rows.n }) == NATIVE_BLOCK)
		check_block(count);
	check_ahead();
	return 0;
}
