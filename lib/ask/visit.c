#include "ask/visit.h"

#include <stdio.h>

#include "ask/bucket.h"

#include "base/banned.h"

/*
 * A moment is the time in ms, then 17 bits that order events of the same
 * millisecond, then two that tell what the event is: one number, since arrays
 * of these are sorted several times as fast as those of tuples.
 */
#define MOMENT_TIES "bitAnd(cityHash64(event_id), 131071) * 4"
#define MOMENT_VIEW "1"
#define MOMENT_OTHER "2" /* what makes a visit no bounce */
#define MOMENT(ties)                                         \
	"toUnixTimestamp64Milli(timestamp) * 524288 + " ties \
	" + multiIf(event_name = '$pageview', " MOMENT_VIEW  \
	", event_name = '$identify', 0, " MOMENT_OTHER ")"
#define MS(moment) "bitShiftRight(" moment ", 19)"
#define IS(moment, kind) "bitAnd(" moment ", " kind ") > 0"

#define FROM_TIME "{from:DateTime64(3, 'UTC')}"
#define TO_TIME "{to:DateTime64(3, 'UTC')}"

/* Which event of a visit a key is of. */
enum key_of { OF_FIRST, OF_FIRST_VIEW, OF_LAST_VIEW };

static const struct visit_key {
	const char *name, *sql; /* of an event */
	enum key_of of;
} visit_keys[] = {
	{ "source", "toString(source)", OF_FIRST },
	{ "medium", "toString(medium)", OF_FIRST },
	{ "campaign", "CAST(campaign, 'Nullable(String)')", OF_FIRST },
	{ "source_rule_id", "toString(source_rule_id)", OF_FIRST },
	{ "country", "toString(country)", OF_FIRST },
	{ "device_type", "toString(device_type)", OF_FIRST },
	{ "browser", "toString(browser)", OF_FIRST },
	{ "os", "toString(os)", OF_FIRST },
	{ "host", "lower(domain(ifNull(url, '')))", OF_FIRST },
	{ "entry_path", "path", OF_FIRST_VIEW },
	{ "exit_path", "path", OF_LAST_VIEW },
};

enum { VISIT_KEYS = sizeof(visit_keys) / sizeof(visit_keys[0]) };

struct visit_keys {
	const struct visit_key *by[VISIT_KEYS];
	size_t n;
};

/* ---- keys ------------------------------------------------------------------ */

static bool
add_key(struct visit_keys *k, struct span name)
{
	size_t i, j;

	for (i = 0; i < VISIT_KEYS && !span_eq(name, span_of(visit_keys[i].name)); i++)
		;
	for (j = 0; j < k->n && i < VISIT_KEYS; j++)
		if (k->by[j] == &visit_keys[i])
			i = VISIT_KEYS;
	if (i == VISIT_KEYS)
		return false;
	k->by[k->n++] = &visit_keys[i];
	return true;
}

static bool
parse_keys(const struct visit *v, struct visit_keys *k, struct refusal *r)
{
	struct span rest = v->group_by;
	size_t i;

	k->n = 0;
	while (rest.p) {
		size_t n = span_find(rest, SPAN(","));

		if (!add_key(k, (struct span){ rest.p, n }))
			return refuse(r, REFUSAL_INVALID_GROUP_BY, "group_by",
			    "of visits and visitors: expected one of " VISIT_GROUPS
			    ", or several, each once, with commas between; "
			    "path and event_name are of events, which count and uniques are about");
		if (n == rest.n)
			rest = (struct span){ NULL, 0 };
		else
			rest = (struct span){ rest.p + n + 1, rest.n - n - 1 };
	}
	if (v->metric == VISIT_RETURNING && k->n > 0)
		return refuse(r, REFUSAL_INVALID_GROUP_BY, "group_by",
		    "returning goes by nothing but the interval: who returns may come from several "
		    "sources; new goes by where visitors came from at first, and visits by all "
		    "of " VISIT_GROUPS);
	for (i = 0; i < k->n; i++)
		if (v->metric == VISIT_NEW && k->by[i]->of != OF_FIRST)
			return refuse(r, REFUSAL_INVALID_GROUP_BY, "group_by",
			    "new goes by the first event of a visitor: expected one of " VISIT_NEW_GROUPS
			    "; %s is of visits",
			    k->by[i]->name);
	return true;
}

