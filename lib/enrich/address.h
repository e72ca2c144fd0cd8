/*
 * What is known of an address: its country and its hash of the day.
 * Addresses repeat, so the answers for those seen lately are kept in a table
 * of fixed size, which newcomers overwrite.
 */
#ifndef MM_ADDRESS_H
#define MM_ADDRESS_H

#include "enrich/geo.h"
#include "text/ip.h"
#include "enrich/iphash.h"

enum { ADDRESS_SLOTS = 4096 };

struct address {
	char country[2];
	char hash[IPHASH_TEXT];
	unsigned char country_n, hash_n; /* 0: not known, or not asked for */

	/* what it is known of */
	bool used;
	struct ip ip;
	int64_t day;
};

/* One thread's; several may share the geo, but each needs an iphash of its own. */
struct addresses {
	struct geo *geo;       /* NULL: no countries */
	struct iphash *iphash; /* NULL: no hashes */
	uint64_t hits, misses; /* calls of addresses_find that the table answered, or not */

	/* what follows is the module's */
	struct geo_db *db; /* the content of geo whose countries are in the table */
	unsigned generation;
	uint64_t seed;
	struct address *slot;
};

/* geo and iphash stay the caller's.  False when memory is out. */
bool addresses_init(struct addresses *, struct geo *, struct iphash *);

/* Forgets all of it; the memory is wiped.  To be called before geo_close. */
void addresses_release(struct addresses *);

/* Says that ip will be asked for in a moment, so that it is near by then. */
void addresses_expect(const struct addresses *, const struct ip *, int64_t ms);

/*
 * What is known of ip on the UTC day of ms; valid until the next call.  After
 * geo has read its file again the answers are of the new database.
 */
const struct address *addresses_find(struct addresses *, const struct ip *, int64_t ms);

#endif
