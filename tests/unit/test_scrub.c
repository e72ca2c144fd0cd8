/* base/scrub: what is made visible, and what is left as it is. */
#include "base/buf.h"
#include "base/scrub.h"
#include "base/utf8.h"
#include "check.h"

/* Of exactly the room that is promised, so that a sanitizer sees more. */
static struct span
scrubbed(const char *text, size_t n)
{
	char *p = exact_copy(text, n), *w = malloc(SCRUB_MOST * n + !n);
	struct span s = { w, w ? scrub(w, p, n) : 0 };

	free(p);
	return s;
}

static void
check_row(const char *text, const char *expected)
{
	struct span s = scrubbed(text, strlen(text));
	struct buf b = BUF_INIT;

	CHECK(is_text(s.p, s.n, expected), "[%.*s], expected [%s]", (int)s.n, s.p, expected);
	buf_add_scrubbed(&b, text, strlen(text));
	CHECK(span_eq(s, (struct span){ b.p, b.n }), "[%s]: the buffer differs", text);
	buf_release(&b);
	free((char *)s.p);
}

static void
test_rows(void)
{
	static const struct {
		const char *text, *expected;
	} row[] = {
		{ "a\tb\033[31m\x7f", "a\\x09b\\x1b[31m\\x7f" },
		{ "\xc2\x9b"
		  "31m\xc2\x80\xc2\x9f\u00a0",
		    "\\x9b31m\\x80\\x9f\u00a0" },
		/* reordered */
		{ "\u202egnp.exe", "\\u202egnp.exe" },
		{ "\u202a\u202b\u202c\u202d", "\\u202a\\u202b\\u202c\\u202d" },
		{ "\u2066\u2067\u2068\u2069", "\\u2066\\u2067\\u2068\\u2069" },
		{ "\u200e\u200f\u061c", "\\u200e\\u200f\\u061c" },
		/* line ends */
		{ "\u2028\u2029\xc2\x85", "\\u2028\\u2029\\x85" },
		/* without width */
		{ "a\u200db\u200c\u200d", "a\\u200db\\u200c\\u200d" },
		{ "\u06cc\u200c\u062e \U0001f469\u200d\U0001f467",
		    "\u06cc\u200c\u062e \U0001f469\u200d\U0001f467" },
		{ "\u202e\u200d", "\\u202e\\u200d" },
		{ "\u200b\u200c\u200d\u2060\ufeff\u180e",
		    "\\u200b\\u200c\\u200d\\u2060\\ufeff\\u180e" },
		{ "\U000e0041", "\\U000e0041" },
		/* no UTF-8 */
		{ "\x9b"
		  "31m",
		    "\\x9b31m" },
		{ "\xe2\x80", "\\xe2\\x80" },
		{ "\xc0\x80\xed\xa0\x80\xff", "\\xc0\\x80\\xed\\xa0\\x80\\xff" },
		/* their neighbours stay */
		{ "\u200a\u2010\u2027\u202f\u205f\u2070\ufefe \\ \u00ad\u0301",
		    "\u200a\u2010\u2027\u202f\u205f\u2070\ufefe \\ \u00ad\u0301" },
		{ "\u00e9 \u4e16 \U0001f600", "\u00e9 \u4e16 \U0001f600" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		check_row(row[i].text, row[i].expected);
}

/* Of any bytes comes text in which nothing is left to scrub. */
static void
test_random(void)
{
	uint64_t seed = 12;
	int round;

	for (round = 0; round < 20000; round++) {
		char text[64];
		size_t n = check_random(&seed) % 16, i, at = 0;
		struct span once, twice;

		for (i = 0; i < n; i++) {
			uint64_t v = check_random(&seed);

			if (v & 1)
				text[at++] = (char)(v >> 8);
			else
				at = (size_t)(utf8_put(text + at, (uint32_t)(v >> 8) % 0x3000) -
				    text);
		}
		once = scrubbed(text, at);
		twice = scrubbed(once.p, once.n);
		CHECK(span_eq(once, twice), "round %d", round);
		for (i = 0; i < once.n;) {
			size_t k = utf8_sequence(once.p + i, once.p + once.n);

			CHECK(k > 0 && (unsigned char)once.p[i] >= 0x20, "round %d", round);
			i += k ? k : 1;
		}
		free((char *)once.p);
		free((char *)twice.p);
	}
}

int
main(void)
{
	test_rows();
	test_random();
	return check_end("test_scrub");
}
