/*
 * The ids seen lately: a window of fixed size, out of which the oldest id goes
 * when a new one comes.
 *
 * An id is kept as its SipHash-2-4-128 under a random key, with a time: two
 * ids are taken for one with a chance of at most n^2 / 2^129 among n ids, and a
 * sender who does not know the key can't make them collide.  An id takes
 * ID_WINDOW_BYTES, all of it allocated at the start and touched as it fills.
 */
#ifndef MM_ID_WINDOW_H
#define MM_ID_WINDOW_H

#include "base/buf.h"

enum {
	ID_WINDOW_HASH = 16,
	ID_WINDOW_KEY = 16,
	ID_WINDOW_TIME = 6,
	ID_WINDOW_ENTRY =
	    ID_WINDOW_HASH + ID_WINDOW_TIME, /* as it is kept, in memory and in the file */
	ID_WINDOW_BYTES = 32,                /* of memory for an id, the index included */
	ID_WINDOW_WINDOW_MAX = 100000000,
};

struct id_window_slot {
	uint32_t tag;   /* the hash's first four bytes */
	uint32_t place; /* in the ring, from 1; 0: free */
};

struct id_window {
	/* may be set after id_window_init: how far apart, in ms, two events with one
	   id may be and still count as one; 0: however far */
	uint64_t within;

	uint64_t forgotten; /* ids that had to go because the window was full */
	uint64_t early;     /* those of them that went before `within` was over */
	unsigned char key[ID_WINDOW_KEY];

	/* what follows is the module's */
	size_t window; /* ids that there is room for */
	size_t count;  /* entries in the ring */
	size_t next;   /* where the next entry goes */
	size_t slots;
	unsigned char *ring;         /* entries, by age */
	struct id_window_slot *slot; /* their index: open addressing, linear probing */
};

/*
 * Room for 1 to ID_WINDOW_WINDOW_MAX ids, and a key that nobody knows.  False when
 * memory is out.
 */
bool id_window_init(struct id_window *, size_t window);
void id_window_release(struct id_window *);

/*
 * Whether the id, seen at ms (TIMESTAMP_MIN to TIMESTAMP_MAX), is new; then it
 * is remembered.  Not new is what stands in the window with a time at most
 * `within` away, before or after.
 */
bool id_window_add(struct id_window *, struct span id, int64_t ms);

/* ---- for id_window_file.h ---- */

/* Remembers an entry of ID_WINDOW_ENTRY bytes, as id_window_entries gave it. */
void id_window_restore(struct id_window *, const unsigned char *entry);

/* The entries, oldest first, in two pieces, either of which may be empty. */
void id_window_entries(const struct id_window *, struct span piece[2]);

#endif
