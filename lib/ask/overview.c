#include "ask/overview.h"

#include <stdio.h>
#include <stdlib.h>

#include "ask/ask.h"
#include "ask/bucket.h"
#include "ask/hint.h"
#include "ask/visit.h"
#include "base/ascii.h"

#include "base/banned.h"

enum {
	HOUR_MS = 3600000,
	HOURS_MAX = 49, /* two days, one of which may be longer */
	DAYS_MAX = 100,
};

/* ---- answers -------------------------------------------------------------- */

/* A row of the answer at hand, taken apart; false: it is none. */
typedef bool row_reader(void *context, const struct cells *row);

struct answer {
	struct cells *cells;
	size_t columns;
	row_reader *read;
	void *context;
	bool garbled;
};

static bool
on_row(void *context, const char *p, size_t n)
{
	struct answer *a = context;

	a->garbled = !cells_parse(a->cells, p, n, a->columns) || !a->read(a->context, a->cells);
	return !a->garbled;
}

static bool
fails(struct clickhouse_error *e, const char *why)
{
	*e = (struct clickhouse_error){ .status = CLICKHOUSE_CONFIG };
	snprintf(e->text, sizeof(e->text), "%s", why);
	return false;
}

static bool
ask(const struct overview *f, struct clickhouse *c, struct question *q, struct answer *a,
    struct clickhouse_error *e)
{
	if (f->explain) {
		if (f->explain->n > 0)
			buf_addc(f->explain, '\n');
		question_explain(q, f->explain);
		return true;
	}
	a->columns = q->column_count;
	if (question_select(c, q, on_row, a, e) != CLICKHOUSE_OK)
		return false;
	return !a->garbled || fails(e, "ClickHouse sent an unexpected answer");
}

/* A count; so large that sums of a thousand overflow, it is no count. */
static bool
read_count(const struct cell *c, uint64_t *to)
{
	return c->type == JSON_NUMBER && ascii_number(c->text, UINT64_C(9999999999999999), to);
}

/* A question about the events of a period; it does not need the zone. */
static void
begin(struct question *q, const struct period *p)
{
	question_begin(q, (struct period){ p->from, p->to, NULL });
	snprintf(q->why, sizeof(q->why), "%s", ASK_WHY_EVENTS);
}

/* ---- what was before ------------------------------------------------------- */

static bool
read_earlier(void *context, const struct cells *row)
{
	struct overview *f = context;

	return read_count(&row->v[0], &f->totals.earlier);
}

static bool
ask_earlier(struct overview *f, struct clickhouse *c, struct clickhouse_error *e)
{
	struct answer a = { .cells = &f->cells, .read = read_earlier, .context = f };
	struct question q;
	bool good;

	begin(&q, &f->period);
	question_add_column(&q, "earlier", COLUMN_VALUE, KIND_NUMBER);
	buf_adds(&q.sql,
	    "SELECT count() AS earlier\nFROM (SELECT 1 FROM events WHERE project_id = {project:UUID} "
	    "AND timestamp < {from:DateTime64(3, 'UTC')} LIMIT 1)");
	question_bind_period(&q, f->project);
	good = ask(f, c, &q, &a, e);
	question_release(&q);
	return good;
}

/* ---- series --------------------------------------------------------------- */

static enum interval
choose_interval(const struct period *p)
{
	int64_t hours = (p->to - p->from + HOUR_MS - 1) / HOUR_MS;

	return hours <= HOURS_MAX        ? INTERVAL_HOUR
	    : hours <= 24 * DAYS_MAX + 1 ? INTERVAL_DAY
					 : INTERVAL_WEEK;
}

