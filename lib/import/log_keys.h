/*
 * What the keys of JSON logs, and the columns of others, mean: the table of
 * log-keys.tsv, before which a user's own goes.
 */
#ifndef MM_LOG_KEYS_H
#define MM_LOG_KEYS_H

#include "base/buf.h"
#include "import/hit.h"

enum {
	LOG_KEY_MAX = 96, /* bytes of a key with what leads to it; longer ones mean nothing */
	LOG_KEYS_MAX = 2048,
	LOG_KEYS_SLOTS = 4 * LOG_KEYS_MAX,
	LOG_KEYS_NONE = -1,
};

struct log_key {
	enum hit_field field; /* HIT_FIELDS: it only leads to others */
	struct span name;     /* lower-case, without "_" and "-" */
};

struct log_keys_entry {
	struct log_key key;
	unsigned rank;
	bool inner; /* keys of objects below mean something */
};

/* Starts as all zero. */
struct log_keys {
	int count;
	struct log_keys_entry entry[LOG_KEYS_MAX];
	/* the module's */
	unsigned ranks;
	int16_t slot[LOG_KEYS_SLOTS]; /* from 1 */
	struct buf text;
};

void log_keys_release(struct log_keys *);

/*
 * Adds the lines of a file as log-keys.tsv is one, [p, p+n), whose keys go
 * before those that are added later.  False, with lines in `errors`, when
 * something is wrong with it.
 */
bool log_keys_read(
    struct log_keys *, const char *name, const char *p, size_t n, struct buf *errors);

/* Adds a key for one field. */
bool log_keys_add(struct log_keys *, enum hit_field, struct span key);

/* Adds the built-in ones, last. */
bool log_keys_builtin(struct log_keys *);

/*
 * The index of the entry of a key as it is written, below that of the object
 * it stands in (LOG_KEYS_NONE: at the top), or LOG_KEYS_NONE.
 */
int log_keys_find(const struct log_keys *, int parent, struct span key);

#endif
