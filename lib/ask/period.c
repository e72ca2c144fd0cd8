#include "ask/period.h"

#include "ask/time_words.h"

#include "base/banned.h"

enum { DAY_MS = 86400000 };

void
period_release(struct period *p)
{
	zone_close(p->zone);
	p->zone = NULL;
}

/* What clocks there show. */
static int64_t
local(const struct zone *z, int64_t ms)
{
	int64_t seconds = ms / 1000 - (ms % 1000 < 0);

	return ms + (int64_t)zone_offset(z, seconds) * 1000;
}

bool
period_before(const struct period *p, struct period *before)
{
	int64_t length = local(p->zone, p->to) - local(p->zone, p->from);
	int64_t start, ms;

	/* within an hour that clocks show twice */
	if (length <= 0)
		length = p->to - p->from;
	start = local(p->zone, p->from) - length;
	ms = start % 1000 + (start % 1000 < 0 ? 1000 : 0);
	if (start - ms < TIMESTAMP_MIN)
		return false;
	*before = (struct period){ zone_instant(p->zone, (start - ms) / 1000) * 1000 + ms, p->from,
		p->zone };
	if (before->from >= p->from)
		before->from = p->from - (p->to - p->from);
	return before->from >= TIMESTAMP_MIN;
}

/* Months since the year 0 where one begins at this instant; false: none does. */
static bool
month_begins(const struct zone *z, int64_t ms, int64_t *months)
{
	int year, month, day;

	date_from_days(timestamp_day(local(z, ms)), &year, &month, &day);
	*months = (int64_t)year * 12 + month - 1;
	return zone_instant(z, days_from_date(year, month, 1) * (DAY_MS / 1000)) * 1000 == ms;
}

bool
period_previous(const struct period *p, struct period *previous)
{
	int64_t from, to, months;

	if (!month_begins(p->zone, p->from, &from) || !month_begins(p->zone, p->to, &to))
		return period_before(p, previous);
	months = from - (to - from);
	if (months < 1900 * 12)
		return false;
	*previous =
	    (struct period){ zone_instant(p->zone,
				 days_from_date((int)(months / 12), (int)(months % 12) + 1, 1) *
				     (DAY_MS / 1000)) *
			1000,
		    p->from, p->zone };
	return previous->from >= TIMESTAMP_MIN;
}

bool
period_is_of_days(const struct period *p)
{
	return p->from % DAY_MS == 0 && p->to % DAY_MS == 0;
}

/* ---- intervals -------------------------------------------------------- */

/* The name of the interval_word for the interval at hand, which when.h knows to begin. */
static struct span
interval_word(enum interval interval, bool next)
{
	switch (interval) {
	case INTERVAL_HOUR:
		return next ? SPAN("next-hour") : SPAN("this-hour");
	case INTERVAL_WEEK:
		return next ? SPAN("next-week") : SPAN("this-week");
	case INTERVAL_MONTH:
		return next ? SPAN("next-month") : SPAN("this-month");
	default:
		return next ? SPAN("tomorrow") : SPAN("today");
	}
}

static int64_t
at_word(const struct zone *z, enum interval interval, int64_t ms, bool next)
{
	struct span w = interval_word(interval, next);
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
