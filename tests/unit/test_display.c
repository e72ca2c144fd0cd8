/* Columns of text on a terminal, and tables of them, with the C library's tables as the oracle. */
#define _XOPEN_SOURCE 700
#include <locale.h>
#include <wchar.h>

#include "base/utf8.h"
#include "check.h"
#include "text/display.h"
#include "text/table.h"

#include "base/banned.h"

/* The two stem from other versions of Unicode: one in a thousand may differ. */
static void
test_all_characters(void)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
	unsigned differ = 0, known = 0;
	uint32_t c;

	if (!CHECK(utf8, "there is no C.UTF-8"))
		return;
	uselocale(utf8);
	for (c = 0x20; c < 0x110000; c++) {
		char text[4];
		int expected = wcwidth((wchar_t)c);
		size_t n;

		if (expected < 0 || (c >= 0xd800 && c < 0xe000))
			continue; /* not assigned, or a control character */
		n = (size_t)(utf8_put(text, c) - text);
		known++;
		if (display_width(text, n) != (size_t)expected)
			differ++;
	}
	CHECK(known > 200000 && differ < known / 1000, "%u of %u differ", differ, known);
	uselocale(LC_GLOBAL_LOCALE);
	freelocale(utf8);
}

static void
test_width(void)
{
	static const struct {
		const char *text;
		size_t width;
	} row[] = {
		{ "", 0 },
		{ "abc", 3 },
		{ "l\u00ednea", 5 },
		{ "li\u0301nea", 5 },
		{ "\u8cfc\u5165", 4 },
		{ "\uff76\uff9e", 2 },
		{ "\u1112\u1161\u11ab", 2 },
		{ "\U0001f600", 2 },
		{ "\u0e01\u0e33", 2 },
		{ "a\u00adb", 3 },
		{ "\u0604\u0661", 2 },
		{ "\u0937\u093f", 2 },
		{ "a\xff"
		  "b",
		    3 },
		{ "\xe8\xb3", 2 },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t n = strlen(row[i].text);
		char *p = exact_copy(row[i].text, n);

		CHECK(display_width(p, n) == row[i].width, "%s: %zu", row[i].text,
		    display_width(p, n));
		free(p);
	}
}

static void
test_add(void)
{
	static const struct {
		const char *text;
		size_t width;
		bool right, ascii;
		const char *expected;
	} row[] = {
		{ "abc", 5, false, false, "abc  " },
		{ "abc", 5, true, false, "  abc" },
		{ "abcdef", 4, false, false, "abc\u2026" },
		{ "abcdef", 4, false, true, "abc~" },
		{ "abcd", 4, false, false, "abcd" },
		{ "\u8cfc\u5165\u5b8c", 4, false, false, "\u8cfc\u2026 " },
		{ "\u8cfc\u5165\u5b8c", 5, true, false, "\u8cfc\u5165\u2026" },
		{ "e\u0301te\u0301", 2, false, false, "e\u0301\u2026" },
		{ "\u8cfca", 3, false, true, "??a" },
		{ "abc", 0, false, false, "" },
		{ "abc", 1, false, false, "\u2026" },
		{ "", 2, false, false, "  " },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct buf b = BUF_INIT;

		display_add(&b, span_of(row[i].text), row[i].width, row[i].right, row[i].ascii);
		CHECK(is_text(b.p, b.n, row[i].expected), "%s in %zu: [%.*s]", row[i].text,
		    row[i].width, (int)b.n, b.p);
		buf_release(&b);
	}
}

static void
test_table(void)
{
	static const struct table_column columns[] = { { "name", false, false },
		{ "n", true, true } };
	static const char expected[] = "name             n\n"
				       "\xc3\xa9t\xc3\xa9            100\n"
				       "a\\x1b[2Jb\\x9b    7\n"
				       "                 0\n";
	struct buf b = BUF_INIT;
	struct table t;

	table_init(&t, columns, 2);
	table_add(&t, "\xc3\xa9t\xc3\xa9", 5);
	table_add(&t, "100", 3);
	table_add(&t, "a\033[2Jb\xc2\x9b", 8);
	table_add(&t, "7", 1);
	table_add(&t, "", 0);
	table_add(&t, "0", 1);
	CHECK(table_print(&t, 0, false, &b), "memory");
	CHECK(is_text(b.p, b.n, expected), "printed:\n%.*s", (int)b.n, b.p);
	table_release(&t);
	buf_release(&b);
}

/* Cut are the widest, then the last ones go; what has to stay whole does. */
static void
test_narrow_table(void)
{
	static const struct table_column columns[] = { { "time", false, true },
		{ "name", false, false }, { "path", false, false }, { "n", true, true } };
	static const struct {
		size_t width;
		const char *expected;
	} row[] = {
		{ 0,
		    "time   name       path              n\n"
		    "10:00  ab cdefgh  /a/long/path  12345\n" },
		{ 33,
		    "time   name       path          n\n"
		    "10:00  ab cdefgh  /a/long\u2026  12345\n" },
		{ 32,
		    "time   name      path          n\n"
		    "10:00  ab cdef\u2026  /a/long\u2026  12345\n" },
		{ 28,
		    "time   name    path        n\n"
		    "10:00  ab cd\u2026  /a/lo\u2026  12345\n" },
		{ 27,
		    "time   name           n\n"
		    "10:00  ab cdefgh  12345\n" },
		{ 10,
		    "time       n\n"
		    "10:00  12345\n" },
	};
	static const char *const cells[] = { "10:00", "ab cdefgh", "/a/long/path", "12345" };
	size_t i, k;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct buf b = BUF_INIT;
		struct table t;

		table_init(&t, columns, 4);
		for (k = 0; k < 4; k++)
			table_add(&t, cells[k], strlen(cells[k]));
		CHECK(table_print(&t, row[i].width, false, &b), "memory");
		CHECK(is_text(b.p, b.n, row[i].expected), "in %zu columns:\n%.*s", row[i].width,
		    (int)b.n, b.p);
		table_release(&t);
		buf_release(&b);
	}
}

int
main(void)
{
	test_all_characters();
	test_width();
	test_add();
	test_table();
	test_narrow_table();
	return check_end("test_display");
}
