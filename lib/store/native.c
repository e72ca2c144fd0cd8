#include "store/native.h"

#include <stdlib.h>

#include "text/json.h"
#include "store/native_value.h"
#include "text/json_plain.h"

#include "base/banned.h"

enum {
	KEY_MAX = 256,       /* longer keys with escapes are left to the server */
	SLACK = 64 << 10,    /* bytes of a block beyond twice those of its rows */
	LENGTHS = 4 * 10,    /* of the numbers in a column's head */
	QUICK_MAX = 4 << 10, /* bytes of a row that room is made for as a whole */
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
	if (!columns || !sorted)
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
	    json_plain_end(c->name.p, c->name.p + c->name.n) == c->name.p + c->name.n;
}

bool
native_begin(struct native *n, const struct columns *columns, struct piece_pool *pool)
{
	size_t i;

	native_clear(n);
	n->n = 0;
	n->pool = pool;
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
native_clear(struct native *n)
{
	size_t i;

	n->rows = n->count = 0;
	n->left = SLACK;
	buf_reset(&n->names);
	buf_reset(&n->heads);
	for (i = 0; i < n->n; i++) {
		struct native_column *c = &n->columns[i];

		c->rows = c->begun = 0;
		c->elements = 0;
		pieces_clear(&c->offsets, n->pool);
		pieces_clear(&c->nulls, n->pool);
		pieces_clear(&c->data, n->pool);
	}
}

void
native_release(struct native *n)
{
	size_t i;

	for (i = 0; i < n->cap; i++) {
		pieces_release(&n->columns[i].offsets, n->pool);
		pieces_release(&n->columns[i].nulls, n->pool);
		pieces_release(&n->columns[i].data, n->pool);
	}
	free(n->columns);
	free(n->by_name);
	free(n->parts);
	free(n->lent);
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

/* The end of an array in the values of its column. */
static bool
add_offset(struct native *n, struct native_column *c, uint64_t elements)
{
	struct buf *b = pieces_room(&c->offsets, n->pool, 8);
	unsigned i;

	if (!b)
		return false;
	for (i = 0; i < 8; i++)
		b->p[b->n++] = (char)(elements >> 8 * i);
	return true;
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
		for (; rows; rows--)
			if (!add_offset(n, c, c->elements))
				return false;
		return true;
	}
	if (size == 0 || !take(n, rows * (size + t->nullable)))
		return false;
	if (t->nullable)
		pieces_repeat(&c->nulls, n->pool, 1, rows);
	pieces_repeat(&c->data, n->pool, 0, rows * size);
	return true;
}

/* A value or an element. */
static bool
add_value(struct native *n, struct native_column *c, const struct json_value *v)
{
	const struct column_type *t = &c->column->type;
	size_t before = pieces_size(&c->data);

	if (v->type == JSON_NULL) {
		if (!t->nullable || native_default_size(t) == 0)
			return false;
		pieces_repeat(&c->data, n->pool, 0, native_default_size(t));
	} else {
		struct buf *b = pieces_room(&c->data, n->pool, native_room(t, v));

		if (!b || !native_value(b, t, v))
			return false;
	}
	if (t->nullable)
		pieces_repeat(&c->nulls, n->pool, v->type == JSON_NULL, 1);
	return take(n, pieces_size(&c->data) - before + t->nullable);
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
	return add_offset(n, c, c->elements) && take(n, 8);
}

/* What is added next may have to go again. */
static void
begin_cell(const struct native *n, struct native_column *c)
{
	c->begun = n->rows + 1;
	c->rows_before = c->rows;
	c->elements_before = c->elements;
	c->nulls_before = pieces_size(&c->nulls);
	c->data_before = pieces_size(&c->data);
}

static void
undo_cell(const struct native *n, struct native_column *c)
{
	c->begun = 0;
	c->rows = c->rows_before;
	c->elements = c->elements_before;
	pieces_cut(&c->nulls, n->pool, c->nulls_before);
	pieces_cut(&c->data, n->pool, c->data_before);
	if (c->column->type.array)
		pieces_cut(&c->offsets, n->pool, c->rows * 8);
}

static bool
add_cell(struct native *n, struct native_column *c, const struct json_value *v)
{
	const struct column_type *t = &c->column->type;

	/* the server takes a null for an absent value where it can't be stored */
	if (v->type == JSON_NULL && (t->array || !t->nullable))
		return !c->column->has_default && add_defaults(n, c, 1);
	return t->array ? add_array(n, c, v->raw) : add_value(n, c, v);
}

/* ---- rows --------------------------------------------------------------- */

/* Catches up with rows that lack the column. */
static bool
fill(struct native *n, struct native_column *c)
{
	if (c->rows == n->rows)
		return true;
	if (c->column->has_default || !add_defaults(n, c, n->rows - c->rows))
		return false;
	c->rows = n->rows;
	return true;
}

/*
 * Most members are the text of the column that comes next: these are scanned
 * and taken in one go.  Returns false, with nothing done, for all others.
 */
static bool
take_quickly(struct native *n, struct json_scan *s, size_t next)
{
	struct native_column *c = next < n->n ? &n->columns[next] : NULL;
	const char *p = s->p, *end = s->end;
	struct buf *data;
	size_t k;
	bool null;

	if (!c || !c->quick || c->rows != n->rows)
		return false;
	k = c->column->name.n;
	if ((size_t)(end - p) < k + 9 || *p != (s->first ? '{' : ',') || p[1] != '"' ||
	    memcmp(p + 2, c->column->name.p, k) != 0 || p[k + 2] != '"' || p[k + 3] != ':')
		return false;
	p += k + 4;
	null = c->column->type.nullable && memcmp(p, "null", 4) == 0;
	if (*p != '"' && !null)
		return false;
	p += null ? 4 : 1;
	data = pieces_room(&c->data, n->pool, NATIVE_LENGTH_MAX + (size_t)(end - p));
	if (!data)
		return false;
	begin_cell(n, c);
	if (null) {
		data->p[data->n++] = 0;
	} else if (!native_take_string(data, &p, end)) {
		c->begun = 0;
		return false;
	}
	if (!take(n, pieces_size(&c->data) - c->data_before + c->column->type.nullable)) {
		undo_cell(n, c);
		return false;
	}
	c->rows++;
	if (c->column->type.nullable)
		pieces_repeat(&c->nulls, n->pool, null, 1);
	s->p = p;
	s->first = false;
	return true;
}

static enum native_result
add_members(struct native *n, struct span row)
{
	struct json_member m;
	struct json_scan s;
	size_t next = 0;

	if (json_open(&s, row.p, row.n) != JSON_OBJECT || n->rows == NATIVE_ROWS_MAX)
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
		if (c->column->type.kind == COLUMN_OTHER || c->begun > n->rows)
			return NATIVE_ODD; /* or the key stands twice */
		begin_cell(n, c);
		if (!fill(n, c) || !add_cell(n, c, &m.value))
			return NATIVE_ODD;
		c->rows++;
	}
	return s.reason ? NATIVE_ODD : NATIVE_BLOCK;
}

