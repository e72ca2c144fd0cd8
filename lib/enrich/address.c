#include "enrich/address.h"

#include <stdlib.h>

#include "base/timestamp.h"

#include "base/banned.h"

bool
addresses_init(struct addresses *a, struct geo *geo, struct iphash *iphash)
{
	*a = (struct addresses){ .geo = geo, .iphash = iphash };
	if (sodium_init() < 0)
		return false;
	/* a sender who knew the order of the slots could make all of them miss */
	randombytes_buf(&a->seed, sizeof(a->seed));
	a->slot = calloc(ADDRESS_SLOTS, sizeof(*a->slot));
	return a->slot != NULL;
}

static void
forget(struct addresses *a)
{
	if (a->slot)
		sodium_memzero(a->slot, ADDRESS_SLOTS * sizeof(*a->slot));
}

void
addresses_release(struct addresses *a)
{
	forget(a);
	free(a->slot);
	geo_release(a->db);
	*a = (struct addresses){ 0 };
}

/* The hashes are forgotten with the countries: databases change too seldom for
   them to matter. */
static void
renew(struct addresses *a)
{
	geo_release(a->db);
	a->db = geo_acquire(a->geo, &a->generation);
	forget(a);
}

static size_t
slot_of(const struct addresses *a, const struct ip *ip, int64_t day)
{
	const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t half[2], h;

	memcpy(half, ip->b, sizeof(half));
	h = (half[0] ^ a->seed) * odd;
	h = (h ^ h >> 32 ^ half[1]) * odd;
	h = (h ^ h >> 32 ^ (uint64_t)day) * odd;
	return (size_t)(h >> 32) % ADDRESS_SLOTS;
}

void
addresses_expect(const struct addresses *a, const struct ip *ip, int64_t ms)
{
	__builtin_prefetch(&a->slot[slot_of(a, ip, timestamp_day(ms))]);
}

const struct address *
addresses_find(struct addresses *a, const struct ip *ip, int64_t ms)
{
	int64_t day = timestamp_day(ms);
	struct address *known = &a->slot[slot_of(a, ip, day)];

	if (a->geo && a->generation != geo_generation(a->geo))
		renew(a);
	if (known->used && known->day == day && known->ip.v4 == ip->v4 &&
	    memcmp(known->ip.b, ip->b, sizeof(ip->b)) == 0) {
		a->hits++;
		return known;
	}
	a->misses++;
	*known = (struct address){ .used = true, .ip = *ip, .day = day };
	if (a->db && geo_country(a->db, ip, known->country))
		known->country_n = sizeof(known->country);
	if (a->iphash) {
		iphash_format(a->iphash, ip, ms, known->hash);
		known->hash_n = sizeof(known->hash);
	}
	return known;
}
