/* Date-times, with the system's calendar as the oracle. */
#include "base/timestamp.h"

#include <time.h>

#include "check.h"

#include "base/banned.h"

static void
test_accepted(void)
{
	static const struct {
		const char *text;
		int64_t ms;
	} row[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01t00:00:00z", 0 },
		{ "2026-05-16T19:00:00Z", INT64_C(1778958000000) },
		{ "2026-05-16T21:00:00+02:00", INT64_C(1778958000000) },
		{ "2026-05-16T13:30:00-05:30", INT64_C(1778958000000) },
		{ "2026-05-17T09:00:00+14:00", INT64_C(1778958000000) },
		{ "2026-05-16T19:00:00-00:00", INT64_C(1778958000000) },
		{ "1970-01-01T00:00:00+23:59", INT64_C(-86340000) },
		{ "1970-01-01T00:00:00.1Z", 100 },
		{ "1970-01-01T00:00:00.12Z", 120 },
		{ "1970-01-01T00:00:00.123Z", 123 },
		{ "1970-01-01T00:00:00.1239Z", 123 },
		{ "1970-01-01T00:00:00.12399Z", 123 },
		{ "1970-01-01T00:00:00.123999Z", 123 },
		{ "1970-01-01T00:00:00.0009999Z", 0 },
		{ "1970-01-01T00:00:00.99999999Z", 999 },
		{ "1970-01-01T00:00:00.999999999Z", 999 },
		{ "1970-01-01T00:00:00.5+01:00", INT64_C(-3599500) },
		{ "1969-12-31T23:59:59.9999Z", -1 },
		{ "1969-12-31T23:59:59.000000001Z", -1000 },
		{ "1969-12-31T23:59:59Z", -1000 },
		{ "2000-02-29T00:00:00Z", INT64_C(951782400000) },
		{ "2016-12-31T23:59:60Z", INT64_C(1483228800000) },
		{ "2016-12-31T15:59:60-08:00", INT64_C(1483228800000) },
		{ "2017-01-01T05:29:60+05:30", INT64_C(1483228800000) },
		{ "1968-12-31T23:59:60Z", INT64_C(-31536000000) },
		{ "1900-01-01T00:00:00Z", TIMESTAMP_MIN },
		{ "2299-12-31T23:59:59.999Z", TIMESTAMP_MAX },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t n = strlen(row[i].text);
		char *p = exact_copy(row[i].text, n);
		int64_t ms = INT64_MAX;

		CHECK(timestamp_parse(p, n, &ms) && ms == row[i].ms, "%s: %lld", row[i].text,
		    (long long)ms);
		free(p);
	}
}

static void
test_refused(void)
{
	static const char *const row[] = { "", "2026", "2026-05-16", "2026-05-16T19:00:00",
		"2026-05-16T19:00Z", "2026-05-16 19:00:00Z", "2026-05-16T19:00:00.Z",
		"2026-05-16T19:00:00.1234567890Z", "2026-05-16T19:00:00,5Z",
		"2026-05-16T19:00:00+02", "2026-05-16T19:00:00+0200", "2026-05-16T19:00:00+02:0",
		"2026-05-16T19:00:00+24:00", "2026-05-16T19:00:00+02:60",
		"2026-05-16T19:00:00 02:00", "2026-05-16T19:00:00Z ", " 2026-05-16T19:00:00Z",
		"2026-05-16T19:00:00ZZ", "2026-5-16T19:00:00Z", "2026-13-16T19:00:00Z",
		"2026-00-16T19:00:00Z", "2026-05-32T19:00:00Z", "2026-05-00T19:00:00Z",
		"299/-01-01T19:00:00Z", "20-1-01-01T19:00:00Z", "/926-01-01T19:00:00Z",
		"2026-02-29T19:00:00Z", "1900-02-29T19:00:00Z", "2026-04-31T19:00:00Z",
		"2026-05-16T24:00:00Z", "2026-05-16T19:60:00Z", "2026-05-16T19:00:61Z",
		"2026-05-16T19:00:60Z", "2026-05-16T23:59:60+01:00", "+026-05-16T19:00:00Z",
		"2026-05-16T19:00:0xZ", "2026-05-16T-1:00:00Z", "20260516T190000Z",
		"2026-05-16T19:00:00.5", "2026-05-16T19:00:00.-5Z", "12026-05-16T19:00:00Z",
		"2026-W20-6T19:00:00Z", "2026-136T19:00:00Z", "2026-05-16T19:00:00UTC" };
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t n = strlen(row[i]);
		char *p = exact_copy(row[i], n);
		int64_t ms;

		CHECK(!timestamp_parse(p, n, &ms), "accepted: %s", row[i]);
		free(p);
	}
}

