#include "base/dict.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/banned.h"

_Static_assert(crypto_shorthash_KEYBYTES == DICT_KEY, "SipHash-2-4");

bool
dict_init(struct dict *d, uint32_t max, size_t bytes_max)
{
	*d = (struct dict){ .max = max, .bytes_max = bytes_max, .slots = 2 };
	if (sodium_init() < 0)
		return false;
	randombytes_buf(d->key, sizeof(d->key));
	while (d->slots < 2 * max)
		d->slots *= 2;
	d->entry = malloc(max * sizeof(*d->entry));
	d->slot = calloc(d->slots, sizeof(*d->slot));
	/* never NULL, so that an empty text has a place */
	if (d->entry && d->slot && buf_room(&d->text, 1))
		return true;
	dict_release(d);
	return false;
}

void
dict_release(struct dict *d)
{
	free(d->entry);
	free(d->slot);
	buf_release(&d->text);
	*d = (struct dict){ 0 };
}

static uint64_t
hash_of(const struct dict *d, uint32_t scope, struct span s)
{
	uint64_t h;

	crypto_shorthash((unsigned char *)&h, (const unsigned char *)s.p, s.n, d->key);
	/* an odd factor: one text lies elsewhere in each scope */
	return h + scope * UINT64_C(0x9e3779b97f4a7c15);
}

/* The slot of the text, or the free one where it would go. */
static uint32_t *
find(const struct dict *d, uint64_t hash, uint32_t scope, struct span s)
{
	uint32_t i = (uint32_t)hash & (d->slots - 1);

	while (d->slot[i]) {
		uint32_t number = d->slot[i] - 1;

		if (d->entry[number].hash == hash && dict_is(d, number, scope, s))
			break;
		i = (i + 1) & (d->slots - 1);
	}
	return &d->slot[i];
}

uint32_t
dict_get(const struct dict *d, uint32_t scope, struct span s)
{
	/* 0 - 1 is DICT_NONE */
	return *find(d, hash_of(d, scope, s), scope, s) - 1;
}

uint32_t
dict_put(struct dict *d, uint32_t scope, struct span s)
{
	uint64_t hash = hash_of(d, scope, s);
	uint32_t *slot = find(d, hash, scope, s);

	if (*slot)
		return *slot - 1;
	if (d->n == d->max || s.n > d->bytes_max - d->text.n)
		return DICT_NONE;
	d->entry[d->n] = (struct dict_entry){
		.hash = hash,
		.scope = scope,
		.start = (uint32_t)d->text.n,
		.n = (uint32_t)s.n,
	};
	buf_add(&d->text, s.p, s.n);
	if (d->text.failed) {
		d->text.failed = false;
		return DICT_NONE;
	}
	*slot = ++d->n;
	return d->n - 1;
}

struct span
dict_text(const struct dict *d, uint32_t number)
{
	const struct dict_entry *e = &d->entry[number];

	return (struct span){ d->text.p + e->start, e->n };
}
