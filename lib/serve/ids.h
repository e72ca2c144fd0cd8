/*
 * The event_ids that were seen lately, a window for each project, so that an
 * event that is sent again is kept once.
 *
 * An id is kept as a keyed hash of project and id (SipHash-2-4-128, of which 88
 * bits stay), with the number of the group that it waits in.  A project has two
 * generations of at most IDS_GENERATION ids; when one is full, the older is
 * forgotten: at least the last IDS_GENERATION ids are known.  A generation is
 * 1 MiB of address space that is touched as it fills: a few KiB for a project
 * that sends little, 2 MiB for the busiest one.
 */
#ifndef MM_IDS_H
#define MM_IDS_H

#include "base/buf.h"

enum {
	IDS_PROJECT = 16,       /* bytes of a project's UUID */
	IDS_KEY = 16,           /* bytes of the key */
	IDS_GENERATION = 49152, /* ids of a generation */
};

/* An id as it is kept, also on disk; all zero in its hash: an event without one. */
struct ids_entry {
	unsigned char project[IDS_PROJECT];
	uint64_t hash, tail; /* of `tail`, the upper 24 bits */
};

struct ids;

/* NULL when memory is out. */
struct ids *ids_new(void);
void ids_free(struct ids *);

/* The entry of an id; an empty one is no id. */
void ids_entry_of(struct ids_entry *, const unsigned char key[IDS_KEY],
    const unsigned char project[IDS_PROJECT], struct span id);

static inline bool
ids_entry_is_none(const struct ids_entry *e)
{
	return e->hash == 0;
}

/* Whether the id is known; then *group is what it was put with (below 2^40 - 1). */
bool ids_find(const struct ids *, const struct ids_entry *, uint64_t *group);

/* Remembers an id that is not known.  False when memory is out. */
bool ids_put(struct ids *, const struct ids_entry *, uint64_t group);

/* Remembers an id as one of group 0, if it is one and not known.  False when memory is out. */
bool ids_note(struct ids *, const struct ids_entry *);

/* Forgets an id, if it is known. */
void ids_drop(struct ids *, const struct ids_entry *);

/* Writes an entry for each id that is known, those of older generations first.  0, or an errno. */
int ids_write(const struct ids *, int fd);

#endif
