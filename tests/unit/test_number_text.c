/* What a report shows numbers, scales and periods as. */
#include "show/chart.h"
#include "check.h"
#include "show/dateword.h"
#include "text/number_text.h"
#include "show/svg.h"

#include "base/banned.h"

static struct buf text = BUF_INIT;

static bool
shows(const char *expected)
{
	bool same = is_text(text.p, text.n, expected);

	if (!same)
		fprintf(stderr, "'%.*s' instead of '%s'\n", (int)text.n, text.p, expected);
	buf_reset(&text);
	return same;
}

static void
test_figures(void)
{
	static const struct {
		uint64_t count;
		const char *expected;
	} counts[] = { { 0, "0" }, { 999, "999" }, { 1000, "1,000" }, { 123456, "123,456" },
		{ 1234567, "1,234,567" }, { UINT64_MAX, "18,446,744,073,709,551,615" } };
	static const struct {
		uint64_t part, whole;
		const char *expected;
	} shares[] = { { 0, 0, "\u2013" }, { 0, 5, "0.0%" }, { 5, 5, "100.0%" }, { 1, 3, "33.3%" },
		{ 1, 10000, "\u22480%" }, { 9999, 10000, "\u2248100%" }, { 1, 1000, "0.1%" } };
	static const struct {
		uint64_t now, before;
		const char *expected;
	} changes[] = { { 5, 0, "\u2013" }, { 0, 5, "\u2212100.0%" }, { 110, 100, "+10.0%" },
		{ 7, 7, "no change" }, { 10001, 10000, "no change" }, { 99, 100, "\u22121.0%" } };
	size_t i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		number_text_count(&text, counts[i].count);
		CHECK(shows(counts[i].expected), "count %zu", i);
	}
	for (i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		number_text_share(&text, shares[i].part, shares[i].whole);
		CHECK(shows(shares[i].expected), "share %zu", i);
	}
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		number_text_change(&text, changes[i].now, changes[i].before);
		CHECK(shows(changes[i].expected), "change %zu", i);
	}
	number_text_points(&text, 0.25, 0.5);
	CHECK(shows("\u221225.0 points"), "points");
}

/* 1, 2 or 5 times a power of ten; enough for the value, and no larger than it has to be. */
static void
test_steps(void)
{
	uint64_t state = 3;
	size_t round;

	for (round = 0; round < 20000; round++) {
		uint64_t max = check_random(&state) >> (check_random(&state) % 64);
		unsigned lines = 1 + (unsigned)(check_random(&state) % 9);
		uint64_t step = svg_step(max, lines), digit = step;

		while (digit % 10 == 0)
			digit /= 10;
		CHECK(digit == 1 || digit == 2 || digit == 5, "%llu", (unsigned long long)step);
		CHECK(max / step <= lines, "%llu", (unsigned long long)max);
		if (step > 1)
			CHECK(max / (digit == 5 ? step / 5 * 2 : step / 2) > lines, "%llu by %llu",
			    (unsigned long long)max, (unsigned long long)step);
	}
}

/* Numbers after `before` in the text: the y of a path's points are the second of each pair. */
static size_t
read_points(const char *p, const char *class, double *x, double *y, size_t max)
{
	char start[64];
	size_t n = 0;
	const char *d;

	snprintf(start, sizeof(start), "class=\"%s\"", class);
	d = strstr(p, start);
	d = d ? strstr(d, " d=\"") : NULL;
	for (d = d ? d + 4 : ""; (*d == 'M' || *d == 'L') && n < max; n++) {
		char *end;

		x[n] = strtod(d + 1, &end);
		y[n] = strtod(end, &end);
		d = end;
	}
	return n;
}

static void
test_chart(void)
{
	static const uint64_t now[] = { 0, 50, 100, 25, 75 }, before[] = { 100, 0, 10 };
	static const struct svg_label labels[] = { { 0, { "a", 1 } }, { 2, { "b", 1 } } };
	const struct svg_chart chart = { "c", SPAN("t"), SPAN("d"), now, 5, before, 3, true, true,
		labels, 2 };
	double x[8], y[8];
	size_t i, n;

	svg_chart(&text, &chart);
	buf_addc(&text, '\0');
	n = read_points(text.p, "now", x, y, 8);
	CHECK(n == 5, "%zu points", n);
	for (i = 0; i < n; i++)
		CHECK(x[i] == 250.0 * (double)i && y[i] == 100.0 - (double)now[i], "%zu: %f %f", i,
		    x[i], y[i]);
	n = read_points(text.p, "before", x, y, 8);
	CHECK(n == 3, "%zu points", n);
	for (i = 0; i < n; i++)
		CHECK(x[i] == 250.0 * (double)i && y[i] == 100.0 - (double)before[i], "%zu", i);
	CHECK(strstr(text.p, ">50</text>") && strstr(text.p, ">100</text>"), "the scale");
	CHECK(strstr(text.p, "x=\"50.00%\""), "the label in the middle");
	CHECK(strstr(text.p, "cx=\"100.00%\""), "the ring at the end");
	buf_reset(&text);
}

/* All zeros and a single value still make a chart, without a division by zero. */
static void
test_small_charts(void)
{
	static const uint64_t zero[] = { 0, 0 }, one[] = { 7 };
	struct svg_chart chart = { "c", SPAN("t"), SPAN("d"), zero, 2, NULL, 0, false, false, NULL,
		0 };
	double x[2], y[2];

	svg_chart(&text, &chart);
	buf_addc(&text, '\0');
	CHECK(read_points(text.p, "now", x, y, 2) == 2 && y[0] == 100 && y[1] == 100, "zeros");
	buf_reset(&text);
	chart.now = one;
	chart.n = 1;
	svg_chart(&text, &chart);
	buf_addc(&text, '\0');
	CHECK(read_points(text.p, "now", x, y, 2) == 1 && x[0] == 500, "in the middle");
	CHECK(!strstr(text.p, "nan") && !strstr(text.p, "inf"), "numbers");
	buf_reset(&text);
}

