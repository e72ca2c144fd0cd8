#include "ask/credit.h"

#include <stdio.h>

#include "ask/visit.h"

#include "base/banned.h"

/* What a touch is, and what stands for one that is missing. */
static const char *const sources[] = {
	[BREAKDOWN_SOURCE_MEDIUM] = "(source, medium)",
	[BREAKDOWN_SOURCE] = "(source, medium)",
	[BREAKDOWN_CAMPAIGN] = "(source, CAST(campaign, 'Nullable(String)'))",
	[BREAKDOWN_RULE] = "(source, source_rule_id)",
	[BREAKDOWN_TERM] = "(source, " FIELD_UTM("utm_term") ")",
	[BREAKDOWN_CONTENT] = "(source, " FIELD_UTM("utm_content") ")",
};
static const char *const directs[] = {
	[BREAKDOWN_TERM] = "('direct', '')",
	[BREAKDOWN_CONTENT] = "('direct', '')",
	[BREAKDOWN_SOURCE_MEDIUM] = "('direct', 'direct')",
	[BREAKDOWN_SOURCE] = "('direct', 'direct')",
	[BREAKDOWN_CAMPAIGN] = "('direct', CAST(NULL, 'Nullable(String)'))",
	[BREAKDOWN_RULE] = "('direct', 'direct')",
};
static const char *const credited[] = {
	[BREAKDOWN_SOURCE_MEDIUM] = "credited.1 AS source, credited.2 AS medium, ",
	[BREAKDOWN_SOURCE] = "credited.1 AS source, ",
	[BREAKDOWN_CAMPAIGN] = "credited.2 AS campaign, ",
	[BREAKDOWN_RULE] = "credited.2 AS source_rule_id, ",
	[BREAKDOWN_TERM] = "credited.2 AS utm_term, ",
	[BREAKDOWN_CONTENT] = "credited.2 AS utm_content, ",
};

struct parts {
	struct event_filter pick;
	struct property value, currency; /* depth 0: none */
};

static void
add_conversions(const struct credit *c, const struct parts *parts, struct question *q)
{
	size_t i;

	buf_adds(&q->sql, "SELECT anonymous_id, session_id, timestamp");
	if (parts->value.depth) {
		buf_adds(&q->sql, ", ");
		property_add_number(q, &parts->value, property_bind(q, &parts->value));
		buf_adds(&q->sql, " AS amount");
	}
	if (parts->currency.depth) {
		buf_adds(&q->sql, ", ");
		property_add_text(q, &parts->currency, property_bind(q, &parts->currency));
		buf_adds(&q->sql, " AS unit");
	}
	buf_adds(&q->sql, "\nFROM events\nWHERE ");
	question_add_period(q, c->project);
	buf_adds(&q->sql, " AND ");
	event_filter_add_condition(q, &parts->pick);
	for (i = 0; i < c->conditions; i++) {
		buf_adds(&q->sql, " AND ");
		condition_add(q, &c->where[i]);
	}
}

/*
 * Direct visits say nothing of where somebody came from, and events that a
 * server sends are direct as well: so first and session take one only when
 * there is nothing else in front of it, and last never does.
 */
static void
add_touches(const struct credit *c, struct question *q)
{
	static const char where[] = "\nFROM events\n"
				    "WHERE project_id = {project:UUID} AND timestamp < "
				    "{to:DateTime64(3, 'UTC')}\n  AND source ";

	switch ((enum credit_touch)c->touch) {
	case CREDIT_FIRST:
		buf_addf(&q->sql,
		    "SELECT anonymous_id, min(timestamp) AS touched, argMin(%s, (timestamp, event_id)) AS touch%s!= 'internal'\nGROUP BY anonymous_id",
		    sources[c->breakdown], where);
		break;
	case CREDIT_LAST:
		buf_addf(&q->sql,
		    "SELECT anonymous_id, timestamp AS touched, argMax(%s, event_id) AS touch%sNOT IN ('internal', 'direct')\n"
		    "GROUP BY anonymous_id, timestamp",
		    sources[c->breakdown], where);
		break;
	case CREDIT_SESSION:
		buf_addf(&q->sql,
		    "SELECT anonymous_id, session_id, min(timestamp) AS touched, argMin(%s, (timestamp, event_id)) AS touch%s!= 'internal'\n"
		    "GROUP BY anonymous_id, session_id",
		    sources[c->breakdown], where);
		break;
	}
}

