/*
 * The small parsers: addresses, times, times in words, and which events are meant.  What they
 * accept must survive a round trip through the text that they write.
 */
#include <stdlib.h>

#include "text/ip.h"
#include "ask/event_filter.h"
#include "base/timestamp.h"
#include "ask/time_words.h"

#include "base/banned.h"

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

			if (time_words_parse(p, n, zones[i], clocks[k], &ms))
				MUST(ms >= TIMESTAMP_MIN && ms <= TIMESTAMP_MAX);
		}
	}
}

/* The parts of a pick, joined again, are the text that was parsed. */
static void
events(const char *p, size_t n)
{
	const char *at, *end = p + n;
	struct refusal r;
	struct event_filter pick;
	size_t i;

	if (!event_filter_parse(&pick, (struct span){ p, n }, "step", &r)) {
		MUST(r.text[0] && r.parameter);
		return;
	}
	/* a comma, a name, an operator and a value each, up to the end */
	MUST(pick.event.p == p && pick.event.n > 0);
	at = p + pick.event.n;
	for (i = 0; i < pick.filters; i++) {
		const struct condition *f = &pick.filter[i];

		MUST(f->field ? f->property.depth == 0
			      : f->property.depth >= 1 && f->property.depth <= PROPERTY_DEPTH_MAX);
		MUST(*at == ',' && f->value.p > at + 2 && f->value.p + f->value.n <= end);
		at = f->value.p + f->value.n;
	}
	MUST(at == end);
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
	events(p, size);
	return 0;
}
