#include "enrich/agents.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/banned.h"

bool
agents_init(struct agents *a, const struct bots *bots)
{
	*a = (struct agents){ .bots = bots };
	if (sodium_init() < 0)
		return false;
	/* a sender who knew the order of the slots could make all of them miss */
	randombytes_buf(&a->seed, sizeof(a->seed));
	a->slot = calloc(AGENTS_SLOTS, sizeof(*a->slot));
	return a->slot != NULL;
}

void
agents_release(struct agents *a)
{
	if (a->slot)
		sodium_memzero(a->slot, AGENTS_SLOTS * sizeof(*a->slot));
	free(a->slot);
	*a = (struct agents){ 0 };
}

static uint64_t
mix(uint64_t h, const char *p)
{
	uint64_t eight;

	memcpy(&eight, p, sizeof(eight));
	h = (h ^ eight) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

/* Two lanes, because each waits for its last product. */
static uint64_t
hash_text(uint64_t seed, const char *p, size_t n)
{
	const char *end = p + n;
	uint64_t a = seed, b = ~seed;
	char last[16] = { 0 };

	for (; end - p >= 16; p += 16) {
		a = mix(a, p);
		b = mix(b, p + 8);
	}
	if (p < end)
		memcpy(last, p, (size_t)(end - p));
	a = mix(a, last);
	b = mix(b ^ n, last + 8);
	return mix(a, (const char *)&b);
}

struct agent
agents_find(struct agents *a, const char *p, size_t n)
{
	struct known_agent *known;
	struct agent agent;

	if (n == 0 || n > AGENTS_TEXT) {
		a->misses += n > 0;
		agent_parse_with(&agent, a->bots, p, n);
		return agent;
	}
	known = &a->slot[hash_text(a->seed, p, n) % AGENTS_SLOTS];
	if (known->n == n && memcmp(known->text, p, n) == 0) {
		a->hits++;
		return known->agent;
	}
	a->misses++;
	agent_parse_with(&known->agent, a->bots, p, n);
	known->n = (uint16_t)n;
	memcpy(known->text, p, n);
	return known->agent;
}
