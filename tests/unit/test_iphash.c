/*
 * The hash of an address, with vectors from another implementation:
 *
 *   printf %s ADDRESS | openssl dgst -sha256 -mac HMAC -macopt key:SALTDATE
 */
#include "enrich/iphash.h"

#include "check.h"

#include "base/banned.h"

#define SALT "0123456789abcdef-salt"
#define DAY INT64_C(1778889600000) /* 2026-05-16T00:00:00Z */

static void
hash(struct iphash *h, const char *text, int64_t ms, char *w)
{
	struct ip ip;

	if (!ip_parse(&ip, text, strlen(text)))
		abort();
	iphash_format(h, &ip, ms, w);
	w[IPHASH_TEXT] = '\0';
}

static void
test_vectors(struct iphash *h)
{
	static const struct {
		const char *ip;
		int64_t ms;
		const char *hash;
	} row[] = {
		{ "192.0.2.10", DAY, "d1e6b486851d48ccbcb1462bf72ac253" },
		{ "::ffff:192.0.2.10", DAY + 86399999, "d1e6b486851d48ccbcb1462bf72ac253" },
		{ "192.0.2.10", DAY - 1, "b6f1b435ca91b4674a2bab33cda5832d" },
		{ "192.0.2.10", DAY + 86400000, "67c9bc22365b17f5b91a4edc15e0f519" },
		{ "2001:DB8:0:0:0:0:0:1", DAY, "7f9da00b8e07c1247fc3c043cc8ef045" },
		{ "2001:db8::1", DAY, "7f9da00b8e07c1247fc3c043cc8ef045" },
		{ "::1", -1, "e74fd6bd44880690ad850fd88415c9c7" },
		{ "::1", 0, "7709cad023f65bb581a5afa79ed8f2b9" },
	};
	size_t i, round;
	char got[IPHASH_TEXT + 1];

	for (round = 0; round < 2; round++) {
		for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
			hash(h, row[i].ip, row[i].ms, got);
			CHECK(strcmp(got, row[i].hash) == 0, "%s: got %s, expected %s", row[i].ip,
			    got, row[i].hash);
		}
	}
}

/* Days that share a slot of the kept states push each other out. */
static void
test_days(struct iphash *h)
{
	char first[3 * IPHASH_DAYS][IPHASH_TEXT + 1], got[IPHASH_TEXT + 1];
	int day, other;

	for (day = 0; day < 3 * IPHASH_DAYS; day++)
		hash(h, "192.0.2.10", DAY + day * INT64_C(86400000), first[day]);
	for (day = 0; day < 3 * IPHASH_DAYS; day++) {
		struct iphash fresh;

		hash(h, "192.0.2.10", DAY + (day + 1) * INT64_C(86400000) - 1, got);
		CHECK(strcmp(got, first[day]) == 0, "day %d: the hash changed", day);
		for (other = 0; other < day; other++)
			CHECK(strcmp(first[other], first[day]) != 0, "days %d and %d", other, day);
		CHECK(iphash_init(&fresh, SALT, strlen(SALT)), "init");
		hash(&fresh, "192.0.2.10", DAY + day * INT64_C(86400000), got);
		CHECK(strcmp(got, first[day]) == 0, "day %d: depends on what was before", day);
		iphash_release(&fresh);
	}
}

static void
test_salt_length(void)
{
	static char salt[IPHASH_SALT_MAX + 1];
	static const size_t good[] = { IPHASH_SALT_MIN, 63, 64, 65, 1000, IPHASH_SALT_MAX };
	static const size_t bad[] = { 0, 1, IPHASH_SALT_MIN - 1, IPHASH_SALT_MAX + 1 };
	char got[IPHASH_TEXT + 1];
	struct iphash h;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		CHECK(iphash_init(&h, salt, good[i]), "%zu bytes refused", good[i]);
		hash(&h, "::1", DAY, got);
		iphash_release(&h);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!iphash_init(&h, salt, bad[i]), "%zu bytes accepted", bad[i]);
}

/* The HMAC underneath, by cases 1, 2, 3 and 6 of RFC 4231. */
static void
test_rfc4231(void)
{
	static const struct {
		int key_byte; /* 0: the text "Jefe" */
		size_t key_n;
		int data_byte; /* 0: the text */
		size_t data_n;
		const char *data, *hex;
	} cases[] = {
		{ 0x0b, 20, 0, 0, "Hi There",
		    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ 0, 4, 0, 0, "what do ya want for nothing?",
		    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ 0xaa, 20, 0xdd, 50, NULL,
		    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
		{ 0xaa, 131, 0, 0, "Test Using Larger Than Block-Size Key - Hash Key First",
		    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned char key[131], data[64], digest[crypto_auth_hmacsha256_BYTES];
		char hex[2 * sizeof(digest) + 1];
		crypto_auth_hmacsha256_state state;
		size_t n = cases[i].data_n;

		memset(key, cases[i].key_byte, sizeof(key));
		if (!cases[i].key_byte)
			memcpy(key, "Jefe", 4);
		memset(data, cases[i].data_byte, sizeof(data));
		if (cases[i].data) {
			n = strlen(cases[i].data);
			memcpy(data, cases[i].data, n);
		}
		crypto_auth_hmacsha256_init(&state, key, cases[i].key_n);
		crypto_auth_hmacsha256_update(&state, data, n);
		crypto_auth_hmacsha256_final(&state, digest);
		sodium_bin2hex(hex, sizeof(hex), digest, sizeof(digest));
		CHECK(strcmp(hex, cases[i].hex) == 0, "case %zu: %s", i, hex);
	}
}

/* The processor's instructions, where it has some, give what libsodium gives. */
static void
test_hardware(struct iphash *h)
{
	struct iphash portable = *h; /* the days are shared */
	char one[IPHASH_TEXT], other[IPHASH_TEXT];
	uint64_t seed = 7;
	int i;

	portable.hardware = false;
	for (i = 0; i < 20000; i++) {
		uint64_t half[2] = { check_random(&seed), check_random(&seed) };
		int64_t ms = DAY + (int64_t)(check_random(&seed) % 100) * 86400000;
		struct ip ip = { .v4 = i % 2 };

		memcpy(ip.b, half, ip.v4 ? 4 : 16);
		iphash_format(h, &ip, ms, one);
		iphash_format(&portable, &ip, ms, other);
		CHECK(memcmp(one, other, IPHASH_TEXT) == 0, "address %d", i);
	}
}

int
main(void)
{
	struct iphash h;

	if (!CHECK(iphash_init(&h, SALT, strlen(SALT)), "init"))
		return check_end("iphash");
	test_vectors(&h);
	test_days(&h);
	test_hardware(&h);
	iphash_release(&h);
	test_salt_length();
	test_rfc4231();
	return check_end("iphash");
}