/* ---- visits ---------------------------------------------------------------- */

/* "moment", or with keys (moment, key, key ...); h.1 is the moment of the latter. */
static void
add_hit(struct question *q, const struct visit_keys *k)
{
	size_t i;

	if (k->n == 0) {
		buf_adds(&q->sql, MOMENT("0"));
		return;
	}
	buf_adds(&q->sql, "(" MOMENT(MOMENT_TIES));
	for (i = 0; i < k->n; i++)
		buf_addf(&q->sql, ", %s", k->by[i]->sql);
	buf_addc(&q->sql, ')');
}

/* The period, and as much around it as visits that begin in it need to be told. */
static void
add_around(struct question *q, struct span project)
{
	buf_adds(&q->sql,
	    "project_id = {project:UUID} AND timestamp >= " FROM_TIME " - INTERVAL 30 MINUTE "
	    "AND timestamp < " TO_TIME " + INTERVAL 1 DAY");
	question_bind_period(q, project);
}

/*
 * Adds "(SELECT ...)": a row for each visit that begins in the period, with
 * timestamp (its beginning), anonymous_id, lasted (ms), views, others and the keys.
 */
static void
add_visits(struct question *q, struct span project, const struct visit_keys *k)
{
	static const char *const of[] = {
		[OF_FIRST] = "visit[1]",
		[OF_FIRST_VIEW] = "arrayFirst(h -> " IS("h.1", MOMENT_VIEW) ", visit)",
		[OF_LAST_VIEW] = "arrayLast(h -> " IS("h.1", MOMENT_VIEW) ", visit)",
	};
	const char *moments = k->n > 0 ? "tupleElement(hits, 1)" : "hits";
	const char *in_visit = k->n > 0 ? "tupleElement(visit, 1)" : "visit";
	size_t i;

	buf_addf(&q->sql,
	    "(SELECT fromUnixTimestamp64Milli(" MS(
		"moments[1]") ", 'UTC') AS timestamp, "
			      "anonymous_id,\n  " MS("moments[-1]") " - " MS(
				  "moments[1]") " AS lasted, "
						"arrayCount(m -> " IS("m",
						    MOMENT_VIEW) ", moments) AS views, "
								 "arrayCount(m -> " IS("m",
								     MOMENT_OTHER) ", moments) AS others, %s AS moments",
	    in_visit);
	for (i = 0; i < k->n; i++)
		buf_addf(&q->sql, ",\n  tupleElement(%s, %zu) AS %s", of[k->by[i]->of], i + 2,
		    k->by[i]->name);
	buf_addf(&q->sql, "\nFROM (SELECT anonymous_id, arraySort(%sgroupArray(",
	    k->n > 0 ? "h -> h.1, " : "");
	add_hit(q, k);
	buf_addf(&q->sql,
	    ")) AS hits,\n  arrayJoin(arraySplit((h, before) -> " MS("%s") " - " MS(
		"before") " >= 1800000, hits, arrayPushFront(arrayPopBack(%s), toInt64(0)))) AS visit\n"
			  "FROM events\nWHERE ",
	    k->n > 0 ? "h.1" : "h", moments);
	add_around(q, project);
	buf_adds(&q->sql,
	    "\nGROUP BY anonymous_id)\nWHERE timestamp >= " FROM_TIME " AND timestamp < " TO_TIME
	    ")");
}

/* ---- visitors -------------------------------------------------------------- */

