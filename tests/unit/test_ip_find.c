/* Addresses inside text: what is one, and what only looks like it. */
#include "text/ip_find.h"

#include <stdlib.h>

#include "check.h"

#include "base/banned.h"

/* The text with each address that is found in angle brackets. */
static void
mark(struct span text, struct buf *to)
{
	/* exactly the text, so that a sanitizer sees every read beyond */
	char *copy = malloc(text.n ? text.n : 1);
	const char *end, *from, *copied;
	struct ip_place place;

	if (!copy)
		abort();
	memcpy(copy, text.p, text.n);
	end = copy + text.n;
	from = copied = copy;
	buf_reset(to);
	while (ip_find(copy, from, end, &place)) {
		buf_add(to, copied, (size_t)(place.p - copied));
		buf_addc(to, '<');
		buf_add(to, place.p, place.n);
		buf_addc(to, '>');
		copied = from = place.p + place.n;
	}
	buf_add(to, copied, (size_t)(end - copied));
	free(copy);
}

static void
test_cases(void)
{
	static const struct {
		const char *text, *marked;
	} row[] = {
		{ "", "" },
		{ "203.0.113.7", "<203.0.113.7>" },
		{ "203.0.113.7 - - [16/May/2026:19:00:00 +0000] \"GET / HTTP/1.1\" 200 5",
		    "<203.0.113.7> - - [16/May/2026:19:00:00 +0000] \"GET / HTTP/1.1\" 200 5" },
		{ "203.0.113.7:443,[2001:db8::1]:80", "<203.0.113.7>:443,[<2001:db8::1>]:80" },
		{ "2001:db8::1", "<2001:db8::1>" },
		{ "2001:DB8:0:0:0:0:0:1 x", "<2001:DB8:0:0:0:0:0:1> x" },
		{ "a ::1 b", "a <::1> b" },
		{ "fe80::1%eth0", "<fe80::1>%eth0" },
		{ "1:2:3:4:5:6:192.0.2.1 1:2:3:4:5:6:7:8",
		    "<1:2:3:4:5:6:192.0.2.1> <1:2:3:4:5:6:7:8>" },
		{ "::ffff:203.0.113.7", "<::ffff:203.0.113.7>" },
		{ "for=\"[2001:db8::1]:4711\";proto=http",
		    "for=\"[<2001:db8::1>]:4711\";proto=http" },
		{ "ip=203.0.113.7&x=1", "ip=<203.0.113.7>&x=1" },
		{ "ip%3D203.0.113.7%26x", "ip%3D<203.0.113.7>%26x" },
		{ "http://203.0.113.7/a", "http://<203.0.113.7>/a" },
		{ "GET /203.0.113.7 HTTP/1.1", "GET /<203.0.113.7> HTTP/1.1" },
		{ "GET /logs/203.0.113.7 HTTP/1.1", "GET /logs/<203.0.113.7> HTTP/1.1" },
		{ "x/203.0.113.7/y", "x/<203.0.113.7>/y" },
		{ "203.0.113.0/24", "<203.0.113.0>/24" },
		{ "10.0.0.1-10.0.0.9", "<10.0.0.1>-<10.0.0.9>" },
		{ "from 203.0.113.7.", "from <203.0.113.7>." },
		{ "from 2001:db8::1.", "from <2001:db8::1>." },
		{ "2001:db8::1: refused", "<2001:db8::1>: refused" },
		{ "client:2001:db8::1", "client:<2001:db8::1>" },
		{ "cache:2001:db8::1 addr:::1 :2001:db8::1",
		    "cache:<2001:db8::1> addr:<::1> :<2001:db8::1>" },
		{ "client:203.0.113.7, server", "client:<203.0.113.7>, server" },
		{ "203.0.113.7.nip.example", "<203.0.113.7>.nip.example" },
		{ "ip_203.0.113.7_x", "ip_<203.0.113.7>_x" },
		{ "1.2.3.4,5.6.7.8, 9.10.11.12", "<1.2.3.4>,<5.6.7.8>, <9.10.11.12>" },
		{ "1.2.3.4:5.6.7.8", "<1.2.3.4>:<5.6.7.8>" },
		/* what is none */
		{ "Chrome/126.0.0.0 Safari/537.36", "Chrome/126.0.0.0 Safari/537.36" },
		{ "\"Mozilla/5.0 (X; rv:1.9.0.1) Gecko\"",
		    "\"Mozilla/5.0 (X; rv:1.9.0.1) Gecko\"" },
		{ "Edg/1.2.3.4\"", "Edg/1.2.3.4\"" },
		{ "v1.2.3.4", "v1.2.3.4" },
		{ "1.2.3.4rc1", "1.2.3.4rc1" },
		{ "1.2.3.4.5", "1.2.3.4.5" },
		{ "0.1.2.3.4.5", "0.1.2.3.4.5" },
		{ "256.1.1.1 1.1.1.256 1.1.1", "256.1.1.1 1.1.1.256 1.1.1" },
		{ "1203.0.113.7", "1203.0.113.7" },
		{ "203.0.113.71234", "203.0.113.71234" },
		{ "203..0.113.7", "203..0.113.7" },
		{ "19:00:00", "19:00:00" },
		{ "2026:19:00:00", "2026:19:00:00" },
		{ "std::string a::zone", "std::string a::zone" },
		{ ":: and ::", ":: and ::" },
		{ "aa:bb:cc:dd:ee:ff", "aa:bb:cc:dd:ee:ff" },
		{ "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99",
		    "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99" },
		{ "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8:9" },
		{ "2001:db8::1g", "2001:db8::1g" },
		{ "12001:db8::1", "12001:db8::1" },
		{ ".", "." },
		{ "1.", "1." },
		{ ".1", ".1" },
		{ ":", ":" },
	};
	struct buf got = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		mark(span_of(row[i].text), &got);
		CHECK(span_eq((struct span){ got.p, got.n }, span_of(row[i].marked)), "%s: %.*s",
		    row[i].text, (int)got.n, got.p);
	}
	buf_release(&got);
}

