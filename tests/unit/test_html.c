/* Text in HTML: it stays text, and is what it was. */
#include "check.h"
#include "show/html.h"
#include "text/json.h"

#include "base/banned.h"

static struct buf html = BUF_INIT;

static bool
gives(const char *text, size_t n, const char *expected)
{
	char *copy = exact_copy(text, n);

	buf_reset(&html);
	html_text(&html, (struct span){ copy, n });
	free(copy);
	return is_text(html.p, html.n, expected);
}

static bool
cuts(const char *text, size_t columns, const char *expected)
{
	buf_reset(&html);
	html_cut(&html, span_of(text), columns);
	return is_text(html.p, html.n, expected);
}

static void
test_references(void)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "<script>", "&lt;script&gt;" },
		{ "\"><img onerror='x'>", "&quot;&gt;&lt;img onerror=&#39;x&#39;&gt;" },
		{ "&lt; & &amp;", "&amp;lt; &amp; &amp;amp;" },
		{ "\xf0\x9f\x91\xa9 \xc3\xa9 \xe8\xb3\xbc",
		    "\xf0\x9f\x91\xa9 \xc3\xa9 \xe8\xb3\xbc" },
		{ "a\n\tb\x1b[31m\x7f", "a\\x0a\\x09b\\x1b[31m\\x7f" },
		{ "\xc2\x9b", "\\x9b" },
		{ "\xe2\x80\xae\xe2\x81\xa6", "\\u202e\\u2066" },
		/* no UTF-8: a stray byte, an overlong form, a surrogate, too large, cut off */
		{ "a\xff", "a\xef\xbf\xbd" },
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
		/* no characters: U+FDD0, U+FDEF, U+FFFE, U+1FFFF, U+10FFFF; but U+FFFD, U+FDCF */
		{ "\xef\xb7\x90", "\xef\xbf\xbd" },
		{ "\xef\xb7\xaf", "\xef\xbf\xbd" },
		{ "\xef\xbf\xbe", "\xef\xbf\xbd" },
		{ "\xf0\x9f\xbf\xbf", "\xef\xbf\xbd" },
		{ "\xf4\x8f\xbf\xbf", "\xef\xbf\xbd" },
		{ "\xef\xbf\xbd", "\xef\xbf\xbd" },
		{ "\xef\xb7\x8f", "\xef\xb7\x8f" },
		{ "\xf0\x9f\xaf\xbf", "\xf0\x9f\xaf\xbf" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(gives(cases[i].text, strlen(cases[i].text), cases[i].expected),
		    "case %zu gives %.*s", i, (int)html.n, html.p);
	CHECK(gives("a\0b", 3, "a\\x00b"), "NUL");
}

/* The references undone, where they are those of html_text. */
static struct buf
undo(struct span text)
{
	static const struct {
		const char *name;
		char c;
	} names[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' },
		{ "&#39;", '\'' } };
	struct buf b = BUF_INIT;
	size_t i, k;

	for (i = 0; i < text.n;) {
		for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			size_t n = strlen(names[k].name);

			if (text.n - i >= n && memcmp(text.p + i, names[k].name, n) == 0) {
				buf_addc(&b, names[k].c);
				i += n;
				break;
			}
		}
		if (k == sizeof(names) / sizeof(names[0]))
			buf_addc(&b, text.p[i++]);
	}
	return b;
}

/* What is printable comes back; and nothing that HTML would read as its own is left. */
static void
test_round_trip(void)
{
	static const char characters[] = "<>&\"'abc;#39lt quot/=";
	uint64_t state = 7;
	char text[40];
	size_t i, n, round;

	for (round = 0; round < 2000; round++) {
		struct buf back;

		n = (size_t)(check_random(&state) % sizeof(text));
		for (i = 0; i < n; i++)
			text[i] = characters[check_random(&state) % (sizeof(characters) - 1)];
		buf_reset(&html);
		html_text(&html, (struct span){ text, n });
		back = undo((struct span){ html.p, html.n });
		CHECK(
		    back.n == n && (n == 0 || memcmp(back.p, text, n) == 0), "%.*s", (int)n, text);
		for (i = 0; i < html.n; i++)
			CHECK(!strchr("<>\"'", html.p[i]), "%.*s", (int)html.n, html.p);
		buf_release(&back);
	}
}

static void
test_cut(void)
{
	struct buf zalgo = BUF_INIT;
	size_t i;

	CHECK(cuts("abcdef", 6, "abcdef"), "what fits is whole");
	CHECK(cuts("abcdefg", 6, "abcde\u2026"), "gives %.*s", (int)html.n, html.p);
	CHECK(cuts("<<<<", 3, "&lt;&lt;\u2026"), "columns are those of the text");
	CHECK(cuts("\u8cfc\u5165\u5b8c", 5, "\u8cfc\u5165\u2026"), "wide characters take two");
	CHECK(cuts("ab", 1, "\u2026"), "one column");
	CHECK(cuts("", 1, ""), "nothing");
	buf_addc(&zalgo, 'z');
	for (i = 0; i < 1000; i++)
		buf_adds(&zalgo, "\u0301");
	buf_reset(&html);
	html_cut(&html, (struct span){ zalgo.p, zalgo.n }, 10);
	CHECK(html.n < 100 && utf8_valid(html.p, html.n, NULL), "%zu bytes", html.n);
	buf_release(&zalgo);
}

int
main(void)
{
	test_references();
	test_round_trip();
	test_cut();
	buf_release(&html);
	return check_end("html");
}
