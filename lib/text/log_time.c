#include "text/log_time.h"

#include "base/ascii.h"

#include "base/banned.h"

/* A place in a text. */
struct cursor {
	const char *p, *end;
};

static bool
take(struct cursor *c, char what)
{
	if (c->p == c->end || *c->p != what)
		return false;
	c->p++;
	return true;
}

/* Exactly n digits; -1: there are none. */
static int
take_digits(struct cursor *c, int n)
{
	int v = 0;

	if (c->end - c->p < n)
		return -1;
	for (; n > 0; n--, c->p++) {
		if (!ascii_is_digit(*c->p))
			return -1;
		v = v * 10 + (*c->p - '0');
	}
	return v;
}

static int
take_month(struct cursor *c)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	int i, k;

	if (c->end - c->p < 3)
		return -1;
	for (i = 0; i < 12; i++) {
		for (k = 0; k < 3 && (c->p[k] | 0x20) == names[i * 3 + k]; k++)
			;
		if (k == 3) {
			c->p += 3;
			return i + 1;
		}
	}
	return -1;
}

/* "hh:mm:ss[.fraction]" to milliseconds; a leap second is the one after it. */
static bool
take_clock(struct cursor *c, int64_t *ms)
{
	int hour, minute, second, fraction = 0, n = 0;

	hour = take_digits(c, 2);
	if (hour < 0 || hour > 23 || !take(c, ':'))
		return false;
	minute = take_digits(c, 2);
	if (minute < 0 || minute > 59 || !take(c, ':'))
		return false;
	second = take_digits(c, 2);
	if (second < 0 || second > 60)
		return false;
	if (c->end - c->p > 1 && (*c->p == '.' || *c->p == ',') && ascii_is_digit(c->p[1])) {
		for (c->p++; c->p < c->end && ascii_is_digit(*c->p); c->p++, n++)
			if (n < 3)
				fraction = fraction * 10 + (*c->p - '0');
		for (; n < 3; n++)
			fraction *= 10;
	}
	*ms = ((hour * 60 + minute) * 60 + second) * 1000 + (second == 60 ? 0 : fraction);
	return true;
}

/* What follows a clock: nothing, "Z", "UTC", "+0200"; minutes east of UTC. */
static bool
take_zone(struct cursor *c, int *minutes)
{
	int sign, hour, minute = 0;

	*minutes = 0;
	take(c, ' ');
	if (c->p == c->end)
		return true;
	if (c->end - c->p == 3 && (memcmp(c->p, "UTC", 3) == 0 || memcmp(c->p, "GMT", 3) == 0)) {
		c->p += 3;
		return true;
	}
	if ((*c->p | 0x20) == 'z') {
		c->p++;
		return true;
	}
	if (*c->p != '+' && *c->p != '-')
		return false;
	sign = *c->p++ == '-' ? -1 : 1;
	hour = take_digits(c, 2);
	if (hour < 0 || hour > 23)
		return false;
	take(c, ':');
	if (c->p < c->end) {
		minute = take_digits(c, 2);
		if (minute < 0 || minute > 59)
			return false;
	}
	*minutes = sign * (hour * 60 + minute);
	/* "+0000 UTC", as Go prints times */
	if (c->end - c->p == 4 && memcmp(c->p, " UTC", 4) == 0)
		c->p = c->end;
	return true;
}

static bool
put_together(int year, int month, int day, int64_t clock, int zone, int64_t *ms)
{
	char text[DATE_TEXT];
	int64_t midnight;

	if (year < 1000 || month < 1 || day < 1)
		return false;
	text[0] = (char)('0' + year / 1000);
	text[1] = (char)('0' + year / 100 % 10);
	text[2] = (char)('0' + year / 10 % 10);
	text[3] = (char)('0' + year % 10);
	text[4] = text[7] = '-';
	text[5] = (char)('0' + month / 10);
	text[6] = (char)('0' + month % 10);
	text[8] = (char)('0' + day / 10);
	text[9] = (char)('0' + day % 10);
	if (!date_parse(text, DATE_TEXT, &midnight))
		return false;
	*ms = midnight + clock - zone * INT64_C(60000);
	return *ms >= TIMESTAMP_MIN && *ms <= TIMESTAMP_MAX;
}

/* "17/May/2015:08:05:32 +0000", "17 May 2015 08:05:32 GMT" */
static bool
parse_log(struct cursor c, int64_t *ms)
{
	int day, month, year, zone;
	int64_t clock;
	bool slashes;

	day = take_digits(&c, 2);
	slashes = take(&c, '/');
	if (day < 0 || (!slashes && !take(&c, ' ') && !take(&c, '-')))
		return false;
	month = take_month(&c);
	if (month < 0 || (!take(&c, '/') && !take(&c, ' ') && !take(&c, '-')))
		return false;
	year = take_digits(&c, 4);
	if (year < 0 || (!take(&c, ':') && !take(&c, ' ')))
		return false;
	return take_clock(&c, &clock) && take_zone(&c, &zone) && c.p == c.end &&
	    put_together(year, month, day, clock, zone, ms);
}

/* "2015-05-17T08:05:32Z" */
static bool
parse_iso(struct cursor c, int64_t *ms)
{
	int day, month, year, zone;
	int64_t clock;
	char between;

	year = take_digits(&c, 4);
	if (year < 0 || c.p == c.end || (*c.p != '-' && *c.p != '/'))
		return false;
	between = *c.p++;
	month = take_digits(&c, 2);
	if (month < 0 || !take(&c, between))
		return false;
	day = take_digits(&c, 2);
	if (day < 0 || (!take(&c, 'T') && !take(&c, ' ') && !take(&c, 't') && !take(&c, '_')))
		return false;
	return take_clock(&c, &clock) && take_zone(&c, &zone) && c.p == c.end &&
	    put_together(year, month, day, clock, zone, ms);
}

