/* Times as people say them, and zones, with the C library's as the oracle. */
#include "ask/time_words.h"

#include <time.h>

#include "ask/period.h"
#include "check.h"
#include "base/timestamp.h"

#include "base/banned.h"

static struct zone *
zone(const char *name)
{
	struct buf error = BUF_INIT;
	struct zone *z = zone_open(span_of(name), &error);

	if (!z) {
		fprintf(stderr, "%s: %.*s\n", name, (int)error.n, error.p);
		exit(1);
	}
	return z;
}

static const char *
text_of(int64_t ms)
{
	static char text[TIMESTAMP_TEXT + 1];

	timestamp_format(text, ms);
	return text;
}

static int64_t
instant(const char *rfc3339)
{
	int64_t ms = INT64_MIN;

	CHECK(timestamp_parse(rfc3339, strlen(rfc3339), &ms), "%s", rfc3339);
	return ms;
}

static const char *const names[] = { "Africa/Cairo", "America/New_York", "America/Sao_Paulo",
	"Africa/Casablanca", "Asia/Gaza", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tehran",
	"Australia/Lord_Howe", "Australia/Sydney", "Europe/Berlin", "Europe/Dublin", "Etc/GMT+5",
	"Pacific/Apia", "Pacific/Chatham", "America/Nuuk", "America/Santiago", "UTC",
	"Antarctica/Troll", "EST5EDT" };

/* What the C library's clock shows there, in seconds. */
static int64_t
oracle(time_t t)
{
	struct tm tm;

	localtime_r(&t, &tm);
	return days_from_date(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) * 86400 +
	    tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
}

static void
test_offsets(void)
{
	uint64_t state = 1;
	size_t i;
	int k;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct zone *z = zone(names[i]);

		setenv("TZ", names[i], 1);
		tzset();
		for (k = 0; k < 4000; k++) {
			/* 1900 to 2299, and near the changes of our days */
			int64_t span = k % 2 ? INT64_C(12622780800) : INT64_C(3000000000);
			int64_t t = (int64_t)(check_random(&state) % (uint64_t)span) +
			    (k % 2 ? TIMESTAMP_MIN / 1000 : 0);

			CHECK(t + zone_offset(z, t) == oracle(t), "%s at %s: %d", names[i],
			    text_of(t * 1000), zone_offset(z, t));
		}
		zone_close(z);
	}
	setenv("TZ", "UTC", 1);
	tzset();
}

/* The first instant that shows a local time: none before it does. */
static void
test_instants(void)
{
	uint64_t state = 2;
	size_t i;
	int k;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct zone *z = zone(names[i]);

		for (k = 0; k < 4000; k++) {
			int64_t local =
			    (int64_t)(check_random(&state) % UINT64_C(130000)) * 86400 / 4 +
			    INT64_C(946684800);
			int64_t t = zone_instant(z, local);
			int64_t shown = t + zone_offset(z, t);
			int64_t before = t - 1 + zone_offset(z, t - 1);

			CHECK(shown == local || (shown > local && before < local), "%s %s",
			    names[i], text_of(local * 1000));
		}
		zone_close(z);
	}
}

