/*
 * The HTTP server: requests as they come, whole or by the byte, and what is
 * refused.
 */
#include "http.h"

#include "http/forwarded.h"
#include "http/head.h"
#include "http/listen.h"

#include "base/banned.h"

/* What came of one connection that said so: the statuses; site.seen has the rest. */
static void
expect(const char *file_line, struct site *site, const char *said, size_t n, size_t piece,
    const char *status, const char *seen)
{
	struct buf answers = BUF_INIT;
	char text[128];
	int fd = site_client(site);
	bool end;
	size_t at;

	buf_reset(&site->seen);
	for (at = 0; at < n; at += piece)
		say_n(site, fd, said + at, n - at < piece ? n - at : piece);
	end = hear(site, fd, &answers);
	CHECK(strcmp(statuses(&answers, end, text), status) == 0, "%s (by %zu): %s, not %s",
	    file_line, piece, text, status);
	CHECK(!seen || is_text(site->seen.p, site->seen.n, seen), "%s (by %zu): saw %.*s",
	    file_line, piece, (int)site->seen.n, site->seen.p ? site->seen.p : "");
	buf_release(&answers);
	close(fd);
	site_turn(site);
}

#define H "Host: a\r\n"

static void
test_requests(void)
{
	static const struct {
		const char *said, *status, *seen;
	} cases[] = {
		{ "GET / HTTP/1.1\r\n" H "\r\n", "200", "GET /\n" },
		{ "\r\nGET / HTTP/1.1\r\n" H "\r\n", "200", "GET /\n" },
		{ "\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n", "400.", "" },
		{ "GET / HTTP/1.0\r\n\r\n", "200.", "GET /\n" },
		{ "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "200", "GET /\n" },
		{ "GET / HTTP/1.1\r\n" H "Connection: close\r\n\r\n", "200.", "GET /\n" },
		{ "GET /a?b=c HTTP/1.1\r\n" H "\r\nGET /2 HTTP/1.1\r\n" H "\r\n", "200 200",
		    "GET /a?b=c\nGET /2\n" },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n" H "\r\n",
		    "200 200", "POST / [abc]\nGET /\n" },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n",
		    "200 200", "POST /\nGET /\n" },
		{ "POST / HTTP/1.1\r\n" H
		  "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"
		  "GET / HTTP/1.1\r\n" H "\r\n",
		    "200 200", "POST / [abc0123456789]\nGET /\n" },
		{ "OPTIONS * HTTP/1.1\r\n" H "\r\n", "400.", "" },
		{ "OPTIONS / HTTP/1.1\r\n" H "\r\n", "200", "OPTIONS /\n" },
		{ "TRACE / HTTP/1.1\r\n" H "\r\n", "400.", "" },
		{ "REPORT / HTTP/1.1\r\n" H "\r\n", "200", "REPORT /\n" },
		{ "GET / HTTP/1.1\r\n" H "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
		  "GET /2 HTTP/1.1\r\n" H "\r\n",
		    "200.", "GET /\n" },
		/* refused */
		{ "GET / HTTP/1.1\n" H "\r\n", "400.", "" },
		{ "GET / HTTP/1.1\r\nHost: a\n\r\n", "400.", "" },
		{ "GET / HTTP/1.1\r\n" H "A: b\rX\r\n\r\n", "400.", "" },
		{ "GET / HTTP/1.1\r\n" H "\r\r\n", "400.", "" },
		{ "GET / HTTP/1.1\r\n" H "A: b\r\n c\r\n\r\n", "400.", "" },
		{ "GET / HTTP/1.1\r\n" H "A : b\r\n\r\n", "400.", "" },
		{ "GET / HTTP/1.1\r\n" H "A\x01: b\r\n\r\n", "400.", "" },
		{ "GET / HTTP/1.1\r\n" H ": b\r\n\r\n", "400.", "" },
		{ "GET / HTTP/1.1\r\n\r\n", "400.", "" },
		{ "GET / HTTP/1.1\r\n" H H "\r\n", "400.", "" },
		{ "GET / HTTP/1.1\r\nHost:\r\n\r\n", "400.", "" },
		{ "GET / HTTP/1.1\r\nHost: a\t\r\n\r\n", "400.", "" },
		{ "GET / HTTP/1.1\r\nHost:\ta\r\n\r\n", "400.", "" },
		{ "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400.", "" },
		{ "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400.", "" },
		{ "GET / HTTP/1.1\r\n" H "Authorization: a\r\nauthorization: a\r\n\r\n", "400.",
		    "" },
		{ "GET / HTTP/2.0\r\n" H "\r\n", "505.", "" },
		{ "GET / HTTP/1.2\r\n" H "\r\n", "505.", "" },
		{ "GET / HTTP/0.9\r\n" H "\r\n", "505.", "" },
		{ "GET /\r\n\r\n", "400.", "" },
		{ "get / HTTP/1.1\r\n" H "\r\n", "400.", "" },
		{ "GET  / HTTP/1.1\r\n" H "\r\n", "400.", "" },
		{ "GET / HTTP/1.1 \r\n" H "\r\n", "400.", "" },
		{ "GET / HTTP/1.1\r\n" H "Expect: magic\r\n\r\n", "417.", "" },
		{ "CONNECT a:1 HTTP/1.1\r\n" H "\r\n", "400.", "" },
		{ "GET http://a/ HTTP/1.1\r\n" H "\r\n", "400.", "" },
		{ "GET * HTTP/1.1\r\n" H "\r\n", "400.", "" },
		{ "GET /% HTTP/1.1\r\n" H "\r\n", "400.", "" },
		{ "GET /%00 HTTP/1.1\r\n" H "\r\n", "400.", "" },
		{ "GET /a/../../b HTTP/1.1\r\n" H "\r\n", "400.", "" },
		{ "GET /a/%2e%2E/..%2f HTTP/1.1\r\n" H "\r\n", "400.", "" },
		{ "GET /\xc3\xa4 HTTP/1.1\r\n" H "\r\n", "400.", "" },
		{ "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505.", "" },
		/* lengths */
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", "400.",
		    "" },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 1, 1\r\n\r\na", "400.", "" },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: +1\r\n\r\na", "400.", "" },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 0x1\r\n\r\na", "400.", "" },
		{ "POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\na", "400.", "" },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 99999999999999999999\r\n\r\na", "400.",
		    "" },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 18446744073709551615\r\n\r\na", "413.",
		    "" },
		{ "POST / HTTP/1.1\r\n" H "Content-Length: 65537\r\n\r\na", "413.", "" },
		{ "POST / HTTP/1.1\r\n" H
		  "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		    "400.", "" },
		{ "POST / HTTP/1.1\r\n" H
		  "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
		    "400.", "" },
		{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "400.",
		    "" },
		{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
		    "501.", "" },
		{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n\r\n", "400.", "" },
		{ "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400.", "" },
	/* chunks */
#define C "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
		{ C "1;a=b\r\nx\r\n0\r\n\r\n", "400.", "" },
		{ C "1;\r\nx\r\n0\r\n\r\n", "400.", "" },
		{ C "1 \r\nx\r\n0\r\n\r\n", "400.", "" },
		{ C "1\nx\n0\n\n", "400.", "" },
		{ C "1\r\nx\n0\r\n\r\n", "400.", "" },
		{ C "1\r\nxx\r\n0\r\n\r\n", "400.", "" },
		{ C "-1\r\nx\r\n0\r\n\r\n", "400.", "" },
		{ C "0x1\r\nx\r\n0\r\n\r\n", "400.", "" },
		{ C "\r\nx\r\n0\r\n\r\n", "400.", "" },
		{ C "11111111111111111\r\nx\r\n0\r\n\r\n", "400.", "" },
		{ C "0\r\nA: b\r\n\r\n", "400.", "" },
		{ C "0\r\n\n", "400.", "" },
		{ C "0\r\n\rX", "400.", "" },
	};
	struct site site;
	char name[32];
	size_t i, n;

	site_start(&site, (struct http_config){ 0 });
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(name, sizeof(name), "case %zu", i);
		n = strlen(cases[i].said);
		expect(name, &site, cases[i].said, n, n, cases[i].status, cases[i].seen);
		expect(name, &site, cases[i].said, n, 1, cases[i].status, cases[i].seen);
		expect(name, &site, cases[i].said, n, 7, cases[i].status, cases[i].seen);
	}
	CHECK(http_counts(site.server)->open == 0, "connections stay open");
	expect("NUL", &site, "GET / HTTP/1.1\r\nHost: a\0\r\n\r\n", 29, 29, "400.", "");
	CHECK(http_counts(site.server)->memory == 0, "blocks stay in use");
	site_end(&site);
}

