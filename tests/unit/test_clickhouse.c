/*
 * What goes over the wire to ClickHouse and what is made of the answers, with
 * a server of a few lines that says what it is told to.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "clickhouse/clickhouse.h"
#include "base/fd.h"

#define HEADERS "X-ClickHouse-Query-Id: 1\r\n"
#define FIFTY "fifty bytes that say nothing to anybody, nor should"
#define LONG FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY
#define PLAIN(body_length) "HTTP/1.1 200 OK\r\n" HEADERS "Content-Length: " body_length "\r\n\r\n"

/* Serves one request; `got` is then the whole of it, with a final NUL. */
struct server {
	int fd;
	char url[64];
	const char *answer, *rest; /* rest: sent in a write of its own */
	char *got;
	size_t n;
	pthread_t thread;
};

/* Whether head and body are there. */
static bool
is_whole(const char *p, size_t n)
{
	const char *end = strstr(p, "\r\n\r\n"), *length = strstr(p, "Content-Length: ");

	if (!end)
		return false;
	return !length || n >= (size_t)(end + 4 - p) + strtoul(length + 16, NULL, 10);
}

static void *
serve(void *context)
{
	enum { ROOM = 4 << 20 };
	struct server *s = context;
	int fd = accept(s->fd, NULL, NULL);
	const char *parts[2] = { s->answer, s->rest };
	ssize_t k;
	size_t i;

	s->got = calloc(1, ROOM);
	if (fd < 0 || !s->got)
		abort();
	while (!is_whole(s->got, s->n) && (k = read(fd, s->got + s->n, ROOM - 1 - s->n)) > 0)
		s->n += (size_t)k;
	for (i = 0; i < 2; i++) {
		size_t n = parts[i] ? strlen(parts[i]) : 0;

		if (n > 0 && write(fd, parts[i], n) != (ssize_t)n)
			abort();
		if (i == 0 && s->rest)
			nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
	}
	close(fd);
	return NULL;
}

static void
server_start(struct server *s, const char *answer, const char *rest)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);

	*s = (struct server){ .answer = answer, .rest = rest };
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(s->fd, 1) != 0 || getsockname(s->fd, (struct sockaddr *)&a, &len) != 0)
		abort();
	snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u/", ntohs(a.sin_port));
	if (pthread_create(&s->thread, NULL, serve, s) != 0)
		abort();
}

static void
server_end(struct server *s)
{
	pthread_join(s->thread, NULL);
	close(s->fd);
	free(s->got);
}

/* A connection to the server, with user and password. */
static struct clickhouse *
open_to(const struct server *s)
{
	struct clickhouse_config config = {
		.url = s->url, .user = "al ice", .password = "hunter2", .timeout_ms = 10000
	};
	struct clickhouse_error e;
	struct clickhouse *c = clickhouse_open(&config, &e);

	if (!c)
		abort();
	return c;
}

static void
test_request(void)
{
	static const struct clickhouse_param params[] = {
		{ "odd", { "a b\\c\td\n'\0&=\xc3\xa9", 14 } },
		{ "null", { "\\N", 2 } },
		{ NULL, { NULL, 0 } },
	};
	static const struct clickhouse_setting settings[] = { { "max_threads", "1" },
		{ NULL, NULL } };
	struct clickhouse_error e;
	struct clickhouse *c;
	struct server s;
	const char *line_end;

	server_start(&s, PLAIN("0"), NULL);
	c = open_to(&s);
	CHECK(clickhouse_run(c, "SELECT {odd:String}", params, settings, &e) == CLICKHOUSE_OK, "%s",
	    e.text);
	clickhouse_close(c);
	pthread_join(s.thread, NULL);
	line_end = strstr(s.got, "\r\n");
	CHECK(
	    strncmp(s.got,
		"POST /?database=millimetric&max_threads=1"
		"&param_odd=a%20b%5C%5Cc%5Ctd%5Cn%27%5C0%26%3D%C3%A9&param_null=%5C%5CN HTTP/1.1\r\n",
		(size_t)(line_end + 2 - s.got)) == 0,
	    "the request line: %.*s", (int)(line_end - s.got), s.got);
	CHECK(strstr(s.got, "\r\nX-ClickHouse-User: al ice\r\n"), "the user in a header");
	CHECK(strstr(s.got, "\r\nX-ClickHouse-Key: hunter2\r\n"), "the password in a header");
	CHECK(strstr(s.got, "\r\n\r\nSELECT {odd:String}"), "the statement in the body");
	close(s.fd);
	free(s.got);
}