static void
test_words(void)
{
	/* Saturday; 16:20 in Berlin, in New York 10:20, in Auckland Sunday 02:20 */
	static const struct {
		const char *zone, *text, *expected;
	} row[] = {
		{ "UTC", "now", "2026-05-16 14:20:30.456" },
		{ "UTC", "-7d", "2026-05-09 14:20:30.456" },
		{ "UTC", "-24h", "2026-05-15 14:20:30.456" },
		{ "UTC", "-90m", "2026-05-16 12:50:30.456" },
		{ "UTC", "-30s", "2026-05-16 14:20:00.456" },
		{ "UTC", "+1w", "2026-05-23 14:20:30.456" },
		{ "UTC", "-0d", "2026-05-16 14:20:30.456" },
		{ "UTC", "now-1h", "2026-05-16 13:20:30.456" },
		{ "UTC", "today", "2026-05-16 00:00:00.000" },
		{ "UTC", "yesterday", "2026-05-15 00:00:00.000" },
		{ "UTC", "tomorrow", "2026-05-17 00:00:00.000" },
		{ "UTC", "today-7d", "2026-05-09 00:00:00.000" },
		{ "UTC", "this-hour", "2026-05-16 14:00:00.000" },
		{ "UTC", "last-hour", "2026-05-16 13:00:00.000" },
		{ "UTC", "this-week", "2026-05-11 00:00:00.000" },
		{ "UTC", "last-week", "2026-05-04 00:00:00.000" },
		{ "UTC", "next-week", "2026-05-18 00:00:00.000" },
		{ "UTC", "this-month", "2026-05-01 00:00:00.000" },
		{ "UTC", "last-month", "2026-04-01 00:00:00.000" },
		{ "UTC", "next-month", "2026-06-01 00:00:00.000" },
		{ "UTC", "this-year", "2026-01-01 00:00:00.000" },
		{ "UTC", "last-year", "2025-01-01 00:00:00.000" },
		{ "UTC", "next-year", "2027-01-01 00:00:00.000" },
		{ "UTC", "2026-01-31", "2026-01-31 00:00:00.000" },
		{ "UTC", "2026-01-31+1d", "2026-02-01 00:00:00.000" },
		{ "UTC", "2026-01-31-1w", "2026-01-24 00:00:00.000" },
		{ "UTC", "2026-01-31T18:00:00+01:00", "2026-01-31 17:00:00.000" },
		{ "UTC", "2026-01-31T18:00:00+01:00-2h", "2026-01-31 15:00:00.000" },
		{ "UTC", "2026-01-31T18:00:00Z+1d", "2026-02-01 18:00:00.000" },
		{ "Europe/Berlin", "2026-01-31T18:00:00+01:00", "2026-01-31 17:00:00.000" },
		{ "Europe/Berlin", "2026-01-31", "2026-01-30 23:00:00.000" },
		{ "Europe/Berlin", "today", "2026-05-15 22:00:00.000" },
		{ "Europe/Berlin", "this-year", "2025-12-31 23:00:00.000" },
		/* the clocks change on 29 March: the same time of the day, an hour more away */
		{ "Europe/Berlin", "-60d", "2026-03-17 15:20:30.456" },
		{ "Europe/Berlin", "2026-03-29", "2026-03-28 23:00:00.000" },
		{ "Europe/Berlin", "2026-03-29+1d", "2026-03-29 22:00:00.000" },
		{ "Europe/Berlin", "2026-03-29+24h", "2026-03-29 23:00:00.000" },
		{ "Pacific/Auckland", "today", "2026-05-16 12:00:00.000" },
		{ "Pacific/Auckland", "this-week", "2026-05-10 12:00:00.000" },
		{ "Asia/Kathmandu", "this-hour", "2026-05-16 14:15:00.000" },
		/* a day without midnight */
		{ "America/Sao_Paulo", "2018-11-04", "2018-11-04 03:00:00.000" },
		/* a day that was left out altogether */
		{ "Pacific/Apia", "2011-12-30", "2011-12-30 10:00:00.000" },
	};
	int64_t now = instant("2026-05-16T14:20:30.456Z"), ms;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct zone *z = zone(row[i].zone);
		size_t n = strlen(row[i].text);
		char *p = exact_copy(row[i].text, n);

		ms = INT64_MAX;
		CHECK(time_words_parse(p, n, z, now, &ms) &&
			is_text(text_of(ms), TIMESTAMP_TEXT, row[i].expected),
		    "%s in %s: %s", row[i].text, row[i].zone, ms == INT64_MAX ? "-" : text_of(ms));
		free(p);
		zone_close(z);
	}
}

static void
test_edges_of_months(void)
{
	static const struct {
		const char *now, *text, *expected;
	} row[] = {
		{ "2026-01-31T00:00:00Z", "last-month", "2025-12-01 00:00:00.000" },
		{ "2026-12-31T23:59:59Z", "next-month", "2027-01-01 00:00:00.000" },
		{ "2024-03-01T00:00:00Z", "yesterday", "2024-02-29 00:00:00.000" },
		{ "2026-05-11T00:00:00Z", "this-week", "2026-05-11 00:00:00.000" },
		{ "2026-05-10T23:59:59Z", "this-week", "2026-05-04 00:00:00.000" },
		{ "1969-12-31T23:59:59.500Z", "this-week", "1969-12-29 00:00:00.000" },
		{ "1969-12-31T23:59:59.500Z", "this-hour", "1969-12-31 23:00:00.000" },
	};
	struct zone *z = zone("UTC");
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		int64_t ms = INT64_MAX;

		CHECK(time_words_parse(
			  row[i].text, strlen(row[i].text), z, instant(row[i].now), &ms) &&
			is_text(text_of(ms), TIMESTAMP_TEXT, row[i].expected),
		    "%s of %s", row[i].text, row[i].now);
	}
	zone_close(z);
}

