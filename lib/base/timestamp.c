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

/* The value of two digits at p, or below 0, also with 99 centuries added. */
static inline int
pair(const char *p)
{
	unsigned tens = (unsigned)(p[0] - '0'), ones = (unsigned)(p[1] - '0');

	return tens > 9 || ones > 9 ? -10000 : (int)(tens * 10 + ones);
}

bool
date_parse(const char *p, size_t n, int64_t *ms)
{
	int year, month, day;

	if (n != DATE_TEXT || p[4] != '-' || p[7] != '-')
		return false;
	year = pair(p) * 100 + pair(p + 2);
	month = pair(p + 5);
	day = pair(p + 8);
	if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
		return false;
	*ms = days_from_date(year, month, day) * DAY_SECONDS * 1000;
	return true;
}

bool
datetime_parse(const char *p, size_t n, int64_t *seconds)
{
	int hour, minute, second;
	int64_t day;

	if (n != DATETIME_TEXT || p[10] != ' ' || p[13] != ':' || p[16] != ':' ||
	    !date_parse(p, DATE_TEXT, &day))
		return false;
	hour = pair(p + 11);
	minute = pair(p + 14);
	second = pair(p + 17);
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return false;
	*seconds = day / 1000 + hour * 3600 + minute * 60 + second;
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
	int hour, minute, second, zone, fraction = 0;
	int64_t day, seconds;

	if (n < 20 || (p[10] | 0x20) != 't' || p[13] != ':' || p[16] != ':' ||
	    !date_parse(p, DATE_TEXT, &day))
		return false;
	hour = pair(p + 11);
	minute = pair(p + 14);
	second = pair(p + 17);
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
		return false;
	p += 19;
	if (*p == '.') {
		fraction = parse_fraction(&p, end);
		if (fraction < 0)
			return false;
	}
	if (!parse_zone(p, end, &zone))
		return false;
	seconds = day / 1000 + hour * 3600 + minute * 60 + second - zone;
	/* a leap second ends a day in UTC, so what follows it is midnight */
	if (second == 60 && seconds % DAY_SECONDS != 0)
		return false;
	*ms = seconds * 1000 + (second == 60 ? 0 : fraction);
	return true;
}

/* Two digits of 0 to 99. */
static void
put_pair(char *w, int v)
{
	w[0] = (char)('0' + v / 10);
	w[1] = (char)('0' + v % 10);
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

void
date_format(char *w, int64_t ms)
{
	int year, month, day;

	date_from_days(timestamp_day(ms), &year, &month, &day);
	put_pair(w, year / 100);
	put_pair(w + 2, year % 100);
	w[4] = '-';
	put_pair(w + 5, month);
	w[7] = '-';
	put_pair(w + 8, day);
}

void
timestamp_format(char *w, int64_t ms)
{
	int64_t in_day;
	int rest;

	floor_divide(ms, INT64_C(1000) * DAY_SECONDS, &in_day);
	rest = (int)in_day; /* 86,400,000 at most */
	date_format(w, ms);
	w[10] = ' ';
	put_pair(w + 11, rest / 3600000);
	w[13] = ':';
	put_pair(w + 14, rest / 60000 % 60);
	w[16] = ':';
	put_pair(w + 17, rest / 1000 % 60);
	w[19] = '.';
	w[20] = (char)('0' + rest % 1000 / 100);
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
