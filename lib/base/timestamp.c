#include "base/timestamp.h"

#include <time.h>

#include "base/banned.h"

enum { DAY_SECONDS = 86400 };

/* Years begin in March, so that the leap day comes last and the lengths of
   months follow one formula. */
int64_t
days_from_date(int year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	    day_of_year - 719468;
}

void
date_from_days(int64_t days, int *year, int *month, int *day)
{
	unsigned z = (unsigned)(days + 719468);
	unsigned era = z / 146097;
	unsigned day_of_era = z % 146097;
	unsigned year_of_era =
	    (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	unsigned day_of_year =
	    day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned shifted = (5 * day_of_year + 2) / 153;

	*day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
	*month = (int)shifted + (shifted < 10 ? 3 : -9);
	*year = (int)(year_of_era + era * 400) + (*month <= 2);
}

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/*
 * Zero when eight bytes are as in the pattern, in which '0' stands for any digit and
 * all else for itself.  `slack` says by how much a byte may differ, as what is then to
 * be added to stay below 16: 6 for digits, which are 0 to 9 then, and 15 for others.
 */
static inline uint64_t
unlike(const char *p, const char *pattern, const char *slack)
{
	uint64_t v, want, more;

	memcpy(&v, p, sizeof(v));
	memcpy(&want, pattern, sizeof(want));
	memcpy(&more, slack, sizeof(more));
	v ^= want;
	return (v | (v + more)) & UINT64_MAX / 255 * 0xf0;
}

/* Zero for digits and '-' as in 2026-05-16, and as in 19:00:00. */
static inline uint64_t
unlike_date(const char *p)
{
	return unlike(p, "0000-00-", "\6\6\6\6\17\6\6\17") |
	    unlike(p + 2, "00-00-00", "\6\6\17\6\6\17\6\6");
}

static inline uint64_t
unlike_time(const char *p)
{
	return unlike(p, "00:00:00", "\6\6\17\6\6\17\6\6");
}

/* The value of two digits. */
static inline int
digits(const char *p)
{
	return (p[0] - '0') * 10 + (p[1] - '0');
}

/* The value of two digits at p, or below 0. */
static inline int
pair(const char *p)
{
	unsigned tens = (unsigned)(p[0] - '0'), ones = (unsigned)(p[1] - '0');

	return tens > 9 || ones > 9 ? -1 : (int)(tens * 10 + ones);
}

/* The days of a date that is like one; false: there is no such day. */
static inline bool
take_date(const char *p, int64_t *days)
{
	int year = digits(p) * 100 + digits(p + 2), month = digits(p + 5), day = digits(p + 8);

	if (month < 1 || month > 12 || day < 1 || (day > 28 && day > days_in_month(year, month)))
		return false;
	*days = days_from_date(year, month, day);
	return true;
}

/* The seconds of a time that is like one, up to 23:59:60; -1: there is no such time. */
static inline int
take_time(const char *p)
{
	int hour = digits(p), minute = digits(p + 3), second = digits(p + 6);

	return hour > 23 || minute > 59 || second > 60 ? -1 : hour * 3600 + minute * 60 + second;
}

bool
date_parse(const char *p, size_t n, int64_t *ms)
{
	int64_t days;

	if (n != DATE_TEXT || unlike_date(p) || !take_date(p, &days))
		return false;
	*ms = days * DAY_SECONDS * 1000;
	return true;
}

static inline bool
is_leap_second(const char *time)
{
	return time[6] == '6';
}

bool
datetime_parse(const char *p, size_t n, int64_t *seconds)
{
	int64_t days;
	int in_day;

	if (n != DATETIME_TEXT || p[10] != ' ' || unlike_date(p) || unlike_time(p + 11) ||
	    !take_date(p, &days))
		return false;
	in_day = take_time(p + 11);
	if (in_day < 0 || is_leap_second(p + 11))
		return false;
	*seconds = days * DAY_SECONDS + in_day;
	return true;
}

/* Seconds east of UTC of "Z" or "+hh:mm", which must be all of [p, end). */
static bool
parse_zone(const char *p, const char *end, int *seconds)
{
	int hour, minute;

	*seconds = 0;
	if (end - p == 1 && (*p | 0x20) == 'z')
		return true;
	if (end - p != 6 || (*p != '+' && *p != '-') || p[3] != ':')
		return false;
	hour = pair(p + 1);
	minute = pair(p + 4);
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
		return false;
	*seconds = (hour * 60 + minute) * 60;
	if (*p == '-')
		*seconds = -*seconds;
	return true;
}

/* Milliseconds of ".digits" at *p, which is moved behind them; -1: invalid. */
static int
parse_fraction(const char **p, const char *end)
{
	const char *q = *p + 1;
	int ms = 0, n;

	for (n = 0; q < end && *q >= '0' && *q <= '9'; n++, q++)
		if (n < 3)
			ms = ms * 10 + (*q - '0');
	if (n < 1 || n > 9)
		return -1;
	for (; n < 3; n++)
		ms *= 10;
	*p = q;
	return ms;
}

bool
timestamp_parse(const char *p, size_t n, int64_t *ms)
{
	const char *end = p + n;
	int in_day, zone, fraction = 0;
	int64_t days, seconds;
	bool leap;

	if (n < 20 || (p[10] | 0x20) != 't' || unlike_date(p) || unlike_time(p + 11) ||
	    !take_date(p, &days))
		return false;
	in_day = take_time(p + 11);
	if (in_day < 0)
		return false;
	leap = is_leap_second(p + 11);
	p += 19;
	if (*p == '.') {
		fraction = parse_fraction(&p, end);
		if (fraction < 0)
			return false;
	}
	if (!parse_zone(p, end, &zone))
		return false;
	seconds = days * DAY_SECONDS + in_day - zone;
	/* a leap second ends a day in UTC, so what follows it is midnight */
	if (leap && seconds % DAY_SECONDS != 0)
		return false;
	*ms = seconds * 1000 + (leap ? 0 : fraction);
	return true;
}

/* Two digits of 0 to 99. */
static inline void
put_pair(char *w, unsigned v)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";

	memcpy(w, pairs + (size_t)2 * v, 2);
}

