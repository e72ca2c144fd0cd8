/*
 * The lines of a data file that users write, as entries in front of the built-in
 * ones: what tables of hosts and of agents' words are made of.
 */
#ifndef MM_DATALIST_H
#define MM_DATALIST_H

#include "base/arena.h"
#include "text/datafile.h"

struct datalist {
	struct datafile file;
	void *entries; /* those of the file, in its order, and then the built-in ones */
	size_t count;  /* of the file's */
	struct arena texts;
	/* what follows is the module's */
	size_t size, cap;
	size_t *numbers; /* of their lines */
	bool no_memory;
};

/*
 * Calls `line` for each line of [p, p+n), without blanks at its ends; it adds
 * entries of `size` bytes, or complains.  Errors go to `errors`, as datafile.h has them.
 */
void datalist_read(struct datalist *, const char *name, const char *p, size_t n, size_t size,
    void (*line)(struct datalist *, struct span), struct buf *errors);

/* For the line at hand: a copy of a text that lives as long as `texts`; an entry; a fault. */
struct span datalist_text(struct datalist *, struct span);
void datalist_add(struct datalist *, const void *entry);
void datalist_complain(struct datalist *, const char *reason);

/* Puts `count` built-in entries behind those of the file; false: memory is out. */
bool datalist_append(struct datalist *, const void *entries, size_t count);

/* Says what is wrong with an entry of the file; with one that another has said already: "the same
   `what` as line N". */
void datalist_fault(struct datalist *, size_t index, const char *reason);
void datalist_same(struct datalist *, size_t index, size_t other, const char *what);

/*
 * Ends it; `made`: the caller has made its table.  Returns whether nothing was
 * wrong; then entries and texts are the caller's, else they are gone.
 */
bool datalist_end(struct datalist *, bool made);

#endif
