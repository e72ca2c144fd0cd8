/*
 * Batches, tokens, groups of codes, compression.
 */
#include <zlib.h>
#include <zstd.h>

#include "store/batch.h"
#include "check.h"
#include "clickhouse/clickhouse.h"
#include "store/compress.h"
#include "store/sink.h"

static void
test_batch_limits(void)
{
	struct batch b;
	struct span s;

	CHECK(batch_init(&b, 3, 10, NULL), "memory");
	CHECK(batch_fits(&b, 1000), "a row alone always fits");
	CHECK(batch_add(&b, 7, "abc", 3), "memory");
	CHECK(batch_fits(&b, 5), "4 + 5 + 1 bytes are within 10");
	CHECK(!batch_fits(&b, 6), "4 + 6 + 1 bytes are not");
	CHECK(!batch_is_full(&b), "1 row of 3, 4 bytes of 10");
	CHECK(batch_add(&b, 8, "", 0), "memory");
	CHECK(batch_add(&b, 12, "de", 2), "memory");
	CHECK(batch_is_full(&b) && !batch_fits(&b, 0), "3 rows of 3");
	s = batch_rows(&b, 0, 3);
	CHECK(is_text(s.p, s.n, "abc\n\nde\n"), "all rows: %.*s", (int)s.n, s.p);
	s = batch_rows(&b, 1, 1);
	CHECK(is_text(s.p, s.n, "\n"), "the empty row");
	s = batch_rows(&b, 2, 1);
	CHECK(is_text(s.p, s.n, "de\n") && b.rows[2].line == 12, "the last row");
	CHECK(batch_rows(&b, 0, 0).n == 0, "no rows");
	batch_reset(&b);
	CHECK(b.n == 0 && batch_fits(&b, 11), "empty again");
	batch_release(&b);
}

static void
test_batch_keep(void)
{
	static const bool some[] = { false, true, false, true, true }, none[3] = { false };
	struct batch b;
	struct span s;

	CHECK(batch_init(&b, 10, 100, NULL), "memory");
	CHECK(batch_add(&b, 1, "a", 1) && batch_add(&b, 2, "bcd", 3) && batch_add(&b, 4, "", 0) &&
		batch_add(&b, 5, "ef", 2) && batch_add(&b, 9, "g", 1),
	    "memory");
	batch_keep(&b, some);
	s = batch_rows(&b, 0, b.n);
	CHECK(b.n == 3 && is_text(s.p, s.n, "bcd\nef\ng\n"), "kept: %.*s", (int)s.n, s.p);
	s = batch_rows(&b, 1, 1);
	CHECK(is_text(s.p, s.n, "ef\n"), "in the middle: %.*s", (int)s.n, s.p);
	CHECK(b.rows[0].line == 2 && b.rows[1].line == 5 && b.rows[2].line == 9, "their lines");
	CHECK(batch_add(&b, 10, "h", 1), "memory");
	s = batch_rows(&b, 2, 2);
	CHECK(is_text(s.p, s.n, "g\nh\n"), "one more: %.*s", (int)s.n, s.p);
	b.n = 3;
	batch_keep(&b, none);
	CHECK(b.n == 0 && b.bytes.n == 0, "none");
	batch_release(&b);
}

static void
make_token(const char *database, const char *table, const char *rows, char text[TOKEN_LENGTH + 1])
{
	struct token *t = token_new(database, table);

	CHECK(t != NULL, "memory");
	token_text(t, span_of(rows), text);
	token_free(t);
}

static void
test_tokens(void)
{
	static const struct {
		const char *database, *table, *bytes;
	} other[] = { { "d", "t", "rows\n\n" }, { "d", "T", "rows\n" }, { "D", "t", "rows\n" },
		{ "dt", "", "rows\n" }, { "", "dt", "rows\n" }, { "d", "trows\n", "" } };
	char token[TOKEN_LENGTH + 1], again[TOKEN_LENGTH + 1];
	size_t i;

	/* as b3sum -l 16 has it of "d\0t\0rows\n" */
	make_token("d", "t", "rows\n", token);
	CHECK(strcmp(token, "268fda830d95395ab607deda6b914640") == 0, "BLAKE3: %s", token);
	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		make_token(other[i].database, other[i].table, other[i].bytes, again);
		CHECK(strcmp(token, again) != 0, "%zu: another token", i);
	}
}

static void
test_code_groups(void)
{
	static const struct {
		int code;
		enum clickhouse_status status;
	} codes[] = {
		{ 27, CLICKHOUSE_BAD_DATA },
		{ 117, CLICKHOUSE_BAD_DATA },
		{ 41, CLICKHOUSE_BAD_DATA },
		{ 376, CLICKHOUSE_BAD_DATA },
		{ 469, CLICKHOUSE_BAD_DATA },
		{ 60, CLICKHOUSE_CONFIG },
		{ 81, CLICKHOUSE_CONFIG },
		{ 516, CLICKHOUSE_CONFIG },
		{ 241, CLICKHOUSE_TRANSIENT },
		{ 252, CLICKHOUSE_TRANSIENT },
		{ 999, CLICKHOUSE_TRANSIENT },
		{ 0, CLICKHOUSE_UNKNOWN },
		{ 1001, CLICKHOUSE_UNKNOWN },
		{ -1, CLICKHOUSE_UNKNOWN },
	};
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		CHECK(clickhouse_code_status(codes[i].code) == codes[i].status, "code %d",
		    codes[i].code);
}

