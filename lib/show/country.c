#include "show/country.h"

#include "country-table.h"

#include "base/banned.h"

struct span
country_name(struct span code)
{
	size_t low = 0, high = sizeof(countries) / sizeof(countries[0]);

	while (code.n == 2 && low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp(countries[middle].code, code.p, 2);

		if (order == 0)
			return span_of(countries[middle].name);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return code;
}
