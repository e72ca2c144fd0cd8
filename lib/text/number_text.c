#include "text/number_text.h"

#include "base/ascii.h"

#include "base/banned.h"

#define MINUS "\u2212"
#define ABOUT "\u2248"

/* Digits, in groups of three. */
static void
add_groups(struct buf *b, const char *digits, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			buf_addc(b, ',');
		buf_addc(b, digits[i]);
	}
}

void
number_text_count(struct buf *b, uint64_t v)
{
	struct buf digits = BUF_INIT;

	buf_addu(&digits, v);
	add_groups(b, digits.p, digits.n);
	b->failed |= digits.failed;
	buf_release(&digits);
}

void
number_text_decimal(struct buf *b, struct span v)
{
	size_t sign = v.n > 0 && *v.p == '-', n = 0;

	while (sign + n < v.n && ascii_is_digit(v.p[sign + n]))
		n++;
	if (sign)
		buf_adds(b, MINUS);
	add_groups(b, v.p + sign, n);
	buf_add(b, v.p + sign + n, v.n - sign - n);
}

void
number_text_share(struct buf *b, uint64_t part, uint64_t whole)
{
	double percent = whole ? 100.0 * (double)part / (double)whole : 0;

	if (whole == 0)
		buf_adds(b, NUMBER_TEXT_NONE);
	else if (part > 0 && percent < 0.05)
		buf_adds(b, ABOUT "0%");
	else if (part < whole && percent >= 99.95)
		buf_adds(b, ABOUT "100%");
	else
		buf_addf(b, "%.1f%%", percent);
}

void
number_text_percent(struct buf *b, double share)
{
	double percent = 100 * share;

	if (share > 0 && percent < 0.05)
		buf_adds(b, "<0.1%");
	else if (share < 1 && percent >= 99.95)
		buf_adds(b, ">99.9%");
	else
		buf_addf(b, "%.1f%%", percent);
}

static void
add_signed(struct buf *b, double v, const char *unit)
{
	if (v > -0.05 && v < 0.05)
		buf_adds(b, "no change");
	else
		buf_addf(b, "%s%.1f%s", v < 0 ? MINUS : "+", v < 0 ? -v : v, unit);
}

void
number_text_change(struct buf *b, uint64_t now, uint64_t before)
{
	if (before == 0)
		buf_adds(b, NUMBER_TEXT_NONE);
	else
		add_signed(b, 100.0 * ((double)now - (double)before) / (double)before, "%");
}

void
number_text_growth(struct buf *b, double now, double before)
{
	if (now < 0 || before < 0)
		buf_adds(b, NUMBER_TEXT_NONE);
	else
		add_signed(b, 100 * (now / before - 1), "%");
}

void
number_text_difference(struct buf *b, double share)
{
	double percent = 100 * share;

	if (percent == 0)
		buf_adds(b, "0.0%");
	else if (percent > -0.05 && percent < 0.05)
		buf_adds(b, percent < 0 ? ">-0.1%" : "<0.1%");
	else
		buf_addf(b, "%+.1f%%", percent);
}

void
number_text_points(struct buf *b, double now, double before)
{
	add_signed(b, 100.0 * (now - before), " points");
}

void
number_text_span(struct buf *b, double seconds)
{
	static const struct {
		double seconds;
		const char *large, *small;
		int parts; /* how many small ones are a large one */
	} units[] = {
		{ 86400, "d", "h", 24 },
		{ 3600, "h", "m", 60 },
		{ 60, "m", "s", 60 },
	};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		double part = units[i].seconds / units[i].parts;
		uint64_t all = (uint64_t)(seconds / part + 0.5);

		if (all < (uint64_t)units[i].parts)
			continue;
		buf_addf(b, "%llu%s %llu%s", (unsigned long long)(all / units[i].parts),
		    units[i].large, (unsigned long long)(all % units[i].parts), units[i].small);
		return;
	}
	if (seconds > 0 && seconds < 1)
		buf_addf(b, "%.0fms", seconds * 1000);
	else
		buf_addf(b, seconds > 0 ? "%.1fs" : "%.0fs", seconds);
}
