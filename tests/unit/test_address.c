/*
 * What is kept of addresses: that it is true, is counted, and is forgotten
 * when the database changes, also while several threads look things up.
 */
#define _GNU_SOURCE
#include "enrich/address.h"

#include <pthread.h>
#include <stdlib.h>

#include "mmdb.h"

#include "base/banned.h"

enum { THREADS = 3, CHANGES = 60 };

#define SALT "0123456789abcdef-salt"
#define DAY INT64_C(1778889600000) /* 2026-05-16T00:00:00Z */
#define DAY_MS INT64_C(86400000)

static struct buf one = BUF_INIT, other = BUF_INIT;

static struct geo *
open_one(void)
{
	const char *reason;
	struct geo *g;

	mmdb_replace(mmdb_file("a.mmdb"), one.p, one.n);
	g = geo_open(mmdb_file("a.mmdb"), &reason);
	if (!g)
		abort();
	return g;
}

static struct ip
ip_of(uint64_t number)
{
	struct ip ip = { .v4 = number % 2 };

	memcpy(ip.b, &number, ip.v4 ? 4 : sizeof(number));
	return ip;
}

static bool
is_code(const struct address *known, const char *code)
{
	return is_text(known->country, known->country_n, code);
}

static void
start_hash(struct iphash *h)
{
	if (!iphash_init(h, SALT, strlen(SALT)))
		abort();
}

/* From the table or not, the answer is what the modules below give. */
static void
test_answers(void)
{
	struct geo *g = open_one();
	struct iphash hash, check;
	struct addresses a;
	char want[IPHASH_TEXT];
	uint64_t seed = 1;
	int i;

	start_hash(&hash);
	start_hash(&check);
	if (!addresses_init(&a, g, &hash))
		abort();
	for (i = 0; i < 20000; i++) {
		struct ip ip = ip_of(check_random(&seed) % 6000);
		int64_t ms = DAY + (int64_t)(check_random(&seed) % 3) * DAY_MS;
		const struct address *known = addresses_find(&a, &ip, ms);

		iphash_format(&check, &ip, ms, want);
		CHECK(is_code(known, "AA"), "address %d: the country", i);
		CHECK(known->hash_n == IPHASH_TEXT && memcmp(known->hash, want, IPHASH_TEXT) == 0,
		    "address %d: the hash", i);
	}
	CHECK(a.hits + a.misses == 20000, "%llu hits and %llu misses", (unsigned long long)a.hits,
	    (unsigned long long)a.misses);
	CHECK(a.hits > 0 && a.misses > 0, "only one of the two was counted");
	addresses_release(&a);
	iphash_release(&hash);
	iphash_release(&check);
	geo_close(g);
}

static void
test_counts(void)
{
	struct ip ip = ip_of(4711);
	struct addresses a;
	int i;

	if (!addresses_init(&a, NULL, NULL))
		abort();
	CHECK(a.hits == 0 && a.misses == 0, "counted before the first");
	for (i = 0; i < 3; i++) {
		const struct address *known = addresses_find(&a, &ip, DAY);

		CHECK(known->country_n == 0 && known->hash_n == 0, "known out of nothing");
	}
	CHECK(a.hits == 2 && a.misses == 1, "the same address three times");
	addresses_find(&a, &ip, DAY + DAY_MS - 1);
	CHECK(a.hits == 3 && a.misses == 1, "the same day");
	addresses_find(&a, &ip, DAY + DAY_MS);
	CHECK(a.hits == 3 && a.misses == 2, "another day");
	addresses_release(&a);
}