/* Quotient rounded down, and the remainder, for a positive divisor. */
static int64_t
floor_divide(int64_t a, int64_t b, int64_t *rest)
{
	int64_t q = a / b;

	if (a % b < 0)
		q--;
	*rest = a - q * b;
	return q;
}

int64_t
timestamp_day(int64_t ms)
{
	int64_t rest;

	return floor_divide(ms, INT64_C(1000) * DAY_SECONDS, &rest);
}

static inline void
put_date(char *w, int64_t days)
{
	int year, month, day;

	date_from_days(days, &year, &month, &day);
	put_pair(w, (unsigned)year / 100);
	put_pair(w + 2, (unsigned)year % 100);
	w[4] = '-';
	put_pair(w + 5, (unsigned)month);
	w[7] = '-';
	put_pair(w + 8, (unsigned)day);
}

void
date_format(char *w, int64_t ms)
{
	put_date(w, timestamp_day(ms));
}

void
timestamp_format(char *w, int64_t ms)
{
	int64_t in_day;
	unsigned rest;

	put_date(w, floor_divide(ms, INT64_C(1000) * DAY_SECONDS, &in_day));
	rest = (unsigned)in_day; /* below 86,400,000 */
	w[10] = ' ';
	put_pair(w + 11, rest / 3600000);
	w[13] = ':';
	put_pair(w + 14, rest / 60000 % 60);
	w[16] = ':';
	put_pair(w + 17, rest / 1000 % 60);
	w[19] = '.';
	rest %= 1000;
	w[20] = (char)('0' + rest / 100);
	put_pair(w + 21, rest % 100);
}

int64_t
timestamp_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

uint64_t
timestamp_monotonic(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void
timestamp_sleep_until(uint64_t until, const atomic_int *stop)
{
	enum { STEP_MS = 100 };
	uint64_t now;

	while (!(stop && *stop) && (now = timestamp_monotonic()) < until) {
		uint64_t left = until - now < STEP_MS ? until - now : STEP_MS;
		struct timespec ts = { 0, (long)left * 1000000 };

		nanosleep(&ts, NULL);
	}
}
