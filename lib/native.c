#include "native.h"

#include <stdlib.h>

#include "json.h"
#include "native_value.h"

#include "banned.h"

enum {
	KEY_MAX = 256,        /* longer keys with escapes are left to the server */
	SLACK = 64 << 10,     /* bytes of a block beyond twice those of its rows */
	LENGTHS = 4 * 10,     /* of the numbers in a column's head */
	QUICK_MAX = 64 << 10, /* bytes of a row that is read without a second look */
	PARTS_A_COLUMN = 4,   /* head, offsets, marks of nulls, data */
};

/* ---- the table ---------------------------------------------------------- */

static int
compare(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int r = n ? memcmp(a.p, b.p, n) : 0;

	return r ? r : (a.n > b.n) - (a.n < b.n);
}

static int
by_name(const void *a, const void *b)
{
	const struct native_column *x = *(struct native_column *const *)a;
	const struct native_column *y = *(struct native_column *const *)b;

	return compare(x->column->name, y->column->name);
}

static bool
make_room(struct native *n, size_t count)
{
	struct native_column *columns;
	struct native_column **sorted;
	struct span *parts;

	if (count <= n->cap)
		return true;
	columns = realloc(n->columns, count * sizeof(*columns));
	if (columns) {
		n->columns = columns;
		memset(columns + n->cap, 0, (count - n->cap) * sizeof(*columns));
	}
	sorted = realloc(n->by_name, count * sizeof(struct native_column *));
	if (sorted)
		n->by_name = sorted;
	parts = realloc(n->parts, count * PARTS_A_COLUMN * sizeof(*parts));
	if (parts)
		n->parts = parts;
	if (!columns || !sorted || !parts)
		return false;
	n->cap = count;
	return true;
}

/* Text, under a name that stands in JSON as it is. */
static bool
is_quick(const struct column *c)
{
	const struct column_type *t = &c->type;

	return t->kind == COLUMN_STRING && !t->array && c->name.n &&
	    json_plain_portable(c->name.p, c->name.p + c->name.n) == c->name.p + c->name.n;
}

bool
native_begin(struct native *n, const struct columns *columns)
{
	size_t i;

	n->n = n->count = 0;
	if (!make_room(n, columns->n))
		return false;
	n->n = columns->n;
	for (i = 0; i < n->n; i++) {
		n->columns[i].column = &columns->list[i];
		n->columns[i].quick = is_quick(&columns->list[i]);
		n->by_name[i] = &n->columns[i];
	}
	if (n->n)
		qsort(n->by_name, n->n, sizeof(struct native_column *), by_name);
	return true;
}

void
native_release(struct native *n)
{
	size_t i;

	for (i = 0; i < n->cap; i++) {
		buf_release(&n->columns[i].offsets);
		buf_release(&n->columns[i].nulls);
		buf_release(&n->columns[i].data);
	}
	free(n->columns);
	free(n->by_name);
	free(n->parts);
	buf_release(&n->names);
	buf_release(&n->heads);
	*n = (struct native){ 0 };
}

