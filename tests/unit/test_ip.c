/* Addresses: what is one, and its one canonical text (RFC 5952). */
#include "text/ip.h"

#include <arpa/inet.h>

#include "check.h"

#include "base/banned.h"

static void
test_canonical(void)
{
	static const struct {
		const char *text, *canonical;
	} row[] = {
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "192.0.2.10", "192.0.2.10" },
		{ "100.20.3.99", "100.20.3.99" },
		{ "::ffff:192.0.2.10", "192.0.2.10" },
		{ "::FFFF:c000:20a", "192.0.2.10" },
		{ "0:0:0:0:0:ffff:192.0.2.10", "192.0.2.10" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "0:0:0:0:0:0:0:1", "::1" },
		{ "1::", "1::" },
		{ "2001:db8::1", "2001:db8::1" },
		{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
		{ "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1" },
		{ "2001:db8::0:1", "2001:db8::1" },
		/* 4.2.2: one group of zeros stays */
		{ "2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		/* 4.2.3: the longest run, of equal ones the first */
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "0:0:1:0:0:0:0:0", "0:0:1::" },
		{ "0:0:0:1:0:0:0:1", "::1:0:0:0:1" },
		{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
		{ "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0" },
		{ "0:2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
		{ "ABCD:EF01:2345:6789:ABCD:EF01:2345:6789",
		    "abcd:ef01:2345:6789:abcd:ef01:2345:6789" },
		{ "::1.2.3.4", "::102:304" },
		{ "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
		{ "::ffff:0:1.2.3.4", "::ffff:0:102:304" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t n = strlen(row[i].text);
		char *p = exact_copy(row[i].text, n), got[IP_TEXT];
		struct ip ip;

		if (CHECK(ip_parse(&ip, p, n), "refused: %s", row[i].text)) {
			n = ip_format(&ip, got);
			CHECK(is_text(got, n, row[i].canonical), "%s became %.*s", row[i].text,
			    (int)n, got);
			CHECK(ip.v4 == !strchr(row[i].canonical, ':'), "family of %s", row[i].text);
		}
		free(p);
	}
}

static void
test_refused(void)
{
	static const char *const row[] = { "", " ", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1",
		"1.2.3.04", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4:80", "1.2.3.-4",
		"1.2.3.4/32", "0x1.2.3.4", "127.1", ":", ":::", "::1::", "1::2::3",
		"12345::", "g::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "[::1]", "[::1]:80",
		"::1%eth0", "fe80::1%1", "::ffff:1.2.3", "::ffff:1.2.3.256", "1.2.3.4::", "::1/128",
		"1:2:3:4:5:6:7::8:9", "unknown", "localhost", "-",
		"0000:0000:0000:0000:0000:0000:0000:00001",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb" };
	struct ip ip;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t n = strlen(row[i]);
		char *p = exact_copy(row[i], n);

		CHECK(!ip_parse(&ip, p, n), "accepted: %s", row[i]);
		free(p);
	}
	CHECK(!ip_parse(&ip, "1.2.3.4\0", 8), "accepted a NUL at the end");
	CHECK(!ip_parse(&ip, "1.2.3.4\0junk", 12), "accepted a NUL in the middle");
}

/* Whatever the spelling that libc gives an address, we give it our one. */
static void
test_random(void)
{
	uint64_t seed = 4;
	int round;

	for (round = 0; round < 20000; round++) {
		unsigned char b[16];
		char theirs[INET6_ADDRSTRLEN], ours[IP_TEXT], again[IP_TEXT];
		struct ip one, two;
		size_t i, n;

		for (i = 0; i < 16; i++)
			b[i] = (unsigned char)(check_random(&seed) % 3
				? 0
				: check_random(&seed) >> (check_random(&seed) % 8));
		if (!inet_ntop(AF_INET6, b, theirs, sizeof(theirs)))
			abort();
		if (!CHECK(ip_parse(&one, theirs, strlen(theirs)), "refused: %s", theirs))
			continue;
		n = ip_format(&one, ours);
		CHECK(n < IP_TEXT && ip_parse(&two, ours, n) && two.v4 == one.v4 &&
			memcmp(one.b, two.b, 16) == 0,
		    "%s became %.*s", theirs, (int)n, ours);
		CHECK(ip_format(&two, again) == n && memcmp(ours, again, n) == 0, "%s: two texts",
		    theirs);
		/* libc writes embedded IPv4 where we do not; else it is the same text */
		if (!strchr(theirs, '.'))
			CHECK(is_text(ours, n, theirs), "%s became %.*s", theirs, (int)n, ours);
	}
}

/* What is a dotted quad, by libc. */
static void
test_quads(void)
{
	static const char letters[] = "0123456789012345601255....  :a";
	uint64_t seed = 5;
	int round, good = 0;

	for (round = 0; round < 200000; round++) {
		char text[20] = "";
		unsigned char b[4];
		size_t n = 0, i, k;
		struct ip ip;
		bool theirs, ours;
		char *p;

		for (i = 0; i < 4; i++) {
			k = check_random(&seed) % 4;
			while (k-- > 0 && n < 15)
				text[n++] = (char)('0' + check_random(&seed) % (k ? 10 : 3));
			if (i < 3 && n < 15)
				text[n++] = '.';
		}
		if (n > 0 && check_random(&seed) % 4 == 0)
			text[check_random(&seed) % n] =
			    letters[check_random(&seed) % (sizeof(letters) - 1)];
		p = exact_copy(text, n);
		theirs = inet_pton(AF_INET, text, b) == 1;
		ours = ip_parse(&ip, p, n) && ip.v4;
		CHECK(ours == theirs && (!ours || memcmp(ip.b, b, 4) == 0), "%s", text);
		good += ours;
		free(p);
	}
	CHECK(good > 1000 && good < round, "%d of %d are good", good, round);
}

int
main(void)
{
	test_quads();
	test_canonical();
	test_refused();
	test_random();
	return check_end("ip");
}
