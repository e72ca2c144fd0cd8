/*
 * Agents repeat: a table of fixed size keeps what was found out about those
 * seen lately; newcomers overwrite.  A header is compared to its last byte, so
 * that an answer is never another's.
 */
#ifndef MM_AGENTS_H
#define MM_AGENTS_H

#include "enrich/agent.h"

/* Slots, and the longest header that is kept: 288 KiB in all. */
enum { AGENTS_SLOTS = 1024, AGENTS_TEXT = 216 };

struct known_agent {
	struct agent agent;
	uint16_t n; /* bytes of the header; 0: free */
	char text[AGENTS_TEXT];
};

struct agents {
	const struct bots *bots;
	uint64_t seed;
	struct known_agent *slot;
	uint64_t hits, misses; /* headers too long to be kept are misses */
};

/*
 * bots (NULL: the compiled-in tables) stay the caller's.  False when memory is
 * out.  Each thread has an `agents` of its own; they can share the bots.
 */
bool agents_init(struct agents *, const struct bots *);

/* Forgets all of it; the memory is wiped. */
void agents_release(struct agents *);

/* agent_parse_with, or what it said of the same header before. */
struct agent agents_find(struct agents *, const char *p, size_t n);

#endif