static void
add_join(const struct credit *c, const struct parts *parts, struct question *q)
{
	static const char *const condition[] = {
		[CREDIT_FIRST] = "c.anonymous_id = t.anonymous_id",
		[CREDIT_LAST] = "c.anonymous_id = t.anonymous_id AND c.timestamp >= t.touched",
		[CREDIT_SESSION] =
		    "c.anonymous_id = t.anonymous_id AND c.session_id = t.session_id",
	};

	/* a touch that is missing joins as 1970 and empty texts, or as NULLs: as the server's
	   settings have it */
	buf_addf(&q->sql,
	    "SELECT c.anonymous_id AS visitor,%s%s\n"
	    "  if(coalesce(t.touch.1, '') = '' OR t.touched > c.timestamp, %s, t.touch) AS "
	    "credited\nFROM\n(\n",
	    parts->value.depth ? " c.amount AS amount," : "",
	    parts->currency.depth ? " c.unit AS unit," : "", directs[c->breakdown]);
	add_conversions(c, parts, q);
	buf_addf(&q->sql, "\n) AS c\n%s JOIN\n(\n", c->touch == CREDIT_LAST ? "ASOF LEFT" : "LEFT");
	add_touches(c, q);
	buf_addf(&q->sql, "\n) AS t ON %s", condition[c->touch]);
}

static void
add_sql(const struct credit *c, const struct parts *parts, struct question *q)
{
	bool units = parts->currency.depth > 0;
	struct breakdown_keys k;

	breakdown_keys(&k, c->breakdown);
	buf_addf(&q->sql,
	    "SELECT %s%scount() AS conversions, uniqExact(visitor) AS "
	    "visitors,\n"
	    "  round(count() / sum(count()) OVER (), 4) AS share%s\nFROM\n(\n",
	    credited[c->breakdown], units ? "unit AS currency, " : "",
	    parts->value.depth ? ", sum(amount) AS value" : "");
	add_join(c, parts, q);
	/* values of two currencies have no order */
	buf_addf(&q->sql, "\n)\nGROUP BY %s%s\nORDER BY %s%sconversions DESC, %s", k.keys,
	    units ? ", currency" : "", units ? "currency NULLS LAST, " : "",
	    parts->value.depth ? "value DESC NULLS LAST, " : "", k.keys);
	question_add_limit(q, c->limit);
}

static bool
parse_path(struct property *property, struct span text, const char *parameter, const char *example,
    struct refusal *e)
{
	return !text.p || property_parse(property, text) ||
	    refuse(e, REFUSAL_INVALID_PARAMS, parameter,
		"expected a property such as %s, or up to %d names with dots between", example,
		PROPERTY_DEPTH_MAX);
}

static bool
check(const struct credit *c, struct parts *parts, struct refusal *e)
{
	size_t i;

	for (i = 0; i < c->conditions; i++)
		if (!condition_is_of_events(&c->where[i]))
			return refuse(e, REFUSAL_INVALID_PARAMS, "where",
			    "conversions are events; %s is of visits", c->where[i].field->name);
	parts->value.depth = parts->currency.depth = 0;
	return event_filter_parse(&parts->pick, c->conversion, "conversion", e) &&
	    parse_path(&parts->value, c->value, "value", "amount_cents", e) &&
	    parse_path(&parts->currency, c->currency, "currency", "currency", e) &&
	    (!c->currency.p || c->value.p ||
		refuse(e, REFUSAL_INVALID_PARAMS, "currency",
		    "goes with value, whose currency it is"));
}

/* ---- with visits beside them -------------------------------------------------- */

static void
add_visits(const struct credit *c, struct question *q)
{
	const struct visit v = { .project = c->project,
		.where = c->where,
		.conditions = c->conditions,
		.limit = c->limit };
	struct question part;

	question_begin(&part, q->period);
	part.half = true;
	visit_sources(&v, c->breakdown, &part);
	question_add_part(q, &part);
	part.period.zone = NULL; /* it is the whole's */
	question_release(&part);
}

static void
add_credits(const struct credit *c, const struct parts *parts, struct question *q)
{
	struct question part;

	question_begin(&part, q->period);
	part.half = true;
	add_sql(c, parts, &part);
	question_add_part(q, &part);
	part.period.zone = NULL;
	question_release(&part);
}

/*
 * With currencies, a source has a row for each, all of which have its visits; the one
 * without any is there only when it is the source's one.
 */
