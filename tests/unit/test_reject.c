/* Reject records, their tally, and lines that memory should not hold. */
#include "event/reject.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include "check.h"
#include "text/json.h"
#include "event/longline.h"

#include "base/banned.h"

#define TEXT(s)                    \
	{                          \
		(s), sizeof(s) - 1 \
	}

static const struct complaint some[] = {
	{ .field = TEXT("event"), .text = TEXT("Required") },
	{ .field = TEXT("url"), .text = TEXT("Too long") },
	{ .field = TEXT("url"), .text = TEXT("Invalid \"URL\"") },
	{ .text = TEXT("Form one at 7"), .kind = TEXT("Form one") },
	{ .field = TEXT("a\\nb"), .text = TEXT("Unknown key") },
	{ .text = TEXT("Form two") },
};

static void
test_record(void)
{
	struct reject r = { NULL, 7, "invalid_payload", some, 6 };
	struct buf b = BUF_INIT;

	reject_add(&b, &r, "in\"put\t", 7);
	CHECK(is_text(b.p, b.n,
		  "{\"line\":7,\"error\":\"invalid_payload\",\"details\":{\"fieldErrors\":{"
		  "\"event\":[\"Required\"],\"url\":[\"Too long\",\"Invalid \\\"URL\\\"\"],"
		  "\"a\\nb\":[\"Unknown key\"]},\"formErrors\":[\"Form one at 7\",\"Form two\"]},"
		  "\"input\":\"in\\\"put\\t\"}\n"),
	    "got %.*s", (int)b.n, b.p);
	buf_reset(&b);
	reject_explain(&b, &r);
	CHECK(is_text(b.p, b.n,
		  "event: Required; url: Too long; url: Invalid \"URL\"; Form one at 7; "
		  "a\\nb: Unknown key; Form two"),
	    "got %.*s", (int)b.n, b.p);
	buf_reset(&b);
	r = (struct reject){ "dir/\"a\"", 1, "e", some, 1 };
	reject_add(&b, &r, "", 0);
	CHECK(
	    is_text(b.p, b.n,
		"{\"file\":\"dir/\\\"a\\\"\",\"line\":1,\"error\":\"e\",\"details\":{\"fieldErrors\":"
		"{\"event\":[\"Required\"]},\"formErrors\":[]},\"input\":\"\"}\n"),
	    "got %.*s", (int)b.n, b.p);
	buf_reset(&b);
	r.file = "not\xffUTF-8";
	r.complaint = &some[5];
	reject_add(&b, &r, "a\xff", 2);
	CHECK(is_text(b.p, b.n,
		  "{\"line\":1,\"error\":\"e\",\"details\":{\"fieldErrors\":{},"
		  "\"formErrors\":[\"Form two\"]},\"input_base64\":\"Yf8=\"}\n"),
	    "got %.*s", (int)b.n, b.p);
	buf_release(&b);
}

static void
test_base64(void)
{
	/* RFC 4648, section 10 */
	static const char *const row[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" } };
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		buf_reset(&b);
		buf_add_base64(&b, row[i][0], strlen(row[i][0]));
		CHECK(is_text(b.p, b.n, row[i][1]), "%s: %.*s", row[i][0], (int)b.n, b.p);
	}
	buf_release(&b);
}

/* Fields that are counted under one name. */
static const struct complaint indexed[] = {
	{ .field = TEXT("events[0].url"),
	    .text = TEXT("Too long"),
	    .counted_field = TEXT("events[].url") },
	{ .field = TEXT("events[7].url"),
	    .text = TEXT("Too long"),
	    .counted_field = TEXT("events[].url") },
};

static void
test_tally(void)
{
	static struct tally t;
	struct buf b = BUF_INIT;
	char name[TALLY_FIELD_MAX + 1];
	int i;

	tally_add_json(&t, &b);
	CHECK(is_text(b.p, b.n, "{}"), "nothing: %.*s", (int)b.n, b.p);
	tally_add(&t, some, 6);
	tally_add(&t, some, 3);
	buf_reset(&b);
	tally_add_json(&t, &b);
	CHECK(is_text(b.p, b.n,
		  "{\"event\":{\"Required\":2},\"url\":{\"Too long\":2,\"Invalid \\\"URL\\\"\":2},"
		  "\"\":{\"Form one\":1,\"Form two\":1},\"a\\nb\":{\"Unknown key\":1}}"),
	    "got %.*s", (int)b.n, b.p);
	memset(name, 'k', sizeof(name));
	for (i = 0; i < 2 * TALLY_MAX; i++) {
		struct complaint c = { .field = { name, 8 }, .text = TEXT("Unknown key") };

		name[0] = (char)('0' + i % 10);
		name[1] = (char)('0' + i / 10 % 10);
		name[2] = (char)('0' + i / 100);
		tally_add(&t, &c, 1);
	}
	CHECK(t.rows == TALLY_MAX && t.more == TALLY_MAX + 6, "%zu rows, %llu more", t.rows,
	    (unsigned long long)t.more);
	tally_release(&t);
	t.more = 0;
	for (i = 0; i < 2; i++) {
		struct complaint c = { .field = { name, TALLY_FIELD_MAX + (size_t)i },
			.text = TEXT("Unknown key") };

		tally_add(&t, &c, 1);
	}
	CHECK(t.rows == 1 && t.more == 1, "a long name: %zu rows", t.rows);
	tally_release(&t);
	tally_add(&t, indexed, 2);
	buf_reset(&b);
	tally_add_json(&t, &b);
	CHECK(is_text(b.p, b.n, "{\"events[].url\":{\"Too long\":2}}"), "got %.*s", (int)b.n, b.p);
	tally_release(&t);
	buf_release(&b);
}

