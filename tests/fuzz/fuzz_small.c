/*
 * The small parsers: addresses, times, and times in words.  What they accept must survive a
 * round trip through the text that they write.
 */
#include <stdlib.h>

#include "ip.h"
#include "timestamp.h"
#include "when.h"

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

/* Whatever is said, and wherever: an instant that can be stored, by any clock. */
static void
words(const char *p, size_t n)
{
	static const int64_t clocks[] = { TIMESTAMP_MIN, 0, INT64_C(1778958000123), TIMESTAMP_MAX };
	static struct zone *zones[2];
	size_t i, k;

	if (!zones[0]) {
		struct buf error = BUF_INIT;

		zones[0] = zone_open(SPAN("UTC"), &error);
		zones[1] = zone_open(SPAN("America/New_York"), &error);
		MUST(zones[0] && zones[1]);
	}
	for (i = 0; i < 2; i++) {
		for (k = 0; k < sizeof(clocks) / sizeof(clocks[0]); k++) {
			int64_t ms;

			if (when_parse(p, n, zones[i], clocks[k], &ms))
				MUST(ms >= TIMESTAMP_MIN && ms <= TIMESTAMP_MAX);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;

	if (size == 0)
		return 0;
	address(p, size);
	moment(p, size);
	words(p, size);
	return 0;
}
