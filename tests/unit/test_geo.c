/*
 * Countries from databases of every layout, from damaged ones, and from a file
 * that is replaced, overwritten, cut off and removed meanwhile.
 */
#define _GNU_SOURCE
#include "enrich/geo.h"
#include "enrich/geotree.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <time.h>

#include "mmdb.h"

#include "base/banned.h"

static struct mmdb made;
static struct buf file = BUF_INIT;

/* The country as text, "" for none; of the file as it is now. */
static const char *
country(struct geo *g, const char *address)
{
	static char code[3];
	unsigned generation;
	struct geo_db *db = geo_acquire(g, &generation);
	struct ip ip;

	memset(code, 0, sizeof(code));
	if (!ip_parse(&ip, address, strlen(address)) || generation != geo_generation(g))
		abort();
	if (!geo_country(db, &ip, code) && code[0])
		abort();
	geo_release(db);
	return code;
}

static struct geo *
open_made(void)
{
	const char *path = mmdb_file("a.mmdb"), *reason = "";
	struct geo *g;

	mmdb_replace(path, file.p, file.n);
	g = geo_open(path, &reason);
	CHECK(g != NULL, "not opened: %s", reason);
	if (!g)
		exit(check_end("geo"));
	return g;
}

/* ---- our walk through the tree, and the library's ---- */

static void
compare(const MMDB_s *db, const struct geotree *tree, const struct ip *ip, bool good)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	MMDB_lookup_result_s found;
	enum geotree_answer answer;
	uint32_t offset = 0;
	int status;

	memcpy(&v4.sin_addr, ip->b, 4);
	memcpy(&v6.sin6_addr, ip->b, 16);
	found = MMDB_lookup_sockaddr(
	    db, ip->v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6, &status);
	answer = geotree_find(tree, ip, &offset);
	if (answer != GEOTREE_ASK)
		CHECK(status == MMDB_SUCCESS && found.found_entry == (answer == GEOTREE_ENTRY) &&
			(!found.found_entry || found.entry.offset == offset),
		    "%d at %u, the library: %d, %d at %u", (int)answer, offset, status,
		    found.found_entry, found.entry.offset);
	else if (good)
		CHECK(!ip->v4 && tree->version == 4, "asks the library without a need");
}

/* Addresses of all kinds in the file, each twice: the second time the table knows.  Of a good file all is known. */
static void
compare_file(const char *path, uint64_t seed, bool good)
{
	struct geotree tree;
	struct ip ip;
	MMDB_s db;
	int i, k;

	if (MMDB_open(path, MMDB_MODE_MMAP, &db) != MMDB_SUCCESS)
		return;
	geotree_init(&tree, &db);
	for (i = 0; i < 200; i++) {
		ip = (struct ip){ .v4 = i % 2 };
		for (k = 0; k < (ip.v4 ? 4 : 16); k++)
			ip.b[k] = (unsigned char)(check_random(&seed) >> (i % 5 * 3));
		if (i % 3 && ip.v4)
			memcpy(ip.b, "\xc0\0", 2); /* 192.0, of which the files know something */
		else if (i % 3)
			memset(ip.b, 0, 12);
		compare(&db, &tree, &ip, good);
		compare(&db, &tree, &ip, good);
	}
	geotree_release(&tree);
	MMDB_close(&db);
}

/* ---- layouts ---- */

static void
put_nested(const char *key, const char *code)
{
	mmdb_string(&made.data, key);
	mmdb_map(&made.data, 2);
	mmdb_string(&made.data, "geoname_id");
	mmdb_number(&made.data, 6, 4711);
	mmdb_string(&made.data, "iso_code");
	mmdb_string(&made.data, code);
}

static void
put_layout(const char *nested, const char *registered, const char *flat)
{
	mmdb_map(&made.data, 1u + !!nested + !!registered + !!flat);
	mmdb_string(&made.data, "asn");
	mmdb_array(&made.data, 2);
	mmdb_number(&made.data, 5, 1);
	mmdb_map(&made.data, 0);
	if (flat) {
		mmdb_string(&made.data, "country_code");
		mmdb_string(&made.data, flat);
	}
	if (registered)
		put_nested("registered_country", registered);
	if (nested)
		put_nested("country", nested);
}

