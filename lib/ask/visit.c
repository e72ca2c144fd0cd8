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
#define START_TIME "{start:DateTime64(3, 'UTC')}"
#define TO_TIME "{to:DateTime64(3, 'UTC')}"

/* What is taken of each event beside its moment: a key, or whether conditions hold. */
struct part {
	const char *name;
	const struct field *field; /* NULL: the conditions */
	enum field_of of;
};

enum { PARTS_MAX = GROUPING_MAX + OF_ANY + 1 };

struct parts {
	const struct visit *visit; /* whose conditions they are */
	struct part part[PARTS_MAX];
	size_t n, keys;
	bool hashed; /* keys by 64 bits of a hash, as visitors: arrays of numbers are gathered
			and sorted in half the time, and most of all as one, see is_packed */
	bool named;  /* the names of hashes are looked for: null is another one than empty */
};

/* ---- keys and conditions ----------------------------------------------------- */

static void
add_field(struct parts *k, const struct field *f)
{
	k->part[k->n++] = (struct part){ f->name, f, f->of };
	k->keys = k->n;
}

/* Conditions of each kind are one part, behind the keys. */
static void
add_holds(struct parts *k)
{
	static const char *const names[] = { "first_holds", "entry_holds", "exit_holds",
		"one_holds" };
	bool seen[OF_ANY + 1] = { false };
	size_t i;

	for (i = 0; i < k->visit->conditions; i++) {
		enum field_of of = condition_of(&k->visit->where[i]);

		if (!seen[of])
			k->part[k->n++] = (struct part){ names[of], NULL, of };
		seen[of] = true;
	}
}

static bool
parse_keys(const struct visit *v, struct parts *k, struct refusal *r)
{
	struct grouping g;
	size_t i;

	*k = (struct parts){ .visit = v };
	if (!grouping_parse(&g, v->group_by, true, r))
		return false;
	if (v->metric == VISIT_RETURNING && g.n > 0)
		return refuse(r, REFUSAL_INVALID_GROUP_BY, "group_by",
		    "returning goes by nothing but the interval: who returns may come from several "
		    "sources; new goes by where visitors came from at first, and visits by all");
	if (v->metric == VISIT_RETURNING && v->conditions > 0)
		return refuse(r, REFUSAL_INVALID_PARAMS, "where",
		    "returning is of all visitors; new and visits can have conditions");
	for (i = 0; i < g.n; i++) {
		if (v->metric == VISIT_NEW && g.by[i].field->of != OF_FIRST)
			return refuse(r, REFUSAL_INVALID_GROUP_BY, "group_by",
			    "new goes by the first event of a visitor: expected one of " FIELD_BOTH
			    "; %s is of visits",
			    g.by[i].column);
		add_field(k, g.by[i].field);
	}
	for (i = 0; i < v->conditions && v->metric == VISIT_NEW; i++)
		if (!condition_is_of_events(&v->where[i]))
			return refuse(r, REFUSAL_INVALID_PARAMS, "where",
			    "new goes by the first event of a visitor; %s is of visits",
			    v->where[i].field->name);
	add_holds(k);
	return true;
}

/* Adds the SQL of a part, of a row of `events`. */
static void
add_part(struct question *q, const struct parts *k, const struct part *part)
{
	const struct visit *v = k->visit;
	size_t i, n = 0;

	if (part->field && k->hashed && part->field->type == FIELD_NUMBER) {
		buf_adds(&q->sql, "toUInt64(");
		field_add(q, part->field);
		buf_adds(&q->sql, ")");
		return;
	}
	if (part->field && k->hashed) {
		buf_adds(&q->sql, "cityHash64(ifNull(");
		field_add(q, part->field);
		buf_adds(&q->sql, k->named ? ", char(255)))" : ", ''))");
		return;
	}
	if (part->field) {
		field_add_value(q, part->field);
		return;
	}
	for (i = 0; i < v->conditions; i++) {
		if (condition_of(&v->where[i]) != part->of)
			continue;
		buf_adds(&q->sql, n++ > 0 ? " AND " : "toUInt8(");
		condition_add(q, &v->where[i]);
	}
	buf_addc(&q->sql, ')');
}

