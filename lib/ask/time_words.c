#include "ask/time_words.h"

#include "base/ascii.h"
#include "base/timestamp.h"

#include "base/banned.h"

enum {
	DAY = 86400,
	SPAN_MAX = 1000000, /* of a count: 2,700 years in days, which is more than there are */
};

enum unit { HOUR_OF, DAY_OF, WEEK_OF, MONTH_OF, YEAR_OF };

/* Where a word's time begins: the start of a unit, so many units from now's. */
struct word {
	const char *text;
	enum unit unit;
	int steps;
};

static const struct word words[] = {
	{ "today", DAY_OF, 0 },
	{ "yesterday", DAY_OF, -1 },
	{ "tomorrow", DAY_OF, 1 },
	{ "this-hour", HOUR_OF, 0 },
	{ "last-hour", HOUR_OF, -1 },
	{ "next-hour", HOUR_OF, 1 },
	{ "this-week", WEEK_OF, 0 },
	{ "last-week", WEEK_OF, -1 },
	{ "next-week", WEEK_OF, 1 },
	{ "this-month", MONTH_OF, 0 },
	{ "last-month", MONTH_OF, -1 },
	{ "next-month", MONTH_OF, 1 },
	{ "this-year", YEAR_OF, 0 },
	{ "last-year", YEAR_OF, -1 },
	{ "next-year", YEAR_OF, 1 },
};

/* What can be stored; beyond it zones and calendars need not be right either. */
static bool
in_bounds(int64_t ms)
{
	return ms >= TIMESTAMP_MIN && ms <= TIMESTAMP_MAX;
}

static int64_t
floor_to(int64_t v, int64_t unit)
{
	int64_t rest = v % unit;

	return v - rest - (rest < 0 ? unit : 0);
}

/* Seconds of `now` on the zone's clock. */
static int64_t
local_seconds(const struct zone *z, int64_t ms)
{
	int64_t seconds = floor_to(ms, 1000) / 1000;

	return seconds + zone_offset(z, seconds);
}

/* The first second of the unit that `local` lies in, some steps away. */
static int64_t
start_of(int64_t local, enum unit unit, int steps)
{
	int64_t day = floor_to(local, DAY) / DAY;
	int year, month, of_month;

	date_from_days(day, &year, &month, &of_month);
	switch (unit) {
	case HOUR_OF:
		return floor_to(local, 3600) + steps * 3600;
	case DAY_OF:
		return (day + steps) * DAY;
	case WEEK_OF: /* 1970-01-05 was a Monday */
		return (floor_to(day - 4, 7) + 4 + steps * 7) * DAY;
	case MONTH_OF:
		month += steps;
		if (month < 1 || month > 12) {
			year += steps;
			month -= 12 * steps;
		}
		return days_from_date(year, month, 1) * DAY;
	case YEAR_OF:
		break;
	}
	return days_from_date(year + steps, 1, 1) * DAY;
}

static int64_t
start_of_word(const struct word *w, const struct zone *z, int64_t now)
{
	int64_t local = local_seconds(z, now);
	int64_t start = start_of(local, w->unit, w->steps);

	/* the hour that passes, also where a clock shows it twice */
	if (w->unit == HOUR_OF)
		return floor_to(now, 1000) - (local - start) * 1000;
	return zone_instant(z, start) * 1000;
}

static bool
parse_word(struct span s, const struct zone *z, int64_t now, int64_t *ms)
{
	size_t i;

	if (s.n == 0 || span_eq(s, SPAN("now"))) {
		*ms = now;
		return true;
	}
	if (date_parse(s.p, s.n, ms)) {
		if (!in_bounds(*ms))
			return false;
		*ms = zone_instant(z, *ms / 1000) * 1000;
		return true;
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!span_eq(s, span_of(words[i].text)))
			continue;
		*ms = start_of_word(&words[i], z, now);
		return true;
	}
	return false;
}

/* Seconds of a unit's letter, 0 for others. */
static int64_t
unit_seconds(char letter)
{
	switch (letter) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return DAY;
	case 'w':
		return 7 * DAY;
	default:
		return 0;
	}
}

/*
 * Takes "+7d" or "-24h" off the end of *s.  Returns false when its end looks
 * like one and is none; without one, *letter is 0.
 */
static bool
cut_shift(struct span *s, int64_t *count, char *letter)
{
	size_t i = s->n, digits;
	uint64_t value;

	*letter = 0;
	*count = 0;
	if (s->n < 3 || unit_seconds(s->p[s->n - 1]) == 0)
		return true;
	for (i = s->n - 1; i > 0 && s->p[i - 1] >= '0' && s->p[i - 1] <= '9'; i--)
		;
	digits = s->n - 1 - i;
	if (digits == 0 || i == 0 || (s->p[i - 1] != '-' && s->p[i - 1] != '+'))
		return true;
	if (!ascii_number((struct span){ s->p + i, digits }, SPAN_MAX, &value))
		return false;
	*count = (int64_t)value;
	*letter = s->p[s->n - 1];
	s->n -= digits + 2;
	if (s->p[s->n] == '-')
		*count = -*count;
	return true;
}

static int64_t
shifted(const struct zone *z, int64_t ms, int64_t count, char letter)
{
	int64_t seconds = count * unit_seconds(letter), rest = ms - floor_to(ms, 1000), local;

	if (letter != 'd' && letter != 'w')
		return ms + seconds * 1000;
	local = local_seconds(z, ms) + seconds;
	if (!in_bounds(local * 1000))
		return INT64_MAX;
	return zone_instant(z, local) * 1000 + rest;
}

bool
time_words_parse(const char *p, size_t n, const struct zone *z, int64_t now, int64_t *ms)
{
	struct span s = { p, n };
	int64_t count;
	char letter;

	if (n == 0 || !cut_shift(&s, &count, &letter) ||
	    (!timestamp_parse(s.p, s.n, ms) && !parse_word(s, z, now, ms)))
		return false;
	if (letter && in_bounds(*ms))
		*ms = shifted(z, *ms, count, letter);
	return in_bounds(*ms);
}
