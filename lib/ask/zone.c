#include "ask/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/fd.h"
#include "base/timestamp.h"

#include "base/banned.h"

#define DIRECTORY "/usr/share/zoneinfo"

enum {
	DAY = 86400,
	FILE_MAX = 256 * 1024, /* the largest real one has 4 KiB */
	HEADER = 44,
	OFFSET_MAX = 26 * 3600, /* what RFC 8536 asks readers to take */
};

/* ---- the rule --------------------------------------------------------- */

/*
 * When clocks change in the years to come: the rule of POSIX's TZ variable,
 * "CET-1CEST,M3.5.0,M10.5.0/3", with the extensions of RFC 8536, section 3.3.1.
 */

/* When a year's clocks change, by the POSIX TZ rule. */
struct tzrule_change {
	enum { BY_WEEKDAY, BY_JULIAN, BY_DAY } kind;
	int month, week, day; /* BY_JULIAN and BY_DAY: only day */
	int time;             /* seconds after midnight, by the clock before the change */
};

struct tzrule {
	bool known, has_dst;
	int standard, dst; /* seconds east of UTC */
	struct tzrule_change begin, end;
};

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
	struct span rest = { r->p, (size_t)(r->end - r->p) };
	uint64_t v;

	if (!ascii_take_number(&rest, (uint64_t)max, &v)) {
		r->wrong = true;
		return 0;
	}
	r->p = rest.p;
	return (int)v;
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

/* An empty text is no rule, and leaves `known` unset; false: it is wrong. */
static bool
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

/* Seconds east of UTC at that instant, of a known rule. */
static int
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

/* ---- the file --------------------------------------------------------- */

struct zone {
	char name[ZONE_NAME_MAX + 1];
	struct buf file;
	size_t count, types;                   /* transitions; kinds of local time */
	const char *times, *kinds, *kind_data; /* into the file */
	int before;                            /* offset before the first transition */
	struct tzrule rule;                    /* after the last one */
};

static uint64_t
big_endian(const char *p, int bytes)
{
	uint64_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | (unsigned char)*p++;
	return v;
}

static int
offset_of_kind(const struct zone *z, size_t kind)
{
	return (int)(int32_t)big_endian(z->kind_data + 6 * kind, 4);
}

static int64_t
transition(const struct zone *z, size_t i)
{
	return (int64_t)big_endian(z->times + 8 * i, 8);
}

struct counts {
	uint64_t utc, standard, leap, time, type, text;
	uint64_t bytes; /* of the data that the header announces */
};

static bool
read_header(const char *p, const char *end, int time_bytes, struct counts *c)
{
	if (end - p < HEADER || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
		return false;
	c->utc = big_endian(p + 20, 4);
	c->standard = big_endian(p + 24, 4);
	c->leap = big_endian(p + 28, 4);
	c->time = big_endian(p + 32, 4);
	c->type = big_endian(p + 36, 4);
	c->text = big_endian(p + 40, 4);
	c->bytes = c->time * (time_bytes + 1) + c->type * 6 + c->text + c->leap * (time_bytes + 4) +
	    c->standard + c->utc;
	return c->bytes <= (uint64_t)(end - p - HEADER);
}

static bool
check_kinds(const struct zone *z)
{
	size_t i;

	for (i = 0; i < z->count; i++)
		if ((unsigned char)z->kinds[i] >= z->types ||
		    (i > 0 && transition(z, i) <= transition(z, i - 1)))
			return false;
	for (i = 0; i < z->types; i++)
		if (abs(offset_of_kind(z, i)) > OFFSET_MAX)
			return false;
	return true;
}

static bool
parse_file(struct zone *z)
{
	const char *p = z->file.p, *end = p + z->file.n, *newline;
	struct counts c;

	/* a first block with times of 32 bits is for readers of old */
	if (!read_header(p, end, 4, &c))
		return false;
	p += HEADER + c.bytes;
	if (!read_header(p, end, 8, &c) || c.type == 0)
		return false;
	p += HEADER;
	z->count = (size_t)c.time;
	z->types = (size_t)c.type;
	z->times = p;
	z->kinds = p + 8 * c.time;
	z->kind_data = z->kinds + c.time;
	p += c.bytes;
	if (!check_kinds(z) || p == end || *p++ != '\n')
		return false;
	z->before = offset_of_kind(z, 0);
	newline = memchr(p, '\n', (size_t)(end - p));
	return newline && tzrule_parse(&z->rule, p, (size_t)(newline - p));
}

static bool
read_all(int fd, struct buf *b)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && fd_read_all(fd, b, FILE_MAX) == 0;
}