/* "Sun, 17 May 2015 08:05:32 GMT", "Sun May 17 08:05:32 2015" */
static bool
parse_week(struct cursor c, int64_t *ms)
{
	int day, month, year;
	int64_t clock;

	c.p += 3;
	if (take(&c, ','))
		return take(&c, ' ') && parse_log(c, ms);
	if (!take(&c, ' '))
		return false;
	month = take_month(&c);
	if (month < 0 || !take(&c, ' '))
		return false;
	day = take(&c, ' ') ? take_digits(&c, 1) : take_digits(&c, 2);
	if (!take(&c, ' ') || !take_clock(&c, &clock) || !take(&c, ' '))
		return false;
	year = take_digits(&c, 4);
	return year >= 0 && c.p == c.end && put_together(year, month, day, clock, 0, ms);
}

/* Milliseconds of a decimal in the unit that its size tells. */
static bool
parse_number(struct cursor c, int64_t *ms)
{
	enum { DIGITS = 19, BEFORE_1990 = 631152000 };
	char digit[DIGITS];
	int n = 0, point = 0, exponent = 0, i;
	int64_t v = 0;
	bool seen_point = false, minus = false;

	for (; c.p < c.end && (ascii_is_digit(*c.p) || (*c.p == '.' && !seen_point)); c.p++) {
		if (*c.p == '.') {
			seen_point = true;
			continue;
		}
		if (!seen_point && (n > 0 || *c.p != '0'))
			point++;
		if (n < DIGITS && (n > 0 || *c.p != '0'))
			digit[n++] = *c.p;
		else if (n == 0 && seen_point)
			return false; /* below 1 */
	}
	if (c.p < c.end && (*c.p | 0x20) == 'e') {
		c.p++;
		if (!take(&c, '+'))
			minus = take(&c, '-');
		for (i = 0; c.p < c.end && ascii_is_digit(*c.p) && exponent < 1000; c.p++, i++)
			exponent = exponent * 10 + (*c.p - '0');
		if (i == 0)
			return false;
		point += minus ? -exponent : exponent;
	}
	/* digits before the point: 9 to 11 of seconds, three more a unit */
	if (c.p != c.end || n == 0 || point < 9 || point > 20)
		return false;
	if (point > 11)
		point -= (point - 9) / 3 * 3;
	for (i = 0; i < point + 3; i++)
		v = v * 10 + (i < n ? digit[i] - '0' : 0);
	*ms = v;
	return v >= INT64_C(1000) * BEFORE_1990 && v <= TIMESTAMP_MAX;
}

bool
log_time_parse(const char *p, size_t n, int64_t *ms)
{
	struct cursor c = { p, p + n };

	if (n >= 2 && p[0] == '[' && p[n - 1] == ']') {
		c.p++;
		c.end--;
	}
	if (c.end - c.p < 9)
		return false;
	if (!ascii_is_digit(*c.p))
		return parse_week(c, ms);
	if (c.p[2] == '/' || c.p[2] == ' ' || (c.p[2] == '-' && !ascii_is_digit(c.p[3])))
		return parse_log(c, ms);
	if (c.p[4] == '-' || c.p[4] == '/')
		return parse_iso(c, ms);
	return parse_number(c, ms);
}

/* How long a time in figures at p is: "2015-05-17 08:05:32.123 +0200". */
static size_t
extent(const char *p, const char *end)
{
	const char *q = p, *zone;

	while (q < end && *q != ' ' && *q != '"' && *q != ']' && *q != ')' && *q != '\t')
		q++;
	if (q - p == DATE_TEXT && q < end && *q == ' ')
		for (q++; q < end && (ascii_is_digit(*q) || *q == ':' || *q == '.' || *q == ',');
		     q++)
			;
	zone = q < end && *q == ' ' ? q + 1 : q;
	if (end - zone >= 5 && (*zone == '+' || *zone == '-') && ascii_is_digit(zone[1])) {
		for (q = zone + 1; q < end && (ascii_is_digit(*q) || *q == ':'); q++)
			;
	}
	while (q > p && (q[-1] == ',' || q[-1] == ':' || q[-1] == ';'))
		q--;
	return (size_t)(q - p);
}

bool
log_time_find(const char *p, size_t n, int64_t *ms)
{
	enum { LONGEST = 40 };
	const char *start = p, *end = p + n, *stop;

	for (; end - p >= 10; p++) {
		if (*p == '[') {
			stop = memchr(p, ']', (size_t)(end - p < LONGEST ? end - p : LONGEST));
			if (stop && log_time_parse(p + 1, (size_t)(stop - p - 1), ms))
				return true;
		} else if (ascii_is_digit(*p) &&
		    (p == start || !(ascii_is_digit(p[-1]) || p[-1] == '.'))) {
			bool shaped = p[2] == '/' || p[4] == '-' || p[4] == '/';

			if ((shaped || p == start) && log_time_parse(p, extent(p, end), ms))
				return true;
		}
	}
	return false;
}

bool
log_time_of_day(const char *p, size_t n, int64_t *ms)
{
	struct cursor c = { p, p + n };

	return take_clock(&c, ms) && c.p == c.end;
}

char *
log_time_format(char *w, int64_t ms)
{
	timestamp_format(w, ms);
	w[10] = 'T';
	w += ms % 1000 ? 23 : 19;
	*w++ = 'Z';
	return w;
}
