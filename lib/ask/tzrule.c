#include "ask/tzrule.h"

#include "base/timestamp.h"

#include "base/banned.h"

enum { DAY = 86400 };

struct reader {
	const char *p, *end;
	bool wrong;
};

static bool
take(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static int
take_number(struct reader *r, int max)
{
	int v = 0;
	const char *start = r->p;

	for (; r->p < r->end && *r->p >= '0' && *r->p <= '9' && v <= max; r->p++)
		v = v * 10 + (*r->p - '0');
	if (r->p == start || v > max)
		r->wrong = true;
	return v;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static int
take_time(struct reader *r)
{
	bool minus = take(r, '-');
	int seconds;

	if (!minus)
		take(r, '+');
	seconds = take_number(r, 167) * 3600;
	if (take(r, ':')) {
		seconds += take_number(r, 59) * 60;
		if (take(r, ':'))
			seconds += take_number(r, 59);
	}
	return minus ? -seconds : seconds;
}

/* "CET" or "<+0330>". */
static void
skip_abbreviation(struct reader *r)
{
	const char *start = r->p;

	if (take(r, '<')) {
		while (r->p < r->end && *r->p != '>')
			r->p++;
		if (!take(r, '>'))
			r->wrong = true;
		return;
	}
	while (r->p < r->end && ((*r->p | 0x20) >= 'a' && (*r->p | 0x20) <= 'z'))
		r->p++;
	if (r->p == start)
		r->wrong = true;
}

static struct tzrule_change
take_change(struct reader *r)
{
	struct tzrule_change c = { .time = 2 * 3600 };

	if (!take(r, ','))
		r->wrong = true;
	if (take(r, 'M')) {
		c.kind = BY_WEEKDAY;
		c.month = take_number(r, 12);
		if (!take(r, '.'))
			r->wrong = true;
		c.week = take_number(r, 5);
		if (!take(r, '.'))
			r->wrong = true;
		c.day = take_number(r, 6);
		if (c.month < 1 || c.week < 1)
			r->wrong = true;
	} else if (take(r, 'J')) {
		c.kind = BY_JULIAN;
		c.day = take_number(r, 365);
	} else {
		c.kind = BY_DAY;
		c.day = take_number(r, 365);
	}
	if (take(r, '/'))
		c.time = take_time(r);
	return c;
}

bool
tzrule_parse(struct tzrule *rule, const char *p, size_t n)
{
	struct reader r = { p, p + n, false };

	*rule = (struct tzrule){ .known = false };
	if (n == 0)
		return true;
	skip_abbreviation(&r);
	rule->standard = -take_time(&r); /* POSIX counts west of Greenwich */
	if (r.p < r.end) {
		rule->has_dst = true;
		skip_abbreviation(&r);
		rule->dst = rule->standard + 3600;
		if (r.p < r.end && *r.p != ',')
			rule->dst = -take_time(&r);
		rule->begin = take_change(&r);
		rule->end = take_change(&r);
	}
	rule->known = !r.wrong && r.p == r.end;
	return rule->known;
}

/* Seconds since 1970 on the clock before the change. */
static int64_t
change_in(const struct tzrule_change *c, int year)
{
	int64_t day = days_from_date(year, 1, 1), first, next;

	if (c->kind == BY_DAY) {
		day += c->day;
	} else if (c->kind == BY_JULIAN) { /* which leaves 29 February out */
		next = days_from_date(year, 3, 1);
		day += c->day - 1 + (next - day > 59 && c->day > 59);
	} else {
		first = days_from_date(year, c->month, 1);
		next = c->month == 12 ? days_from_date(year + 1, 1, 1)
				      : days_from_date(year, c->month + 1, 1);
		/* 1970-01-01 was a Thursday, 4 */
		day = first + ((c->day - (first + 4)) % 7 + 7) % 7 + 7 * (c->week - 1);
		while (day >= next)
			day -= 7;
	}
	return day * DAY + c->time;
}

int
tzrule_offset(const struct tzrule *rule, int64_t seconds)
{
	int year, month, day;
	int64_t begin, end;
	bool in;

	if (!rule->has_dst)
		return rule->standard;
	date_from_days(timestamp_day((seconds + rule->standard) * 1000), &year, &month, &day);
	begin = change_in(&rule->begin, year) - rule->standard;
	end = change_in(&rule->end, year) - rule->dst;
	in = begin < end ? seconds >= begin && seconds < end : seconds >= begin || seconds < end;
	return in ? rule->dst : rule->standard;
}
