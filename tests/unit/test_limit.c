/*
 * Token buckets, by a clock that the test sets.
 */
#include "serve/limit.h"

#include <sodium.h>

#include "check.h"

#include "base/banned.h"

static struct limit_project
project(unsigned number, struct limit_rates rates)
{
	struct limit_project p = { .rates = rates };
	char text[UUID_TEXT + 1];

	snprintf(text, sizeof(text), "%08x-0000-4000-8000-000000000000", number);
	memcpy(p.id, text, UUID_TEXT);
	return p;
}

/* How many of n requests at that moment may pass. */
static unsigned
passed(struct limits *l, size_t p, enum limit_route route, unsigned n, uint64_t now)
{
	unsigned good = 0, i;

	for (i = 0; i < n; i++)
		good += limit_take(l, p, route, 1, now);
	return good;
}

static void
test_default_rates(void)
{
	struct limit_project one = project(1, (struct limit_rates)LIMIT_RATES_DEFAULT);
	struct limits l = { 0 };
	unsigned all = 0;
	uint64_t ms;

	CHECK(limits_set(&l, &one, 1, 1000), "no memory");
	CHECK(passed(&l, 0, LIMIT_TRACK, 1000, 1000) == 200, "the burst of track");
	CHECK(passed(&l, 0, LIMIT_BATCH, 1000, 1000) == 20, "the burst of batch");
	CHECK(passed(&l, 0, LIMIT_TRACK, 1000, 1019) == 0, "19 ms are no token of 50/s");
	CHECK(passed(&l, 0, LIMIT_TRACK, 1000, 1020) == 1, "20 ms are one");
	CHECK(passed(&l, 0, LIMIT_BATCH, 1000, 1199) == 0, "199 ms are no token of 5/s");
	CHECK(passed(&l, 0, LIMIT_BATCH, 1000, 1200) == 1, "200 ms are one");
	/* asked each millisecond or once: the same */
	for (ms = 1021; ms <= 11020; ms++)
		all += passed(&l, 0, LIMIT_TRACK, 3, ms);
	CHECK(all == 500, "ten seconds of 50/s let %u pass", all);
	CHECK(passed(&l, 0, LIMIT_TRACK, 1000, 11020 + 3600000) == 200, "no more than the burst");
	CHECK(passed(&l, 0, LIMIT_TRACK, 1, 5) == 0, "a clock that goes back gives nothing");
	CHECK(passed(&l, 0, LIMIT_TRACK, 1000, UINT64_MAX) == 200, "nor one at its end");
	limits_release(&l);
}

static void
test_events(void)
{
	struct limit_project one =
	    project(1, (struct limit_rates){ { { 0, 0 }, { 0, 0 }, { 100, 300 } } });
	struct limits l = { 0 };

	limits_set(&l, &one, 1, 0);
	CHECK(limit_take(&l, 0, LIMIT_BATCH, 200, 0), "200 of 300");
	CHECK(!limit_take(&l, 0, LIMIT_BATCH, 200, 0), "200 of 100");
	CHECK(limit_take(&l, 0, LIMIT_TRACK, 100, 0), "what was refused took nothing");
	CHECK(!limit_take(&l, 0, LIMIT_TRACK, 1, 0), "both routes share the events");
	/* more than the bucket holds: once it is full, and then for as long as it is worth */
	CHECK(!limit_take(&l, 0, LIMIT_BATCH, 1000, 2999), "not full");
	CHECK(limit_take(&l, 0, LIMIT_BATCH, 1000, 3000), "full");
	CHECK(!limit_take(&l, 0, LIMIT_TRACK, 1, 3000 + 7009), "700 are owed");
	CHECK(limit_take(&l, 0, LIMIT_TRACK, 1, 3000 + 7010), "paid");
	limits_release(&l);
}

static void
test_neither_is_taken(void)
{
	struct limit_project one =
	    project(1, (struct limit_rates){ { { 1, 1 }, { 0, 0 }, { 1, 5 } } });
	struct limits l = { 0 };

	limits_set(&l, &one, 1, 0);
	CHECK(limit_take(&l, 0, LIMIT_TRACK, 1, 0), "the first");
	CHECK(!limit_take(&l, 0, LIMIT_TRACK, 1, 0), "the route is empty");
	CHECK(limit_take(&l, 0, LIMIT_BATCH, 4, 0), "no event was taken by it");
	limits_release(&l);
}

/* Each project gets what it would get alone, whatever the others send. */
static void
test_projects_are_apart(void)
{
	enum { PROJECTS = 1000 };
	static struct limit_project many[PROJECTS];
	struct limits l = { 0 };
	uint64_t state = 15, ms;
	unsigned quiet = 0, i;

	for (i = 0; i < PROJECTS; i++)
		many[i] = project(i, (struct limit_rates)LIMIT_RATES_DEFAULT);
	limits_set(&l, many, PROJECTS, 0);
	for (ms = 0; ms < 20000; ms += 20) {
		for (i = 0; i < 500; i++)
			limit_take(&l, 1 + check_random(&state) % (PROJECTS - 1),
			    check_random(&state) & 1 ? LIMIT_TRACK : LIMIT_BATCH, 1, ms);
		quiet += passed(&l, 0, LIMIT_TRACK, 1, ms);
	}
	CHECK(quiet == 1000, "50/s of 50/s: %u of 1000", quiet);
	limits_release(&l);
}

