/*
 * The small parsers: addresses and times.  What they accept must survive a
 * round trip through the text that they write.
 */
#include <stdlib.h>

#include "ip.h"
#include "timestamp.h"

#include "banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)           \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static void
address(const char *p, size_t n)
{
	struct ip one, two;
	char text[IP_TEXT];
	size_t length;

	if (!ip_parse(&one, p, n))
		return;
	length = ip_format(&one, text);
	MUST(length > 0 && length <= IP_TEXT);
	MUST(ip_parse(&two, text, length));
	MUST(one.v4 == two.v4 && memcmp(one.b, two.b, sizeof(one.b)) == 0);
}

static void
moment(const char *p, size_t n)
{
	char text[TIMESTAMP_TEXT + 1];
	int64_t one, two;

	if (!timestamp_parse(p, n, &one) || one < TIMESTAMP_MIN || one > TIMESTAMP_MAX)
		return;
	timestamp_format(text, one);
	text[10] = 'T';
	text[TIMESTAMP_TEXT] = 'Z';
	MUST(timestamp_parse(text, sizeof(text), &two));
	MUST(one == two);
	MUST(date_parse(text, DATE_TEXT, &two));
	MUST(timestamp_day(one) == timestamp_day(two));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;

	if (size == 0)
		return 0;
	address(p, size);
	moment(p, size);
	return 0;
}
