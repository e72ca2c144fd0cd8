/*
 * The ids seen lately: a window of fixed size, out of which the oldest id goes
 * when a new one comes.
 *
 * An id is kept as its SipHash-2-4-128 under a random key, with a time: two
 * ids are taken for one with a chance of at most n^2 / 2^129 among n ids, and a
 * sender who does not know the key can't make them collide.  An id takes
 * SEEN_BYTES, all of it allocated at the start and touched as it fills.
 */
#ifndef MM_SEEN_H
#define MM_SEEN_H

#include "base/buf.h"

enum {
	SEEN_HASH = 16,
	SEEN_KEY = 16,
	SEEN_TIME = 6,
	SEEN_ENTRY = SEEN_HASH + SEEN_TIME, /* as it is kept, in memory and in the file */
	SEEN_BYTES = 32,                    /* of memory for an id, the index included */
	SEEN_WINDOW_MAX = 100000000,
};

struct seen_slot {
	uint32_t tag;   /* the hash's first four bytes */
	uint32_t place; /* in the ring, from 1; 0: free */
};

struct seen {
	/* may be set after seen_init: how far apart, in ms, two events with one
	   id may be and still count as one; 0: however far */
	uint64_t within;

	uint64_t early; /* ids that had to go before `within` was over */
	unsigned char key[SEEN_KEY];

	/* what follows is the module's */
	size_t window; /* ids that there is room for */
	size_t count;  /* entries in the ring */
	size_t next;   /* where the next entry goes */
	size_t slots;
	unsigned char *ring;    /* entries, by age */
	struct seen_slot *slot; /* their index: open addressing, linear probing */
};

/*
 * Room for 1 to SEEN_WINDOW_MAX ids, and a key that nobody knows.  False when
 * memory is out.
 */
bool seen_init(struct seen *, size_t window);
void seen_release(struct seen *);

/*
 * Whether the id, seen at ms (TIMESTAMP_MIN to TIMESTAMP_MAX), is new; then it
 * is remembered.  Not new is what stands in the window with a time at most
 * `within` away, before or after.
 */
bool seen_add(struct seen *, struct span id, int64_t ms);

/* ---- for seenfile.h ---- */

/* Remembers an entry of SEEN_ENTRY bytes, as seen_entries gave it. */
void seen_restore(struct seen *, const unsigned char *entry);

/* The entries, oldest first, in two pieces, either of which may be empty. */
void seen_entries(const struct seen *, struct span piece[2]);

#endif