static bool
series_init(struct series *s, const struct period *p, enum interval interval)
{
	int64_t start = bucket_start(p->zone, interval, p->from);
	size_t i;

	s->n = bucket_count(p->zone, interval, p->from, p->to);
	s->start = calloc(s->n, sizeof(*s->start));
	s->events = calloc(s->n, sizeof(*s->events));
	s->visitors = calloc(s->n, sizeof(*s->visitors));
	if (!s->start || !s->events || !s->visitors)
		return false;
	for (i = 0; i < s->n; i++) {
		s->start[i] = start;
		start = bucket_next(p->zone, interval, start);
	}
	return true;
}

static void
series_release(struct series *s)
{
	free(s->start);
	free(s->events);
	free(s->visitors);
	*s = (struct series){ 0 };
}

/* The interval that the instant lies in; s->n: in none of them. */
static size_t
interval_of(const struct series *s, int64_t ms)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->start[middle] <= ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? low - 1 : s->n;
}

/*
 * Where clocks change by half an hour, the server's hours begin at other
 * minutes than ours: so the interval is looked for, and may come twice.
 */
static bool
add_point(const struct overview *f, const struct series *s, struct span name,
    const struct cell *events, const struct cell *visitors)
{
	int64_t start;
	uint64_t n, who;
	size_t i;

	if (!bucket_parse(f->period.zone, name, &start) || !read_count(events, &n) ||
	    !read_count(visitors, &who))
		return false;
	if (n == 0)
		return true;
	i = interval_of(s, start);
	if (i == s->n)
		return false;
	s->events[i] += n;
	s->visitors[i] += who;
	return true;
}

/* ---- rankings ------------------------------------------------------------- */

/*
 * Rows of {start} and later are the period's, those before it are of the period before.
 * Of visitors the hash is counted: it is the one that uniq makes of texts, but made once.
 */
#define RANKED_ROW "cityHash64(anonymous_id) AS v, timestamp >= {start:DateTime64(3, 'UTC')} AS now"
#define RANKED_FIGURES \
	"countIf(now) AS events, uniqIf(v, now) AS visitors, uniqIf(v, NOT now) AS before"

/* GLOBAL: on a cluster an event is new where no shard has it from before */
#define IS_FRESH                                                           \
	"GLOBAL NOT IN (SELECT event_name FROM events WHERE project_id = " \
	"{project:UUID} AND timestamp < {start:DateTime64(3, 'UTC')})"

/*
 * Asked for in one pass; in it their names begin with a letter, by which they are told apart.
 * The letter after them is that of intervals, and what has none is all there is.
 */
static const struct {
	enum overview_ranking which;
	size_t limit;
} together[] = {
	{ RANK_COUNTRIES, OVERVIEW_NAMES },
	{ RANK_DEVICES, OVERVIEW_NAMES },
	{ RANK_BROWSERS, OVERVIEW_NAMES },
	{ RANK_SYSTEMS, OVERVIEW_NAMES },
	{ RANK_EVENTS, OVERVIEW_EVENTS },
};

enum {
	TOGETHER = sizeof(together) / sizeof(together[0]),
	PART_MAX = 50000, /* rows of one: more than any period has weeks */
};

struct ranking_answer {
	struct overview *overview;
	struct ranking *ranking; /* NULL: those together */
	size_t limit;
	uint64_t fresh; /* how many events are, of those together */
};

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool
add_ranked(struct overview *f, struct ranking *k, const struct cells *row, struct span name)
{
	struct ranked *r = &k->v[k->n];
	uint64_t fresh;

	*r = (struct ranked){
		.name = f->text.n,
		.name_n = least(name.n, OVERVIEW_NAME_MAX),
	};
	buf_add(&f->text, name.p, r->name_n);
	if (f->text.failed || !read_count(&row->v[1], &r->events) ||
	    !read_count(&row->v[2], &r->visitors) || !read_count(&row->v[3], &r->before) ||
	    !read_count(&row->v[4], &fresh) || !read_count(&row->v[5], &k->names))
		return false;
	r->fresh = fresh && f->totals.earlier;
	return ++k->n <= k->names;
}

