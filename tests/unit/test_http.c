/*
 * The HTTP server: requests as they come, whole or by the byte, and what is
 * refused.
 */
#include "http.h"

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
		{ "OPTIONS * HTTP/1.1\r\n" H "\r\n", "200", "OPTIONS *\n" },
		{ "REPORT / HTTP/1.1\r\n" H "\r\n", "200", "REPORT /\n" },
		{ "GET / HTTP/1.1\r\n" H "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
		  "GET /2 HTTP/1.1\r\n" H "\r\n",
		    "200 200", "GET /\nGET /2\n" },
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

int
main(void)
{
	test_requests();
	test_later();
	test_stop();
	return check_end("http");
}