/* Every day of four centuries, out and back, against the system's calendar. */
static void
test_calendar(void)
{
	int64_t day, first = TIMESTAMP_MIN / 86400000, last = TIMESTAMP_MAX / 86400000;
	int wrong = 0;

	for (day = first; day <= last; day++) {
		/* another time in each day */
		time_t seconds = (time_t)(day * 86400 + (day + 100000) * 7919 % 86400);
		int64_t ms = (int64_t)seconds * 1000 + 7;
		char got[TIMESTAMP_TEXT + 2], want[64];
		struct tm tm;
		int64_t back;

		if (!gmtime_r(&seconds, &tm))
			abort();
		snprintf(want, sizeof(want), "%04d-%02d-%02d %02d:%02d:%02d.007", tm.tm_year + 1900,
		    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
		timestamp_format(got, ms);
		wrong += memcmp(got, want, TIMESTAMP_TEXT) != 0;
		got[10] = 'T';
		got[TIMESTAMP_TEXT] = 'Z';
		wrong += !timestamp_parse(got, TIMESTAMP_TEXT + 1, &back) || back != ms;
		wrong += !date_parse(got, DATE_TEXT, &back) || back != day * 86400000;
		wrong += timestamp_day(ms) != day;
		date_format(got, ms);
		wrong += memcmp(got, want, DATE_TEXT) != 0;
	}
	CHECK(wrong == 0, "%d of %lld days are wrong", wrong, (long long)(last - first + 1));
}

static void
test_before_1970(void)
{
	char got[TIMESTAMP_TEXT];

	timestamp_format(got, -1);
	CHECK(is_text(got, sizeof(got), "1969-12-31 23:59:59.999"), "got %.23s", got);
	CHECK(timestamp_day(-1) == -1 && timestamp_day(0) == 0 && timestamp_day(-86400000) == -1 &&
		timestamp_day(-86400001) == -2,
	    "days before 1970");
}

/* Any one byte, or one more or less on either side of a digit, at any place. */
static void
test_each_byte(void)
{
	static const char good[] = "2026-05-16T19:00:00Z", like[] = "dddd-dd-ddTdd:dd:ddZ";
	size_t at;
	int c;

	for (at = 0; at < sizeof(good) - 1; at++) {
		for (c = 0; c < 256; c++) {
			char text[sizeof(good)];
			int64_t ms;
			bool digit = c >= '0' && c <= '9';
			bool want = like[at] == 'd' ? digit : (c == like[at]);

			memcpy(text, good, sizeof(text));
			text[at] = (char)c;
			if (at == 10 || at == 19)
				want = c == like[at] || c == like[at] + ('a' - 'A');
			/* 13 to 19 months, days above 31, hours above 23, 60 seconds in a day */
			if (digit &&
			    ((at == 5 && c > '0') || (at == 6 && c == '0') ||
				(at == 8 && c > '2') || (at == 11 && c > '1') ||
				((at == 14 || at == 17) && c > '5')))
				want = false;
			CHECK(timestamp_parse(text, sizeof(text) - 1, &ms) == want,
			    "byte %zu is %d", at, c);
			if (at < DATE_TEXT)
				CHECK(date_parse(text, DATE_TEXT, &ms) == want,
				    "date: byte %zu is %d", at, c);
			text[10] = at == 10 ? text[10] : ' ';
			if (at < DATETIME_TEXT)
				CHECK(datetime_parse(text, DATETIME_TEXT, &ms) ==
					(at == 10 ? c == ' ' : want),
				    "datetime: byte %zu is %d", at, c);
		}
	}
}

static void
test_clock(void)
{
	int64_t before = (int64_t)time(NULL) * 1000, now = timestamp_now();

	CHECK(now >= before && now < before + 60000, "the clock");
}

int
main(void)
{
	test_accepted();
	test_refused();
	test_calendar();
	test_before_1970();
	test_each_byte();
	test_clock();
	return check_end("timestamp");
}