static bool
read_totals(struct overview *f, const struct cells *row)
{
	struct totals *now = &f->totals, *before = &f->totals_before;

	return read_count(&row->v[1], &now->events) && read_count(&row->v[2], &now->visitors) &&
	    read_count(&row->v[3], &before->visitors) && read_count(&row->v[7], &now->paid) &&
	    read_count(&row->v[8], &before->events) && read_count(&row->v[9], &before->paid);
}

static bool
read_interval(struct overview *f, const struct cells *row, struct span name)
{
	struct span bucket = { name.p + 1, name.n - 1 };

	return *name.p == 'a' + TOGETHER &&
	    add_point(f, &f->series, bucket, &row->v[1], &row->v[2]) &&
	    (!f->has_before || add_point(f, &f->series_before, bucket, &row->v[8], &row->v[3]));
}

static bool
read_ranked(void *context, const struct cells *row)
{
	struct ranking_answer *a = context;
	struct ranking *k = a->ranking;
	struct span name = row->v[0].text;
	size_t limit = a->limit;

	if (row->v[0].type != JSON_STRING)
		return false;
	if (!k) {
		size_t i = name.n > 0 ? (size_t)(*name.p - 'a') : TOGETHER;

		if (i >= TOGETHER)
			return name.n > 0 ? read_interval(a->overview, row, name)
					  : read_totals(a->overview, row);
		k = &a->overview->rank[together[i].which];
		limit = together[i].limit;
		name = (struct span){ name.p + 1, name.n - 1 };
		if (!read_count(&row->v[6], &a->fresh))
			return false;
	}
	return k->n == limit || add_ranked(a->overview, k, row, name);
}

/* A text, which rows are told apart by, and numbers. */
static void
add_columns(struct question *q, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		question_add_column(
		    q, names[i], i ? COLUMN_VALUE : COLUMN_KEY, i ? KIND_NUMBER : KIND_TEXT);
}

/* A question about rows of the period and of the one before, {start} is where they part. */
static void
begin_ranked(struct question *q, const struct overview *f)
{
	static const char *const columns[] = { "name", "events", "visitors", "before", "fresh",
		"names", "all_fresh", "paid", "events_before", "paid_before" };
	struct period both = f->period;

	if (f->has_before)
		both.from = f->before.from;
	question_begin(q, both);
	snprintf(q->why, sizeof(q->why), "%s", ASK_WHY_EVENTS);
	add_columns(q, columns, sizeof(columns) / sizeof(columns[0]));
	question_bind_start(q, f->period.from);
}

static bool
end_ranked(struct overview *f, struct clickhouse *c, struct question *q, struct ranking_answer *to,
    struct clickhouse_error *e)
{
	struct answer a = { .cells = &f->cells, .read = read_ranked, .context = to };
	bool good = ask(f, c, q, &a, e);

	q->period.zone = NULL; /* is the caller's */
	question_release(q);
	return good;
}