/* Names are paths below the folder, so what could lead out of it is refused. */
static bool
valid_name(struct span name)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
	size_t i;

	if (name.n == 0 || name.n > ZONE_NAME_MAX || name.p[0] == '/')
		return false;
	for (i = 0; i < name.n; i++)
		if (!name.p[i] || !strchr(allowed, name.p[i]))
			return false;
	return true;
}

static bool
load(struct zone *z, struct buf *error)
{
	const char *folder = getenv("TZDIR");
	char path[PATH_MAX];
	int fd, n;
	bool good;

	if (strcmp(z->name, "UTC") == 0) {
		z->rule.known = true;
		return true;
	}
	n = snprintf(path, sizeof(path), "%s/%s", folder && *folder ? folder : DIRECTORY, z->name);
	fd = n > 0 && (size_t)n < sizeof(path) ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : -1;
	if (fd < 0) {
		buf_addf(error,
		    "no time zone of that name is known here; expected one such as Europe/Berlin "
		    "(package tzdata)");
		return false;
	}
	good = read_all(fd, &z->file) && parse_file(z);
	close(fd);
	if (!good)
		buf_addf(error, "%s is not a time zone that can be read", z->name);
	return good;
}

struct zone *
zone_open(struct span name, struct buf *error)
{
	struct zone *z;

	if (!valid_name(name)) {
		buf_adds(error, "expected the name of a time zone such as Europe/Berlin");
		return NULL;
	}
	z = calloc(1, sizeof(*z));
	if (!z) {
		buf_adds(error, "out of memory");
		return NULL;
	}
	memcpy(z->name, name.p, name.n);
	if (load(z, error))
		return z;
	zone_close(z);
	return NULL;
}

void
zone_close(struct zone *z)
{
	if (!z)
		return;
	buf_release(&z->file);
	free(z);
}

const char *
zone_name(const struct zone *z)
{
	return z->name;
}

bool
zone_is_utc(const struct zone *z)
{
	return z->count == 0 && z->before == 0 && z->rule.known && !z->rule.has_dst &&
	    z->rule.standard == 0;
}

int
zone_offset(const struct zone *z, int64_t seconds)
{
	size_t low = 0, high = z->count;

	/* the first transition after `seconds` */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (transition(z, middle) <= seconds)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == z->count && z->rule.known)
		return tzrule_offset(&z->rule, seconds);
	return low == 0 ? z->before : offset_of_kind(z, (unsigned char)z->kinds[low - 1]);
}

int64_t
zone_instant(const struct zone *z, int64_t local)
{
	int early = zone_offset(z, local - DAY);
	int late = zone_offset(z, local + DAY);
	int larger = early > late ? early : late;
	int smaller = early > late ? late : early;
	int64_t before = local - larger, after = local - smaller;

	if (zone_offset(z, before) == larger)
		return before;
	if (zone_offset(z, after) == smaller)
		return after;
	/* skipped: the jump lies between the two */
	while (after - before > 1) {
		int64_t middle = before + (after - before) / 2;

		if (zone_offset(z, middle) == zone_offset(z, after))
			after = middle;
		else
			before = middle;
	}
	return after;
}