/* Adds the conditions, of a row that has the parts. */
static void
add_holding(struct question *q, const struct parts *k, const char *before)
{
	size_t i;

	for (i = k->keys; i < k->n; i++)
		buf_addf(&q->sql, "%s%s", i > k->keys ? " AND " : before, k->part[i].name);
}

/* ---- visits ---------------------------------------------------------------- */

/*
 * Up to three parts beside the moment are one number of 128 or 256 bits, the moment in its
 * highest 64: to gather an array for each takes longer than all else.
 */
enum { PACKED_MAX = 3 };

static bool
is_packed(const struct parts *k)
{
	return k->hashed && k->n > 0 && k->n <= PACKED_MAX;
}

static void
add_packed(struct question *q, const struct parts *k)
{
	const char *type = k->n == 1 ? "toInt128" : "toInt256";
	size_t i;

	for (i = 0; i < k->n; i++)
		buf_adds(&q->sql, "bitOr(");
	buf_addf(&q->sql, "bitShiftLeft(%s(" MOMENT(MOMENT_TIES) "), %zu)", type, 64 * k->n);
	for (i = 0; i < k->n; i++) {
		buf_addf(&q->sql, ", bitShiftLeft(%s(", type);
		add_part(q, k, &k->part[i]);
		buf_addf(&q->sql, "), %zu))", 64 * i);
	}
}