static bool
ask_together(struct overview *f, struct clickhouse *c, uint64_t *fresh, struct clickhouse_error *e)
{
	struct ranking_answer to = { .overview = f };
	struct question q;
	size_t columns;
	bool good;

	begin_ranked(&q, f);
	columns = q.column_count;
	buf_adds(&q.sql,
	    "SELECT name, events, visitors, before, fresh, count() OVER (PARTITION BY part) AS names, "
	    "countIf(fresh) OVER (PARTITION BY part) AS all_fresh, paid, events_before, paid_before\n"
	    "FROM (SELECT concat(ifNull(a, ''), ifNull(b, ''), ifNull(c, ''), ifNull(d, ''), "
	    "ifNull(e, ''), ifNull(f, '')) AS name, substring(name, 1, 1) AS part,\n  " RANKED_FIGURES
	    ",\n  countIf(now AND bought) AS paid, countIf(NOT now) AS events_before, "
	    "countIf(NOT now AND bought) AS paid_before,\n  part = 'e' AND substring(name, 2) " IS_FRESH
	    " AS fresh\n"
	    "FROM (SELECT " RANKED_ROW ", medium = 'paid' AS bought,\n  ");
	bucket_add(&q, f->interval);
	q.column_count = columns; /* it is a part of the name */
	buf_adds(&q.sql,
	    "concat('a', country) AS a, concat('b', device_type) AS b, concat('c', browser) AS c, "
	    "concat('d', os) AS d, concat('e', event_name) AS e, concat('f', toString(bucket)) AS f\n"
	    "FROM events\nWHERE ");
	question_add_period(&q, f->project);
	buf_addf(&q.sql,
	    ")\nGROUP BY GROUPING SETS ((), (a), (b), (c), (d), (e), (f))\n"
	    "HAVING events > 0 OR part IN ('', 'f'))\n"
	    "ORDER BY part, visitors DESC, events DESC, name\nLIMIT %d BY part",
	    PART_MAX);
	good = end_ranked(f, c, &q, &to, e);
	*fresh = to.fresh;
	return good;
}

/* The end of a ranking that stands alone: figures that it has not, and its order. */
#define RANKED_ALONE                                                        \
	"0 AS fresh, count() OVER () AS names, 0 AS all_fresh, 0 AS paid, " \
	"0 AS events_before, 0 AS paid_before\nFROM (SELECT " RANKED_ROW
#define RANKED_END(limit) \
	"\nHAVING events > 0\nORDER BY visitors DESC, events DESC, name\nLIMIT " limit

static bool
ask_pages(struct overview *f, struct clickhouse *c, struct clickhouse_error *e)
{
	struct ranking_answer to = { f, &f->rank[RANK_PAGES], OVERVIEW_NAMES, 0 };
	struct question q;

	begin_ranked(&q, f);
	/* what has no page is no page */
	buf_adds(&q.sql,
	    "SELECT ifNull(path, '') AS name, " RANKED_FIGURES ", " RANKED_ALONE
	    ", path\nFROM events\nWHERE path != '' AND ");
	question_add_period(&q, f->project);
	buf_adds(&q.sql, ")\nGROUP BY path" RANKED_END("10"));
	return end_ranked(f, c, &q, &to, e);
}

static bool
ask_new_events(struct overview *f, struct clickhouse *c, struct clickhouse_error *e)
{
	struct ranking_answer to = { f, &f->rank[RANK_NEW_EVENTS], OVERVIEW_EVENTS, 0 };
	struct question q;

	begin_ranked(&q, f);
	buf_adds(&q.sql,
	    "SELECT event_name AS name, " RANKED_FIGURES ", " RANKED_ALONE
	    ", event_name\nFROM events\nWHERE event_name " IS_FRESH " AND ");
	question_add_period(&q, f->project);
	buf_adds(&q.sql, ")\nGROUP BY event_name" RANKED_END("20"));
	return end_ranked(f, c, &q, &to, e);
}

static bool
ask_rankings(struct overview *f, struct clickhouse *c, struct clickhouse_error *e)
{
	uint64_t fresh = 0;

	return ask_together(f, c, &fresh, e) && ask_pages(f, c, e) &&
	    (((!fresh || !f->totals.earlier) && !f->explain) || ask_new_events(f, c, e));
}

/* ---- visits ---------------------------------------------------------------- */

enum { DIGEST_NAMES = 1000 }; /* so that all hours of a week are among them */

static const enum overview_ranking rank_of_part[VISIT_PARTS] = {
	[VISIT_SOURCE] = RANK_SOURCES,
	[VISIT_ENTRY] = RANK_ENTRIES,
	[VISIT_CAMPAIGN] = RANK_CAMPAIGNS,
};

/* One more count of what is added up. */
static bool
add_count(const struct cell *c, uint64_t *sum)
{
	uint64_t n;

	if (!read_count(c, &n))
		return false;
	*sum += n;
	return true;
}

