/* base/ascii: whole numbers; base/buf: a text in a text. */
#include "base/ascii.h"
#include "check.h"

static void
test_numbers(void)
{
	static const struct {
		const char *text;
		uint64_t max;
		size_t taken; /* bytes; 0: no number */
		uint64_t value;
	} row[] = {
		{ "", 9, 0, 0 },
		{ "x", 9, 0, 0 },
		{ "-1", 9, 0, 0 },
		{ "+1", 9, 0, 0 },
		{ " 1", 9, 0, 0 },
		{ "0", 0, 1, 0 },
		{ "1", 0, 0, 0 },
		{ "007", 7, 3, 7 },
		{ "9", 8, 0, 0 },
		{ "255.", 255, 3, 255 },
		{ "256", 255, 0, 0 },
		{ "2550", 255, 0, 0 },
		{ "12e3", 99, 2, 12 },
		{ "18446744073709551615", UINT64_MAX, 20, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, 0, 0 },
		{ "99999999999999999999", UINT64_MAX, 0, 0 },
		{ "00000000000000000000000001/", UINT64_MAX, 26, 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t n = strlen(row[i].text);
		char *p = exact_copy(row[i].text, n);
		struct span rest = { p, n };
		uint64_t v = 42, all = 42;
		bool good = ascii_take_number(&rest, row[i].max, &v);

		CHECK(good == (row[i].taken > 0), "%s", row[i].text);
		CHECK(rest.p == p + row[i].taken && rest.n == n - row[i].taken, "%s", row[i].text);
		CHECK(v == (good ? row[i].value : 42), "%s", row[i].text);
		good = good && row[i].taken == n;
		CHECK(ascii_number((struct span){ p, n }, row[i].max, &all) == good, "%s",
		    row[i].text);
		CHECK(all == (good ? row[i].value : 42), "%s", row[i].text);
		free(p);
	}
}

/* Every bound, against every number around it. */
static void
test_bounds(void)
{
	uint64_t max, v, got;

	for (max = 0; max < 130; max++)
		for (v = 0; v < 140; v++) {
			char text[8];
			int n = snprintf(text, sizeof(text), "%d", (int)v);
			bool good = ascii_number((struct span){ text, (size_t)n }, max, &got);

			CHECK(
			    good == (v <= max) && (!good || got == v), "%s of %d", text, (int)max);
		}
}

static void
test_bytes(void)
{
	int i;

	for (i = 0; i < 256; i++) {
		static const char hex[] = "0123456789abcdef";
		char c = (char)i, low = ascii_lower(c);
		const char *at = i ? strchr(hex, low) : NULL;

		CHECK(ascii_is_digit(c) == (i >= '0' && i <= '9'), "%d", i);
		CHECK(ascii_is_letter(c) == ((i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z')),
		    "%d", i);
		CHECK(low == (i >= 'A' && i <= 'Z' ? i - 'A' + 'a' : c), "%d", i);
		CHECK(ascii_hex(c) == (at ? (int)(at - hex) : -1), "%d", i);
		CHECK(ascii_is_hex(c) == (at != NULL), "%d", i);
	}
}

static void
test_find(void)
{
	static const struct {
		const char *text, *what;
		size_t at;
	} row[] = {
		{ "", "", 0 },
		{ "", "a", 0 },
		{ "abc", "", 0 },
		{ "abc", "a", 0 },
		{ "abc", "c", 2 },
		{ "abc", "bc", 1 },
		{ "abc", "cd", 3 },
		{ "abc", "abcd", 3 },
		{ "aab", "ab", 1 },
		{ "ababab", "bab", 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t n = strlen(row[i].text), k = strlen(row[i].what);
		char *p = exact_copy(row[i].text, n), *q = exact_copy(row[i].what, k);

		CHECK(span_find((struct span){ p, n }, (struct span){ q, k }) == row[i].at,
		    "%s in %s", row[i].what, row[i].text);
		CHECK(span_holds((struct span){ p, n }, (struct span){ q, k }) ==
			(strstr(row[i].text, row[i].what) != NULL),
		    "%s in %s", row[i].what, row[i].text);
		free(p);
		free(q);
	}
}

int
main(void)
{
	test_numbers();
	test_bounds();
	test_bytes();
	test_find();
	return check_end("test_ascii");
}