/* An array of "moment", or with keys (moment, key, key ...); h.1 is the moment of the latter. */
static void
add_hits(struct question *q, const struct parts *k)
{
	/* an array of each, or one of tuples */
	const char *end = k->hashed ? ")" : "", *next = k->hashed ? ", groupArray(" : ", ";
	size_t i;

	if (k->n == 0) {
		buf_adds(&q->sql, "groupArray(" MOMENT("0") ")");
		return;
	}
	if (is_packed(k)) {
		buf_adds(&q->sql, "groupArray(");
		add_packed(q, k);
		buf_addc(&q->sql, ')');
		return;
	}
	buf_addf(&q->sql, "%s" MOMENT(MOMENT_TIES) "%s",
	    k->hashed ? "arrayZip(groupArray(" : "groupArray((", end);
	for (i = 0; i < k->n; i++) {
		buf_adds(&q->sql, next);
		add_part(q, k, &k->part[i]);
		buf_adds(&q->sql, end);
	}
	buf_adds(&q->sql, k->hashed ? ")" : "))");
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

/* What a part of a visit is, of the array of its hits. */
static void
add_visit_part(struct question *q, const struct parts *k, size_t i)
{
	static const char *const of[] = {
		[OF_FIRST] = "visit[1]",
		[OF_FIRST_VIEW] = "arrayFirst((h, m) -> " IS("m", MOMENT_VIEW) ", visit, moments)",
		[OF_LAST_VIEW] = "arrayLast((h, m) -> " IS("m", MOMENT_VIEW) ", visit, moments)",
	};
	const struct part *part = &k->part[i];

	if (part->of == OF_ANY && is_packed(k))
		buf_addf(&q->sql, "arrayExists(h -> toUInt64(bitShiftRight(h, %zu)) = 1, visit)",
		    64 * i);
	else if (part->of == OF_ANY)
		buf_addf(&q->sql, "has(tupleElement(visit, %zu), 1)", i + 2);
	else if (is_packed(k))
		buf_addf(&q->sql, "toUInt64(bitShiftRight(%s, %zu))", of[part->of], 64 * i);
	else
		buf_addf(&q->sql, "tupleElement(%s, %zu)", of[part->of], i + 2);
	buf_addf(&q->sql, " AS %s", part->name);
}

/* Adds the moments of the array of that name. */
static void
add_moments(struct question *q, const struct parts *k, const char *array)
{
	if (is_packed(k))
		buf_addf(
		    &q->sql, "arrayMap(h -> toInt64(bitShiftRight(h, %zu)), %s)", 64 * k->n, array);
	else if (k->n > 0)
		buf_addf(&q->sql, "tupleElement(%s, 1)", array);
	else
		buf_adds(&q->sql, array);
}

/*
 * Adds "(SELECT ...)": a row for each visit that begins in the period, with
 * timestamp (its beginning), anonymous_id, lasted (ms), views, others and the keys.
 */
static void
add_hashed_visits(struct question *q, struct span project, const struct parts *k)
{
	size_t i;

	buf_adds(&q->sql,
	    "(SELECT fromUnixTimestamp64Milli(" MS(
		"moments[1]") ", 'UTC') AS timestamp, "
			      "visitor AS anonymous_id,\n  " MS("moments[-1]") " - " MS(
				  "moments[1]") " AS lasted, "
						"arrayCount(m -> " IS("m",
						    MOMENT_VIEW) ", moments) AS views, "
								 "arrayCount(m -> " IS("m",
								     MOMENT_OTHER) ", moments) AS others, ");
	add_moments(q, k, "visit");
	buf_adds(&q->sql, " AS moments");
	for (i = 0; i < k->n; i++) {
		buf_adds(&q->sql, ",\n  ");
		add_visit_part(q, k, i);
	}
	buf_addf(&q->sql, "\nFROM (SELECT %s AS visitor, arraySort(%s",
	    k->hashed ? "cityHash64(anonymous_id)" : "anonymous_id",
	    k->n > 0 && !is_packed(k) ? "h -> h.1, " : "");
	add_hits(q, k);
	buf_adds(&q->sql, ") AS hits, ");
	add_moments(q, k, "hits");
	buf_adds(&q->sql,
	    " AS times,\n  arrayJoin(arraySplit((h, m, before) -> " MS("m") " - " MS(
		"before") " >= 1800000, hits, times, arrayPushFront(arrayPopBack(times), toInt64(0)))) AS visit\n"
			  "FROM events\nWHERE ");
	add_around(q, project);
	buf_adds(&q->sql,
	    "\nGROUP BY visitor)\nWHERE timestamp >= " FROM_TIME " AND timestamp < " TO_TIME);
	add_holding(q, k, " AND ");
	buf_addc(&q->sql, ')');
}

/* Adds the join that tells what the hashes of a key stand for. */
static void
add_names(struct question *q, const struct parts *k, size_t i)
{
	const struct parts plain = { .visit = k->visit };

	buf_adds(&q->sql, "\nLEFT JOIN (SELECT ");
	add_part(q, k, &k->part[i]);
	buf_adds(&q->sql, " AS hash, any(");
	add_part(q, &plain, &k->part[i]);
	buf_adds(&q->sql, ") AS name\nFROM events\nWHERE ");
	add_around(q, k->visit->project);
	buf_addf(&q->sql, "\nGROUP BY hash) AS names%zu ON hashed.%s = names%zu.hash", i,
	    k->part[i].name, i);
}

/* The same with the texts of the keys, and of visitors a hash. */
static void
add_visits(struct question *q, struct span project, const struct parts *k)
{
	struct parts hashed = *k;
	size_t i;

	hashed.hashed = hashed.named = true;
	if (k->keys == 0 || k->hashed) {
		add_hashed_visits(q, project, k->hashed ? k : &hashed);
		return;
	}
	buf_adds(&q->sql, "(SELECT timestamp, anonymous_id, lasted, views, others");
	for (i = 0; i < k->keys; i++) {
		if (k->part[i].field->type == FIELD_NUMBER)
			buf_addf(&q->sql, ", hashed.%s AS %s", k->part[i].name, k->part[i].name);
		else
			buf_addf(&q->sql, ", names%zu.name AS %s", i, k->part[i].name);
	}
	buf_adds(&q->sql, "\nFROM ");
	add_hashed_visits(q, project, &hashed);
	buf_adds(&q->sql, " AS hashed");
	for (i = 0; i < k->keys; i++)
		if (k->part[i].field->type != FIELD_NUMBER)
			add_names(q, &hashed, i);
	buf_addc(&q->sql, ')');
}

/* ---- visitors -------------------------------------------------------------- */

/* Adds "(SELECT ...)": a row for each visitor who came first in the period. */
static void
add_new(struct question *q, struct span project, const struct parts *k)
{
	size_t i;

	buf_adds(&q->sql, "(SELECT first AS timestamp");
	for (i = 0; i < k->n; i++)
		buf_addf(&q->sql, ", tupleElement(entry, %zu) AS %s", i + 1, k->part[i].name);
	buf_adds(&q->sql, "\nFROM (SELECT min(timestamp) AS first");
	for (i = 0; i < k->n; i++) {
		buf_adds(&q->sql, i ? ", " : ", argMin(tuple(");
		add_part(q, k, &k->part[i]);
	}
	if (k->n > 0)
		buf_adds(&q->sql, "), " MOMENT(MOMENT_TIES) ") AS entry");
	buf_adds(&q->sql,
	    "\nFROM events\nWHERE project_id = {project:UUID} AND timestamp < " TO_TIME
	    "\nGROUP BY anonymous_id)\nWHERE first >= " FROM_TIME);
	add_holding(q, k, " AND ");
	buf_addc(&q->sql, ')');
	question_bind_period(q, project);
}

/*
 * Adds "(SELECT ...)": a row with sign 1 for each visitor of an interval, and with
 * -1 for each who came first in it; timestamp is an instant of the interval.
 */
static void
add_returning(struct question *q, struct span project)
{
	static const struct parts none = { .n = 0 };

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
	    "if(count() > 0, round(sum(views) / count(), 2), NULL)", KIND_MEAN },
	[VISIT_NEW] = { "{\"metric\":\"new\",\"rows\":[", "count()", KIND_NUMBER },
	[VISIT_RETURNING] = { "{\"metric\":\"returning\",\"rows\":[",
	    "toUInt64(uniqExactIf(anonymous_id, active = 1) - sum(came))", KIND_NUMBER },
};