enum native_result
native_add(struct native *n, struct span row)
{
	size_t left = n->left, i;
	enum native_result r;

	n->left = row.n > (SIZE_MAX - left) / 2 ? SIZE_MAX : left + 2 * row.n;
	r = add_members(n, row);
	if (r == NATIVE_BLOCK) {
		n->rows++;
		return r;
	}
	for (i = 0; i < n->n; i++)
		if (n->columns[i].begun > n->rows)
			undo_cell(n, &n->columns[i]);
	n->left = left;
	return r;
}

/* ---- the block ---------------------------------------------------------- */

static void
add_part(struct native *n, struct buf *lent, struct span bytes)
{
	if (bytes.n == 0)
		return;
	n->lent[n->count] = lent;
	n->parts[n->count++] = bytes;
}

static void
add_pieces(struct native *n, struct pieces *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		add_part(n, &s->full[i], (struct span){ s->full[i].p, s->full[i].n });
	add_part(n, &s->last, (struct span){ s->last.p, s->last.n });
}

static void
add_text(struct buf *b, struct span s)
{
	native_add_length(b, s.n);
	buf_add(b, s.p, s.n);
}

/* What the block needs room for beside its values. */
struct needs {
	size_t columns, head_bytes, parts;
};

/* A column that no row has is left out: the server knows its default. */
static bool
finish_columns(struct native *n, struct needs *needs)
{
	size_t i;

	*needs = (struct needs){ .head_bytes = LENGTHS, .parts = 1 };
	for (i = 0; i < n->n; i++) {
		struct native_column *c = &n->columns[i];

		if (c->rows == 0 && !c->column->never_left_out)
			continue;
		if (!fill(n, c))
			return false;
		needs->columns++;
		needs->head_bytes += c->column->name.n + c->column->sent_as.n + LENGTHS;
		/* a head, and of each the last piece */
		needs->parts += 4 + c->offsets.count + c->nulls.count + c->data.count;
	}
	return needs->columns > 0;
}

