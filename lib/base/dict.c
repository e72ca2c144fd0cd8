#include "base/dict.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/banned.h"

_Static_assert(crypto_shorthash_KEYBYTES == DICT_KEY, "SipHash-2-4");

static uint32_t
slots_for(size_t max)
{
	uint32_t slots = 2;

	while (slots < 2 * max)
		slots *= 2;
	return slots;
}

bool
dict_init(struct dict *d, uint32_t max, size_t bytes_max)
{
	*d = (struct dict){ .max = max, .bytes_max = bytes_max, .slots = slots_for(max) };
	if (sodium_init() < 0)
		return false;
	randombytes_buf(d->key, sizeof(d->key));
	d->entry = malloc(max * sizeof(*d->entry));
	d->slot = calloc(d->slots, sizeof(*d->slot));
	if (d->entry && d->slot)
		return true;
	dict_release(d);
	return false;
}

bool
dict_init_trusted(struct dict *d, struct arena *a, size_t max)
{
	enum { MOST = 1 << 24 };

	*d = (struct dict){ .trusted = true };
	if (max > MOST)
		return false;
	d->max = (uint32_t)max;
	d->bytes_max = SIZE_MAX;
	d->slots = slots_for(max);
	d->entry = arena_array(a, max, sizeof(*d->entry));
	d->slot = arena_array(a, d->slots, sizeof(*d->slot));
	return d->entry && d->slot;
}

void
dict_release(struct dict *d)
{
	if (!d->trusted) {
		free(d->entry);
		free(d->slot);
	}
	arena_release(&d->own);
	*d = (struct dict){ 0 };
}

/* Of the length and of words that overlap, so that no byte is looked at alone. */
static uint64_t
hash_trusted(const char *p, size_t n)
{
	uint64_t h = n, last = 0;

	if (n >= 8) {
		size_t i;

		for (i = 0; i + 8 < n; i += 8) {
			h = (h ^ dict_eight(p + i)) * UINT64_C(0x9e3779b97f4a7c15);
			h ^= h >> 32;
		}
		last = dict_eight(p + n - 8);
	} else if (n >= 4) {
		last = dict_four(p) << 32 | dict_four(p + n - 4);
	} else if (n > 0) {
		last = (uint64_t)(unsigned char)p[0] << 16 |
		    (uint64_t)(unsigned char)p[n / 2] << 8 | (unsigned char)p[n - 1];
	}
	h = (h ^ last) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

static uint64_t
hash_of(const struct dict *d, uint32_t scope, struct span s)
{
	uint64_t h;

	if (d->trusted)
		h = hash_trusted(s.p, s.n);
	else
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
	if (d->n == 0)
		return DICT_NONE;
	/* 0 - 1 is DICT_NONE */
	return *find(d, hash_of(d, scope, s), scope, s) - 1;
}

uint32_t
dict_put(struct dict *d, uint32_t scope, struct span s)
{
	uint64_t hash;
	uint32_t *slot;

	if (d->max == 0)
		return DICT_NONE;
	hash = hash_of(d, scope, s);
	slot = find(d, hash, scope, s);
	if (*slot)
		return *slot - 1;
	if (d->n == d->max || s.n > d->bytes_max - d->bytes)
		return DICT_NONE;
	if (!d->trusted) {
		s = arena_copy(&d->own, s.p, s.n);
		if (!s.p)
			return DICT_NONE;
	}
	d->entry[d->n] = (struct dict_entry){ .text = s, .hash = hash, .scope = scope };
	d->bytes += s.n;
	*slot = ++d->n;
	return d->n - 1;
}