static const char why[] = "visits are stitched together from events";

bool
visit_question(const struct visit *v, struct question *q, struct refusal *r)
{
	const struct metric *m = &metrics[v->metric];
	const char *names[GROUPING_MAX];
	struct parts k;
	size_t i;

	if (!parse_keys(v, &k, r))
		return false;
	q->object = m->object;
	snprintf(q->why, sizeof(q->why), "%s", why);
	buf_adds(&q->sql, "SELECT ");
	if (q->interval != INTERVAL_NONE)
		bucket_add(q, q->interval);
	for (i = 0; i < k.keys; i++) {
		names[i] = k.part[i].name;
		buf_addf(&q->sql, "%s, ", names[i]);
		question_add_column(q, names[i], COLUMN_KEY,
		    k.part[i].field->type == FIELD_NUMBER ? KIND_NUMBER : KIND_TEXT);
	}
	question_add_column(q, "value", COLUMN_VALUE, m->kind);
	buf_addf(&q->sql, "%s AS value\nFROM ", m->value);
	if (v->metric == VISIT_NEW)
		add_new(q, v->project, &k);
	else if (v->metric == VISIT_RETURNING)
		add_returning(q, v->project);
	else
		add_visits(q, v->project, &k);
	bucket_add_end(q, q->interval, names, k.keys);
	question_add_limit(q, v->limit);
	return true;
}

