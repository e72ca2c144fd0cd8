/*
 * A table of texts, numbered from 0 in the order they came.
 *
 * Texts of the input may be hostile: neither their number nor their bytes grow
 * beyond the bounds given, and they are hashed with SipHash-2-4 under a random
 * key, so that nobody can make them collide.  Those of the user's own files are
 * trusted, and hashed faster.
 */
#ifndef MM_DICT_H
#define MM_DICT_H

#include "base/arena.h"

/* No text of the table: it is not there, or did not fit. */
#define DICT_NONE UINT32_MAX

enum { DICT_KEY = 16 };

struct dict_entry {
	struct span text;
	uint64_t hash;
	uint32_t scope;
};

/* Starts as all zero, which is an empty table that nothing can be put into. */
struct dict {
	uint32_t n; /* texts that are there */
	/* what follows is the module's */
	uint32_t max, slots;
	size_t bytes, bytes_max;
	struct dict_entry *entry;
	uint32_t *slot; /* numbers from 1; 0: free */
	bool trusted;
	struct arena own;
	unsigned char key[DICT_KEY];
};

/*
 * For texts that are copied: room for at most `max` (1 to 2^24) of at most
 * `bytes_max` bytes together.  False when memory is out.
 */
bool dict_init(struct dict *, uint32_t max, size_t bytes_max);

/*
 * For at most `max` (up to 2^24) trusted texts, whose bytes stay the caller's.
 * The table lies in the arena, and is not released.  False when memory is out.
 */
bool dict_init_trusted(struct dict *, struct arena *, size_t max);

void dict_release(struct dict *);

/*
 * The number of the text in its scope, which is any number: one text may
 * stand in several.  dict_put adds what is not there; DICT_NONE when it does
 * not fit.
 */
uint32_t dict_put(struct dict *, uint32_t scope, struct span);
uint32_t dict_get(const struct dict *, uint32_t scope, struct span);

/* The text; valid as long as the table, or as the caller's bytes. */
static inline struct span
dict_text(const struct dict *d, uint32_t number)
{
	return d->entry[number].text;
}

/* ---- inline, because it is asked for every key that comes in ---- */

static inline uint64_t
dict_eight(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t
dict_four(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Whether two texts of n bytes are the same; of most names by two comparisons. */
static inline bool
dict_same(const char *a, const char *b, size_t n)
{
	if (n < 4 || n > 16)
		return memcmp(a, b, n) == 0;
	if (n < 8)
		return dict_four(a) == dict_four(b) && dict_four(a + n - 4) == dict_four(b + n - 4);
	return dict_eight(a) == dict_eight(b) && dict_eight(a + n - 8) == dict_eight(b + n - 8);
}

/* Whether there is a text of that number, and it is this one, in this scope. */
static inline bool
dict_is(const struct dict *d, uint32_t number, uint32_t scope, struct span s)
{
	const struct dict_entry *e;

	if (number >= d->n)
		return false;
	e = &d->entry[number];
	return e->scope == scope && e->text.n == s.n && dict_same(e->text.p, s.p, s.n);
}

#endif
