/*
 * What rows may be grouped by, and conditions be about: the columns of an event, what
 * is made of them, and its properties.  One table, for events and for visits.
 */
#ifndef MM_FIELD_H
#define MM_FIELD_H

#include "ask/property.h"

/* Which events of a visit a field is about. */
enum field_of {
	OF_FIRST,      /* the first one: how the visit began */
	OF_FIRST_VIEW, /* its first pageview; of visits only */
	OF_LAST_VIEW,  /* its last pageview; of visits only */
	OF_ANY,        /* of events only: as a condition, one of its events has to meet it */
};

enum field_type {
	FIELD_TEXT,   /* {sql} is a text, without null */
	FIELD_NULL,   /* {sql} is a text or NULL */
	FIELD_NUMBER, /* {sql} is a small number */
};

struct field {
	const char *name;
	const char *sql; /* of a row of `events`; '?' stands for the zone */
	enum field_type type;
	enum field_of of;
	bool in_rollup, groups; /* daily_rollup has it; rows may be grouped by it */
};

/* A parameter of the page's URL, as SQL. */
#define FIELD_UTM(name) "decodeURLFormComponent(extractURLParameter(ifNull(url, ''), '" name "'))"

/* What may be grouped by, for messages and tables: of events, and of visits. */
#define FIELD_BOTH                                                                            \
	"source, medium, campaign, source_rule_id, country, device_type, browser, os, host, " \
	"referrer, utm_term, utm_content, weekday, hour_of_day"
#define FIELD_EVENT_GROUPS "event_name, " FIELD_BOTH ", path, url, user_id"
#define FIELD_PROPERTY "properties.NAME"
#define FIELD_VISIT_GROUPS FIELD_BOTH ", entry_path, exit_path"

/* What conditions may be about. */
#define FIELD_CONDITIONS FIELD_EVENT_GROUPS ", anonymous_id, session_id, entry_path, exit_path"

/* The field of that name; NULL: there is none. */
const struct field *field_find(struct span name);

enum { GROUPING_MAX = 20 };

/* What rows are grouped by. */
struct group {
	const struct field *field; /* NULL: the property */
	struct property property;
	struct span name;   /* in the rows */
	const char *column; /* in the SQL, a constant */
};

/* Spans into the text that was parsed. */
struct grouping {
	struct group by[GROUPING_MAX];
	size_t n;
};

/*
 * Parses names with commas between, each once (p NULL: none), of events or of visits;
 * of events also properties.NAME, up to QUESTION_KEYS_MAX of these.
 * Returns false with the error filled, which lists what is allowed.
 */
bool grouping_parse(struct grouping *, struct span text, bool visits, struct refusal *);

/* What a row of mm-sources stands for. */
enum breakdown {
	BREAKDOWN_SOURCE_MEDIUM,
	BREAKDOWN_SOURCE,
	BREAKDOWN_CAMPAIGN,
	BREAKDOWN_RULE,
	BREAKDOWN_TERM,
	BREAKDOWN_CONTENT,
};
#define BREAKDOWNS "source_medium|source|campaign|source_rule_id|utm_term|utm_content"

struct breakdown_keys {
	const char *word; /* of the above */
	const char *keys; /* the columns, as SQL lists them */
	struct grouping by;
};

/* Fills it for one of enum breakdown. */
void breakdown_keys(struct breakdown_keys *, int breakdown);

/* Adds the columns. */
void breakdown_add_columns(const struct breakdown_keys *, struct question *);

/* Adds its SQL, of a row of `events`. */
void field_add(struct question *, const struct field *);

/* The same as a String, a Nullable(String) or a number, as its type says. */
void field_add_value(struct question *, const struct field *);

/* Adds "SQL AS column, ", what rows are grouped by, and the column. */
void group_add(struct question *, const struct group *);

/*
 * The two apart: what a row of `events` has, as field_add_value, or property_add_text,
 * has it; and the column, whose name in the SQL is g->column.
 */
void group_add_value(struct question *, const struct group *);
void group_add_column(struct question *, const struct group *);

#endif
