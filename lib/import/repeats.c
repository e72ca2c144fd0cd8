#include "import/repeats.h"

#include <sodium.h>

#include "base/banned.h"

void
repeats_init(struct repeats *r, struct span site)
{
	memset(r, 0, sizeof(*r));
	if (site.n)
		crypto_generichash(
		    r->site, sizeof(r->site), (const unsigned char *)site.p, site.n, NULL, 0);
	randombytes_buf(&r->mix, sizeof(r->mix));
	r->mix |= 1;
}

void
repeats_reset(struct repeats *r)
{
	if (r->next == 0 && !r->ring[0].used)
		return;
	memset(r->slot, 0, sizeof(r->slot));
	memset(r->ring, 0, sizeof(r->ring));
	r->next = 0;
}

static uint32_t
home(const struct repeats *r, uint64_t hash)
{
	return (uint32_t)((hash ^ hash >> 32) * r->mix >> 48) & (REPEATS_SLOTS - 1);
}

/* The slot of the hash, or the free one where it belongs. */
static uint32_t
find(const struct repeats *r, uint64_t hash)
{
	uint32_t i = home(r, hash);

	while (r->slot[i] && r->ring[r->slot[i] - 1].hash != hash)
		i = (i + 1) & (REPEATS_SLOTS - 1);
	return i;
}

/* Frees a slot, and moves what was pushed on by it one nearer to its home. */
static void
free_slot(struct repeats *r, uint32_t hole)
{
	uint32_t i = hole;

	for (;;) {
		uint32_t at;

		i = (i + 1) & (REPEATS_SLOTS - 1);
		if (!r->slot[i])
			break;
		at = home(r, r->ring[r->slot[i] - 1].hash);
		if (((i - at) & (REPEATS_SLOTS - 1)) >= ((i - hole) & (REPEATS_SLOTS - 1))) {
			r->slot[hole] = r->slot[i];
			hole = i;
		}
	}
	r->slot[hole] = 0;
}

/* The oldest entry goes, unless the line has come again since: then only its place. */
static void
forget_oldest(struct repeats *r)
{
	struct repeats_entry *e = &r->ring[r->next];
	uint32_t i;

	if (!e->used)
		return;
	i = find(r, e->hash);
	if (r->slot[i] == r->next + 1)
		free_slot(r, i);
	e->used = 0;
}

void
repeats_restore(struct repeats *r, uint64_t hash, uint32_t times)
{
	forget_oldest(r);
	r->ring[r->next] = (struct repeats_entry){ .hash = hash, .times = times, .used = 1 };
	r->slot[find(r, hash)] = r->next + 1;
	r->next = (r->next + 1) % REPEATS_WINDOW;
}

/* How often the line with this hash has come, this time included. */
static uint32_t
count(struct repeats *r, uint64_t hash)
{
	uint32_t at = r->slot[find(r, hash)], times = at ? r->ring[at - 1].times : 0;

	repeats_restore(r, hash, times + 1);
	return times + 1;
}

/* Counts the line of the digest, and makes it that of a repeat, if it is one. */
static bool
is_repeat(struct repeats *r, unsigned char *digest)
{
	unsigned char numbered[REPEATS_DIGEST + 4];
	uint64_t hash;
	uint32_t times;
	int i;

	memcpy(&hash, digest, sizeof(hash));
	times = count(r, hash);
	if (times == 1)
		return false;
	memcpy(numbered, digest, REPEATS_DIGEST);
	for (i = 0; i < 4; i++)
		numbered[REPEATS_DIGEST + i] = (unsigned char)(times >> 8 * i);
	crypto_generichash_blake2b_salt_personal(
	    digest, REPEATS_DIGEST, numbered, sizeof(numbered), NULL, 0, NULL, r->site);
	return true;
}

void
repeats_id(struct repeats *r, const char *p, size_t n, char *w)
{
	unsigned char digest[REPEATS_DIGEST];

	crypto_generichash_blake2b_salt_personal(
	    digest, sizeof(digest), (const unsigned char *)p, n, NULL, 0, NULL, r->site);
	if (r->later)
		buf_add(r->later, (const char *)digest, sizeof(digest));
	else
		is_repeat(r, digest);
	uuid_format(w, digest, 8);
}

bool
repeats_settle(struct repeats *r, const char *p, char *w)
{
	unsigned char digest[REPEATS_DIGEST];

	memcpy(digest, p, sizeof(digest));
	if (!is_repeat(r, digest))
		return false;
	uuid_format(w, digest, 8);
	return true;
}