static void
test_layouts(unsigned version, unsigned record_size)
{
	static const struct {
		const char *nested, *registered, *flat, *want;
	} row[] = {
		{ "DE", NULL, NULL, "DE" },
		{ NULL, "FR", NULL, "FR" },
		{ NULL, NULL, "GB", "GB" },
		{ "DE", "FR", "GB", "DE" },
		{ NULL, "FR", "GB", "FR" },
		{ NULL, NULL, NULL, "" },
		{ "gb", NULL, NULL, "GB" },
		{ NULL, NULL, "uS", "US" },
		{ "GBR", NULL, NULL, "" },
		{ "", NULL, NULL, "" },
		{ "G", NULL, NULL, "" },
		{ "A1", NULL, NULL, "" },
		{ "\xc3\xa9", NULL, NULL, "" },
		{ "--", "FR", NULL, "FR" },
		{ "GBR", "", "it", "IT" },
	};
	size_t i, n = sizeof(row) / sizeof(row[0]);
	char address[32];
	struct geo *g;

	mmdb_start(&made, version, record_size);
	for (i = 0; i < n; i++) {
		snprintf(address, sizeof(address), "192.0.%zu.0", i);
		mmdb_network(&made, address, 24, made.data.n);
		put_layout(row[i].nested, row[i].registered, row[i].flat);
	}
	buf_reset(&file);
	mmdb_finish(&made, &file);
	g = open_made();
	for (i = 0; i < n; i++) {
		snprintf(address, sizeof(address), "192.0.%zu.255", i);
		CHECK(strcmp(country(g, address), row[i].want) == 0,
		    "IPv%u, %u bits, row %zu: got '%s', expected '%s'", version, record_size, i,
		    country(g, address), row[i].want);
		snprintf(address, sizeof(address), "::ffff:192.0.%zu.1", i);
		CHECK(strcmp(country(g, address), row[i].want) == 0, "row %zu, mapped", i);
	}
	CHECK(strcmp(country(g, "198.51.100.1"), "") == 0, "an address of nobody");
	CHECK(strcmp(country(g, "::1"), "") == 0, "an address that it can't know");
	compare_file(mmdb_file("a.mmdb"), record_size, true);
	CHECK(geo_damaged(g) == 0, "no entry counts as damage");
	geo_close(g);
}

/* What is no string, or no map, where the code should be. */
static void
test_types(void)
{
	struct geo *g;
	size_t i;

	mmdb_start(&made, 4, 24);
	mmdb_network(&made, "10.0.0.0", 8, made.data.n);
	mmdb_map(&made.data, 2);
	mmdb_string(&made.data, "country");
	mmdb_string(&made.data, "DE");
	mmdb_string(&made.data, "country_code");
	mmdb_number(&made.data, 5, 0x4445);
	mmdb_network(&made, "11.0.0.0", 8, made.data.n);
	mmdb_map(&made.data, 2);
	mmdb_string(&made.data, "country");
	mmdb_array(&made.data, 1);
	mmdb_string(&made.data, "DE");
	mmdb_string(&made.data, "country_code");
	mmdb_map(&made.data, 0);
	mmdb_network(&made, "12.0.0.0", 8, made.data.n);
	mmdb_string(&made.data, "DE");
	mmdb_network(&made, "13.0.0.0", 8, made.data.n);
	mmdb_number(&made.data, 6, 1);
	/* a bytes field is no string */
	mmdb_network(&made, "14.0.0.0", 8, made.data.n);
	mmdb_map(&made.data, 1);
	mmdb_string(&made.data, "country_code");
	buf_adds(&made.data,
	    "\x82"
	    "DE");
	buf_reset(&file);
	mmdb_finish(&made, &file);
	g = open_made();
	for (i = 10; i <= 14; i++) {
		char address[32];

		snprintf(address, sizeof(address), "%zu.1.1.1", i);
		CHECK(strcmp(country(g, address), "") == 0, "type %zu", i);
	}
	CHECK(geo_damaged(g) == 0, "another type counts as damage");
	geo_close(g);
}

