#include "show/dateword.h"

#include "base/banned.h"

enum { SECOND = 1000, MINUTE = 60, HOUR = 3600, DAY = 86400 };

struct local {
	int year, month, day;
	int64_t second; /* of the day */
};

static const char *const months[] = { "January", "February", "March", "April", "May", "June",
	"July", "August", "September", "October", "November", "December" };

static struct local
local(const struct zone *z, int64_t ms)
{
	int64_t seconds = ms / SECOND - (ms % SECOND < 0), day;
	struct local l;

	seconds += zone_offset(z, seconds);
	day = timestamp_day(seconds * SECOND);
	date_from_days(day, &l.year, &l.month, &l.day);
	l.second = seconds - day * DAY;
	return l;
}

static void
add_clock(struct buf *b, const struct local *l)
{
	buf_addf(b, "%02d:%02d", (int)(l->second / HOUR), (int)(l->second % HOUR / MINUTE));
}

void
dateword_add(struct buf *b, const struct zone *z, int64_t ms, enum dateword how)
{
	struct local l = local(z, ms);
	const char *month = months[l.month - 1];

	switch (how) {
	case DATEWORD_DAY:
		buf_addf(b, "%d %s %d", l.day, month, l.year);
		break;
	case DATEWORD_SHORT:
		buf_addf(b, "%d %.3s", l.day, month);
		break;
	case DATEWORD_MONTH:
		buf_addf(b, "%.3s %d", month, l.year);
		break;
	case DATEWORD_TIME:
		buf_addf(b, "%d %s %d, ", l.day, month, l.year);
		add_clock(b, &l);
		break;
	case DATEWORD_HOUR:
		add_clock(b, &l);
		break;
	}
}

static bool
is_midnight(const struct zone *z, int64_t ms)
{
	return bucket_start(z, INTERVAL_DAY, ms) == ms;
}

static void
add_days(struct buf *b, const struct zone *z, int64_t first, int64_t last)
{
	struct local f = local(z, first), l = local(z, last);

	if (f.year == l.year && f.month == l.month && f.day != l.day)
		buf_addf(b, "%d", f.day);
	else if (f.year == l.year && f.month != l.month)
		buf_addf(b, "%d %s", f.day, months[f.month - 1]);
	else if (f.year != l.year)
		dateword_add(b, z, first, DATEWORD_DAY);
	if (f.year != l.year || f.month != l.month || f.day != l.day)
		buf_adds(b, " to ");
	dateword_add(b, z, last, DATEWORD_DAY);
}

void
dateword_period(struct buf *b, const struct period *p)
{
	if (is_midnight(p->zone, p->from) && is_midnight(p->zone, p->to)) {
		add_days(b, p->zone, p->from, p->to - 1);
		return;
	}
	dateword_add(b, p->zone, p->from, DATEWORD_TIME);
	buf_adds(b, " to ");
	dateword_add(b, p->zone, p->to, DATEWORD_TIME);
}