static bool
make_parts(struct native *n, const struct needs *needs)
{
	struct span *parts;
	struct buf **lent;

	/* all at once, since parts point into it */
	if (!buf_room(&n->heads, needs->head_bytes))
		return false;
	if (needs->parts <= n->parts_cap)
		return true;
	parts = realloc(n->parts, needs->parts * sizeof(*parts));
	if (parts)
		n->parts = parts;
	lent = realloc(n->lent, needs->parts * sizeof(struct buf *));
	if (lent)
		n->lent = lent;
	if (!parts || !lent)
		return false;
	n->parts_cap = needs->parts;
	return true;
}

static bool
assemble(struct native *n, size_t columns)
{
	bool failed = false;
	size_t i, from = 0;

	native_add_length(&n->heads, columns);
	native_add_length(&n->heads, n->rows);
	for (i = 0; i < n->n; i++) {
		struct native_column *c = &n->columns[i];

		if (c->rows == 0)
			continue;
		buf_adds(&n->names, n->names.n ? ", " : "");
		columns_add_name(&n->names, c->column->name);
		add_text(&n->heads, c->column->name);
		add_text(&n->heads, c->column->sent_as);
		add_part(n, NULL, (struct span){ n->heads.p + from, n->heads.n - from });
		from = n->heads.n;
		add_pieces(n, &c->offsets);
		add_pieces(n, &c->nulls);
		add_pieces(n, &c->data);
		failed |= c->offsets.failed || c->nulls.failed || c->data.failed;
	}
	return !failed && !n->names.failed && !n->heads.failed;
}

enum native_result
native_end(struct native *n)
{
	struct needs needs;

	if (n->rows == 0 || !finish_columns(n, &needs))
		return NATIVE_ODD;
	if (make_parts(n, &needs) && assemble(n, needs.columns))
		return NATIVE_BLOCK;
	n->count = 0;
	return NATIVE_NO_ROOM;
}

void
native_read(struct native *n, size_t part)
{
	n->count = 0;
	if (n->lent[part])
		piece_give_back(n->pool, n->lent[part]);
	n->lent[part] = NULL;
}

enum native_result
native_encode(struct native *n, struct span rows)
{
	native_clear(n);
	while (rows.n) { /* p may be NULL where there are none */
		const char *newline = memchr(rows.p, '\n', rows.n);
		size_t length;
		enum native_result r;

		if (!newline)
			return NATIVE_ODD;
		length = (size_t)(newline - rows.p);
		r = native_add(n, (struct span){ rows.p, length });
		if (r != NATIVE_BLOCK)
			return r;
		rows = (struct span){ newline + 1, rows.n - length - 1 };
	}
	return native_end(n);
}
