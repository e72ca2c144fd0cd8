/*
 * How much a project may send: token buckets by project and route (SPEC 15).
 * How often an address may be wrong about its key: likewise, by prefix.
 *
 * The clock is the caller's: milliseconds that never go back (timestamp_monotonic).
 * Nothing here is written to a disk, and nothing locks: one thread uses it.
 */
#ifndef MM_LIMIT_H
#define MM_LIMIT_H

#include "base/uuid.h"
#include "text/ip.h"

/* What has a bucket of its own in each project. */
enum limit_route {
	LIMIT_TRACK,  /* a request that sends one event */
	LIMIT_BATCH,  /* a request that sends several */
	LIMIT_EVENTS, /* the events of either, one by one */
	LIMIT_MCP,    /* a request of an assistant */
	LIMIT_ROUTES,
};

enum { LIMIT_MAX = 1000000000 };

/* Tokens that come a second, and how many are kept: 1 to LIMIT_MAX; per_second 0: no limit. */
struct limit_rate {
	uint32_t per_second, burst;
};

struct limit_rates {
	struct limit_rate of[LIMIT_ROUTES];
};

/* 50/s and 200 for track, 5/s and 20 for batch, no limit for events, 10/s and 40 for MCP. */
#define LIMIT_RATES_DEFAULT                               \
	{                                                 \
		{                                         \
			{ 50, 200 }, { 5, 20 }, { 0, 0 }, \
			{                                 \
				10, 40                    \
			}                                 \
		}                                         \
	}

struct limit_project {
	char id[UUID_TEXT]; /* lower case */
	struct limit_rates rates;
};

/* The buckets of one project. */
struct limit_bucket {
	int64_t tokens; /* thousandths; below 0 after more was taken than was there */
	uint64_t at;    /* when they were counted, ms */
};

struct limit_state {
	struct limit_project project;
	struct limit_bucket bucket[LIMIT_ROUTES];
};

/* Starts as all zero. */
struct limits {
	struct limit_state *state;
	size_t n;
};

/*
 * From now on there are these n projects, in the order of their ids, each once.
 * Who was there keeps what is left in its buckets, less what a smaller burst
 * can't hold; who is new begins with full ones.  Call it with each table of
 * keys (serve/keys.h).  False when memory is out: then all is as it was.
 */
bool limits_set(struct limits *, const struct limit_project *project, size_t n, uint64_t now);

void limits_release(struct limits *);

/*
 * A request of the project with that number, from 0 in the order given to
 * limits_set, on LIMIT_TRACK, LIMIT_BATCH or LIMIT_MCP, that brings so many events.  True:
 * it may, and the tokens are taken, one of the route's and `events` of
 * LIMIT_EVENTS.  False: one of the two is empty, and nothing is taken.  A
 * request of more events than the bucket holds passes when it is full, and those
 * after it wait for as long as it is worth.  Allocates nothing, and looks at no
 * other project.
 */
bool limit_take(
    struct limits *, size_t project, enum limit_route route, uint32_t events, uint64_t now);

/* ---- keys that are wrong ---- */

enum {
	FAILURES_SETS = 1024, /* a power of two */
	FAILURES_WAYS = 4,
	FAILURES_PER_SECOND = 1,
	FAILURES_BURST = 20,
};

/* An IPv4 /24 or IPv6 /48 that sent keys that are wrong. */
struct failures_entry {
	unsigned char prefix[8]; /* all zero: free */
	struct limit_bucket bucket;
};

/* 96 KiB whatever comes; hashed under a random key. */
struct failures {
	unsigned char key[16];
	struct failures_entry entry[FAILURES_SETS][FAILURES_WAYS];
};

/* Empty; sodium_init has been called. */
void failures_init(struct failures *);

/*
 * A request from that address (NULL: none, as of a unix socket) had a key that
 * is wrong.  True: tell it so (401); false: it was wrong too often (429).  Ask
 * only after a key was found wrong: those who have a good one, and share the
 * prefix with one who has not, are never held up.  When a set is full, the prefix
 * that has most tokens left is forgotten.
 */
bool failures_allow(struct failures *, const struct ip *, uint64_t now);

#endif
