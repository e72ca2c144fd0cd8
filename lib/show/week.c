#include "show/week.h"

#include "text/number_text.h"

#include "base/banned.h"

enum { MONDAY = 3 }; /* 1970 began on a Thursday */

const char *
week_day(size_t day)
{
	static const char *const names[WEEK_DAYS] = { "Monday", "Tuesday", "Wednesday", "Thursday",
		"Friday", "Saturday", "Sunday" };

	return names[day];
}

/* 0 for a Monday. */
static size_t
weekday_of(const struct zone *zone, int64_t ms)
{
	int64_t days = timestamp_day(ms + (int64_t)zone_offset(zone, ms / 1000) * 1000);

	return (size_t)(((days + MONDAY) % WEEK_DAYS + WEEK_DAYS) % WEEK_DAYS);
}

/* How often each weekday is in the period, days in part as whole ones. */
static void
count_days(const struct period *p, size_t days[WEEK_DAYS])
{
	int64_t day = bucket_start(p->zone, INTERVAL_DAY, p->from);

	for (; day < p->to; day = bucket_next(p->zone, INTERVAL_DAY, day))
		days[weekday_of(p->zone, day)]++;
}

void
week_init(struct week *w, const struct overview *f)
{
	size_t days[WEEK_DAYS] = { 0 }, i;
	double mean[OVERVIEW_HOURS], most = 0;

	*w = (struct week){ .visits = f->hour };
	count_days(&f->period, days);
	for (i = 0; i < WEEK_DAYS; i++)
		if (days[i] == 0)
			return;
	for (i = 0; i < OVERVIEW_HOURS; i++) {
		mean[i] = (double)f->hour[i] / (double)days[i / WEEK_HOURS];
		if (mean[i] > most) {
			most = mean[i];
			w->busiest = i;
		}
	}
	w->shown = most > 0;
	for (i = 0; i < OVERVIEW_HOURS && w->shown; i++) {
		double share = mean[i] / most * WEEK_LEVELS;

		while (w->level[i] < share)
			w->level[i]++;
	}
}

static void
add_hours(struct buf *b)
{
	size_t i;

	buf_adds(b, "<thead><tr><th scope=\"col\"><span>Day</span></th>");
	for (i = 0; i < WEEK_HOURS; i++)
		buf_addf(b, "<th scope=\"col\"><span>%zu</span></th>", i);
	buf_adds(b, "</tr></thead>\n");
}

void
week_add(struct buf *b, const struct week *w)
{
	size_t day, i;

	buf_addf(b,
	    "<table class=\"week\">\n<caption>Visits by the hour in which they began; the stronger "
	    "the colour, the more a day. Most begin on %ss from %zu:00.</caption>\n",
	    week_day(w->busiest / WEEK_HOURS), w->busiest % WEEK_HOURS);
	add_hours(b);
	buf_adds(b, "<tbody>\n");
	for (day = 0; day < WEEK_DAYS; day++) {
		buf_addf(b, "<tr><th scope=\"row\">%.3s<span>%s</span></th>", week_day(day),
		    week_day(day) + 3);
		for (i = day * WEEK_HOURS; i < (day + 1) * WEEK_HOURS; i++) {
			buf_addf(b, "<td class=\"h%d\"><span>", w->level[i]);
			number_text_count(b, w->visits[i]);
			buf_adds(b, "</span></td>");
		}
		buf_adds(b, "</tr>\n");
	}
	buf_adds(b, "</tbody>\n</table>\n");
}