/* Adds "(SELECT ...)": a row for each visitor who came first in the period. */
static void
add_new(struct question *q, struct span project, const struct visit_keys *k)
{
	size_t i;

	buf_adds(&q->sql, "(SELECT first AS timestamp");
	for (i = 0; i < k->n; i++)
		buf_addf(&q->sql, ", tupleElement(entry, %zu) AS %s", i + 1, k->by[i]->name);
	buf_adds(&q->sql, "\nFROM (SELECT min(timestamp) AS first");
	for (i = 0; i < k->n; i++)
		buf_addf(&q->sql, "%s%s", i ? ", " : ", argMin(tuple(", k->by[i]->sql);
	if (k->n > 0)
		buf_adds(&q->sql, "), " MOMENT(MOMENT_TIES) ") AS entry");
	buf_adds(&q->sql,
	    "\nFROM events\nWHERE project_id = {project:UUID} AND timestamp < " TO_TIME
	    "\nGROUP BY anonymous_id)\nWHERE first >= " FROM_TIME ")");
	question_bind_period(q, project);
}

/*
 * Adds "(SELECT ...)": a row with sign 1 for each visitor of an interval, and with
 * -1 for each who came first in it; timestamp is an instant of the interval.
 */
static void
add_returning(struct question *q, struct span project)
{
	static const struct visit_keys none = { .n = 0 };

	buf_adds(&q->sql,
	    "(SELECT timestamp, toInt64(1) AS active, toInt64(0) AS came, anonymous_id FROM events "
	    "WHERE project_id = {project:UUID} AND timestamp >= " FROM_TIME
	    " AND timestamp < " TO_TIME
	    "\nUNION ALL SELECT timestamp, toInt64(0), toInt64(1), '' FROM ");
	add_new(q, project, &none);
	buf_addc(&q->sql, ')');
}

/* ---- the question ----------------------------------------------------------- */

static const struct metric {
	const char *object, *value;
	enum question_kind kind;
} metrics[] = {
	[VISIT_COUNT] = { "{\"metric\":\"visits\",\"rows\":[", "count()", KIND_NUMBER },
	[VISIT_BOUNCE_RATE] = { "{\"metric\":\"bounce_rate\",\"rows\":[",
	    "if(count() > 0, round(countIf(views = 1 AND others = 0) / count(), 4), NULL)",
	    KIND_SHARE },
	[VISIT_DURATION] = { "{\"metric\":\"visit_duration\",\"rows\":[",
	    "if(count() > 0, round(sum(lasted) / count() / 1000, 3), NULL)", KIND_SECONDS },
	[VISIT_VIEWS] = { "{\"metric\":\"views_per_visit\",\"rows\":[",
	    "if(count() > 0, round(sum(views) / count(), 2), NULL)", KIND_NUMBER },
	[VISIT_NEW] = { "{\"metric\":\"new\",\"rows\":[", "count()", KIND_NUMBER },
	[VISIT_RETURNING] = { "{\"metric\":\"returning\",\"rows\":[",
	    "toUInt64(uniqExactIf(anonymous_id, active = 1) - sum(came))", KIND_NUMBER },
};

static const char why[] = "visits are stitched together from events";

bool
visit_question(const struct visit *v, struct question *q, struct refusal *r)
{
	const struct metric *m = &metrics[v->metric];
	const char *names[VISIT_KEYS];
	struct visit_keys k;
	size_t i;

	if (!parse_keys(v, &k, r))
		return false;
	q->object = m->object;
	snprintf(q->why, sizeof(q->why), "%s", why);
	buf_adds(&q->sql, "SELECT ");
	if (q->interval != INTERVAL_NONE)
		bucket_add(q, q->interval);
	for (i = 0; i < k.n; i++) {
		names[i] = k.by[i]->name;
		buf_addf(&q->sql, "%s, ", names[i]);
		question_add_column(q, names[i], COLUMN_KEY, KIND_TEXT);
	}
	question_add_column(q, "value", COLUMN_VALUE, m->kind);
	buf_addf(&q->sql, "%s AS value\nFROM ", m->value);
	if (v->metric == VISIT_NEW)
		add_new(q, v->project, &k);
	else if (v->metric == VISIT_RETURNING)
		add_returning(q, v->project);
	else
		add_visits(q, v->project, &k);
	bucket_add_end(q, q->interval, names, k.n);
	question_add_limit(q, v->limit);
	return true;
}