static struct native_column *
search(const struct native *n, struct span name)
{
	size_t low = 0, high = n->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int r = compare(name, n->by_name[middle]->column->name);

		if (r == 0)
			return n->by_name[middle];
		if (r < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Rows have mostly the same keys in the same order, that of the columns. */
static struct native_column *
find(const struct native *n, const struct json_value *key, size_t *next)
{
	char room[KEY_MAX];
	struct span name = json_short_text(key, room, sizeof(room));
	struct native_column *c;

	if (!name.p)
		return NULL;
	if (*next < n->n && span_eq(n->columns[*next].column->name, name)) {
		c = &n->columns[*next];
	} else {
		c = search(n, name);
		if (!c)
			return NULL;
	}
	*next = (size_t)(c - n->columns) + 1;
	return c;
}

/* ---- values ------------------------------------------------------------- */

static bool
take(struct native *n, size_t bytes)
{
	if (bytes > n->left)
		return false;
	n->left -= bytes;
	return true;
}

static void
add_repeated(struct buf *b, char byte, size_t n)
{
	char *w = buf_room(b, n);

	if (w && n) {
		memset(w, byte, n);
		b->n += n;
	}
}

/* The end of an array in the values of its column. */
static void
add_offset(struct native_column *c, uint64_t elements)
{
	char *w = buf_room(&c->offsets, 8);
	unsigned i;

	if (!w)
		return;
	for (i = 0; i < 8; i++)
		w[i] = (char)(elements >> 8 * i);
	c->offsets.n += 8;
}

/* Appends `rows` values of those that the server gives where there is none. */
static bool
add_defaults(struct native *n, struct native_column *c, size_t rows)
{
	const struct column_type *t = &c->column->type;
	size_t size = native_default_size(t);

	if (t->array) {
		if (!take(n, rows * 8))
			return false;
		for (; rows; rows--, c->rows++)
			add_offset(c, c->elements);
		return true;
	}
	if (size == 0 || !take(n, rows * (size + t->nullable)))
		return false;
	if (t->nullable)
		add_repeated(&c->nulls, 1, rows);
	add_repeated(&c->data, 0, rows * size);
	c->rows += rows;
	return true;
}

/* A value or an element. */
static bool
add_value(struct native *n, struct native_column *c, const struct json_value *v)
{
	const struct column_type *t = &c->column->type;
	size_t before = c->data.n;

	if (v->type == JSON_NULL) {
		if (!t->nullable || native_default_size(t) == 0)
			return false;
		add_repeated(&c->data, 0, native_default_size(t));
	} else if (!native_value(&c->data, t, v)) {
		return false;
	}
	if (t->nullable)
		add_repeated(&c->nulls, v->type == JSON_NULL, 1);
	return take(n, c->data.n - before + t->nullable);
}

static bool
add_array(struct native *n, struct native_column *c, struct span raw)
{
	struct json_value element;
	struct json_scan scan;

	json_open(&scan, raw.p, raw.n);
	if (!json_enter_array(&scan))
		return false;
	while (json_next_element(&scan, &element)) {
		if (!add_value(n, c, &element))
			return false;
		c->elements++;
	}
	add_offset(c, c->elements);
	return take(n, 8);
}

static bool
add_cell(struct native *n, struct native_column *c, const struct json_value *v)
{
	const struct column_type *t = &c->column->type;

	/* the server takes a null for an absent value where it can't be stored */
	if (v->type == JSON_NULL && (t->array || !t->nullable))
		return !c->column->has_default && add_defaults(n, c, 1);
	if (t->array ? !add_array(n, c, v->raw) : !add_value(n, c, v))
		return false;
	c->rows++;
	return true;
}

/* ---- rows --------------------------------------------------------------- */

/* Catches up with rows that lack the column. */
static bool
fill(struct native *n, struct native_column *c)
{
	if (c->rows == n->rows)
		return true;
	return !c->column->has_default && add_defaults(n, c, n->rows - c->rows);
}

/*
 * Most members are the text of the column that comes next.  They are taken
 * without the checks of the scanner, which has accepted the row before.
 * Returns false, with nothing done, for all others.
 */
static bool
take_quickly(struct native *n, struct json_scan *s, size_t next)
{
	struct native_column *c = next < n->n ? &n->columns[next] : NULL;
	const char *p = s->p, *end = s->end;
	size_t k, before;
	bool null;

	if (!c || !c->quick || c->rows != n->rows)
		return false;
	before = c->data.n;
	k = c->column->name.n;
	if ((size_t)(end - p) < k + 9 || *p != (s->first ? '{' : ',') || p[1] != '"' ||
	    memcmp(p + 2, c->column->name.p, k) != 0 || p[k + 2] != '"' || p[k + 3] != ':')
		return false;
	p += k + 4;
	null = *p == 'n' && c->column->type.nullable;
	if (*p != '"' && !null)
		return false;
	p += null ? 4 : 1;
	if (null)
		add_repeated(&c->data, 0, 1);
	else if (!native_take_string(&c->data, &p, end))
		return false;
	if (!take(n, c->data.n - before + c->column->type.nullable)) {
		c->data.n = before;
		return false;
	}
	if (c->column->type.nullable)
		add_repeated(&c->nulls, null, 1);
	c->rows++;
	s->p = p;
	s->first = false;
	return true;
}

static enum native_result
add_row(struct native *n, struct span row)
{
	struct json_member m;
	struct json_scan s;
	size_t next = 0;

	if (json_open(&s, row.p, row.n) != JSON_OBJECT)
		return NATIVE_ODD;
	for (;;) {
		struct native_column *c;

		while (row.n <= QUICK_MAX && take_quickly(n, &s, next))
			next++;
		if (!json_next(&s, &m))
			break;
		c = find(n, &m.key, &next);
		if (!c)
			return NATIVE_NO_KEY;
		/* one row more than there are: the key stands twice */
		if (c->column->type.kind == COLUMN_OTHER || c->rows > n->rows || !fill(n, c) ||
		    !add_cell(n, c, &m.value))
			return NATIVE_ODD;
	}
	n->rows++;
	return s.reason || n->rows > NATIVE_ROWS_MAX ? NATIVE_ODD : NATIVE_BLOCK;
}

static void
begin_block(struct native *n, size_t bytes)
{
	size_t i;

	n->rows = n->count = 0;
	n->left = bytes > (SIZE_MAX - SLACK) / 2 ? SIZE_MAX : 2 * bytes + SLACK;
	buf_reset(&n->names);
	buf_reset(&n->heads);
	for (i = 0; i < n->n; i++) {
		struct native_column *c = &n->columns[i];

		c->rows = 0;
		c->elements = 0;
		buf_reset(&c->offsets);
		buf_reset(&c->nulls);
		buf_reset(&c->data);
	}
}

/* ---- the block ---------------------------------------------------------- */

static void
add_part(struct native *n, const struct buf *b, size_t from)
{
	if (b->n > from)
		n->parts[n->count++] = (struct span){ b->p + from, b->n - from };
}

static void
add_text(struct buf *b, struct span s)
{
	native_add_length(b, s.n);
	buf_add(b, s.p, s.n);
}

/* A column that no row has is left out: the server knows its default. */
static bool
finish_columns(struct native *n, size_t *count, size_t *room)
{
	size_t i;

	*count = *room = 0;
	for (i = 0; i < n->n; i++) {
		struct native_column *c = &n->columns[i];

		if (c->rows == 0 && !c->column->never_left_out)
			continue;
		if (!fill(n, c))
			return false;
		++*count;
		*room += c->column->name.n + c->column->sent_as.n + LENGTHS;
	}
	return *count > 0;
}

static bool
assemble(struct native *n, size_t count)
{
	bool failed = n->names.failed || n->heads.failed;
	size_t i, from = 0;

	native_add_length(&n->heads, count);
	native_add_length(&n->heads, n->rows);
	for (i = 0; i < n->n; i++) {
		struct native_column *c = &n->columns[i];

		if (c->rows == 0)
			continue;
		buf_adds(&n->names, n->names.n ? ", " : "");
		columns_add_name(&n->names, c->column->name);
		add_text(&n->heads, c->column->name);
		add_text(&n->heads, c->column->sent_as);
		add_part(n, &n->heads, from);
		from = n->heads.n;
		add_part(n, &c->offsets, 0);
		add_part(n, &c->nulls, 0);
		add_part(n, &c->data, 0);
		failed |= c->offsets.failed || c->nulls.failed || c->data.failed;
	}
	return !failed && !n->names.failed && !n->heads.failed;
}

enum native_result
native_encode(struct native *n, struct span rows)
{
	const char *p = rows.p, *end = rows.p + rows.n, *newline;
	size_t count, room;

	begin_block(n, rows.n);
	for (; p < end; p = newline + 1) {
		enum native_result r;

		newline = memchr(p, '\n', (size_t)(end - p));
		if (!newline)
			return NATIVE_ODD;
		r = add_row(n, (struct span){ p, (size_t)(newline - p) });
		if (r != NATIVE_BLOCK)
			return r;
	}
	if (!finish_columns(n, &count, &room))
		return NATIVE_ODD;
	/* all at once, since parts point into it */
	if (!buf_room(&n->heads, room + LENGTHS) || !assemble(n, count))
		return NATIVE_NO_ROOM;
	return NATIVE_BLOCK;
}