static void
test_families(void)
{
	size_t flat;
	struct geo *g;

	mmdb_start(&made, 6, 28);
	flat = made.data.n;
	put_layout(NULL, NULL, "DE");
	mmdb_network(&made, "192.0.2.0", 24, flat);
	flat = made.data.n;
	put_layout(NULL, "FR", NULL);
	mmdb_network(&made, "2001:db8::", 32, flat);
	/* databases share their strings by pointers */
	flat = made.data.n;
	mmdb_string(&made.data, "country_code");
	mmdb_string(&made.data, "IT");
	mmdb_network(&made, "2001:db9::", 128, made.data.n);
	mmdb_map(&made.data, 1);
	mmdb_pointer(&made.data, (unsigned)flat);
	mmdb_pointer(&made.data, (unsigned)flat + 13);
	buf_reset(&file);
	mmdb_finish(&made, &file);
	g = open_made();
	CHECK(strcmp(country(g, "192.0.2.1"), "DE") == 0, "IPv4");
	CHECK(strcmp(country(g, "::ffff:192.0.2.1"), "DE") == 0, "IPv4 in IPv6");
	CHECK(strcmp(country(g, "2001:db8:ffff::1"), "FR") == 0, "IPv6");
	CHECK(strcmp(country(g, "2001:db9::"), "IT") == 0, "by pointers");
	CHECK(strcmp(country(g, "2001:db9::1"), "") == 0, "beside a single address");
	CHECK(strcmp(country(g, "c000:201::"), "") == 0, "IPv6 that begins as an IPv4 network");
	CHECK(geo_damaged(g) == 0, "counted as damage");
	geo_close(g);
}

/* ---- damage ---- */

static struct {
	unsigned long opened, refused, damaged;
} seen;

