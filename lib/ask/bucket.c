#include "ask/bucket.h"

#include "base/timestamp.h"
#include "ask/time_words.h"

#include "base/banned.h"

/* The name of the word for the interval at hand, which when.h knows to begin. */
static struct span
word(enum interval interval, bool next)
{
	switch (interval) {
	case INTERVAL_HOUR:
		return next ? SPAN("next-hour") : SPAN("this-hour");
	case INTERVAL_WEEK:
		return next ? SPAN("next-week") : SPAN("this-week");
	default:
		return next ? SPAN("tomorrow") : SPAN("today");
	}
}

static int64_t
at_word(const struct zone *z, enum interval interval, int64_t ms, bool next)
{
	struct span w = word(interval, next);
	int64_t start;

	return time_words_parse(w.p, w.n, z, ms, &start) ? start
	    : next                                       ? TIMESTAMP_MAX + 1
							 : TIMESTAMP_MIN;
}

int64_t
bucket_start(const struct zone *z, enum interval interval, int64_t ms)
{
	return at_word(z, interval, ms, false);
}

int64_t
bucket_next(const struct zone *z, enum interval interval, int64_t start)
{
	return at_word(z, interval, start, true);
}

bool
bucket_parse(const struct zone *z, struct span name, int64_t *start)
{
	return time_words_parse(name.p, name.n, z, 0, start);
}

size_t
bucket_count(const struct zone *z, enum interval interval, int64_t from, int64_t to)
{
	size_t n = 0;
	int64_t start;

	for (start = bucket_start(z, interval, from); start < to;
	     start = bucket_next(z, interval, start))
		n++;
	return n;
}