static struct period
period(struct zone *z, const char *from, const char *to)
{
	struct period p = { .zone = z };

	if (!timestamp_parse(from, strlen(from), &p.from) ||
	    !timestamp_parse(to, strlen(to), &p.to))
		abort();
	return p;
}

static void
test_periods(void)
{
	static const struct {
		const char *zone, *from, *to, *expected, *before;
	} cases[] = {
		{ "UTC", "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z", "1 to 30 June 2026",
		    "2 to 31 May 2026" },
		{ "UTC", "2026-06-09T00:00:00Z", "2026-06-10T00:00:00Z", "9 June 2026",
		    "8 June 2026" },
		{ "UTC", "2025-12-30T00:00:00Z", "2026-01-02T00:00:00Z",
		    "30 December 2025 to 1 January 2026", "27 to 29 December 2025" },
		{ "UTC", "2026-06-28T00:00:00Z", "2026-07-02T00:00:00Z", "28 June to 1 July 2026",
		    "24 to 27 June 2026" },
		{ "UTC", "2026-06-01T10:00:00.500Z", "2026-06-01T11:30:00Z",
		    "1 June 2026, 10:00 to 1 June 2026, 11:30",
		    "1 June 2026, 08:30 to 1 June 2026, 10:00" },
		/* days of 23 and 25 hours count as days */
		{ "Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "29 March 2026",
		    "28 March 2026" },
		{ "Europe/Berlin", "2026-10-25T23:00:00Z", "2026-10-26T23:00:00Z",
		    "26 October 2026", "25 October 2026" },
		/* the hour that clocks show twice has no length by them */
		{ "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z",
		    "25 October 2026, 02:00 to 25 October 2026, 02:00",
		    "25 October 2026, 01:00 to 25 October 2026, 02:00" },
		{ "UTC", "1969-12-30T00:00:00Z", "1970-01-01T00:00:00Z", "30 to 31 December 1969",
		    "28 to 29 December 1969" },
	};
	struct buf error = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct zone *z = zone_open(span_of(cases[i].zone), &error);
		struct period p = period(z, cases[i].from, cases[i].to), before;

		dateword_period(&text, &p);
		CHECK(shows(cases[i].expected), "case %zu", i);
		if (CHECK(period_before(&p, &before), "case %zu", i)) {
			CHECK(before.to == p.from && before.from < before.to, "case %zu", i);
			dateword_period(&text, &before);
			CHECK(shows(cases[i].before), "case %zu, before", i);
		}
		zone_close(z);
	}
	buf_release(&error);
}

static void
test_no_period_before(void)
{
	struct buf error = BUF_INIT;
	struct zone *z = zone_open(SPAN("UTC"), &error);
	struct period before, p = { TIMESTAMP_MIN, TIMESTAMP_MIN + 1, z };

	CHECK(!period_before(&p, &before), "the first instant");
	p = (struct period){ 0, TIMESTAMP_MAX, z };
	CHECK(!period_before(&p, &before), "too long");
	p = (struct period){ TIMESTAMP_MIN + 1, TIMESTAMP_MIN + 2, z };
	CHECK(period_before(&p, &before) && before.from == TIMESTAMP_MIN, "just enough");
	zone_close(z);
	buf_release(&error);
}

static void
test_percents(void)
{
	static const struct {
		double share;
		const char *text;
	} row[] = { { 0, "0.0%" }, { 1, "100.0%" }, { 0.3356, "33.6%" }, { 0.0004, "<0.1%" },
		{ 0.9996, ">99.9%" } };
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		buf_reset(&b);
		number_text_percent(&b, row[i].share);
		CHECK(b.n == strlen(row[i].text) && memcmp(b.p, row[i].text, b.n) == 0, "%g: %.*s",
		    row[i].share, (int)b.n, b.p);
	}
	buf_release(&b);
}

static void
test_spans(void)
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
		number_text_span(&b, row[i].seconds);
		CHECK(b.n == strlen(row[i].text) && memcmp(b.p, row[i].text, b.n) == 0, "%g: %.*s",
		    row[i].seconds, (int)b.n, b.p);
	}
	buf_release(&b);
}

static void
test_decimals(void)
{
	static const struct {
		const char *from, *text;
	} row[] = {
		{ "0", "0" },
		{ "999.5", "999.5" },
		{ "1000", "1,000" },
		{ "-1234567.00001", "\u22121,234,567.00001" },
		{ "123456.789123", "123,456.789123" },
		{ "-0.5", "\u22120.5" },
		{ "1e40", "1e40" },
		{ "", "" },
	};
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		buf_reset(&b);
		number_text_decimal(&b, span_of(row[i].from));
		CHECK(b.n == strlen(row[i].text) && memcmp(b.p, row[i].text, b.n) == 0, "%s: %.*s",
		    row[i].from, (int)b.n, b.p);
	}
	buf_reset(&b);
	number_text_growth(&b, 30, 40);
	number_text_growth(&b, 40, 40);
	number_text_growth(&b, -1, 40);
	buf_addc(&b, '\0');
	CHECK(!b.failed && strcmp(b.p, "\u221225.0%no change\u2013") == 0, "growth: %s", b.p);
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
	test_figures();
	test_percents();
	test_spans();
	test_decimals();
	test_blocks();
	test_steps();
	test_chart();
	test_small_charts();
	test_periods();
	test_no_period_before();
	buf_release(&text);
	return check_end("test_number_text");
}