/* Whatever is in the file: an answer, or an error. */
static void
try_file(const char *p, size_t n)
{
	static const char *const address[] = { "192.0.2.1", "192.0.0.1", "192.0.7.255", "0.0.0.0",
		"255.255.255.255", "2001:db8::1", "::", "ffff::" };
	const char *path = mmdb_file("a.mmdb"), *reason = NULL;
	struct geo *g;
	size_t i;

	mmdb_overwrite(path, p, n);
	compare_file(path, n, false);
	g = geo_open(path, &reason);
	if (!g) {
		seen.refused++;
		CHECK(reason && *reason, "refused without a reason");
		return;
	}
	seen.opened++;
	for (i = 0; i < sizeof(address) / sizeof(address[0]); i++) {
		const char *code = country(g, address[i]);

		CHECK(!*code ||
			(code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z'),
		    "a code that is none");
	}
	seen.damaged += geo_damaged(g);
	geo_close(g);
}

static void
make_good(unsigned version)
{
	char address[32];
	size_t i;

	mmdb_start(&made, version, 24);
	for (i = 0; i < 8; i++) {
		snprintf(address, sizeof(address), "192.0.%zu.0", i);
		mmdb_network(&made, address, 24, made.data.n);
		put_layout(i % 2 ? "DE" : NULL, i % 3 ? "FR" : NULL, "GB");
	}
	buf_reset(&file);
	mmdb_finish(&made, &file);
}

static void
test_truncated(void)
{
	size_t n;

	make_good(4);
	memset(&seen, 0, sizeof(seen));
	for (n = 0; n < file.n; n += 1 + file.n / 300)
		try_file(file.p, n);
	CHECK(seen.refused > 200, "only %lu truncated files were refused", seen.refused);
	/* cut off at its start, the tree and the data are not where they should be */
	for (n = 1; n < file.n; n += 1 + file.n / 100)
		try_file(file.p + n, file.n - n);
}

static void
test_flipped(uint64_t seed, unsigned version)
{
	size_t round, i;
	char *p;

	make_good(version);
	p = exact_copy(file.p, file.n);
	memset(&seen, 0, sizeof(seen));
	for (round = 0; round < 500; round++) {
		memcpy(p, file.p, file.n);
		for (i = 0; i <= round % 8; i++)
			p[check_random(&seed) % file.n] ^= (char)(1u << check_random(&seed) % 8);
		try_file(p, file.n);
	}
	CHECK(seen.opened > 50, "only %lu were opened", seen.opened);
	CHECK(seen.refused > 10, "only %lu were refused", seen.refused);
	CHECK(seen.damaged > 10, "only %lu lookups met damage", seen.damaged);
	free(p);
}

/* Noise, as a whole file and before good metadata. */
static void
test_noise(uint64_t seed)
{
	size_t round, i, kept;
	char *p;

	make_good(6);
	p = exact_copy(file.p, file.n);
	memset(&seen, 0, sizeof(seen));
	for (round = 0; round < 100; round++) {
		kept = round % 2 ? 0 : 300;
		for (i = 0; i < file.n - kept; i++)
			p[i] = (char)check_random(&seed);
		memcpy(p + file.n - kept, file.p + file.n - kept, kept);
		try_file(p, file.n);
	}
	CHECK(seen.opened == 50 && seen.refused == 50, "%lu opened, %lu refused", seen.opened,
	    seen.refused);
	CHECK(seen.damaged > 0, "noise is no damage");
	free(p);
}

/* A region of the same bytes before the code, as deep as it goes. */
static void
test_deep(const char *bytes, size_t n)
{
	size_t i;

	mmdb_start(&made, 4, 32);
	mmdb_map(&made.data, 2);
	mmdb_string(&made.data, "names");
	for (i = 0; i < 3000000 / n; i++)
		buf_add(&made.data, bytes, n);
	mmdb_string(&made.data, "country_code");
	mmdb_string(&made.data, "DE");
	made.node[0][0] = made.node[0][1] = MMDB_NODES;
	buf_reset(&file);
	mmdb_finish(&made, &file);
	memset(&seen, 0, sizeof(seen));
	try_file(file.p, file.n);
	CHECK(seen.opened == 1 && seen.damaged > 0, "a deep hole is no damage");
}

/* Entries that point to themselves, to nowhere, and that are larger than the file. */
static void
test_traps(void)
{
	static const struct {
		const char *bytes;
		size_t n;
		bool damaged; /* or sound by the format, and yet no country */
	} trap[] = {
		{ "\x20\x00", 2, true },             /* a pointer to itself */
		{ "\x27\xff", 2, true },             /* beyond the end */
		{ "\x38\xff\xff\xff\xff", 5, true }, /* far beyond */
		{ "\xff\xff\xff\xff", 4, true },     /* a map of 16 million entries */
		{ "\xe1\x20\x00", 3, true },         /* a map whose key is the map */
		{ "\xe1\x47"
		  "country\x20\x00",
		    11, false },                      /* a map whose value is the map */
		{ "\x5f\xff\xff\xff", 4, true },      /* a string of 16 million bytes */
		{ "\x1f\x04\xff\xff\xff", 5, false }, /* an array of 16 million */
		{ "\x00\x7f", 2, true },              /* a type that is not defined */
		{ "\xe1\xe1\xe1\xe1", 4, true },      /* maps as keys */
	};
	size_t i;

	for (i = 0; i < sizeof(trap) / sizeof(trap[0]); i++) {
		mmdb_start(&made, 4, 32);
		buf_add(&made.data, trap[i].bytes, trap[i].n);
		made.node[0][0] = made.node[0][1] = MMDB_NODES;
		buf_reset(&file);
		mmdb_finish(&made, &file);
		memset(&seen, 0, sizeof(seen));
		try_file(file.p, file.n);
		CHECK(seen.opened == 1 && (seen.damaged > 0) == trap[i].damaged,
		    "trap %zu: %lu damaged", i, seen.damaged);
	}
	test_deep("\x01\x04", 2);         /* arrays of one array */
	test_deep("\xff\xff\xff\xff", 4); /* an erased disk: maps of millions */
	test_deep("\0\0", 2);             /* empty maps */
	/* a tree that never ends */
	mmdb_start(&made, 6, 24);
	mmdb_map(&made.data, 0);
	made.node[0][0] = made.node[0][1] = 0;
	buf_reset(&file);
	mmdb_finish(&made, &file);
	memset(&seen, 0, sizeof(seen));
	try_file(file.p, file.n);
	CHECK(seen.refused == 1 || seen.damaged > 0, "a tree without end is no damage");
}

/* ---- a file that changes ---- */

static struct buf one = BUF_INIT, other = BUF_INIT;

static struct geo *
open_one(void)
{
	const char *reason;
	struct geo *g;

	mmdb_of_one(&one, "AA");
	mmdb_of_one(&other, "BB");
	mmdb_replace(mmdb_file("a.mmdb"), one.p, one.n);
	g = geo_open(mmdb_file("a.mmdb"), &reason);
	if (!g)
		abort();
	return g;
}

/* Files that have changed a moment ago are read again to be sure. */
static void
settle(void)
{
	const struct timespec a_while = { 0, 200000000 };

	nanosleep(&a_while, NULL);
}

/* A file that stays the same is not read again. */
static void
test_unchanged(void)
{
	struct geo *g = open_one();
	const char *reason;
	unsigned generation;

	settle();
	CHECK(geo_check(g, &reason), "refused");
	generation = geo_generation(g);
	CHECK(geo_check(g, &reason) && geo_generation(g) == generation, "read again");
	CHECK(strcmp(country(g, "192.0.2.1"), "AA") == 0, "not what it was");
	geo_close(g);
}

static void
test_replaced(void)
{
	struct geo *g = open_one();
	const char *reason = NULL;
	unsigned first;
	struct geo_db *kept = geo_acquire(g, &first);
	struct ip ip = { .v4 = true };
	char code[2];

	mmdb_replace(mmdb_file("a.mmdb"), other.p, other.n);
	CHECK(strcmp(country(g, "192.0.2.1"), "AA") == 0, "changed before it was looked at");
	CHECK(geo_check(g, &reason), "refused: %s", reason);
	CHECK(geo_generation(g) != first, "the same generation");
	CHECK(strcmp(country(g, "192.0.2.1"), "BB") == 0, "not replaced");
	CHECK(geo_country(kept, &ip, code) && code[0] == 'A', "what was acquired has changed");
	geo_release(kept);
	CHECK(geo_damaged(g) == 0, "counted as damage");
	geo_close(g);
}

/* The same size and modification time, as files of npm's packages have them. */
static void
test_same_time(void)
{
	static const struct timespec times[2] = { { 499162500, 0 }, { 499162500, 0 } };
	const char *path = mmdb_file("a.mmdb"), *reason;
	struct geo *g = open_one();

	mmdb_overwrite(path, one.p, one.n);
	if (utimensat(AT_FDCWD, path, times, 0) != 0)
		abort();
	settle();
	CHECK(geo_check(g, &reason) && strcmp(country(g, "::1"), "AA") == 0, "the first");
	mmdb_overwrite(path, other.p, other.n);
	if (utimensat(AT_FDCWD, path, times, 0) != 0)
		abort();
	CHECK(geo_check(g, &reason) && strcmp(country(g, "::1"), "BB") == 0, "not noticed");
	geo_close(g);
}

/* The same size, and the times that the kernel's last tick gave it. */
static void
test_same_tick(void)
{
	struct geo *g = open_one();
	const char *reason;
	int i;

	for (i = 0; i < 100; i++) {
		const struct buf *next = i % 2 ? &one : &other;

		mmdb_overwrite(mmdb_file("a.mmdb"), next->p, next->n);
		CHECK(geo_check(g, &reason), "refused: %s", reason);
		CHECK(strcmp(country(g, "::1"), i % 2 ? "AA" : "BB") == 0, "change %d", i);
	}
	geo_close(g);
}

/* One that can't be used, said once, then a good one. */
static void
check_bad(struct geo *g, const char *what)
{
	const char *path = mmdb_file("a.mmdb"), *reason = "";
	unsigned generation = geo_generation(g);

	CHECK(!geo_check(g, &reason) && *reason, "%s: not said", what);
	CHECK(geo_check(g, &reason), "%s: said twice", what);
	CHECK(geo_generation(g) == generation, "%s: in use", what);
	CHECK(strcmp(country(g, "192.0.2.1"), "AA") == 0, "%s: not the one before", what);
	rmdir(path);
	mmdb_replace(path, one.p, one.n);
	CHECK(geo_check(g, &reason) && geo_generation(g) != generation, "%s: never again", what);
}

static void
test_bad(void)
{
	const char *path = mmdb_file("a.mmdb"), *reason;
	struct geo *g = open_one();

	mmdb_overwrite(path, one.p, 0);
	check_bad(g, "cut off");
	mmdb_overwrite(path, one.p, one.n / 2);
	check_bad(g, "half written");
	mmdb_replace(path, "garbage", 7);
	check_bad(g, "garbage");
	unlink(path);
	check_bad(g, "removed");
	unlink(path);
	if (mkfifo(path, 0600) != 0)
		abort();
	check_bad(g, "a pipe");
	unlink(path);
	if (mkdir(path, 0700) != 0)
		abort();
	check_bad(g, "a folder");

	/* bad in several ways is said once, until it was good */
	mmdb_overwrite(path, one.p, 0);
	CHECK(!geo_check(g, &reason), "not said");
	mmdb_overwrite(path, one.p, one.n / 2);
	CHECK(geo_check(g, &reason), "said as well");
	mmdb_overwrite(path, other.p, other.n);
	CHECK(geo_check(g, &reason) && strcmp(country(g, "::1"), "BB") == 0, "not mended");
	mmdb_overwrite(path, one.p, 0);
	CHECK(!geo_check(g, &reason), "not said again");
	geo_close(g);
}

static void
test_refresh(void)
{
	const struct timespec a_while = { 0, 20000000 };
	struct geo *g = open_one();
	const char *reason;
	int i;

	CHECK(geo_refresh(g, &reason), "refused");
	mmdb_replace(mmdb_file("a.mmdb"), other.p, other.n);
	for (i = 0; i < 1000 && strcmp(country(g, "::1"), "BB") != 0; i++) {
		nanosleep(&a_while, NULL);
		CHECK(geo_refresh(g, &reason), "refused");
	}
	CHECK(strcmp(country(g, "::1"), "BB") == 0, "never noticed");
	geo_close(g);
}

static void
test_refused(void)
{
	const char *reason = NULL;

	CHECK(!geo_open(mmdb_file("missing"), &reason) && *reason, "a file that is not there");
	CHECK(!geo_open("/dev/null", &reason) && *reason, "a device");
	CHECK(!geo_open("/", &reason) && *reason, "a folder");
	geo_close(NULL);
	geo_release(NULL);
}

int
main(void)
{
	static const unsigned size[] = { 24, 28, 32 };
	size_t i;

	for (i = 0; i < 3; i++) {
		test_layouts(4, size[i]);
		test_layouts(6, size[i]);
	}
	test_types();
	test_families();
	test_truncated();
	test_flipped(1, 4);
	test_flipped(2, 6);
	test_noise(3);
	test_traps();
	test_unchanged();
	test_replaced();
	test_same_time();
	test_same_tick();
	test_bad();
	test_refresh();
	test_refused();
	mmdb_clean();
	buf_release(&file);
	buf_release(&one);
	buf_release(&other);
	return check_end("geo");
}