static void
test_reload(void)
{
	struct geo *g = open_one();
	struct ip ip = ip_of(4711);
	struct iphash hash;
	struct addresses a;
	char before[IPHASH_TEXT];
	const struct address *known;
	const char *reason;

	start_hash(&hash);
	if (!addresses_init(&a, g, &hash))
		abort();
	known = addresses_find(&a, &ip, DAY);
	CHECK(is_code(known, "AA"), "the first");
	memcpy(before, known->hash, IPHASH_TEXT);
	mmdb_replace(mmdb_file("a.mmdb"), other.p, other.n);
	CHECK(is_code(addresses_find(&a, &ip, DAY), "AA"), "before it was looked at");
	CHECK(geo_check(g, &reason), "refused");
	known = addresses_find(&a, &ip, DAY);
	CHECK(is_code(known, "BB"), "not forgotten");
	CHECK(memcmp(before, known->hash, IPHASH_TEXT) == 0, "another hash");
	CHECK(a.hits == 1 && a.misses == 2, "%d hits, %d misses", (int)a.hits, (int)a.misses);
	mmdb_overwrite(mmdb_file("a.mmdb"), "x", 1);
	CHECK(!geo_check(g, &reason), "garbage in use");
	CHECK(is_code(addresses_find(&a, &ip, DAY), "BB"), "forgotten for garbage");
	CHECK(a.hits == 2, "looked up again");
	addresses_release(&a);
	iphash_release(&hash);
	geo_close(g);
}

/* ---- threads ---- */

struct worker {
	struct geo *geo;
	pthread_mutex_t *lock; /* of `done` */
	const bool *done;
	unsigned long wrong, changes;
	bool last; /* whether the last answer was of the last database */
};

static bool
is_done(struct worker *w)
{
	bool done;

	pthread_mutex_lock(w->lock);
	done = *w->done;
	pthread_mutex_unlock(w->lock);
	return done;
}

static void *
look_up(void *data)
{
	struct worker *w = data;
	struct iphash hash;
	struct addresses a;
	uint64_t seed = 7;
	char before = 'A';
	bool done;
	int i;

	start_hash(&hash);
	if (!addresses_init(&a, w->geo, &hash))
		abort();
	do {
		done = is_done(w);
		for (i = 0; i < 50; i++) {
			struct ip ip = ip_of(check_random(&seed) % 500);
			const struct address *known = addresses_find(&a, &ip, DAY);

			w->wrong += !is_code(known, "AA") && !is_code(known, "BB");
			w->changes += known->country[0] != before;
			before = known->country[0];
		}
	} while (!done);
	w->last = before == 'B';
	addresses_release(&a);
	iphash_release(&hash);
	return NULL;
}

static void
test_threads(void)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct geo *g = open_one();
	struct worker worker[THREADS];
	pthread_t thread[THREADS];
	bool done = false;
	const char *reason;
	size_t i;

	for (i = 0; i < THREADS; i++) {
		worker[i] = (struct worker){ .geo = g, .lock = &lock, .done = &done };
		if (pthread_create(&thread[i], NULL, look_up, &worker[i]) != 0)
			abort();
	}
	for (i = 0; i < CHANGES; i++) {
		const struct buf *next = i % 2 ? &other : &one;

		if (i % 3)
			mmdb_replace(mmdb_file("a.mmdb"), next->p, next->n);
		else
			mmdb_overwrite(mmdb_file("a.mmdb"), next->p, next->n);
		CHECK(geo_check(g, &reason), "refused: %s", reason);
	}
	pthread_mutex_lock(&lock);
	done = true;
	pthread_mutex_unlock(&lock);
	for (i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
		CHECK(worker[i].wrong == 0, "thread %zu: %lu wrong", i, worker[i].wrong);
		CHECK(worker[i].changes > 0 && worker[i].last, "thread %zu: an old database", i);
	}
	CHECK(geo_damaged(g) == 0, "counted as damage");
	geo_close(g);
}

int
main(void)
{
	mmdb_of_one(&one, "AA");
	mmdb_of_one(&other, "BB");
	test_answers();
	test_counts();
	test_reload();
	test_threads();
	mmdb_clean();
	buf_release(&one);
	buf_release(&other);
	return check_end("address");
}