/* Answers come later, in order, and only one request at a time is handed out. */
static void
test_later(void)
{
	static const char two[] =
	    "GET /1 HTTP/1.1\r\n" H "\r\nPOST /2 HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nhi";
	struct buf answers = BUF_INIT;
	struct site site;
	char text[128];
	int fd;

	site_start(&site, (struct http_config){ 0 });
	site.later = true;
	fd = site_client(&site);
	say(&site, fd, two);
	CHECK(is_text(site.seen.p, site.seen.n, "GET /1\n"), "two at once");
	CHECK(http_counts(site.server)->waiting == 1, "one waits");
	site_answer(&site);
	hear(&site, fd, &answers);
	CHECK(is_text(site.seen.p, site.seen.n, "GET /1\nPOST /2 [hi]\n"), "the second");
	CHECK(strcmp(statuses(&answers, false, text), "200") == 0, "%s", text);

	/* who has shut his end is answered, who has gone is not missed */
	shutdown(fd, SHUT_WR);
	site_turn(&site);
	site_answer(&site);
	CHECK(hear(&site, fd, &answers), "still open");
	CHECK(strcmp(statuses(&answers, true, text), "200 200.") == 0, "%s", text);
	close(fd);
	fd = site_client(&site);
	say(&site, fd, two);
	close(fd);
	site_turn(&site);
	CHECK(site.waiting != NULL, "nothing waits");
	site_answer(&site);
	site_turn(&site);
	CHECK(http_counts(site.server)->open == 0, "open");
	CHECK(http_counts(site.server)->memory == 0, "memory");
	site_end(&site);
	buf_release(&answers);
}

