/* Shares and spans as people read them, and the block of a share. */
#include "legible.h"

#include "chart.h"
#include "check.h"

#include "banned.h"

static void
test_shares(void)
{
	static const struct {
		double share;
		const char *text;
	} row[] = { { 0, "0.0%" }, { 1, "100.0%" }, { 0.3356, "33.6%" }, { 0.0004, "0.0%" },
		{ 0.9996, "100.0%" } };
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		buf_reset(&b);
		legible_share(&b, row[i].share);
		CHECK(b.n == strlen(row[i].text) && memcmp(b.p, row[i].text, b.n) == 0, "%g: %.*s",
		    row[i].share, (int)b.n, b.p);
	}
	buf_release(&b);
}

static void
test_seconds(void)
{
	static const struct {
		double seconds;
		const char *text;
	} row[] = {
		{ 0, "0s" },
		{ 0.001, "1ms" },
		{ 1, "1.0s" },
		{ 28.925, "28.9s" },
		{ 59.4, "59.4s" },
		{ 59.6, "1m 0s" },
		{ 287.692, "4m 48s" },
		{ 3569, "59m 29s" },
		{ 3599.6, "1h 0m" },
		{ 17280, "4h 48m" },
		{ 86399, "1d 0h" },
		{ 90000, "1d 1h" },
		{ 31622400, "366d 0h" },
	};
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		buf_reset(&b);
		legible_seconds(&b, row[i].seconds);
		CHECK(b.n == strlen(row[i].text) && memcmp(b.p, row[i].text, b.n) == 0, "%g: %.*s",
		    row[i].seconds, (int)b.n, b.p);
	}
	buf_release(&b);
}

static void
test_blocks(void)
{
	CHECK(strcmp(chart_block(0, false), " ") == 0, "nothing");
	CHECK(strcmp(chart_block(0.0001, false), "\u2581") == 0, "what is not nothing shows");
	CHECK(strcmp(chart_block(0.5, false), "\u2584") == 0, "half");
	CHECK(strcmp(chart_block(1, false), "\u2588") == 0, "all");
	CHECK(strcmp(chart_block(7, false), "\u2588") == 0, "more than all");
	CHECK(strcmp(chart_block(1, true), "@") == 0, "all, in ASCII");
}

int
main(void)
{
	test_shares();
	test_seconds();
	test_blocks();
	return check_end("test_legible");
}
