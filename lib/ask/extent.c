#include "ask/extent.h"

#include <stdio.h>

#include "ask/cells.h"
#include "base/ascii.h"

#include "base/banned.h"

enum { DAY_MS = 86400000, COLUMNS = 4 };

/* Scalars that are NULL where there is no row: read in the order of the table, not through it. */
#define ONE(column, table, order)                                                             \
	"(SELECT " column " FROM " table " WHERE project_id = {project:UUID} ORDER BY " order \
	" LIMIT 1)"

static void
add_sql(struct question *q)
{
	static const char *const columns[COLUMNS] = { "first", "last", "first_day", "kept_days" };
	size_t i;

	for (i = 0; i < COLUMNS; i++)
		question_add_column(q, columns[i], COLUMN_VALUE, KIND_NUMBER);
	buf_adds(&q->sql,
	    "SELECT " ONE("toUnixTimestamp64Milli(timestamp)", "events",
		"timestamp") " AS first,\n"
			     "  " ONE("toUnixTimestamp64Milli(timestamp)", "events",
				 "timestamp DESC") " AS last,\n"
						   "  " ONE("toUInt64(day)", "daily_rollup",
						       "day") " AS first_day,\n"
							      "  (SELECT max(toUInt64OrZero(extract(engine_full, ' TTL .*toIntervalDay\\\\((\\\\d+)\\\\)'))) "
							      "FROM system.tables\n"
							      "   WHERE database = currentDatabase() AND name IN ('events', 'events_local')) AS kept_days");
}

/* -1: null. */
static bool
read_ms(const struct cell *c, int64_t *to)
{
	double value;

	if (c->type == JSON_NULL)
		return false;
	if (!cell_number(c, &value))
		return false;
	*to = (int64_t)value;
	return true;
}

struct row_reader {
	struct cells cells;
	struct extent *extent;
};

static bool
on_row(void *context, const char *p, size_t n)
{
	struct row_reader *r = context;
	struct extent *x = r->extent;
	struct cell *v = r->cells.v;

	if (!cells_parse(&r->cells, p, n, COLUMNS))
		return false;
	x->empty = !read_ms(&v[0], &x->first) || !read_ms(&v[1], &x->last);
	if (read_ms(&v[2], &x->first_day))
		x->first_day *= DAY_MS;
	else
		x->first_day = x->first;
	if (!ascii_number(v[3].text, 1000000, &x->kept_days))
		x->kept_days = 0;
	return true;
}

enum clickhouse_status
extent_ask(struct clickhouse *c, struct span project, int64_t now, struct extent *x,
    struct clickhouse_error *e)
{
	struct row_reader reader = { .extent = x };
	enum clickhouse_status status;
	struct question q;

	*x = (struct extent){ .empty = true };
	question_begin(&q, (struct period){ 0, 0, NULL });
	question_add_param(&q, "project", project);
	add_sql(&q);
	status = question_select(c, &q, on_row, &reader, e);
	if (x->kept_days)
		x->kept_from = now - (int64_t)x->kept_days * DAY_MS;
	question_release(&q);
	cells_release(&reader.cells);
	return status;
}

/* ---- whole or not ---------------------------------------------------------- */

enum part { PART_WHOLE, PART_DELETED, PART_BEFORE_FIRST, PART_NOT_OVER };

static bool
is_rollup(const char *table)
{
	return strcmp(table, "events") != 0;
}

static int64_t
first_of(const struct extent *x, const char *table)
{
	return is_rollup(table) && x->first_day < x->first ? x->first_day : x->first;
}

static enum part
part_of(const struct extent *x, const struct period *p, const char *table, int64_t now)
{
	if (x->empty)
		return PART_WHOLE;
	if (!is_rollup(table) && x->kept_days && p->from < x->kept_from)
		return PART_DELETED;
	/* who starts to count begins with a part of a day */
	if (p->from < bucket_start(p->zone, INTERVAL_DAY, first_of(x, table)))
		return PART_BEFORE_FIRST;
	return p->to > now ? PART_NOT_OVER : PART_WHOLE;
}

bool
extent_is_whole(const struct extent *x, const struct period *p, const char *table, int64_t now)
{
	return part_of(x, p, table, now) == PART_WHOLE;
}

void
extent_add_day(struct buf *b, const struct zone *zone, int64_t ms)
{
	char day[DATE_TEXT];

	date_format(day, ms + INT64_C(1000) * zone_offset(zone, ms / 1000 - (ms % 1000 < 0)));
	buf_add(b, day, DATE_TEXT);
}

static void
tell(const struct extent *x, const struct period *p, const char *table, int64_t now,
    const char *subject, struct buf *b)
{
	switch (part_of(x, p, table, now)) {
	case PART_WHOLE:
		return;
	case PART_DELETED:
		buf_addf(b, "%s is partial: events are kept for %llu day%s, from ", subject,
		    (unsigned long long)x->kept_days, x->kept_days == 1 ? "" : "s");
		extent_add_day(b, p->zone, x->kept_from);
		buf_adds(b, " on");
		return;
	case PART_BEFORE_FIRST:
		buf_addf(b, "%s is partial: the project's first event is of ", subject);
		extent_add_day(b, p->zone, first_of(x, table));
		return;
	case PART_NOT_OVER:
		buf_addf(b, "%s is partial: it is not over yet", subject);
		return;
	}
}

void
extent_tell(
    const struct extent *x, const struct period *p, const char *table, int64_t now, struct buf *b)
{
	tell(x, p, table, now, "the period", b);
}

void
extent_tell_before(
    const struct extent *x, const struct period *p, const char *table, int64_t now, struct buf *b)
{
	tell(x, p, table, now, "the period before", b);
}