static void
test_stop(void)
{
	struct buf answers = BUF_INIT;
	struct site site;
	char text[128];
	int idle, half, waits;

	site_start(&site, (struct http_config){ 0 });
	site.later = true;
	idle = site_client(&site);
	half = site_client(&site);
	waits = site_client(&site);
	say(&site, waits, "GET /1 HTTP/1.1\r\n" H "\r\n");
	say(&site, half, "GET /2 HTTP/1.1\r\n");
	http_server_stop(site.server);
	CHECK(!site_turn(&site), "stopped too early");
	CHECK(hear(&site, idle, &answers), "an idle one stays open");
	site_answer(&site);
	CHECK(hear(&site, waits, &answers), "is kept alive");
	say(&site, half, H "\r\n");
	CHECK(!site_turn(&site), "stopped too early");
	close(waits);
	site_answer(&site);
	CHECK(hear(&site, half, &answers), "is kept alive");
	close(half);
	CHECK(strcmp(statuses(&answers, true, text), "200 200.") == 0, "%s", text);
	CHECK(site_turn(&site), "does not stop");
	close(idle);
	site_end(&site);
	buf_release(&answers);
}

/* The client of a request with these fields, whose peer is this (NULL: a unix socket). */
static void
expect_client(const char *peer, const char *fields, enum http_client kind, const char *address)
{
	static struct ip_range ranges[2];
	struct http_trust trust = { { ranges, 2 }, true };
	static struct head head;
	struct http_request r = { 0 };
	struct buf text = BUF_INIT;
	struct ip ip = { 0 };
	char w[IP_TEXT];
	size_t n;

	ip_range_parse(&ranges[0], SPAN("10.0.0.0/8"));
	ip_range_parse(&ranges[1], SPAN("fd00::/8"));
	buf_addf(&text, "GET / HTTP/1.0\r\n%s\r\n", fields);
	CHECK(head_read(&head, &r, text.p, text.n) == 0, "no head: %s", fields);
	r.peer_is_unix = !peer;
	if (peer)
		ip_parse(&r.peer, peer, strlen(peer));
	CHECK(http_client_find(&ip, &r, &trust) == kind, "not of that kind: %s", fields);
	n = ip_format(&ip, w);
	CHECK(!address || is_text(w, n, address), "%s: %.*s, not %s", fields, (int)n, w, address);
	buf_release(&text);
}

