/*
 * The questions of the API: what /v1/query, /v1/stats and /v1/sources ask,
 * from their parameters to a question.  Pure: no clock, no environment.
 *
 *     struct ask ask;
 *     ask_init(&ask, ASK_STATS);
 *     ask.project = project;
 *     if (!ask_set(&ask, SPAN("group_by"), SPAN("source"), &error) ...
 *     if (!ask_question(&ask, now, &question, &error)) ...
 *     question_release(&question);
 */
#ifndef MM_ASK_H
#define MM_ASK_H

#include "ask/compare.h"
#include "ask/event_filter.h"

enum ask_kind { ASK_QUERY, ASK_STATS, ASK_SOURCES };
enum ask_metric {
	METRIC_COUNT,
	METRIC_UNIQUES,
	METRIC_VISITS,
	METRIC_PAGEVIEWS,
	METRIC_BOUNCE_RATE,
	METRIC_VISIT_DURATION,
	METRIC_VIEWS_PER_VISIT,
	METRIC_EVENTS_PER_USER,
	METRIC_NEW,
	METRIC_RETURNING,
};
enum ask_by { BY_EVENTS, BY_VISITS };
enum ask_filter {
	FILTER_EVENT,
	FILTER_SOURCE,
	FILTER_MEDIUM,
	FILTER_USER_ID,
	FILTER_ANONYMOUS_ID,
	FILTER_COUNTRY,
	FILTERS,
};

/* The words of the choices, in the order of the enums; for tables of options. */
#define ASK_METRICS                                                                  \
	"count|uniques|visits|pageviews|bounce_rate|visit_duration|views_per_visit|" \
	"events_per_user|new|returning"
#define ASK_INTERVALS "hour|day|week|month"
#define ASK_BREAKDOWNS BREAKDOWNS
#define ASK_BY "events|visits"
/* Of events and of visits, each once. */
#define ASK_ALL_GROUPS FIELD_EVENT_GROUPS ", entry_path, exit_path, " FIELD_PROPERTY

/* For questions that are about the same events as others. */
#define ASK_WHY_EVENTS "figures that stand together count the same events, also once some are gone"

enum {
	ASK_ROWS = 100,
	ASK_ROWS_MAX = 1000,
	ASK_SOURCES_ROWS = 50,
	ASK_SOURCES_ROWS_MAX = 200,
	ASK_WHERE_MAX = 16,
	ASK_TEXT_MAX = 4096, /* bytes of a filter: far beyond any value, and all fit a URL */
};

/* Spans are kept, not copied: they live as long as the question. */
struct ask {
	enum ask_kind kind;
	struct span project; /* the text of a UUID */
	struct period_text period;
	/* p NULL: not given; at most ASK_TEXT_MAX bytes; the event's is event_filter.h's text */
	struct span filter[FILTERS];
	/* all of them have to hold; room for those that follow the event's name */
	struct condition where[ASK_WHERE_MAX + EVENT_FILTER_CONDITIONS_MAX];
	size_t conditions;
	struct span group_by; /* names with commas between; p NULL: none */
	struct span compare;  /* compare.h's text, of stats and sources; p NULL: none */
	int metric, interval, breakdown, by;
	uint64_t limit;
	/* of ASK_QUERY, for the command alone */
	bool all;           /* the whole period, oldest first, instead of the newest up to limit */
	struct span fields; /* names with commas between; p NULL: all */
	struct span after;  /* an event_id: with all, what stands behind it at the period's start */
	bool from_events;   /* never from the rollup: ASK_WHY_EVENTS */
};

/* The defaults of a kind; the project is to be set. */
void ask_init(struct ask *, enum ask_kind);

/*
 * Sets a parameter by its name in the API.  Returns false with the error
 * filled when the kind has no such parameter or the value is none of those
 * allowed.  Times and names to group by are read by ask_question.  "where" adds a
 * condition each time; all else replaces what was set.
 */
bool ask_set(struct ask *, struct span name, struct span value, struct refusal *);

/*
 * The question; `now` is the clock in ms.  Returns false with the error
 * filled.  question_release in both cases.
 */
bool ask_question(const struct ask *, int64_t now, struct question *, struct refusal *);

#endif
