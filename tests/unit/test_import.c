/*
 * What mm-import is made of: times, clients, log lines, ids.
 */
#include <sodium.h>

#include "import/clf.h"
#include "text/client.h"
#include "import/format.h"
#include "text/log_time.h"
#include "import/repeats.h"

#include "check.h"

#include "base/banned.h"

/* The time as it is written, or "-". */
static const char *
time_of(const char *text)
{
	static char shown[LOG_TIME_TEXT + 1];
	char *exact = exact_copy(text, strlen(text));
	int64_t ms;

	if (!log_time_parse(exact, strlen(text), &ms)) {
		free(exact);
		return "-";
	}
	free(exact);
	*log_time_format(shown, ms) = '\0';
	return shown;
}

static void
test_times(void)
{
	static const char *const row[][2] = {
		{ "17/May/2015:08:05:32 +0000", "2015-05-17T08:05:32Z" },
		{ "[17/May/2015:08:05:32 +0000]", "2015-05-17T08:05:32Z" },
		{ "17/May/2015:08:05:32 +0530", "2015-05-17T02:35:32Z" },
		{ "17/may/2015:00:05:32 -0330", "2015-05-17T03:35:32Z" },
		{ "17/May/2015:08:05:32.5", "2015-05-17T08:05:32.500Z" },
		{ "31/Dec/2016:23:59:60 +0000", "2017-01-01T00:00:00Z" },
		{ "29/Feb/2024:00:00:00 +0000", "2024-02-29T00:00:00Z" },
		{ "29/Feb/2023:00:00:00 +0000", "-" },
		{ "17/Maj/2015:08:05:32 +0000", "-" },
		{ "17/May/2015:24:05:32 +0000", "-" },
		{ "17/May/2015:08:05:32 +2500", "-" },
		{ "17/May/2015:08:05:32 +000", "-" },
		{ "17/May/2015:08:05:3", "-" },
		{ "17/May/15:08:05:32 +0000", "-" },
		{ "2015-05-17T08:05:32Z", "2015-05-17T08:05:32Z" },
		{ "2015-05-17t08:05:32z", "2015-05-17T08:05:32Z" },
		{ "2015-05-17T08:05:32.123456789+02:00", "2015-05-17T06:05:32.123Z" },
		{ "2015-05-17T08:05:32.9999+02", "2015-05-17T06:05:32.999Z" },
		{ "2015-05-17 08:05:32", "2015-05-17T08:05:32Z" },
		{ "2015-05-17 08:05:32,123 UTC", "2015-05-17T08:05:32.123Z" },
		{ "2015-05-17 08:05:32.123 +0200", "2015-05-17T06:05:32.123Z" },
		{ "2015-05-17 08:05:32.5 +0000 UTC", "2015-05-17T08:05:32.500Z" },
		{ "2015/05/17 08:05:32", "2015-05-17T08:05:32Z" },
		{ "2015-05/17 08:05:32", "-" },
		{ "2015-05-17", "-" },
		{ "2015-05-17T08:05", "-" },
		{ "2015-05-17T08:05:32Zx", "-" },
		{ "Sun, 17 May 2015 08:05:32 GMT", "2015-05-17T08:05:32Z" },
		{ "Sun May 17 08:05:32 2015", "2015-05-17T08:05:32Z" },
		{ "Fri May  1 08:05:32 2015", "2015-05-01T08:05:32Z" },
		{ "1431849932", "2015-05-17T08:05:32Z" },
		{ "1431849932.123", "2015-05-17T08:05:32.123Z" },
		{ "1431849932.999999", "2015-05-17T08:05:32.999Z" },
		{ "1431849932123", "2015-05-17T08:05:32.123Z" },
		{ "1431849932123.75", "2015-05-17T08:05:32.123Z" },
		{ "1431849932123456", "2015-05-17T08:05:32.123Z" },
		{ "1431849932123456789", "2015-05-17T08:05:32.123Z" },
		{ "1.431849932123e9", "2015-05-17T08:05:32.123Z" },
		{ "1.431849932123E+12", "2015-05-17T08:05:32.123Z" },
		{ "14318499321.23e-1", "2015-05-17T08:05:32.123Z" },
		{ "631152000", "1990-01-01T00:00:00Z" },
		{ "631151999", "-" },
		{ "0.005000000000", "-" },
		{ "000000000000", "-" },
		{ "1431849932.", "2015-05-17T08:05:32Z" },
		{ "1431849932x", "-" },
		{ "1e999999999", "-" },
		{ "99999999999999999999999999", "-" },
		{ "-1431849932", "-" },
		{ "yesterday at noon", "-" },
		{ "[]", "-" },
		{ "", "-" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		CHECK(strcmp(time_of(row[i][0]), row[i][1]) == 0, "%s: %s, not %s", row[i][0],
		    time_of(row[i][0]), row[i][1]);
}

/* The client of peer and list, with 10.0.0.0/8 and 2001:db8:a::/48 trusted; or "-". */
static const char *
client_of(const char *peer, const char *forwarded)
{
	static char text[IP_TEXT + 1];
	struct ip_range range[2];
	struct client_trust trust = { range, 2 };
	struct ip ip;

	CHECK(ip_range_parse(&range[0], SPAN("10.0.0.0/8")), "a range");
	CHECK(ip_range_parse(&range[1], SPAN("2001:db8:a::/48")), "a range");
	if (client_find(&ip, span_of(peer), span_of(forwarded), &trust) == CLIENT_NONE)
		return "-";
	text[ip_format(&ip, text)] = '\0';
	return text;
}

static void
test_clients(void)
{
	static const char *const row[][3] = {
		{ "203.0.113.7", "", "203.0.113.7" },
		{ "203.0.113.7", "198.51.100.1", "203.0.113.7" },
		{ "10.0.0.1", "198.51.100.1", "198.51.100.1" },
		{ "10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7" },
		{ "10.0.0.1", "198.51.100.1,10.0.0.9", "198.51.100.1" },
		{ "10.0.0.1", "x, 10.0.0.9", "10.0.0.9" },
		{ "10.0.0.1", "x", "10.0.0.1" },
		{ "10.0.0.1", ",", "10.0.0.1" },
		{ "10.0.0.1", "unknown, 198.51.100.1", "198.51.100.1" },
		{ "10.0.0.1:80", "198.51.100.1:4711", "198.51.100.1" },
		{ "10.0.0.1", "for=198.51.100.1", "198.51.100.1" },
		{ "10.0.0.1", "for=192.0.2.1, For=\"[2001:db8:b::7]:4711\";proto=https;by=10.0.0.1",
		    "2001:db8:b::7" },
		{ "10.0.0.1", "proto=https;for=198.51.100.1;by=10.0.0.1", "198.51.100.1" },
		{ "2001:db8:a::1", "2001:db8:b::7", "2001:db8:b::7" },
		{ "::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1" },
		{ "fe80::1%eth0", "", "fe80::1" },
		{ "198.51.100.1, 10.0.0.1", "", "198.51.100.1" },
		{ "198.51.100.1, 203.0.113.7", "", "203.0.113.7" },
		{ "", "198.51.100.1, 203.0.113.7", "203.0.113.7" },
		{ "host.example", "", "-" },
		{ "unix:", "203.0.113.7", "203.0.113.7" },
		{ "1.2.3", "", "-" },
		{ "1.2.3.256", "", "-" },
		{ "01.2.3.4", "", "-" },
		{ "1.2.3.4.", "", "-" },
		{ "0.0.0.0", "", "0.0.0.0" },
		{ "255.255.255.255", "", "255.255.255.255" },
		{ "", "", "-" },
	};
	static const char *const wrong[] = { "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "::/129",
		"example.com", "", "10.0.0.0/-1", "::ffff:10.0.0.0/64" };
	struct ip_range r;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		CHECK(strcmp(client_of(row[i][0], row[i][1]), row[i][2]) == 0, "%s, %s: %s, not %s",
		    row[i][0], row[i][1], client_of(row[i][0], row[i][1]), row[i][2]);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK(!ip_range_parse(&r, span_of(wrong[i])), "%s is no range", wrong[i]);
	CHECK(ip_range_parse(&r, SPAN("::ffff:10.0.0.0/104")) && r.ip.v4 && r.bits == 8, "mapped");
}

/* Each beginning of a line is parsed in memory of just that size: nothing is read beyond. */
static void
test_torn(void)
{
	static const char line[] =
	    "shop.example:443 203.0.113.7 - bob [17/May/2015:08:05:32 +0000] \"GET /a\\\"\\x20 HTTP/1.1\" "
	    "200 5 \"https://a.example/\" \"x \\x41\\\\\" \"203.0.113.7, 10.0.0.1\" \"www.example\"";
	struct buf scratch = BUF_INIT;
	size_t n, good = 0;

	for (n = 0; n < sizeof(line); n++) {
		char *exact = exact_copy(line, n);
		struct complaint why;
		struct hit h;
		const char *other;

		memset(&h, 0, sizeof(h));
		good += clf_parse(&h, exact, n, &scratch, &why);
		import_guess(exact, n, &other);
		free(exact);
	}
	CHECK(good > 10 && good < 60, "%zu beginnings are whole", good);
	buf_release(&scratch);
}

static void
test_repeats(void)
{
	static struct repeats r, again;
	char one[UUID_TEXT], two[UUID_TEXT], text[32];
	int i;

	repeats_init(&r, (struct span){ NULL, 0 });
	repeats_init(&again, (struct span){ NULL, 0 });
	repeats_id(&r, "line", 4, one);
	repeats_id(&again, "line", 4, two);
	CHECK(memcmp(one, two, UUID_TEXT) == 0, "made of the line alone");
	repeats_id(&r, "line", 4, two);
	CHECK(memcmp(one, two, UUID_TEXT) != 0, "the second time is another");
	repeats_id(&again, "line", 4, one);
	CHECK(memcmp(one, two, UUID_TEXT) == 0, "and the same second time");
	repeats_reset(&r);
	repeats_id(&r, "line", 4, one);
	repeats_init(&again, SPAN("shop.example"));
	repeats_id(&again, "line", 4, two);
	CHECK(memcmp(one, two, UUID_TEXT) != 0, "the site counts");
	/* the table holds however many come and go */
	for (i = 0; i < 5 * REPEATS_WINDOW; i++) {
		snprintf(text, sizeof(text), "line %d", i / 2 * 3 % 50000);
		repeats_id(&r, text, strlen(text), one);
	}
	for (i = 0; i < 100; i++)
		repeats_id(&r, "often", 5, two);
	CHECK(r.ring[(r.next + REPEATS_WINDOW - 1) % REPEATS_WINDOW].times == 100, "counted");
}

int
main(void)
{
	if (sodium_init() < 0)
		return 1;
	test_times();
	test_clients();
	test_torn();
	test_repeats();
	return check_end("import");
}