static void
on_read(void *next, size_t part)
{
	CHECK(part == *(size_t *)next, "in their order: %zu", part);
	*(size_t *)next = part + 1;
}

static void
test_insert_request(void)
{
	enum { SIZE = 2 << 20, IN_FILE = 1 << 20 };
	char *body = malloc(SIZE);
	struct clickhouse_error e;
	struct clickhouse *c;
	struct server s;
	uint64_t written = 0, seed = 1;
	size_t next = 0, i;
	int fd = fd_unnamed("/tmp");
	const struct span parts[] = { { body + IN_FILE, 1 }, { NULL, 0 },
		{ body + IN_FILE + 1, SIZE - IN_FILE - 1 } };
	const struct clickhouse_body whole = {
		.fd = fd,
		.in_file = IN_FILE,
		.parts = parts,
		.count = 3,
		.encoding = "zstd",
		.read = on_read,
		.context = &next,
	};

	if (!body)
		abort();
	for (i = 0; i < SIZE; i++)
		body[i] = (char)check_random(&seed);
	/* more than is sent */
	CHECK(fd_write_at(fd, body, SIZE, 0) == 0, "a file");
	server_start(&s,
	    "HTTP/1.1 200 OK\r\nX-ClickHouse-Summary: {\"read_rows\":\"3\",\"written_rows\":\"12\"}\r\n"
	    "Content-Length: 0\r\n\r\n",
	    NULL);
	c = open_to(&s);
	CHECK(clickhouse_insert(c, "INSERT INTO t FORMAT JSONEachRow", &whole, NULL, &written,
		  &e) == CLICKHOUSE_OK,
	    "%s", e.text);
	clickhouse_close(c);
	pthread_join(s.thread, NULL);
	CHECK(next == 3, "all parts are told to have been read: %zu", next);
	CHECK(written == 12, "written: %llu", (unsigned long long)written);
	CHECK(strstr(s.got, "query=INSERT%20INTO%20t%20FORMAT%20JSONEachRow&async_insert=0 "),
	    "the statement in the URL");
	CHECK(strstr(s.got, "\r\nContent-Encoding: zstd\r\n"), "the encoding");
	CHECK(!strstr(s.got, "Expect"), "no wait for 100 Continue");
	CHECK(s.n > SIZE && memcmp(s.got + s.n - SIZE, body, SIZE) == 0, "the body");
	close(fd);
	close(s.fd);
	free(s.got);
	free(body);
}

/* The file ends before all that it is to give. */
static void
test_unreadable_body(void)
{
	int fd = fd_unnamed("/tmp");
	const struct clickhouse_body body = { .fd = fd, .in_file = 4 };
	struct clickhouse_error e;
	struct clickhouse *c;
	struct server s;

	CHECK(fd_write_at(fd, "{}\n", 3, 0) == 0, "a file");
	server_start(&s, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NULL);
	c = open_to(&s);
	CHECK(clickhouse_insert(c, "INSERT INTO t FORMAT JSONEachRow", &body, NULL, NULL, &e) ==
		    CLICKHOUSE_UNKNOWN &&
		strstr(e.text, "can't be read back"),
	    "%d: %s", (int)e.status, e.text);
	clickhouse_close(c);
	server_end(&s);
	close(fd);
}