static void
test_new_table(void)
{
	struct limit_project before[] = {
		project(1, (struct limit_rates)LIMIT_RATES_DEFAULT),
		project(3, (struct limit_rates)LIMIT_RATES_DEFAULT),
	};
	struct limit_project after[] = {
		project(0, (struct limit_rates)LIMIT_RATES_DEFAULT),
		project(1, (struct limit_rates){ { { 1, 10 }, { 5, 20 }, { 7, 7 } } }),
		project(2, (struct limit_rates)LIMIT_RATES_DEFAULT),
		project(3, (struct limit_rates)LIMIT_RATES_DEFAULT),
	};
	struct limits l = { 0 };

	limits_set(&l, before, 2, 0);
	CHECK(passed(&l, 1, LIMIT_TRACK, 150, 0) == 150, "of project 3");
	CHECK(limits_set(&l, after, 4, 0), "no memory");
	CHECK(passed(&l, 3, LIMIT_TRACK, 1000, 0) == 50, "what is left is carried over");
	CHECK(passed(&l, 1, LIMIT_TRACK, 1000, 0) == 7, "and cut to the new burst: here of events");
	CHECK(passed(&l, 0, LIMIT_TRACK, 1000, 0) == 200, "who is new begins full");
	CHECK(passed(&l, 2, LIMIT_TRACK, 1000, 0) == 200, "also in between");
	CHECK(limits_set(&l, before, 1, 0) && l.n == 1, "who is gone is gone");
	CHECK(limits_set(&l, NULL, 0, 0) && l.n == 0, "none at all");
	limits_release(&l);
}

static struct ip
address(const char *text)
{
	struct ip ip = { 0 };

	CHECK(ip_parse(&ip, text, strlen(text)), "%s", text);
	return ip;
}

static unsigned
told(struct failures *f, const char *text, unsigned n, uint64_t now)
{
	struct ip ip = { 0 };
	unsigned good = 0, i;

	if (text)
		ip = address(text);
	for (i = 0; i < n; i++)
		good += failures_allow(f, text ? &ip : NULL, now);
	return good;
}

static void
test_failures(void)
{
	static struct failures f;

	failures_init(&f);
	CHECK(told(&f, "192.0.2.1", 100, 0) == 20, "a burst");
	CHECK(told(&f, "192.0.2.255", 100, 0) == 0, "the /24 shares it");
	CHECK(told(&f, "192.0.3.1", 100, 0) == 20, "another /24 has its own");
	CHECK(told(&f, "2001:db8:1::1", 100, 0) == 20, "a burst");
	CHECK(told(&f, "2001:db8:1:ffff::1", 100, 0) == 0, "the /48 shares it");
	CHECK(told(&f, "2001:db8:2::1", 100, 0) == 20, "another /48 has its own");
	CHECK(told(&f, "::", 100, 0) == 20 && told(&f, "0.0.0.0", 100, 0) == 20, "zeros");
	CHECK(told(&f, NULL, 100, 0) == 20, "without an address");
	CHECK(told(&f, "192.0.2.1", 100, 5000) == 5, "one comes a second");
}

/* Many prefixes: nothing grows, nobody gets more than a burst each time, and what was known last is. */
static void
test_failures_are_bounded(void)
{
	static struct failures f;
	unsigned i, good, forgotten = 0;

	failures_init(&f);
	CHECK(sizeof(f) <= 128 * 1024, "%zu bytes", sizeof(f));
	CHECK(told(&f, "198.51.100.1", 20, 0) == 20, "a burst");
	for (i = 0; i < 100000; i++) {
		struct ip ip = { .v4 = false };

		memcpy(ip.b, &i, sizeof(i));
		CHECK(failures_allow(&f, &ip, 0), "each for the first time");
	}
	good = told(&f, "198.51.100.1", 20, 0);
	CHECK(good == 0, "the emptiest is forgotten last, %u passed", good);
	for (i = 0; i < 1000; i++) {
		char text[32];

		snprintf(text, sizeof(text), "10.%u.%u.1", i / 250, i % 250);
		told(&f, text, 20, 1);
		forgotten += told(&f, text, 1, 1);
	}
	CHECK(forgotten == 0, "%u were forgotten at once", forgotten);
}

int
main(void)
{
	if (sodium_init() < 0)
		return 1;
	test_default_rates();
	test_events();
	test_neither_is_taken();
	test_projects_are_apart();
	test_new_table();
	test_failures();
	test_failures_are_bounded();
	return check_end("test_limit");
}