void
visit_sources(const struct visit *v, int breakdown, struct question *q)
{
	static const char *const objects[] = {
		[BREAKDOWN_SOURCE_MEDIUM] =
		    "{\"breakdown\":\"source_medium\",\"by\":\"visits\",\"rows\":[",
		[BREAKDOWN_SOURCE] = "{\"breakdown\":\"source\",\"by\":\"visits\",\"rows\":[",
		[BREAKDOWN_CAMPAIGN] = "{\"breakdown\":\"campaign\",\"by\":\"visits\",\"rows\":[",
		[BREAKDOWN_RULE] = "{\"breakdown\":\"source_rule_id\",\"by\":\"visits\",\"rows\":[",
		[BREAKDOWN_TERM] = "{\"breakdown\":\"utm_term\",\"by\":\"visits\",\"rows\":[",
		[BREAKDOWN_CONTENT] = "{\"breakdown\":\"utm_content\",\"by\":\"visits\",\"rows\":[",
	};
	const struct field *source = field_find(SPAN("source"));
	struct parts k = { .visit = v };
	struct breakdown_keys keys;
	size_t i;

	breakdown_keys(&keys, breakdown);
	for (i = 0; i < keys.by.n; i++)
		add_field(&k, keys.by.by[i].field);
	if (keys.by.by[0].field != source)
		add_field(&k, source);
	add_holds(&k);
	q->object = objects[breakdown];
	snprintf(q->why, sizeof(q->why), "%s", why);
	breakdown_add_columns(&keys, q);
	question_add_column(q, "visits", COLUMN_VALUE, KIND_NUMBER);
	question_add_column(q, "uniques", COLUMN_MORE, KIND_NUMBER);
	question_add_column(q, "bounce_rate", COLUMN_MORE, KIND_SHARE);
	buf_addf(&q->sql,
	    "SELECT %s, count() AS visits, uniq(anonymous_id) AS uniques, "
	    "round(countIf(views = 1 AND others = 0) / count(), 4) AS bounce_rate\nFROM ",
	    keys.keys);
	add_visits(q, v->project, &k);
	/* who is found within the site came from nowhere else: the visit goes on */
	buf_addf(&q->sql, "\nWHERE source != 'internal'\nGROUP BY %s\nORDER BY visits DESC, %s",
	    keys.keys, keys.keys);
	question_add_limit(q, v->limit);
}

#define PARTS_NAMES(part, key, rows)                                                   \
	"SELECT toUInt64(" part ") AS part, cityHash64(ifNull(" key ", '')) AS key, "  \
	"any(toString(ifNull(" key                                                     \
	", ''))) AS name\nFROM events\nWHERE project_id = {project:UUID} "             \
	"AND timestamp >= " FROM_TIME " - INTERVAL 30 MINUTE AND timestamp < " TO_TIME \
	" + INTERVAL 1 DAY" rows "\nGROUP BY key"

/*
 * Adds "SELECT ...": a row of figures for each part and key.  A key that is not of the set
 * is 0 or, by a setting, NULL; a hash is neither, and an hour has one more.
 */
