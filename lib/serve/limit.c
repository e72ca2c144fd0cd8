#include "serve/limit.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/banned.h"

/* ---- a bucket ---- */

static void
fill(struct limit_bucket *b, struct limit_rate rate, uint64_t now)
{
	b->tokens = (int64_t)rate.burst * 1000;
	b->at = now;
}

/* A token a second is a thousandth each millisecond. */
static void
refill(struct limit_bucket *b, struct limit_rate rate, uint64_t now)
{
	int64_t most = (int64_t)rate.burst * 1000;
	uint64_t passed = now > b->at ? now - b->at : 0;

	if (now > b->at)
		b->at = now;
	if (b->tokens > most)
		b->tokens = most;
	if (passed > (uint64_t)(most - b->tokens) / rate.per_second)
		b->tokens = most;
	else
		b->tokens += (int64_t)(passed * rate.per_second);
}

static bool
has(struct limit_bucket *b, struct limit_rate rate, uint32_t n, uint64_t now)
{
	if (rate.per_second == 0)
		return true;
	refill(b, rate, now);
	return b->tokens >= (int64_t)(n < rate.burst ? n : rate.burst) * 1000;
}

static void
take(struct limit_bucket *b, struct limit_rate rate, uint32_t n)
{
	if (rate.per_second)
		b->tokens -= (int64_t)n * 1000;
}

/* ---- projects ---- */

static void
begin(struct limit_state *s, uint64_t now)
{
	int r;

	for (r = 0; r < LIMIT_ROUTES; r++)
		fill(&s->bucket[r], s->project.rates.of[r], now);
}

/*
 * Tokens are brought up to date by the rates of before, so that the new ones
 * count from now; a route that had no limit begins with a full bucket.
 */
static void
carry_over(struct limit_state *to, const struct limit_state *from, uint64_t now)
{
	int r;

	for (r = 0; r < LIMIT_ROUTES; r++) {
		struct limit_rate before = from->project.rates.of[r];
		int64_t most = (int64_t)to->project.rates.of[r].burst * 1000;
		struct limit_bucket *b = &to->bucket[r];

		if (before.per_second == 0)
			continue;
		*b = from->bucket[r];
		refill(b, before, now);
		if (b->tokens > most)
			b->tokens = most;
	}
}

bool
limits_set(struct limits *l, const struct limit_project *project, size_t n, uint64_t now)
{
	struct limit_state *state = calloc(n ? n : 1, sizeof(*state));
	size_t i, old = 0;

	if (!state)
		return false;
	for (i = 0; i < n; i++) {
		int order = -1;

		state[i].project = project[i];
		begin(&state[i], now);
		while (old < l->n) {
			order = memcmp(l->state[old].project.id, project[i].id, UUID_TEXT);
			if (order >= 0)
				break;
			old++;
		}
		if (order == 0)
			carry_over(&state[i], &l->state[old], now);
	}
	free(l->state);
	l->state = state;
	l->n = n;
	return true;
}

void
limits_release(struct limits *l)
{
	free(l->state);
	*l = (struct limits){ 0 };
}

bool
limit_take(struct limits *l, size_t project, enum limit_route route, uint32_t events, uint64_t now)
{
	struct limit_state *s = &l->state[project];
	const struct limit_rate *rate = s->project.rates.of;
	struct limit_bucket *b = s->bucket;

	if (!has(&b[route], rate[route], 1, now) ||
	    (events > 0 && !has(&b[LIMIT_EVENTS], rate[LIMIT_EVENTS], events, now)))
		return false;
	take(&b[route], rate[route], 1);
	take(&b[LIMIT_EVENTS], rate[LIMIT_EVENTS], events);
	return true;
}

/* ---- keys that are wrong ---- */

static const struct limit_rate failures_rate = { FAILURES_PER_SECOND, FAILURES_BURST };

void
failures_init(struct failures *f)
{
	memset(f, 0, sizeof(*f));
	randombytes_buf(f->key, sizeof(f->key));
}

/* The first byte says of what kind it is, so that none is all zero. */
static void
prefix_of(unsigned char w[8], const struct ip *ip)
{
	memset(w, 0, 8);
	w[0] = !ip ? 1 : ip->v4 ? 4 : 6;
	if (ip)
		memcpy(w + 1, ip->b, ip->v4 ? 3 : 6);
}

/* The prefix's entry, or the one that is best forgotten for it, empty. */
static struct failures_entry *
find(struct failures *f, const unsigned char prefix[8], uint64_t now)
{
	unsigned char hash[crypto_shorthash_BYTES];
	struct failures_entry *set, *best = NULL;
	uint64_t h;
	int i;

	crypto_shorthash(hash, prefix, 8, f->key);
	memcpy(&h, hash, sizeof(h));
	set = f->entry[h & (FAILURES_SETS - 1)];
	for (i = 0; i < FAILURES_WAYS; i++) {
		struct failures_entry *e = &set[i];

		if (e->prefix[0] == 0) {
			fill(&e->bucket, failures_rate, now);
			e->bucket.tokens++; /* rather than one that is known */
		} else {
			refill(&e->bucket, failures_rate, now);
		}
		if (memcmp(e->prefix, prefix, 8) == 0)
			return e;
		if (!best || e->bucket.tokens > best->bucket.tokens)
			best = e;
	}
	memcpy(best->prefix, prefix, 8);
	fill(&best->bucket, failures_rate, now);
	return best;
}

bool
failures_allow(struct failures *f, const struct ip *ip, uint64_t now)
{
	struct failures_entry *e;
	unsigned char prefix[8];

	prefix_of(prefix, ip);
	e = find(f, prefix, now);
	if (!has(&e->bucket, failures_rate, 1, now))
		return false;
	take(&e->bucket, failures_rate, 1);
	return true;
}