static void
test_clients(void)
{
#define X "X-Forwarded-For: "
	expect_client("1.2.3.4", "", HTTP_CLIENT_PEER, "1.2.3.4");
	expect_client("1.2.3.4", X "5.6.7.8\r\n", HTTP_CLIENT_UNTRUSTED, "1.2.3.4");
	expect_client("10.1.1.1", "", HTTP_CLIENT_PEER, "10.1.1.1");
	expect_client("10.1.1.1", X "5.6.7.8\r\n", HTTP_CLIENT_FORWARDED, "5.6.7.8");
	/* what stands further left is the client's own word */
	expect_client("10.1.1.1", X "9.9.9.9, 5.6.7.8\r\n", HTTP_CLIENT_FORWARDED, "5.6.7.8");
	expect_client(
	    "10.1.1.1", X "9.9.9.9, 5.6.7.8, 10.2.2.2\r\n", HTTP_CLIENT_FORWARDED, "5.6.7.8");
	expect_client("10.1.1.1", X "9.9.9.9, 5.6.7.8\r\n" X "10.2.2.2\r\n", HTTP_CLIENT_FORWARDED,
	    "5.6.7.8");
	expect_client(
	    "10.1.1.1", X "9.9.9.9\r\n" X "5.6.7.8\r\n", HTTP_CLIENT_FORWARDED, "5.6.7.8");
	expect_client("10.1.1.1", X "9.9.9.9\r\n" X "unknown\r\n", HTTP_CLIENT_PEER, "10.1.1.1");
	expect_client(
	    "10.1.1.1", X "9.9.9.9, unknown, 10.2.2.2\r\n", HTTP_CLIENT_FORWARDED, "10.2.2.2");
	expect_client("10.1.1.1", "Forwarded: for=9.9.9.9, for=\"[2001:db8::1]:80\";proto=http\r\n",
	    HTTP_CLIENT_FORWARDED, "2001:db8::1");
	expect_client("fd00::1", X "5.6.7.8\r\n", HTTP_CLIENT_FORWARDED, "5.6.7.8");
	/* a proxy writes one and passes the other on */
	expect_client("10.1.1.1", X "5.6.7.8\r\nForwarded: for=9.9.9.9\r\n", HTTP_CLIENT_DISAGREE,
	    "10.1.1.1");
	expect_client("10.1.1.1", X "5.6.7.8\r\nForwarded: for=5.6.7.8\r\n", HTTP_CLIENT_FORWARDED,
	    "5.6.7.8");
	expect_client(NULL, "", HTTP_CLIENT_NONE, NULL);
	expect_client(NULL, X "9.9.9.9, 5.6.7.8\r\n", HTTP_CLIENT_FORWARDED, "5.6.7.8");
	expect_client(
	    NULL, X "9.9.9.9, 5.6.7.8\r\n" X "10.1.1.1\r\n", HTTP_CLIENT_FORWARDED, "5.6.7.8");
	expect_client(NULL, X "unknown\r\n", HTTP_CLIENT_NONE, NULL);
}

/* ---- limits: the clock is the test's ---- */

static void
pass(struct site *site, int64_t ms)
{
	site->now += ms;
	site_turn(site);
}

