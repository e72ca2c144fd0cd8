/*
 * A segment of the journal as it lies on disk: reading it, and sealing it.
 */
#ifndef MM_SEGMENT_H
#define MM_SEGMENT_H

#include "serve/ids.h"

enum {
	SEGMENT_STEM_MAX = 48,
	SEGMENT_SUM = 16,
	SEGMENT_MAX = 1 << 30, /* bytes that are read back */
};

/* Before the entries and rows of a group; numbers as the machine has them. */
struct segment_head {
	char magic[8];
	uint64_t events;                /* an entry (struct ids_entry) each, then their rows */
	uint64_t bytes;                 /* of the rows */
	unsigned char sum[SEGMENT_SUM]; /* XXH3-128 of the two numbers, entries and rows */
};

/* The head of a group. */
void segment_head_of(struct segment_head *, struct span entries, struct span rows);

/*
 * Where the group ends that starts at `from` (at most segment.n), or 0 when
 * there is no whole one there.
 */
size_t segment_next(struct span segment, size_t from, struct span *entries, struct span *rows);

/*
 * The same for the first whole group at `from` or behind it, which starts at
 * `*start`: looks for the magic where a group is damaged.  What rows hold is not
 * taken for a group: JSON has no NUL, and the numbers of a head have.  0: there
 * is none, and what follows is taken for a torn tail.
 */
size_t segment_find(
    struct span segment, size_t from, size_t *start, struct span *entries, struct span *rows);

/*
 * Seals the segment STEM.open of the folder: the first `bytes` of it, or as many whole
 * groups as there are with SIZE_MAX.  Of these, ids that `ids` knows are left out
 * when `again`, and all are put into it; `log` is the file that they are appended
 * to.  `room` is for its use.  Where whole groups follow a damaged one, they are
 * sealed with SIZE_MAX, and the segment is kept as STEM.damaged; else that is EIO.
 * Returns 0, or an errno; then it can be tried again.
 */
int segment_seal(int folder, const char *stem, size_t bytes, struct ids *ids, bool again, int log,
    struct buf room[2]);

#endif