/* Every visit began in an hour of the week: together they are all. */
static bool
read_hour(struct overview *f, const struct cells *row)
{
	struct totals *now = &f->totals, *before = &f->totals_before;
	uint64_t hour;

	return ascii_number(row->v[1].text, OVERVIEW_HOURS - 1, &hour) &&
	    read_count(&row->v[2], &f->hour[hour]) && add_count(&row->v[2], &now->visits) &&
	    add_count(&row->v[4], &now->bounces) && add_count(&row->v[5], &now->lasted) &&
	    add_count(&row->v[6], &now->views) && add_count(&row->v[7], &before->visits) &&
	    add_count(&row->v[8], &before->bounces) && add_count(&row->v[9], &before->lasted) &&
	    add_count(&row->v[10], &before->views);
}

static bool
read_visited(struct overview *f, struct ranking *k, const struct cells *row)
{
	struct ranked *r = &k->v[k->n];
	struct span name = row->v[1].text;

	*r = (struct ranked){
		.name = f->text.n,
		.name_n = least(name.n, OVERVIEW_NAME_MAX),
	};
	if (!read_count(&row->v[2], &r->events) || !read_count(&row->v[3], &r->visitors) ||
	    !read_count(&row->v[7], &r->before) || !read_count(&row->v[11], &k->names))
		return false;
	if (r->events == 0 || k->n == OVERVIEW_NAMES)
		return true;
	buf_add(&f->text, name.p, r->name_n);
	k->n++;
	return !f->text.failed;
}

static bool
read_digest(void *context, const struct cells *row)
{
	struct overview *f = context;
	uint64_t part;

	if (!read_count(&row->v[0], &part) || part == VISIT_NO_PART || part >= VISIT_PARTS)
		return false;
	return part == VISIT_HOUR ? read_hour(f, row)
				  : read_visited(f, &f->rank[rank_of_part[part]], row);
}

static bool
ask_digest(struct overview *f, struct clickhouse *c, struct clickhouse_error *e)
{
	struct answer a = { .cells = &f->cells, .read = read_digest, .context = f };
	struct period both = f->period;
	struct question q;
	bool good;

	if (f->has_before)
		both.from = f->before.from;
	question_begin(&q, both);
	visit_digest(f->project, f->period.from, DIGEST_NAMES, &q);
	good = ask(f, c, &q, &a, e);
	q.period.zone = NULL; /* is the caller's */
	question_release(&q);
	return good;
}

static bool
read_fresh(void *context, const struct cells *row)
{
	struct overview *f = context;

	return read_count(&row->v[0], &f->totals.fresh) &&
	    read_count(&row->v[1], &f->totals_before.fresh);
}

static bool
ask_fresh(struct overview *f, struct clickhouse *c, struct clickhouse_error *e)
{
	struct answer a = { .cells = &f->cells, .read = read_fresh, .context = f };
	struct question q;
	bool good;

	begin(&q, &f->period);
	visit_fresh(f->project, f->has_before ? f->before.from : f->period.from, &q);
	good = ask(f, c, &q, &a, e);
	question_release(&q);
	return good;
}

static bool
ask_visits(struct overview *f, struct clickhouse *c, struct clickhouse_error *e)
{
	return ask_digest(f, c, e) && ask_fresh(f, c, e);
}

#define IS_NOW "(timestamp >= {from:DateTime64(3, 'UTC')})"

/* ---- goals ------------------------------------------------------------------ */

/* Rows that are about all events come first. */
enum { GOAL_ALL, GOAL_CURRENCY };

struct goal_answer {
	struct overview *overview;
	struct goal_reached *reached;
	bool in_currencies; /* what all of them are worth is no sum */
};