/* A client that says so, a byte every step ms, is answered like that after `after` ms. */
static void
expect_deadline(const char *said, const char *drip, int64_t after, const char *status)
{
	enum { STEP = 500 };
	struct buf answers = BUF_INIT;
	struct site site;
	char text[128], c[2] = "";
	int64_t t;
	int fd;

	site_start(&site, (struct http_config){ 0 });
	fd = site_client(&site);
	say(&site, fd, said);
	for (t = STEP; t < after; t += STEP) {
		if (*drip) {
			c[0] = *drip++;
			say(&site, fd, c);
		}
		pass(&site, STEP);
		CHECK(!hear(&site, fd, &answers), "%s: ended after %d ms", said, (int)t);
	}
	pass(&site, STEP + 2);
	CHECK(hear(&site, fd, &answers), "%s: not ended", said);
	CHECK(strcmp(statuses(&answers, true, text), status) == 0, "%s: %s", said, text);
	close(fd);
	site_turn(&site);
	CHECK(http_counts(site.server)->open == 0, "%s: open", said);
	site_end(&site);
	buf_release(&answers);
}

static void
test_deadlines(void)
{
	static const char slow[] =
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

	expect_deadline("", "", 75000, ".");
	expect_deadline("G", "ET / HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaaaaa", 10000, "408.");
	expect_deadline(
	    "POST / HTTP/1.1\r\n" H "Content-Length: 1000\r\n\r\n", slow, 30000, "408.");
	expect_deadline("POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n40\r\n", slow,
	    30000, "408.");
	expect_deadline("GET / HTTP/1.1\r\n" H "\r\n", "", 75000, "200.");
	expect_deadline("\r\n", "", 10000, ".");
}

/* Who does not read is cut off, and holds up nobody. */
static void
test_slow_reader(void)
{
	struct buf answers = BUF_INIT;
	struct site site;
	int slow, other;

	site_start(&site, (struct http_config){ 0 });
	memset(buf_room(&site.large, 4000000), 'x', 4000000);
	site.large.n = 4000000;
	slow = site_client(&site);
	other = site_client(&site);
	say(&site, slow, "GET /large HTTP/1.1\r\n" H "\r\n");
	CHECK(http_counts(site.server)->memory > 3000000, "the answer is not kept");
	say(&site, other, "GET / HTTP/1.1\r\n" H "\r\n");
	hear(&site, other, &answers);
	CHECK(answers.n > 0, "another waits");
	pass(&site, 29000);
	CHECK(http_counts(site.server)->open == 2, "cut off too early");
	pass(&site, 1002);
	CHECK(http_counts(site.server)->open == 1, "not cut off");
	CHECK(http_counts(site.server)->memory == 0, "memory");
	close(slow);
	/* who reads gets all of it, byte for byte */
	buf_reset(&answers);
	say(&site, other, "GET /large HTTP/1.1\r\n" H "\r\n");
	hear(&site, other, &answers);
	CHECK(answers.n > 4000000 &&
		memcmp(answers.p + answers.n - 4000000, site.large.p, 4000000) == 0,
	    "%zu bytes came", answers.n);
	/* of HEAD nothing but the length */
	buf_reset(&answers);
	say(&site, other, "HEAD /large HTTP/1.1\r\n" H "\r\n");
	hear(&site, other, &answers);
	CHECK(answers.n < 300 &&
		span_holds(
		    (struct span){ answers.p, answers.n }, SPAN("Content-Length: 4000000\r\n")),
	    "HEAD: %zu bytes", answers.n);
	close(other);
	site_end(&site);
	buf_release(&answers);
}

static void
add_fields(struct buf *b, size_t fields, size_t value)
{
	size_t i;

	buf_adds(b, "GET / HTTP/1.1\r\n" H);
	for (i = 0; i < fields; i++) {
		buf_adds(b, "A: ");
		memset(buf_room(b, value), 'v', value);
		b->n += value;
		buf_adds(b, "\r\n");
	}
	buf_adds(b, "\r\n");
}

