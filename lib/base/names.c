#include "base/names.h"

#include "base/banned.h"

struct names_slot {
	uint32_t hash;
	uint32_t index; /* plus one; 0: free */
};

/*
 * Of the length and of words that overlap, so that no byte is looked at alone.
 * Names in the table are the user's own: a hash without a seed will do.
 */
static inline uint64_t
hash_name(const char *p, size_t n)
{
	uint64_t h = n, last = 0;

	if (n >= 8) {
		size_t i;

		for (i = 0; i + 8 < n; i += 8) {
			h = (h ^ names_eight(p + i)) * UINT64_C(0x9e3779b97f4a7c15);
			h ^= h >> 32;
		}
		last = names_eight(p + n - 8);
	} else if (n >= 4) {
		last = names_four(p) << 32 | names_four(p + n - 4);
	} else if (n > 0) {
		last = (uint64_t)(unsigned char)p[0] << 16 |
		    (uint64_t)(unsigned char)p[n / 2] << 8 | (unsigned char)p[n - 1];
	}
	h = (h ^ last) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

bool
names_init(struct names *t, struct arena *a, size_t most)
{
	size_t slots = 4;

	*t = (struct names){ .count = 0 };
	if (most >= UINT32_MAX / 2)
		return false;
	while (slots < most * 2)
		slots *= 2;
	t->slot = arena_array(a, slots, sizeof(*t->slot));
	t->name = arena_array(a, most, sizeof(*t->name));
	t->mask = slots - 1;
	return t->slot && t->name;
}

/* The slot of the name, or the free one where it would go. */
static inline struct names_slot *
find(const struct names *t, struct span name, uint32_t *hash)
{
	uint64_t h = hash_name(name.p, name.n);
	size_t i = (size_t)h & t->mask;

	*hash = (uint32_t)h;
	for (;; i = (i + 1) & t->mask) {
		struct names_slot *s = &t->slot[i];

		if (s->index == 0 || (s->hash == *hash && names_is(t, s->index - 1, name)))
			return s;
	}
}

size_t
names_add(struct names *t, struct span name)
{
	uint32_t hash;
	struct names_slot *s = find(t, name, &hash);

	if (s->index == 0) {
		t->name[t->count++] = name;
		*s = (struct names_slot){ .hash = hash, .index = (uint32_t)t->count };
	}
	return s->index - 1;
}

size_t
names_find(const struct names *t, struct span name)
{
	uint32_t hash;

	if (t->count == 0)
		return NAMES_NONE;
	return (size_t)find(t, name, &hash)->index - 1; /* a free slot's: NAMES_NONE */
}
