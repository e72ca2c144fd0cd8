#include "event/id_window.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/timestamp.h"

#include "base/banned.h"

_Static_assert(crypto_shorthash_siphashx24_BYTES == ID_WINDOW_HASH, "SipHash-2-4-128");
_Static_assert(crypto_shorthash_siphashx24_KEYBYTES == ID_WINDOW_KEY, "SipHash-2-4-128");

bool
id_window_init(struct id_window *s, size_t window)
{
	*s = (struct id_window){ .window = window };
	if (window < 1 || window > ID_WINDOW_WINDOW_MAX || sodium_init() < 0)
		return false;
	randombytes_buf(s->key, sizeof(s->key));
	/* a quarter more than the window: 10 bytes an id, and always a free one */
	s->slots = window + window / 4 + 1;
	s->slot = calloc(s->slots, sizeof(*s->slot));
	s->ring = malloc(window * ID_WINDOW_ENTRY);
	if (s->slot && s->ring)
		return true;
	id_window_release(s);
	return false;
}

void
id_window_release(struct id_window *s)
{
	free(s->slot);
	free(s->ring);
	*s = (struct id_window){ 0 };
}

/* ---- entries: the hash, and the time in ms since 1900, low byte first ---- */

static unsigned char *
entry_at(const struct id_window *s, size_t place)
{
	return s->ring + place * ID_WINDOW_ENTRY;
}

static uint32_t
entry_tag(const unsigned char *entry)
{
	uint32_t tag;

	memcpy(&tag, entry, sizeof(tag));
	return tag;
}

static void
entry_set_time(unsigned char *entry, int64_t ms)
{
	uint64_t v = (uint64_t)(ms - TIMESTAMP_MIN);
	size_t i;

	for (i = 0; i < ID_WINDOW_TIME; i++)
		entry[ID_WINDOW_HASH + i] = (unsigned char)(v >> 8 * i);
}

static int64_t
entry_time(const unsigned char *entry)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < ID_WINDOW_TIME; i++)
		v |= (uint64_t)entry[ID_WINDOW_HASH + i] << 8 * i;
	return (int64_t)v + TIMESTAMP_MIN;
}

static bool
is_within(const struct id_window *s, int64_t a, int64_t b)
{
	return (uint64_t)(a < b ? b - a : a - b) <= s->within;
}

/* ---- the index ---- */

static size_t
home_of(const struct id_window *s, uint32_t tag)
{
	return (size_t)((uint64_t)tag * s->slots >> 32);
}

static size_t
after(const struct id_window *s, size_t i)
{
	return i + 1 == s->slots ? 0 : i + 1;
}

/* How many slots i lies behind `from`, around the end. */
static size_t
distance(const struct id_window *s, size_t from, size_t i)
{
	return i >= from ? i - from : i + s->slots - from;
}

/* The slot of the entry's hash, or the free one where it would go. */
static size_t
find_hash(const struct id_window *s, const unsigned char *entry)
{
	uint32_t tag = entry_tag(entry);
	size_t i = home_of(s, tag);

	for (; s->slot[i].place; i = after(s, i))
		if (s->slot[i].tag == tag &&
		    memcmp(entry_at(s, s->slot[i].place - 1), entry, ID_WINDOW_HASH) == 0)
			break;
	return i;
}

/* The slot that leads to the place in the ring, or a free one. */
static size_t
find_place(const struct id_window *s, size_t place)
{
	size_t i = home_of(s, entry_tag(entry_at(s, place)));

	while (s->slot[i].place && s->slot[i].place != place + 1)
		i = after(s, i);
	return i;
}

/* Frees a slot; those behind it move up, so that no search stops too early. */
static void
free_slot(struct id_window *s, size_t hole)
{
	size_t i = hole;

	for (;;) {
		i = after(s, i);
		if (!s->slot[i].place)
			break;
		if (distance(s, home_of(s, s->slot[i].tag), i) < distance(s, hole, i))
			continue;
		s->slot[hole] = s->slot[i];
		hole = i;
	}
	s->slot[hole] = (struct id_window_slot){ 0 };
}

/* ---- the window ---- */

/* Makes room at s->next for an id of the time ms. */
static void
forget_oldest(struct id_window *s, int64_t ms)
{
	size_t i;

	if (s->count < s->window) {
		s->count++;
		return;
	}
	i = find_place(s, s->next);
	if (!s->slot[i].place)
		return; /* it was seen again later, and has another place */
	if (s->within && is_within(s, entry_time(entry_at(s, s->next)), ms))
		s->early++;
	s->forgotten++;
	free_slot(s, i);
}

/* Remembers an entry whose hash is not in the index. */
static void
remember(struct id_window *s, const unsigned char *entry, int64_t ms)
{
	size_t i;

	forget_oldest(s, ms);
	memcpy(entry_at(s, s->next), entry, ID_WINDOW_ENTRY);
	i = find_hash(s, entry);
	s->slot[i] = (struct id_window_slot){ entry_tag(entry), (uint32_t)s->next + 1 };
	s->next = s->next + 1 == s->window ? 0 : s->next + 1;
	/* the one that goes next is known already */
	if (s->count == s->window)
		__builtin_prefetch(&s->slot[home_of(s, entry_tag(entry_at(s, s->next)))], 1);
}

bool
id_window_add(struct id_window *s, struct span id, int64_t ms)
{
	unsigned char entry[ID_WINDOW_ENTRY];
	size_t i;

	crypto_shorthash_siphashx24(entry, (const unsigned char *)id.p, id.n, s->key);
	entry_set_time(entry, ms);
	i = find_hash(s, entry);
	if (s->slot[i].place) {
		int64_t then = entry_time(entry_at(s, s->slot[i].place - 1));

		if (!s->within || is_within(s, then, ms))
			return false;
		free_slot(s, i);
	}
	remember(s, entry, ms);
	return true;
}

void
id_window_restore(struct id_window *s, const unsigned char *entry)
{
	size_t i = find_hash(s, entry);

	if (s->slot[i].place)
		free_slot(s, i);
	remember(s, entry, entry_time(entry));
	s->early = s->forgotten = 0;
}

void
id_window_entries(const struct id_window *s, struct span piece[2])
{
	size_t oldest = s->count < s->window ? 0 : s->next;

	piece[0].p = (const char *)entry_at(s, oldest);
	piece[0].n = (s->count - oldest) * ID_WINDOW_ENTRY;
	piece[1].p = (const char *)s->ring;
	piece[1].n = oldest * ID_WINDOW_ENTRY;
}
