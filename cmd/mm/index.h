/*
 * What the commands and their options do, made of their manuals and of the help of
 * their options; names are without "mm-".
 */
#ifndef MM_INDEX_H
#define MM_INDEX_H

#include "base/buf.h"

/* "help|batch|classify": what may follow `mm`. */
extern const char index_words[];

bool index_find(const char *name);

/* Adds a line of a command that there is. */
void index_add(struct buf *, const char *name);

/* The command whose name a slip or two make of this one; p NULL: none. */
struct span index_nearest(const char *name);

/*
 * Adds the commands that have all n words, in any case, in their name or text, and
 * below its command each option that has.  Returns how many it found.
 */
size_t index_search(struct buf *, char **words, size_t n);

#endif