/* An insert that gets this answer ends so. */
static struct clickhouse_error
insert_answered(const char *answer)
{
	const struct span row = SPAN("{}\n");
	const struct clickhouse_body body = { .parts = &row, .count = 1 };
	struct clickhouse_error e;
	struct clickhouse *c;
	struct server s;

	server_start(&s, answer, NULL);
	c = open_to(&s);
	clickhouse_insert(c, "INSERT INTO t FORMAT JSONEachRow", &body, NULL, NULL, &e);
	clickhouse_close(c);
	server_end(&s);
	return e;
}

static void
test_answers(void)
{
	static const struct {
		const char *answer;
		enum clickhouse_status status;
		int code;
		const char *text; /* NULL: any */
	} cases[] = {
		{ "HTTP/1.1 400 Bad Request\r\n" HEADERS "X-ClickHouse-Exception-Code: 27\r\n\r\n"
		  "Code: 27. DB::Exception: Cannot parse input: expected '\"' before: 'SECRET_A (SECRET_B) "
		  "(at row 9)': (while reading the value of key a): (at row 2)\n: While executing X. "
		  "(CANNOT_PARSE) (version 26.7.2.1 (official build))\n",
		    CLICKHOUSE_BAD_DATA, 27, "ClickHouse code 27 CANNOT_PARSE, column a" },
		{ "HTTP/1.1 400 Bad Request\r\n" HEADERS "X-ClickHouse-Exception-Code: 117\r\n\r\n"
		  "Code: 117. DB::Exception: Unknown field found: secret: (at row 2)\n. (INCORRECT_DATA)\n",
		    CLICKHOUSE_BAD_DATA, 117, "ClickHouse code 117 INCORRECT_DATA" },
		{ "HTTP/1.1 400 Bad Request\r\n" HEADERS "X-ClickHouse-Exception-Code: 6\r\n\r\n"
		  "Code: 6. DB::Exception: Cannot parse string 'secret' as UInt64: while pushing to "
		  "view m.v. (CANNOT_PARSE_TEXT) (version 26.7.2.1)\n",
		    CLICKHOUSE_UNKNOWN, 6, "ClickHouse code 6 CANNOT_PARSE_TEXT in the view m.v" },
		{ "HTTP/1.1 400 Bad Request\r\n" HEADERS "X-ClickHouse-Exception-Code: 469\r\n\r\n"
		  "Code: 469. DB::Exception: Column values: n = 'secret': while pushing to view m.v "
		  "(0b5b4d4c-0000-4000-8000-000000000000): While executing X. (VIOLATED) (version 24)\n",
		    CLICKHOUSE_UNKNOWN, 469, "ClickHouse code 469 VIOLATED in the view m.v" },
		{ "HTTP/1.1 400 Bad Request\r\n" HEADERS "X-ClickHouse-Exception-Code: 6\r\n\r\n"
		  "Code: 6. DB::Exception: Cannot parse 'a: while pushing to view b' as UInt64. "
		  "(CANNOT_PARSE_TEXT) (version 26.7.2.1)\n",
		    CLICKHOUSE_BAD_DATA, 6, "ClickHouse code 6 CANNOT_PARSE_TEXT" },
		{ "HTTP/1.1 500 Oops\r\n" HEADERS "X-ClickHouse-Exception-Code: 4711\r\n\r\n"
		  "Code: 4711. DB::Exception: secret. (NEW_ONE) (version 30)\n",
		    CLICKHOUSE_UNKNOWN, 4711, "ClickHouse code 4711 NEW_ONE" },
		{ "HTTP/1.1 404 Not Found\r\n" HEADERS "X-ClickHouse-Exception-Code: 60\r\n\r\n"
		  "Code: 60. DB::Exception: Table m.t does not exist. (UNKNOWN_TABLE) (version 26)\n",
		    CLICKHOUSE_CONFIG, 60,
		    "ClickHouse code 60 UNKNOWN_TABLE: Table m.t does not exist" },
		{ "HTTP/1.1 500 Oops\r\n" HEADERS "X-ClickHouse-Exception-Code: 241\r\n\r\n"
		  "Code: 241. DB::Exception: Limit exceeded near 'it's secret' now. (MEMORY) (version 26)\n",
		    CLICKHOUSE_TRANSIENT, 241,
		    "ClickHouse code 241 MEMORY: Limit exceeded near '...' now" },
		{ "HTTP/1.1 404 Not Found\r\n" HEADERS "X-ClickHouse-Exception-Code: 60\r\n\r\n"
		  "Code: 60. DB::Exception: Unknown table 't' in 'x'17" LONG
		  "'y'. (UNKNOWN_TABLE)\n",
		    CLICKHOUSE_CONFIG, 60,
		    "ClickHouse code 60 UNKNOWN_TABLE: Unknown table '...'" },
		{ "HTTP/1.1 404 Not Found\r\n" HEADERS "X-ClickHouse-Exception-Code: 60\r\n\r\n"
		  "Code: 60. DB::Exception: Target table 't' of view 'it's v' doesn't exist. (T) "
		  "(version 26)\n",
		    CLICKHOUSE_CONFIG, 60,
		    "ClickHouse code 60 T: Target table '...' doesn't exist" },
		{ "HTTP/1.1 500 Oops\r\n" HEADERS "X-ClickHouse-Exception-Code: 241\r\n\r\n"
		  "Code: 241. DB::Exception: It doesn't fit: 'secret' (MEMORY) (version 26)\n",
		    CLICKHOUSE_TRANSIENT, 241, "ClickHouse code 241 MEMORY: It doesn'...'" },
		{ "HTTP/1.1 500 Oops\r\n\r\nCode: 252, e.displayText() = DB::Exception: Too many parts, "
		  "e.what() = DB::Exception\n",
		    CLICKHOUSE_TRANSIENT, 252, "ClickHouse code 252: Too many parts" },
		{ "HTTP/1.1 100 Continue\r\n\r\n" PLAIN("0"), CLICKHOUSE_OK, 0, "" },
		{ "HTTP/1.1 200 OK\r\n" HEADERS
		  "\r\nCode: 252. DB::Exception: late (TOO_MANY_PARTS) (version 26)\n",
		    CLICKHOUSE_TRANSIENT, 252, NULL },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", CLICKHOUSE_UNKNOWN, 0, NULL },
		{ "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", CLICKHOUSE_CONFIG,
		    0, NULL },
		{ "HTTP/1.1 401 No\r\n\r\n", CLICKHOUSE_CONFIG, 0, NULL },
		{ "HTTP/1.1 413 Large\r\n\r\n", CLICKHOUSE_CONFIG, 0, NULL },
		{ "HTTP/1.1 404 Not Found\r\n\r\n", CLICKHOUSE_UNKNOWN, 0, NULL },
		{ "HTTP/1.1 429 Slow\r\n\r\n", CLICKHOUSE_TRANSIENT, 0, NULL },
		{ "HTTP/1.1 502 Bad\r\n\r\n", CLICKHOUSE_TRANSIENT, 0, NULL },
		{ "no HTTP\r\n\r\n", CLICKHOUSE_UNKNOWN, 0, NULL },
		{ "", CLICKHOUSE_TRANSIENT, 0, NULL },
		{ PLAIN("9"), CLICKHOUSE_TRANSIENT, 0, NULL },
		{ "HTTP/1.1 200 OK\r\n" HEADERS, CLICKHOUSE_TRANSIENT, 0, NULL },
		{ "HTTP/1.1 200 OK\r\n" HEADERS "Content-Len", CLICKHOUSE_TRANSIENT, 0, NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct clickhouse_error e = insert_answered(cases[i].answer);

		CHECK(e.status == cases[i].status && e.code == cases[i].code,
		    "answer %zu: status %d, code %d: %s", i, (int)e.status, e.code, e.text);
		CHECK(!cases[i].text || strcmp(e.text, cases[i].text) == 0, "answer %zu: %s", i,
		    e.text);
		CHECK(!strstr(e.text, "hunter2"), "answer %zu: %s", i, e.text);
		CHECK(i != 0 || e.row == 2, "the row: %llu", (unsigned long long)e.row);
	}
}

static void
test_retry_after(void)
{
	static const struct {
		const char *value;
		uint64_t ms;
	} cases[] = {
		{ "7", 7000 },
		{ "60", 60000 },
		{ "61", 60000 },
		{ "86400", 60000 },
		{ "999999999999", 60000 },
		{ "Fri, 01 Jan 2999 00:00:00 GMT", 60000 },
		{ "Thu, 01 Jan 1970 00:00:01 GMT", 0 },
		{ "0", 0 },
		{ "-7", 0 },
		{ "soon", 0 },
	};
	char answer[256];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct clickhouse_error e;

		snprintf(answer, sizeof(answer),
		    "HTTP/1.1 503 Busy\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n",
		    cases[i].value);
		e = insert_answered(answer);
		CHECK(e.status == CLICKHOUSE_TRANSIENT && e.retry_after_ms == cases[i].ms,
		    "%s: %llu ms", cases[i].value, (unsigned long long)e.retry_after_ms);
	}
}