void
visit_sources(struct span project, bool media, uint64_t limit, struct question *q)
{
	const char *keys = media ? "source, medium" : "source";
	struct visit_keys k = { .n = 0 };

	add_key(&k, SPAN("source"));
	if (media)
		add_key(&k, SPAN("medium"));
	q->object = media ? "{\"breakdown\":\"source_medium\",\"by\":\"visits\",\"rows\":["
			  : "{\"breakdown\":\"source\",\"by\":\"visits\",\"rows\":[";
	snprintf(q->why, sizeof(q->why), "%s", why);
	question_add_column(q, "source", COLUMN_KEY, KIND_TEXT);
	if (media)
		question_add_column(q, "medium", COLUMN_KEY, KIND_TEXT);
	question_add_column(q, "visits", COLUMN_VALUE, KIND_NUMBER);
	question_add_column(q, "uniques", COLUMN_MORE, KIND_NUMBER);
	question_add_column(q, "bounce_rate", COLUMN_MORE, KIND_SHARE);
	buf_addf(&q->sql,
	    "SELECT %s, count() AS visits, uniq(anonymous_id) AS uniques, "
	    "round(countIf(views = 1 AND others = 0) / count(), 4) AS bounce_rate\nFROM ",
	    keys);
	add_visits(q, project, &k);
	/* who is found within the site came from nowhere else: the visit goes on */
	buf_addf(&q->sql, "\nWHERE source != 'internal'\nGROUP BY %s\nORDER BY visits DESC, %s",
	    keys, keys);
	question_add_limit(q, limit);
}

void
visit_digest(struct span project, uint64_t limit, struct question *q)
{
	static const char *const columns[] = { "part", "name", "visits", "visitors", "bounces",
		"lasted", "views", "names" };
	struct visit_keys k = { .n = 0 };
	size_t i;

	add_key(&k, SPAN("source"));
	add_key(&k, SPAN("campaign"));
	add_key(&k, SPAN("entry_path"));
	snprintf(q->why, sizeof(q->why), "%s", why);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		question_add_column(q, columns[i], i == 1 ? COLUMN_KEY : COLUMN_VALUE,
		    i == 1 ? KIND_TEXT : KIND_NUMBER);
	buf_adds(&q->sql,
	    "SELECT tupleElement(d, 1) AS part, tupleElement(d, 2) AS name, count() AS visits, "
	    "uniq(visitor) AS visitors,\n"
	    "  countIf(viewed = 1 AND others = 0) AS bounces, sum(took) AS lasted, "
	    "sum(viewed) AS views, count() OVER (PARTITION BY part) AS names\n"
	    "FROM (SELECT anonymous_id AS visitor, views AS viewed, others, lasted AS took, arrayJoin([(0, ''), "
	    "(1, toString(source)), (2, toString(ifNull(entry_path, ''))), "
	    "(3, toString(ifNull(campaign, '')))]) AS d\nFROM ");
	add_visits(q, project, &k);
	buf_adds(&q->sql,
	    ")\nWHERE part = 0 OR (part = 1 AND name != 'internal') OR (part > 1 AND name != '')\n"
	    "GROUP BY part, name\nORDER BY part, visits DESC, name\nLIMIT {names:UInt32} BY part");
	question_add_number(q, "names", limit);
}

void
visit_fresh(struct span project, int64_t start, struct question *q)
{
	snprintf(q->why, sizeof(q->why), "%s", why);
	question_add_column(q, "fresh", COLUMN_VALUE, KIND_NUMBER);
	question_add_column(q, "fresh_before", COLUMN_VALUE, KIND_NUMBER);
	buf_adds(&q->sql,
	    "SELECT countIf(first >= " FROM_TIME ") AS fresh, countIf(first < " FROM_TIME
	    " AND first >= {start:DateTime64(3, 'UTC')}) AS fresh_before\n"
	    "FROM (SELECT min(timestamp) AS first FROM events\n"
	    "WHERE project_id = {project:UUID} AND timestamp < " TO_TIME
	    "\nGROUP BY anonymous_id)");
	question_bind_period(q, project);
	question_bind_start(q, start);
}