static void
test_periods(void)
{
	static const struct {
		const char *zone, *text, *from, *to;
	} row[] = {
		{ "UTC", "today", "2026-05-16 00:00:00.000", "2026-05-17 00:00:00.000" },
		{ "UTC", "yesterday", "2026-05-15 00:00:00.000", "2026-05-16 00:00:00.000" },
		{ "UTC", "last-week", "2026-05-04 00:00:00.000", "2026-05-11 00:00:00.000" },
		{ "UTC", "last-month", "2026-04-01 00:00:00.000", "2026-05-01 00:00:00.000" },
		{ "UTC", "next-year", "2027-01-01 00:00:00.000", "2028-01-01 00:00:00.000" },
		{ "UTC", "last-hour", "2026-05-16 13:00:00.000", "2026-05-16 14:00:00.000" },
		{ "UTC", "2026", "2026-01-01 00:00:00.000", "2027-01-01 00:00:00.000" },
		{ "UTC", "2025-12", "2025-12-01 00:00:00.000", "2026-01-01 00:00:00.000" },
		{ "UTC", "2024-02", "2024-02-01 00:00:00.000", "2024-03-01 00:00:00.000" },
		{ "UTC", "2024-02-28", "2024-02-28 00:00:00.000", "2024-02-29 00:00:00.000" },
		{ "UTC", "-7d", "2026-05-09 14:20:30.456", "2026-05-16 14:20:30.456" },
		{ "UTC", "-90m", "2026-05-16 12:50:30.456", "2026-05-16 14:20:30.456" },
		{ "Europe/Berlin", "2026-03", "2026-02-28 23:00:00.000",
		    "2026-03-31 22:00:00.000" },
		{ "Europe/Berlin", "2026-03-29", "2026-03-28 23:00:00.000",
		    "2026-03-29 22:00:00.000" },
		{ "Asia/Tokyo", "this-month", "2026-04-30 15:00:00.000",
		    "2026-05-31 15:00:00.000" },
	};
	static const char *const none[] = { "", "-", "now", "7d", "+7d", "-0d", "today-7d", "week",
		"2026-5", "2026-13", "2026-02-30", "02026", "20260516", "1899", "2300", "-200000d",
		"2026-05-16T00:00:00Z", "last-week " };
	int64_t now = instant("2026-05-16T14:20:30.456Z"), from, to;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct zone *z = zone(row[i].zone);
		size_t n = strlen(row[i].text);
		char *p = exact_copy(row[i].text, n);
		bool good = time_words_period(p, n, z, now, &from, &to);

		CHECK(good && is_text(text_of(from), TIMESTAMP_TEXT, row[i].from), "%s in %s",
		    row[i].text, row[i].zone);
		CHECK(good && is_text(text_of(to), TIMESTAMP_TEXT, row[i].to), "%s in %s",
		    row[i].text, row[i].zone);
		free(p);
		zone_close(z);
	}
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		struct zone *z = zone("UTC");
		size_t n = strlen(none[i]);
		char *p = exact_copy(none[i], n);

		CHECK(!time_words_period(p, n, z, now, &from, &to), "'%s'", none[i]);
		free(p);
		zone_close(z);
	}
}

static void
test_refused(void)
{
	static const char *const row[] = { "", "-", "-d", "7d", "--7d", "-7", "-7x", "-7d-", "tod",
		"Today", "today ", " today", "today-", "2026-02-30", "2026-1-1",
		"2026-01-31T18:00:00", "-99999999999999999999d", "-1000001d", "-900000d",
		"+900000d", "-800000w", "next-day", "this-month-", "2026-01-31 1d", "1899-12-31",
		"2300-01-02", "-7d-7d", "1e3d", "2026-01-31T18:00:00Z-1y" };
	struct zone *z = zone("Europe/Berlin");
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t n = strlen(row[i]);
		char *p = exact_copy(row[i], n);
		int64_t ms;

		CHECK(
		    !time_words_parse(p, n, z, instant("2026-05-16T14:20:30Z"), &ms), "%s", row[i]);
		free(p);
	}
	zone_close(z);
}

