/*
 * Ids of lines: made of the bytes of a line and of how often it has come, so
 * that a file read again, or grown since, gives the same ids.
 *
 * A line is a repeat when the same one stood among the last REPEATS_WINDOW that
 * were given an id (lines of a log hold their time: the same line comes again
 * within the same second, if at all).  All state is of fixed size.
 */
#ifndef MM_REPEATS_H
#define MM_REPEATS_H

#include "base/buf.h"
#include "base/uuid.h"

enum {
	REPEATS_WINDOW = 16384,
	REPEATS_SLOTS = 4 * REPEATS_WINDOW,
	REPEATS_SITE = 16,
	REPEATS_DIGEST = 16,
};

struct repeats_entry {
	uint64_t hash;
	uint32_t times; /* that the line had come */
	uint32_t used;
};

struct repeats {
	unsigned char site[REPEATS_SITE]; /* what all ids depend on besides; zero: nothing */
	uint64_t mix;                     /* odd and secret: where a hash goes */
	/* may be set after repeats_init, or NULL: ids are made as if no line had come before, and
	   REPEATS_DIGEST bytes for each are added there, for repeats_settle */
	struct buf *later;
	uint32_t next;
	uint32_t slot[REPEATS_SLOTS]; /* place in the ring, from 1; 0: free */
	struct repeats_entry ring[REPEATS_WINDOW];
};

/* sodium_init must have been called.  `site` (n may be 0) goes into all ids. */
void repeats_init(struct repeats *, struct span site);

/* Nothing has come: at the start of each file. */
void repeats_reset(struct repeats *);

/*
 * Writes the id of the line [p, p+n), UUID_TEXT characters, no NUL: a UUID of
 * version 8 made of the BLAKE2b (RFC 7693) of the line and, from its second
 * time on, of that number.
 */
void repeats_id(struct repeats *, const char *p, size_t n, char *w);

/*
 * Counts a line whose id was made without knowing those before it, by what was added to
 * `later`.  True: it is a repeat, and w gets its id.
 */
bool repeats_settle(struct repeats *, const char *digest, char *w);

/* Puts an entry into the ring, in place of the oldest: those of a ring that was saved,
   oldest first. */
void repeats_restore(struct repeats *, uint64_t hash, uint32_t times);

#endif