static void
test_caps(void)
{
	static const char early[] = "POST / HTTP/1.1\r\n" H "Content-Length: 4\r\n\r\nbody";
	struct buf b = BUF_INIT, answers = BUF_INIT;
	struct site site;
	size_t i, k;
	char text[128];
	int fd;

	site_start(&site, (struct http_config){ .memory_most = 8 * 1024 * 1024 });
	add_fields(&b, 99, 1);
	expect("100 fields", &site, b.p, b.n, b.n, "200", NULL);
	buf_reset(&b);
	add_fields(&b, 100, 1);
	expect("101 fields", &site, b.p, b.n, b.n, "431.", "");
	for (k = 0; k < 2; k++) {
		buf_reset(&b);
		add_fields(&b, 1, HTTP_HEAD_MOST - 16 - 9 - 5 - 2 + k);
		for (i = 1000; i < 40000; i += 38000)
			expect("16 KiB", &site, b.p, b.n, i, k ? "431." : "200", NULL);
	}
	/* bodies: by the route */
	site.body_most = 5;
	expect("5 bytes", &site, "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n12345", 43, 43,
	    "200.", "POST / [12345]\n");
	expect(
	    "6 bytes", &site, "POST / HTTP/1.0\r\nContent-Length: 6\r\n\r\n", 38, 38, "413.", "");
	expect("6 bytes in chunks", &site,
	    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\nabc\r\n",
	    72, 72, "413.", "");
	/* large ones, in pieces; more than there is memory for is 503 */
	site.body_most = 100000000;
	for (k = 0; k < 2; k++) {
		size_t n = k ? 9000000 : 1500000;

		buf_reset(&b);
		buf_addf(&b, "POST / HTTP/1.1\r\n" H "Content-Length: %zu\r\n\r\n", n);
		memset(buf_room(&b, n), 'b', n);
		b.n += n;
		expect("large", &site, b.p, b.n, 100001, k ? "503." : "200", NULL);
		CHECK(k || site.seen.n == n + 10, "%zu bytes", site.seen.n);
		CHECK(http_counts(site.server)->memory == 0, "memory");
	}
	/* answered before the body: goes on where the body is here */
	site.refuse_early = true;
	expect("early", &site, early, sizeof(early) - 1, sizeof(early) - 1, "401", "");
	expect("early", &site, early, sizeof(early) - 1, sizeof(early) - 3, "401.", "");
	site.refuse_early = false;
	/* Expect */
	fd = site_client(&site);
	say(&site, fd, "POST / HTTP/1.1\r\n" H "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n");
	hear(&site, fd, &answers);
	CHECK(strcmp(statuses(&answers, false, text), "100") == 0, "%s", text);
	say(&site, fd, "body");
	hear(&site, fd, &answers);
	CHECK(strcmp(statuses(&answers, false, text), "100 200") == 0, "%s", text);
	close(fd);
	site_end(&site);
	buf_release(&b);
	buf_release(&answers);
}

static void
test_listen(void)
{
	static const char *const bad[] = { "", ":80", "80", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:65536", "localhost:80", "::1:80", "[::1]",
		"[127.0.0.1]:80", "unix:" };
	struct http_listener l, two;
	char address[64];
	size_t i;
	int error;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(http_listen(&l, span_of(bad[i]), 0600) == EINVAL && l.fd == -1, "%s", bad[i]);
	CHECK(http_listen(&l, SPAN("unix:/nowhere/at/all"), 0600) == ENOENT, "no folder");
	CHECK(http_listen(&l, SPAN("unix:/dev/null"), 0600) == EEXIST, "no socket");
	error = http_listen(&l, SPAN("[::1]:0"), 0600);
	/* a machine may have no IPv6 */
	CHECK(
	    error == EADDRNOTAVAIL || error == EAFNOSUPPORT || http_listener_port(&l) > 0, "[::1]");
	http_listener_close(&l);
	CHECK(http_listen(&l, SPAN("127.0.0.1:0"), 0600) == 0, "127.0.0.1");
	snprintf(address, sizeof(address), "127.0.0.1:%u", http_listener_port(&l));
	CHECK(http_listen(&two, span_of(address), 0600) == EADDRINUSE, "two at one port");
	http_listener_close(&l);
}

int
main(void)
{
	test_listen();
	test_clients();
	test_deadlines();
	test_slow_reader();
	test_caps();
	test_requests();
	test_later();
	test_stop();
	return check_end("http");
}