static void
test_zones_refused(void)
{
	static const char *const row[] = { "", "Nowhere/Town", "../../../etc/passwd", "/etc/passwd",
		"Europe", "Europe/Berlin'", "zone.tab", "leapseconds", ".", "Europe/ Berlin",
		"0123456789012345678901234567890123456789012345678901234567890123456789" };
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct buf error = BUF_INIT;
		struct zone *z = zone_open(span_of(row[i]), &error);

		CHECK(!z && error.n > 0, "%s", row[i]);
		zone_close(z);
		buf_release(&error);
	}
}

/* A damaged file is refused, or read without harm. */
static void
test_damaged_files(void)
{
	char folder[] = "/tmp/mm-zone-XXXXXX", path[64], whole[4096];
	FILE *f = fopen("/usr/share/zoneinfo/Europe/Dublin", "rb");
	size_t n = f ? fread(whole, 1, sizeof(whole), f) : 0, i;
	uint64_t state = 3;

	if (f)
		fclose(f);
	if (!CHECK(n > 100 && mkdtemp(folder), "no file to damage"))
		return;
	setenv("TZDIR", folder, 1);
	snprintf(path, sizeof(path), "%s/Bad", folder);
	for (i = 0; i < 3000; i++) {
		struct buf error = BUF_INIT;
		char copy[sizeof(whole)];
		size_t k = i < n ? i : n, at;
		struct zone *z;

		memcpy(copy, whole, n);
		for (at = 0; i >= n && at < 3; at++)
			copy[check_random(&state) % (at ? 120 : n)] = (char)check_random(&state);
		f = fopen(path, "wb");
		if (!CHECK(f && fwrite(copy, 1, k, f) == k, "cannot write"))
			break;
		fclose(f);
		z = zone_open(SPAN("Bad"), &error);
		CHECK(z || error.n > 0, "a refusal without reason");
		CHECK(!z || i >= n || k == n, "a file of %zu bytes is accepted", k);
		if (z)
			CHECK(abs(zone_offset(z, INT64_C(1800000000))) <= 7 * 86400, "offset");
		zone_close(z);
		buf_release(&error);
	}
	remove(path);
	remove(folder);
	unsetenv("TZDIR");
}

static void
test_utc(void)
{
	static const char *const yes[] = { "UTC", "Etc/UTC", "GMT", "Etc/GMT+0" };
	static const char *const no[] = { "Europe/London", "Etc/GMT+1", "Africa/Abidjan" };
	size_t i;

	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		struct zone *z = zone(yes[i]);

		CHECK(zone_is_utc(z), "%s", yes[i]);
		zone_close(z);
	}
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		struct zone *z = zone(no[i]);

		CHECK(!zone_is_utc(z), "%s", no[i]);
		zone_close(z);
	}
}

static void
test_buckets(void)
{
	static const struct {
		const char *zone;
		enum interval interval;
		const char *from, *to;
		size_t n;
	} row[] = {
		{ "UTC", INTERVAL_DAY, "2026-03-01", "2026-04-01", 31 },
		{ "UTC", INTERVAL_HOUR, "2026-03-29", "2026-03-30", 24 },
		{ "Europe/Berlin", INTERVAL_HOUR, "2026-03-29", "2026-03-30", 23 },
		{ "Europe/Berlin", INTERVAL_HOUR, "2026-10-25", "2026-10-26", 25 },
		{ "Europe/Berlin", INTERVAL_DAY, "2026-03-01", "2026-04-01", 31 },
		{ "Australia/Lord_Howe", INTERVAL_HOUR, "2026-04-05", "2026-04-06", 25 },
		{ "America/Sao_Paulo", INTERVAL_DAY, "2018-11-01", "2018-12-01", 30 },
		{ "UTC", INTERVAL_WEEK, "2026-05-11", "2026-05-18", 1 },
		{ "UTC", INTERVAL_WEEK, "2026-05-10", "2026-05-19", 3 },
		{ "UTC", INTERVAL_DAY, "2299-12-01", "2299-12-31", 30 },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct zone *z = zone(row[i].zone);
		int64_t from = 0, to = 0;
		size_t n;

		time_words_parse(row[i].from, 10, z, 0, &from);
		time_words_parse(row[i].to, 10, z, 0, &to);
		n = bucket_count(z, row[i].interval, from, to);
		CHECK(n == row[i].n, "%s from %s: %zu", row[i].zone, row[i].from, n);
		zone_close(z);
	}
}

int
main(void)
{
	test_offsets();
	test_instants();
	test_words();
	test_edges_of_months();
	test_periods();
	test_refused();
	test_zones_refused();
	test_damaged_files();
	test_utc();
	test_buckets();
	return check_end("test_time_words");
}