static bool
read_worth(struct overview *f, const struct cells *row, struct reached *r)
{
	r->value = f->text.n;
	if (row->v[6].type == JSON_NUMBER) {
		r->value_n = row->v[6].text.n;
		buf_add(&f->text, row->v[6].text.p, r->value_n);
	}
	/* what is too large for them, or none, is 0 */
	if (!cell_number(&row->v[6], &r->worth))
		r->worth = 0;
	if (!cell_number(&row->v[7], &r->worth_before))
		r->worth_before = 0;
	return !f->text.failed;
}

static bool
read_reached(void *context, const struct cells *row)
{
	struct goal_answer *a = context;
	struct overview *f = a->overview;
	struct goal_reached *g = a->reached;
	struct reached *r = &g->all;
	uint64_t part;

	if (!read_count(&row->v[0], &part) || part > GOAL_CURRENCY)
		return false;
	if (part == GOAL_CURRENCY) {
		if (g->n == OVERVIEW_NAMES)
			return true;
		r = &g->v[g->n++];
		r->null = row->v[1].type == JSON_NULL;
		r->currency = f->text.n;
		r->currency_n = r->null ? 0 : least(row->v[1].text.n, OVERVIEW_NAME_MAX);
		buf_add(&f->text, row->v[1].text.p, r->currency_n);
	}
	return read_count(&row->v[2], &r->events) && read_count(&row->v[3], &r->visitors) &&
	    read_count(&row->v[4], &r->events_before) &&
	    read_count(&row->v[5], &r->visitors_before) &&
	    ((part == GOAL_ALL && a->in_currencies) || read_worth(f, row, r));
}

static void
add_goal_sql(struct overview *f, const struct overview_goal *g, struct question *q)
{
	buf_addf(&q->sql,
	    "SELECT part, if(part = 1, currency, NULL) AS in_currency, countIf(now) AS events, "
	    "uniqIf(anonymous_id, now) AS visitors,\n  countIf(NOT now) AS events_before, "
	    "uniqIf(anonymous_id, NOT now) AS visitors_before, sumIf(amount, now) AS value, "
	    "sumIf(amount, NOT now) AS value_before\n"
	    "FROM\n(\nSELECT arrayJoin([%s]) AS part, anonymous_id, " IS_NOW " AS now, ",
	    g->currency.depth ? "0, 1" : "0");
	if (g->currency.depth)
		property_add_text(q, &g->currency, property_bind(q, &g->currency));
	else
		buf_adds(&q->sql, "CAST(NULL, 'Nullable(String)')");
	buf_adds(&q->sql, " AS currency, ");
	if (g->value.depth)
		property_add_number(q, &g->value, property_bind(q, &g->value));
	else
		buf_adds(&q->sql, "CAST(NULL, 'Nullable(Decimal(76, 18))')");
	buf_adds(&q->sql,
	    " AS amount\nFROM events\nWHERE project_id = {project:UUID} AND timestamp >= "
	    "{start:DateTime64(3, 'UTC')} AND timestamp < {to:DateTime64(3, 'UTC')} AND ");
	event_filter_add_condition(q, &g->event);
	question_bind_period(q, f->project);
	question_bind_start(q, f->has_before ? f->before.from : f->period.from);
	buf_adds(
	    &q->sql, "\n)\nGROUP BY part, in_currency\nORDER BY part, events DESC, in_currency");
	question_add_limit(q, OVERVIEW_NAMES + 1);
}

/* No event reached it, or none has the value: a name may be misspelt. */
static bool
found_nothing(const struct overview_goal *g, const struct goal_reached *r)
{
	size_t i;

	for (i = 0; i < r->n && r->v[i].value_n == 0; i++)
		;
	return r->all.events == 0 || (g->value.depth > 0 && r->all.value_n == 0 && i == r->n);
}

static bool
add_remark(struct overview *f, struct clickhouse *c, const struct question *q, bool empty,
    struct clickhouse_error *e)
{
	size_t n = f->remarks.n;

