/*
 * A bounded table of short texts, numbered from 0 in the order they came.
 *
 * Texts come from input that may be hostile: neither their number nor their
 * bytes grow beyond the bounds given, and they are hashed with SipHash-2-4
 * under a random key, so that nobody can make them collide.
 */
#ifndef MM_DICT_H
#define MM_DICT_H

#include "base/buf.h"

/* No text of the table: it is not there, or did not fit. */
#define DICT_NONE UINT32_MAX

enum { DICT_KEY = 16 };

struct dict_entry {
	uint64_t hash;
	uint32_t scope, start, n; /* where the text stands in `text` */
};

struct dict {
	uint32_t n; /* texts that are there */
	/* what follows is the module's */
	uint32_t max, slots;
	size_t bytes_max;
	struct dict_entry *entry;
	uint32_t *slot; /* numbers from 1; 0: free */
	struct buf text;
	unsigned char key[DICT_KEY];
};

/*
 * Room for at most `max` texts (1 to 2^24) of at most `bytes_max` bytes (below
 * 4 GiB) together.  False when memory is out.
 */
bool dict_init(struct dict *, uint32_t max, size_t bytes_max);
void dict_release(struct dict *);

/*
 * The number of the text in its scope, which is any number: one text may
 * stand in several.  dict_put adds what is not there; DICT_NONE when it does
 * not fit.
 */
uint32_t dict_put(struct dict *, uint32_t scope, struct span);
uint32_t dict_get(const struct dict *, uint32_t scope, struct span);

/* The text; valid until the next dict_put. */
struct span dict_text(const struct dict *, uint32_t number);

/* Whether the text is that with the number, in its scope. */
static inline bool
dict_is(const struct dict *d, uint32_t number, uint32_t scope, struct span s)
{
	const struct dict_entry *e = &d->entry[number];

	return number < d->n && e->scope == scope && e->n == s.n &&
	    memcmp(d->text.p + e->start, s.p, s.n) == 0;
}

#endif