static void
test_urls(void)
{
	static const char *const bad[] = { "", "http://", "ftp://h/", "h:8123", "//h/",
		"http://u@h/", "http://u:secret@h/", "http://:secret@h/",
		"http://h/?password=secret", "http://h/#secret", "http:/h/", "http:h/",
		"http://h/a b", "http:\\\\h\\", "http://h:99999/", "http://127.0.0.1.5/" };
	static const struct {
		const char *url, *shown;
		bool local;
	} good[] = {
		{ NULL, "http://127.0.0.1:8123/", true },
		{ "http://localhost:8123", "http://localhost:8123/", true },
		{ "https://[::1]:8443/", "https://[::1]:8443/", true },
		{ "https://ch.example/sub/", "https://ch.example/sub/", false },
		{ "http://127.9.8.7/", "http://127.9.8.7/", true },
		{ "http://0x7f.1/", "http://127.0.0.1/", true },
		{ "http://128.0.0.1/", "http://128.0.0.1/", false },
		{ "http://127.example.com/", "http://127.example.com/", false },
		{ "http://127.0.0.1.example/", "http://127.0.0.1.example/", false },
		{ "HTTP://CH.Example:8123/a", "http://CH.Example:8123/a", false },
		{ "http://localhost.evil.com/", "http://localhost.evil.com/", false },
		{ "http://[::2]/", "http://[::2]/", false },
	};
	struct clickhouse_error e;
	struct clickhouse *c;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		c = clickhouse_open(&(struct clickhouse_config){ .url = bad[i] }, &e);
		CHECK(!c && e.status == CLICKHOUSE_CONFIG, "refused: %s", bad[i]);
		CHECK(!strstr(e.text, "secret"), "no secret in: %s", e.text);
		clickhouse_close(c);
	}
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		c = clickhouse_open(&(struct clickhouse_config){ .url = good[i].url }, &e);
		CHECK(c && strcmp(clickhouse_url(c), good[i].shown) == 0, "taken: %zu", i);
		CHECK(c && clickhouse_is_local(c) == good[i].local, "local: %zu", i);
		clickhouse_close(c);
	}
	c = clickhouse_open(&(struct clickhouse_config){ .password = "a\r\nX-Evil: 1" }, &e);
	CHECK(!c && !strstr(e.text, "Evil"), "a password that would be a header");
	clickhouse_close(c);
}

static void
test_no_server(void)
{
	struct clickhouse_config config = {
		.url = "http://127.0.0.1:1/", .user = "u", .password = "secret"
	};
	atomic_int stop = 1;
	struct clickhouse_error e;
	struct clickhouse *c = clickhouse_open(&config, &e);

	CHECK(clickhouse_run(c, "SELECT 1", NULL, NULL, &e) == CLICKHOUSE_TRANSIENT, "%s", e.text);
	CHECK(e.http == 0 && e.code == 0 && !strstr(e.text, "secret"), "%s", e.text);
	clickhouse_close(c);
	config.stop = &stop;
	c = clickhouse_open(&config, &e);
	CHECK(clickhouse_run(c, "SELECT 1", NULL, NULL, &e) == CLICKHOUSE_STOPPED, "%s", e.text);
	clickhouse_close(c);
}

static size_t
inflate_all(const struct buf *b, char *to, size_t room)
{
	z_stream z = { 0 };
	size_t n = 0;

	if (inflateInit2(&z, 15 + 16) != Z_OK)
		abort();
	z.next_in = (Bytef *)b->p;
	z.avail_in = (uInt)b->n;
	z.next_out = (Bytef *)to;
	z.avail_out = (uInt)room;
	if (inflate(&z, Z_FINISH) == Z_STREAM_END)
		n = z.total_out;
	inflateEnd(&z);
	return n;
}

/* What was compressed comes back, by the libraries' own way. */
/* Three parts, the end with the last one or after it. */
static void
compress_parts(struct compressor *c, const struct span *parts, size_t bytes, struct buf *to)
{
	bool apart = bytes % 2;
	size_t i;

	CHECK(compress_begin(c, bytes, to), "memory");
	for (i = 0; i < 3; i++)
		CHECK(compress_part(c, parts[i], i == 2 && !apart, to), "memory");
	if (apart)
		CHECK(compress_part(c, SPAN(""), true, to), "memory");
}

static void
test_compression(void)
{
	static const size_t sizes[] = { 1, 100, 1 << 20, (1 << 20) + 1, 3 << 20 };
	char *in = malloc(3 << 20), *back = malloc(3 << 20);
	struct compressor *zstd = compressor_new(COMPRESS_ZSTD);
	struct compressor *gzip = compressor_new(COMPRESS_GZIP);
	struct buf b = BUF_INIT;
	uint64_t seed = 1;
	size_t i, n;

	if (!in || !back)
		abort();
	for (i = 0; i < 3 << 20; i++)
		in[i] = i < 2 << 20 ? (char)check_random(&seed) : "abc"[i % 3];
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const struct span parts[] = { { in, sizes[i] / 3 }, { in, 0 },
			{ in + sizes[i] / 3, sizes[i] - sizes[i] / 3 } };

		compress_parts(zstd, parts, sizes[i], &b);
		n = ZSTD_decompress(back, 3 << 20, b.p, b.n);
		CHECK(n == sizes[i] && memcmp(in, back, n) == 0, "zstd of %zu bytes", sizes[i]);
		compress_parts(gzip, parts, sizes[i], &b);
		n = inflate_all(&b, back, 3 << 20);
		CHECK(n == sizes[i] && memcmp(in, back, n) == 0, "gzip of %zu bytes", sizes[i]);
	}
	compressor_free(zstd);
	compressor_free(gzip);
	buf_release(&b);
	free(in);
	free(back);
}

int
main(void)
{
	test_batch_limits();
	test_batch_keep();
	test_tokens();
	test_code_groups();
	test_urls();
	test_no_server();
	test_compression();
	return check_end("sink");
}
