#include "cmd/validate/allowance.h"

#include "base/ascii.h"

#include "base/banned.h"

bool
percent_read(const char *text, struct percent *to)
{
	size_t i, n = strlen(text);
	bool point = false;

	*to = (struct percent){ .unit = 1 };
	if (n > 0 && text[n - 1] == '%')
		n--;
	for (i = 0; i < n; i++) {
		if (text[i] == '.' && !point && i > 0 && i + 1 < n) {
			point = true;
			continue;
		}
		if (!ascii_is_digit(text[i]) || i >= 9)
			return false;
		to->value = to->value * 10 + (uint64_t)(text[i] - '0');
		if (point)
			to->unit *= 10;
	}
	return n > 0 && to->value <= 100 * to->unit;
}

bool
allowance_read(const char *text, struct allowance *to)
{
	size_t n = strlen(text);

	*to = (struct allowance){ .is_percent = n > 0 && text[n - 1] == '%' };
	if (to->is_percent)
		return percent_read(text, &to->percent);
	return n <= 18 && ascii_number(span_of(text), UINT64_MAX, &to->lines);
}

bool
allowance_exceeded(const struct allowance *a, uint64_t rejected, uint64_t lines)
{
	if (!a->is_percent)
		return rejected > a->lines;
	/* without a quotient, which would be rounded */
	return (long double)rejected * 100 * (long double)a->percent.unit >
	    (long double)lines * (long double)a->percent.value;
}
