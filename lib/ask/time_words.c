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

/* The first instant of the unit that `now` lies in, some steps away. */
static int64_t
instant_of(enum unit unit, int steps, const struct zone *z, int64_t now)
{
	int64_t local = local_seconds(z, now);
	int64_t start = start_of(local, unit, steps);

	/* the hour that passes, also where a clock shows it twice */
	if (unit == HOUR_OF)
		return floor_to(now, 1000) - (local - start) * 1000;
	return zone_instant(z, start) * 1000;
}

static const struct word *
find_word(struct span s)
{
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (span_eq(s, span_of(words[i].text)))
			return &words[i];
	return NULL;
}

static bool
parse_word(struct span s, const struct zone *z, int64_t now, int64_t *ms)
{
	const struct word *w;

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
	w = find_word(s);
	if (w)
		*ms = instant_of(w->unit, w->steps, z, now);
	return w != NULL;
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

/* The unit of the calendar that "2026", "2026-05" or "2026-05-16" is, and midnight, UTC, at its start. */
static bool
parse_calendar(struct span s, enum unit *unit, int64_t *ms)
{
	char day[DATE_TEXT] = "0000-01-01";

	if (s.n != 4 && s.n != 7 && s.n != DATE_TEXT)
		return false;
	memcpy(day, s.p, s.n);
	*unit = s.n == 4 ? YEAR_OF : s.n == 7 ? MONTH_OF : DAY_OF;
	return date_parse(day, sizeof(day), ms) && in_bounds(*ms);
}

bool
time_words_period(
    const char *p, size_t n, const struct zone *z, int64_t now, int64_t *from, int64_t *to)
{
	struct span s = { p, n };
	const struct word *w = find_word(s);
	int64_t day;
	enum unit unit;

	if (w) {
		*from = instant_of(w->unit, w->steps, z, now);
		*to = instant_of(w->unit, w->steps + 1, z, now);
	} else if (parse_calendar(s, &unit, &day)) {
		*from = zone_instant(z, day / 1000) * 1000;
		*to = zone_instant(z, start_of(day / 1000, unit, 1)) * 1000;
	} else {
		*to = now;
		return n > 1 && *p == '-' && time_words_parse(p, n, z, now, from) && *from < now;
	}
	return in_bounds(*from) && in_bounds(*to) && *from < *to;
}