static void
add_both(const struct credit *c, const struct parts *parts, const char *keys, struct question *q)
{
	const char *unit = parts->currency.depth ? ", currency" : "";
	const char *none =
	    parts->currency.depth ? ", CAST(NULL, 'Nullable(String)') AS currency" : "";
	bool value = parts->value.depth > 0;

	question_bind_period(q, c->project);
	buf_addf(&q->sql,
	    "SELECT %s%s, visits, conversions, if(visits > 0, round(conversions / visits, 4), NULL) "
	    "AS conversion_rate%s\nFROM\n(\n"
	    "SELECT %s%s, sum(came) OVER (PARTITION BY %s) AS visits, count() OVER (PARTITION BY %s) "
	    "AS units, conversions, value\nFROM\n(\n"
	    "SELECT %s%s, sum(visits) AS came, sum(conversions) AS conversions, sum(value) AS "
	    "value\nFROM\n(\n",
	    keys, unit, value ? ", value" : "", keys, unit, keys, keys, keys, unit);
	buf_addf(&q->sql,
	    "SELECT %s%s, visits, toUInt64(0) AS conversions, CAST(NULL, 'Nullable(Decimal(76, "
	    "18))') AS value\nFROM\n(\n",
	    keys, none);
	add_visits(c, q);
	buf_addf(&q->sql,
	    "\n)\nUNION ALL\nSELECT %s%s, toUInt64(0) AS visits, conversions, %s AS value\nFROM\n(\n",
	    keys, unit, value ? "value" : "NULL");
	add_credits(c, parts, q);
	buf_addf(&q->sql,
	    "\n)\n)\nGROUP BY %s%s\n)\n)\nWHERE conversions > 0 OR units = 1\n"
	    "ORDER BY %s%sconversions DESC, visits DESC, %s",
	    keys, unit, *unit ? "currency NULLS LAST, " : "",
	    value ? "value DESC NULLS LAST, " : "", keys);
	question_add_limit(q, c->limit);
}

static bool
build_both(const struct credit *c, const struct parts *parts, struct question *q)
{
	bool value = parts->value.depth > 0;
	struct breakdown_keys k;

	snprintf(q->why, sizeof(q->why), "visits are stitched together from events");
	breakdown_keys(&k, c->breakdown);
	breakdown_add_columns(&k, q);
	if (parts->currency.depth)
		question_add_column(q, "currency", COLUMN_KEY, KIND_TEXT);
	question_add_column(q, "visits", COLUMN_MORE, KIND_NUMBER);
	question_add_column(q, "conversions", value ? COLUMN_MORE : COLUMN_VALUE, KIND_NUMBER);
	question_add_column(q, "conversion_rate", value ? COLUMN_MORE : COLUMN_BESIDE, KIND_SHARE);
	question_set_title(q, "a visit");
	if (value)
		question_add_column(q, "value", COLUMN_VALUE, KIND_NUMBER);
	add_both(c, parts, k.keys, q);
	return true;
}

static bool
build(const void *what, struct question *q, struct refusal *e)
{
	const struct credit *c = what;
	struct breakdown_keys k;
	struct parts parts;

	if (!check(c, &parts, e))
		return false;
	if (c->visits)
		return build_both(c, &parts, q);
	snprintf(q->why, sizeof(q->why), "only single events tell what a visitor did before");
	breakdown_keys(&k, c->breakdown);
	breakdown_add_columns(&k, q);
	if (parts.currency.depth)
		question_add_column(q, "currency", COLUMN_KEY, KIND_TEXT);
	question_add_column(
	    q, "conversions", parts.value.depth ? COLUMN_MORE : COLUMN_VALUE, KIND_NUMBER);
	question_add_column(q, "visitors", COLUMN_MORE, KIND_NUMBER);
	question_add_column(
	    q, "share", parts.value.depth ? COLUMN_MORE : COLUMN_BESIDE, KIND_SHARE);
	if (parts.value.depth)
		question_add_column(q, "value", COLUMN_VALUE, KIND_NUMBER);
	add_sql(c, &parts, q);
	return true;
}

bool
credit_question(const struct credit *c, int64_t now, struct question *q, struct refusal *e)
{
	struct period period;
	bool good = question_period(&period, &c->period, now, e);

	question_begin(q, period);
	if (!good ||
	    !compare_question(
		q, c->compare, now, build, c, c->currency.p ? "currency NULLS LAST" : NULL, e))
		return false;
	if (q->sql.failed)
		return refuse(e, REFUSAL_INTERNAL, NULL, "out of memory");
	return true;
}