static uint32_t
next(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* Any address, in any canonical text, is found between anything that ends a word. */
static void
test_random(void)
{
	static const char around[] = " \"'()[]{}<>,;=|&?!#@*\\\t-_~`^";
	struct buf text = BUF_INIT;
	uint32_t state = 4711;
	int i, k;

	for (i = 0; i < 20000; i++) {
		struct ip ip = { .v4 = next(&state) % 2 };
		struct ip_place place;
		char name[IP_TEXT];
		size_t n, before;

		for (k = 0; k < (ip.v4 ? 4 : 16); k++)
			ip.b[k] = next(&state) % 3 ? (unsigned char)next(&state) : 0;
		n = ip_format(&ip, name);
		if (n <= 2)
			continue;
		buf_reset(&text);
		for (k = (int)(next(&state) % 8); k > 0; k--)
			buf_addc(&text, "abcXYZ019. "[next(&state) % 11]);
		buf_addc(&text, around[next(&state) % (sizeof(around) - 1)]);
		before = text.n;
		buf_add(&text, name, n);
		buf_addc(&text, around[next(&state) % (sizeof(around) - 1)]);
		buf_adds(&text, "tail");
		CHECK(ip_find(text.p, text.p, text.p + text.n, &place) &&
			place.p == text.p + before && place.n == n && place.ip.v4 == ip.v4 &&
			memcmp(place.ip.b, ip.b, sizeof(ip.b)) == 0,
		    "%.*s", (int)text.n, text.p);
	}
	buf_release(&text);
}

/* Long runs of what addresses consist of cost no more than their length. */
static void
test_long_runs(void)
{
	static const char *const piece[] = { ":", "1:", "a.", "1.", "1::", "1.2.3." };
	struct buf text = BUF_INIT;
	struct ip_place place;
	size_t i, k;

	for (i = 0; i < sizeof(piece) / sizeof(piece[0]); i++) {
		buf_reset(&text);
		for (k = 0; k < 500000; k++)
			buf_adds(&text, piece[i]);
		CHECK(!ip_find(text.p, text.p, text.p + text.n, &place), "%s", piece[i]);
	}
	buf_release(&text);
}

int
main(void)
{
	test_cases();
	test_random();
	test_long_runs();
	return check_end("test_ip_find");
}