static void
add_figures(struct question *q, struct span project, const struct parts *k)
{
	buf_adds(&q->sql,
	    "SELECT multiIf(ifNull(hour, 0) > 0, toUInt64(4), ifNull(source, 0) > 0, 1, "
	    "ifNull(entry_path, 0) > 0, 2, ifNull(campaign, 0) > 0, 3, 5) AS part,\n"
	    "  ifNull(source, 0) + ifNull(entry_path, 0) + ifNull(campaign, 0) + ifNull(hour, 0) AS "
	    "key, visits, visitors, bounces, lasted, views, visits_before, bounces_before, "
	    "lasted_before, views_before\n"
	    "FROM (SELECT source, entry_path, campaign, hour, countIf(now) AS visits, "
	    "uniqIf(visitor, now) AS visitors,\n"
	    "  countIf(now AND bounced) AS bounces, sumIf(took, now) AS lasted, "
	    "sumIf(viewed, now) AS views, countIf(NOT now) AS visits_before,\n"
	    "  countIf(NOT now AND bounced) AS bounces_before, sumIf(took, NOT now) AS lasted_before, "
	    "sumIf(viewed, NOT now) AS views_before\n"
	    "FROM (SELECT anonymous_id AS visitor, timestamp >= " START_TIME
	    " AS now, views AS viewed, "
	    "views = 1 AND others = 0 AS bounced, lasted AS took,\n"
	    "  source, entry_path, campaign, toUInt64(24 * (");
	field_add(q, field_find(SPAN("weekday")));
	buf_adds(&q->sql, " - 1) + ");
	field_add(q, field_find(SPAN("hour_of_day")));
	buf_adds(&q->sql, " + 1) AS hour\nFROM ");
	add_visits(q, project, k);
	buf_adds(&q->sql,
	    ")\nGROUP BY GROUPING SETS ((source), (entry_path), (campaign), (hour)))\n"
	    "WHERE part = 4 OR (part = 1 AND key != cityHash64('internal')) "
	    "OR (part IN (2, 3) AND key != cityHash64(''))");
}

void
visit_digest(struct span project, int64_t start, uint64_t limit, struct question *q)
{
	static const char *const columns[] = { "part", "name", "visits", "visitors", "bounces",
		"lasted", "views", "visits_before", "bounces_before", "lasted_before",
		"views_before", "names" };
	struct parts k = { .visit = &(struct visit){ .project = project }, .hashed = true };
	size_t i;

	add_field(&k, field_find(SPAN("source")));
	add_field(&k, field_find(SPAN("campaign")));
	add_field(&k, field_find(SPAN("entry_path")));
	snprintf(q->why, sizeof(q->why), "%s", why);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		question_add_column(q, columns[i], i == 1 ? COLUMN_KEY : COLUMN_VALUE,
		    i == 1 ? KIND_TEXT : KIND_NUMBER);
	buf_adds(&q->sql,
	    "SELECT figures.part AS part, if(part = 4, toString(figures.key - 1), toString(name)) AS name, "
	    "visits, visitors, bounces, lasted, views, visits_before, bounces_before, "
	    "lasted_before, views_before,\n  countIf(visits > 0) OVER (PARTITION BY part) AS names\n"
	    "FROM (");
	add_figures(q, project, &k);
	buf_adds(&q->sql,
	    ") AS figures\nLEFT JOIN (" PARTS_NAMES("1", "source", "") "\nUNION ALL " PARTS_NAMES(
		"2", "path", " AND event_name = '$pageview'") "\nUNION ALL " PARTS_NAMES("3",
		"campaign",
		"") ") AS called\nON figures.part = called.part AND figures.key = called.key\n"
		    "ORDER BY part, visits DESC, name\nLIMIT {names:UInt32} BY part");
	question_add_number(q, "names", limit);
	question_bind_start(q, start);
}

void
visit_fresh(struct span project, int64_t start, struct question *q)
{
	snprintf(q->why, sizeof(q->why), "%s", why);
	question_add_column(q, "fresh", COLUMN_VALUE, KIND_NUMBER);
	question_add_column(q, "fresh_before", COLUMN_VALUE, KIND_NUMBER);
	/* of all there are, 64 bits of their hash take a third less time */
	buf_adds(&q->sql,
	    "SELECT countIf(first >= " FROM_TIME ") AS fresh, countIf(first < " FROM_TIME
	    " AND first >= " START_TIME ") AS fresh_before\n"
	    "FROM (SELECT min(timestamp) AS first FROM events\n"
	    "WHERE project_id = {project:UUID} AND timestamp < " TO_TIME
	    "\nGROUP BY cityHash64(anonymous_id))");
	question_bind_period(q, project);
	question_bind_start(q, start);
}