	if (hint_ask(c, q, &f->extent, empty, &f->remarks, e) != CLICKHOUSE_OK)
		return false;
	if (f->remarks.n > n)
		buf_addc(&f->remarks, '\n');
	return true;
}

static bool
ask_goal(struct overview *f, struct clickhouse *c, const struct overview_goal *g,
    struct goal_reached *reached, struct clickhouse_error *e)
{
	static const char *const columns[] = { "part", "in_currency", "events", "visitors",
		"events_before", "visitors_before", "value", "value_before" };
	struct goal_answer to = { f, reached, g->currency.depth > 0 };
	struct answer a = { .cells = &f->cells, .read = read_reached, .context = &to };
	struct question q;
	size_t i;
	bool good;

	*reached = (struct goal_reached){ .n = 0 };
	begin(&q, &f->period);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		question_add_column(&q, columns[i], i == 1 ? COLUMN_KEY : COLUMN_VALUE,
		    i == 1 ? KIND_TEXT : KIND_NUMBER);
	add_goal_sql(f, g, &q);
	good = ask(f, c, &q, &a, e);
	if (good && f->totals.events > 0 && found_nothing(g, reached))
		good = add_remark(f, c, &q, reached->all.events == 0, e);
	question_release(&q);
	return good;
}

bool
overview_ask_goals(struct overview *f, struct clickhouse *c, const struct overview_goal *g,
    size_t n, struct clickhouse_error *e)
{
	for (f->goals = 0; f->goals < n; f->goals++)
		if (!ask_goal(f, c, &g[f->goals], &f->goal[f->goals], e))
			return false;
	return true;
}

/* ---- all of it ------------------------------------------------------------ */

static bool
ask_all(struct overview *f, struct clickhouse *c, struct clickhouse_error *e)
{
	if (!series_init(&f->series, &f->period, f->interval) ||
	    (f->has_before && !series_init(&f->series_before, &f->before, f->interval)))
		return fails(e, "out of memory");
	return ask_earlier(f, c, e) && ask_rankings(f, c, e) && ask_visits(f, c, e);
}

static void
init(struct overview *f, struct span project, const struct period *period)
{
	*f = (struct overview){
		.period = *period,
		.interval = choose_interval(period),
		.project = project,
	};
	f->has_before = period_previous(period, &f->before);
}

/* Figures are compared where both periods are whole, else said to be in part. */
static bool
settle_before(struct overview *f, struct clickhouse *c, int64_t now, struct clickhouse_error *e)
{
	struct extent *x = &f->extent;

	if (extent_ask(c, f->project, now, x, e) != CLICKHOUSE_OK)
		return false;
	if (!extent_is_whole(x, &f->period, "events", now)) {
		extent_tell(x, &f->period, "events", now, &f->why);
		f->has_before = false;
	} else if (f->has_before && !extent_is_whole(x, &f->before, "events", now)) {
		extent_tell_before(x, &f->before, "events", now, &f->why);
		f->has_before = false;
	}
	return true;
}

bool
overview_ask(struct overview *f, struct clickhouse *c, struct span project,
    const struct period *period, int64_t now, struct clickhouse_error *e)
{
	init(f, project, period);
	return settle_before(f, c, now, e) && ask_all(f, c, e);
}

void
overview_explain(struct buf *b, struct span project, const struct period *period,
    const struct overview_goal *goals, size_t n)
{
	struct overview f;
	struct clickhouse_error e;

	init(&f, project, period);
	f.explain = b;
	if (!ask_all(&f, NULL, &e) || !overview_ask_goals(&f, NULL, goals, n, &e))
		b->failed = true;
	overview_release(&f);
}

void
overview_release(struct overview *f)
{
	series_release(&f->series);
	series_release(&f->series_before);
	cells_release(&f->cells);
	buf_release(&f->text);
	buf_release(&f->why);
	buf_release(&f->remarks);
}
