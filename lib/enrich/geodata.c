#include "enrich/geodata.h"

#include "base/banned.h"

enum type {
	EXTENDED = 0,
	POINTER = 1,
	STRING = 2,
	MAP = 7,
	ARRAY = 11,
	CACHE = 12,
	END = 13,
	BOOLEAN = 14,
	FLOAT = 15, /* the last */
};

struct value {
	unsigned type;
	size_t size; /* bytes; of a map or an array: entries; of a pointer: the target */
	size_t at;   /* of the bytes, or of the first entry */
};

static bool
damage(struct geodata *d)
{
	d->damaged = true;
	return false;
}

/* Big-endian, n bytes from *at on, which is moved. */
static bool
number(struct geodata *d, size_t *at, unsigned n, size_t *value)
{
	size_t v = 0;

	if (*at > d->n || n > d->n - *at)
		return damage(d);
	while (n-- > 0)
		v = v << 8 | d->p[(*at)++];
	*value = v;
	return true;
}

static bool
pointer(struct geodata *d, size_t *at, unsigned bits, size_t *target)
{
	static const size_t base[] = { 0, 2048, 526336, 0 };
	unsigned length = bits >> 3;
	size_t low;

	if (!number(d, at, length + 1, &low))
		return false;
	*target = length == 3 ? low : base[length] + ((size_t)(bits & 7) << 8 * (length + 1) | low);
	return true;
}

static bool
size_of(struct geodata *d, size_t *at, unsigned bits, size_t *size)
{
	static const size_t base[] = { 29, 285, 65821 };

	*size = bits;
	if (bits < 29)
		return true;
	if (!number(d, at, bits - 28, size))
		return false;
	*size += base[bits - 29];
	return true;
}

/* Reads the value at *at and moves *at behind it; of a map or an array,
   before its first entry. */
static bool
next(struct geodata *d, size_t *at, struct value *v)
{
	size_t control, extension;
	unsigned bits;

	if (d->values++ == GEODATA_VALUES || !number(d, at, 1, &control))
		return damage(d);
	v->type = (unsigned)control >> 5;
	bits = control & 31;
	if (v->type == POINTER)
		return pointer(d, at, bits, &v->size);
	if (v->type == EXTENDED) {
		if (!number(d, at, 1, &extension))
			return false;
		v->type = (unsigned)extension + 7;
	}
	if (v->type == CACHE || v->type == END || v->type > FLOAT ||
	    !size_of(d, at, bits, &v->size))
		return damage(d);
	v->at = *at;
	if (v->type == MAP || v->type == ARRAY || v->type == BOOLEAN)
		return true;
	if (v->size > d->n - *at)
		return damage(d);
	*at += v->size;
	return true;
}

/* As next, but gives what a pointer leads to; a pointer to a pointer is not allowed. */
static bool
next_followed(struct geodata *d, size_t *at, struct value *v)
{
	if (!next(d, at, v))
		return false;
	if (v->type == POINTER) {
		size_t target = v->size;

		if (!next(d, &target, v))
			return false;
	}
	return v->type != POINTER || damage(d);
}

/* Moves *at behind the value and all that is in it. */
static bool
skip(struct geodata *d, size_t *at)
{
	uint64_t left = 1;
	struct value v;

	while (left-- > 0) {
		if (!next(d, at, &v))
			return false;
		if (v.type == MAP)
			left += 2 * (uint64_t)v.size;
		else if (v.type == ARRAY)
			left += v.size;
	}
	return true;
}

bool
geodata_find(struct geodata *d, size_t *at, const char *key)
{
	struct span wanted = span_of(key);
	size_t i, place, from = *at;
	struct value map, name;

	if (!next_followed(d, &from, &map) || map.type != MAP)
		return false;
	place = map.at;
	for (i = 0; i < map.size; i++) {
		if (!next_followed(d, &place, &name))
			return false;
		if (name.type != STRING)
			return damage(d);
		if (span_eq(wanted, (struct span){ (const char *)d->p + name.at, name.size })) {
			*at = place;
			return true;
		}
		if (!skip(d, &place))
			return false;
	}
	return false;
}

bool
geodata_string(struct geodata *d, size_t at, struct span *text)
{
	struct value v;

	if (!next_followed(d, &at, &v) || v.type != STRING)
		return false;
	*text = (struct span){ (const char *)d->p + v.at, v.size };
	return true;
}
