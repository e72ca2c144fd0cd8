#include "base/ascii.h"

#include "base/banned.h"

bool
ascii_take_number(struct span *text, uint64_t max, uint64_t *value)
{
	const char *p = text->p, *end = text->n ? p + text->n : p;
	uint64_t v = 0;

	for (; p < end && ascii_is_digit(*p); p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (v > max / 10 || digit > max - 10 * v)
			return false;
		v = 10 * v + digit;
	}
	if (p == text->p)
		return false;
	*text = (struct span){ p, (size_t)(end - p) };
	*value = v;
	return true;
}

bool
ascii_number(struct span text, uint64_t max, uint64_t *value)
{
	uint64_t v;

	if (!ascii_take_number(&text, max, &v) || text.n > 0)
		return false;
	*value = v;
	return true;
}