struct rows {
	struct buf text; /* "row|row|" */
	size_t n, most;
};

static bool
on_row(void *context, const char *p, size_t n)
{
	struct rows *r = context;

	buf_add(&r->text, p, n);
	buf_addc(&r->text, '|');
	return ++r->n < r->most;
}

static void
check_select(const char *answer, const char *rest, size_t most, enum clickhouse_status status,
    const char *rows)
{
	struct rows r = { .text = BUF_INIT, .most = most };
	struct clickhouse_error e;
	struct clickhouse *c;
	struct server s;

	server_start(&s, answer, rest);
	c = open_to(&s);
	CHECK(clickhouse_select(c, "SELECT 1", NULL, NULL, on_row, &r, &e) == status,
	    "select: %d: %s", (int)e.status, e.text);
	CHECK(is_text(r.text.p, r.text.n, rows), "rows: %.*s", (int)r.text.n, r.text.p);
	clickhouse_close(c);
	server_end(&s);
	buf_release(&r.text);
}

static void
test_rows(void)
{
#define ROWS "HTTP/1.1 200 OK\r\n" HEADERS "\r\n"
	check_select(ROWS "one\ntwo\nthree\n", NULL, 9, CLICKHOUSE_OK, "one|two|three|");
	check_select(ROWS "one\n\ntwo", NULL, 9, CLICKHOUSE_OK, "one||two|");
	check_select(ROWS, NULL, 9, CLICKHOUSE_OK, "");
	check_select(ROWS "one\ntw", "o\nthr", 9, CLICKHOUSE_OK, "one|two|thr|");
	check_select(ROWS "one\ntwo\nthree\n", NULL, 2, CLICKHOUSE_OK, "one|two|");
	check_select(ROWS "one\n", "\r\n__exception__\r\ntag\r\nCode: 241. DB::Exception: x (M)\n",
	    9, CLICKHOUSE_TRANSIENT, "one|\r|");
	check_select(
	    ROWS "one\nCode: 241. DB::Exc", "eption: x (M)\n", 9, CLICKHOUSE_TRANSIENT, "one|");
	check_select("HTTP/1.1 200 OK\r\n" HEADERS
		     "Transfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n",
	    NULL, 9, CLICKHOUSE_TRANSIENT, "one|");
#undef ROWS
}

int
main(void)
{
	test_request();
	test_insert_request();
	test_unreadable_body();
	test_answers();
	test_retry_after();
	test_rows();
	return check_end("clickhouse");
}