/* ---- long lines ---- */

/* What is in the file so far. */
static void
read_back(int fd, struct buf *b)
{
	off_t n = lseek(fd, 0, SEEK_END);
	char *w;

	buf_reset(b);
	w = buf_room(b, (size_t)n);
	if (n < 0 || !w || pread(fd, w, (size_t)n, 0) != n || ftruncate(fd, 0) != 0 ||
	    lseek(fd, 0, SEEK_SET) != 0)
		abort();
	b->n = (size_t)n;
}

/* The record of a long line is that of a short one, whatever its pieces. */
static void
check_long(struct longline *l, int fd, const char *p, size_t n, size_t piece)
{
	const struct reject r = { NULL, 3, "invalid_payload", some, 4 };
	struct buf want = BUF_INIT, got = BUF_INIT;
	struct out out;
	size_t at, k;

	reject_add(&want, &r, p, n);
	out_init(&out, fd, NULL);
	for (at = 0; at < n; at += k) {
		k = n - at < piece ? n - at : piece;
		CHECK(longline_add(l, p + at, k) == 0, "add");
	}
	CHECK(longline_reject(l, &r, &out) == 0 && out_flush(&out) == 0, "reject");
	out_release(&out);
	read_back(fd, &got);
	CHECK(got.n == want.n && memcmp(got.p, want.p, want.n) == 0,
	    "%zu bytes in pieces of %zu: another record", n, piece);
	buf_release(&got);
	buf_release(&want);
}

static void
test_long(void)
{
	enum { SIZE = 48 * 1024 * 3 + 7 };
	static const char *const unit[] = { "a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
		"\x01\"\\", "a\xff" };
	char path[] = "/tmp/mm-reject-XXXXXX";
	struct longline l = LONGLINE_INIT;
	struct buf text = BUF_INIT;
	int fd = mkstemp(path);
	size_t i, shift;

	if (fd < 0)
		abort();
	unlink(path);
	for (i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
		for (shift = 0; shift < 4; shift++) {
			buf_reset(&text);
			buf_add(&text, "xyz", shift);
			while (text.n < SIZE)
				buf_adds(&text, unit[i]);
			check_long(&l, fd, text.p, text.n, 65536);
			check_long(&l, fd, text.p, text.n - 1, 48 * 1024);
		}
	}
	check_long(&l, fd, text.p, 1, 1);
	longline_release(&l);
	buf_release(&text);
	close(fd);
}

static void
test_long_without_room(void)
{
	struct longline l = LONGLINE_INIT;

	setenv("TMPDIR", "/no/such/folder", 1);
	CHECK(longline_add(&l, "a", 1) != 0, "no error where no file can be made");
	CHECK(longline_add(&l, "a", 1) != 0, "the error is forgotten");
	unsetenv("TMPDIR");
	longline_release(&l);
	CHECK(longline_add(&l, "a", 1) == 0, "after release");
	longline_release(&l);
}

static uint64_t
times(const struct reject_counts *r, const char *field, const char *kind)
{
	size_t i;

	for (i = 0; i < r->tally.rows; i++) {
		const struct tally_row *row = &r->tally.row[i];

		if ((field ? row->field && strcmp(row->field, field) == 0 : !row->field) &&
		    strcmp(row->kind, kind) == 0)
			return row->count;
	}
	return 0;
}

/* Records that were written are read, and counted by what they say. */
static void
test_read_back(void)
{
	const struct complaint json = { .text =
					    TEXT("Invalid JSON at byte offset 17: invalid UTF-8") };
	struct reject r = { NULL, 7, "invalid_payload", some, 6 };
	struct reject_counts counts = { 0 };
	struct buf b = BUF_INIT;
	int i;

	for (i = 0; i < 3; i++) {
		buf_reset(&b);
		reject_add(&b, &r, "in\"put\t", 7);
		CHECK(reject_count(&counts, b.p, b.n - 1), "record %d", i);
	}
	r = (struct reject){ "file", 8, "invalid_payload", &json, 1 };
	buf_reset(&b);
	reject_add(&b, &r, "\xff", 1);
	CHECK(reject_count(&counts, b.p, b.n - 1), "of no UTF-8");
	CHECK(counts.lines == 4, "%llu lines", (unsigned long long)counts.lines);
	CHECK(counts.tally.rows == 7 && counts.tally.more == 0, "%zu rows", counts.tally.rows);
	CHECK(times(&counts, "event", "Required") == 3, "of a field");
	CHECK(times(&counts, "url", "Too long") == 3, "one of two");
	CHECK(times(&counts, "url", "Invalid \"URL\"") == 3, "the other of two");
	CHECK(times(&counts, "a\nb", "Unknown key") == 3, "unescaped");
	CHECK(times(&counts, NULL, "Form one at 7") == 3, "of the line");
	CHECK(times(&counts, NULL, "invalid UTF-8") == 1, "without the place");
	reject_counts_release(&counts);
	buf_release(&b);
}

int
main(void)
{
	if (sodium_init() < 0)
		abort();
	test_record();
	test_base64();
	test_tally();
	test_read_back();
	test_long();
	test_long_without_room();
	return check_end("reject");
}
