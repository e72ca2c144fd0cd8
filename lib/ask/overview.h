/*
 * What a report tells about a project in a period: the questions, and their
 * answers in memory.
 *
 * All is read from `events`, so that the figures agree with one another.
 * Visitors are different anonymous_ids of the period's events, visits as visit.h has
 * them; what is paid is of the medium `paid`.  The period before is compared with only
 * where both are whole (extent.h).
 */
#ifndef MM_OVERVIEW_H
#define MM_OVERVIEW_H

#include "ask/cells.h"
#include "ask/event_filter.h"
#include "ask/extent.h"
#include "ask/question.h"

enum {
	OVERVIEW_NAMES = 10,     /* of a ranking */
	OVERVIEW_EVENTS = 20,    /* of that by event_name, and of that of new ones */
	OVERVIEW_NAME_MAX = 512, /* bytes kept of a name */
	OVERVIEW_GOALS = 10,
	OVERVIEW_HOURS = 7 * 24, /* from Monday on */
};

struct totals {
	uint64_t events, visitors, paid;
	uint64_t visits, bounces, views, lasted; /* of visits; in ms in all */
	uint64_t fresh;                          /* visitors who were never seen before */
	uint64_t earlier;                        /* 1: there are events before the period */
};

/* Values by interval: all that the period touches, zero where nothing happened. */
struct series {
	size_t n;
	int64_t *start; /* of the interval, in ms; also where it began before the period */
	uint64_t *events, *visitors;
};

struct ranked {
	size_t name, name_n; /* in struct overview' text */
	bool fresh; /* of an event: there are some before the period, but none of this name */
	uint64_t events, visitors; /* visits in place of events where those are ranked */
	uint64_t before;           /* visits, or visitors of events, in the period before */
};

/* Names by visitors, those with most of them first; of events by these, of visits likewise. */
struct ranking {
	struct ranked v[OVERVIEW_EVENTS];
	size_t n;
	uint64_t names; /* how many there are in all */
};

enum overview_ranking {
	RANK_SOURCES, /* by visits, as the next two */
	RANK_ENTRIES,
	RANK_CAMPAIGNS,
	RANK_PAGES,
	RANK_COUNTRIES,
	RANK_DEVICES,
	RANK_BROWSERS,
	RANK_SYSTEMS,
	RANK_EVENTS,
	RANK_NEW_EVENTS, /* those of them that are fresh; none where nothing is earlier */
	RANKINGS,
};

/* What a report is to count besides; spans live as long as the question. */
struct overview_goal {
	struct span text;
	struct event_filter event;       /* which events reach it */
	struct property value, currency; /* what each brings, and in what; depth 0: none */
};

/* Events that reached a goal: all of them, or those in one currency. */
struct reached {
	size_t currency, currency_n; /* in struct overview' text */
	bool null;                   /* it names none */
	uint64_t events, visitors, events_before, visitors_before;
	size_t value, value_n;      /* likewise: the sum as a decimal; empty: no number */
	double worth, worth_before; /* about that sum, and that of the period before; 0: none */
};

struct goal_reached {
	struct reached all;               /* without a value where there is a currency */
	struct reached v[OVERVIEW_NAMES]; /* by currency, most events first */
	size_t n;
};

struct overview {
	struct period period; /* the zone is the caller's */
	struct period before; /* period_previous: just before, and of another length for months */
	bool has_before;      /* else there is nothing to compare with, or it is not whole: */
	struct buf why;       /* a sentence without its full stop; empty: neither is there */
	enum interval interval;
	struct totals totals, totals_before;
	struct series series, series_before;
	struct ranking rank[RANKINGS];
	uint64_t hour[OVERVIEW_HOURS];            /* visits that began in that hour of a week */
	struct buf text;                          /* of names */
	struct goal_reached goal[OVERVIEW_GOALS]; /* by overview_ask_goals, in their order */
	size_t goals;
	struct buf remarks; /* a line for each goal that found nothing: what there is instead */
	/* the module's */
	struct cells cells;
	struct extent extent;
	struct span project;
	struct buf *explain; /* NULL: the questions are asked */
};

/*
 * Asks all of it over one connection; project: the text of a UUID; now: the clock in ms.  Returns
 * false with the error filled.  overview_release in both cases.
 */
bool overview_ask(struct overview *, struct clickhouse *, struct span project,
    const struct period *, int64_t now, struct clickhouse_error *);
void overview_release(struct overview *);

/*
 * Asks how often goals were reached, at most OVERVIEW_GOALS, after overview_ask and with
 * what it has compared with.
 */
bool overview_ask_goals(struct overview *, struct clickhouse *, const struct overview_goal *,
    size_t n, struct clickhouse_error *);

/*
 * Appends the questions instead, as question_explain does it, an empty line
 * between them.
 */
void overview_explain(struct buf *, struct span project, const struct period *,
    const struct overview_goal *, size_t n);

static inline struct span
overview_name(const struct overview *f, const struct ranked *r)
{
	return r->name_n ? (struct span){ f->text.p + r->name, r->name_n } : SPAN("");
}

#endif
