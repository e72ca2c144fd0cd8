/*
 * Questions about visits: the events of a visitor with gaps under 30 minutes.
 *
 * Visits are stitched together at read time from the events themselves, so that
 * neither the half hours of session_id nor midnight nor the end of a month cuts
 * one.  A visit belongs to the instant at which it begins: it is counted in the
 * period and the interval that hold it.  What it goes on with is looked for in
 * the day after the period as well, so that its end is not cut off.
 *
 * Events of one millisecond have an order that is fixed, by a hash of event_id.
 */
#ifndef MM_VISIT_H
#define MM_VISIT_H

#include "ask/condition.h"

enum visit_metric {
	VISIT_NONE, /* not of visits */
	VISIT_COUNT,
	VISIT_BOUNCE_RATE, /* one page view and no other event but $identify */
	VISIT_DURATION,    /* the mean, in seconds */
	VISIT_VIEWS,       /* the mean number of page views */
	VISIT_NEW,         /* visitors who came first in the period, or interval */
	VISIT_RETURNING,   /* visitors who had been there before it */
};

/* Spans live as long as the question. */
struct visit {
	struct span project;
	struct span group_by; /* names with commas between; p NULL: none */
	/*
	 * Which visits: those on whose first event all conditions on fields of the beginning
	 * hold (OF_FIRST), on entry and exit pages alike, and of whose events one meets all
	 * the others.
	 */
	const struct condition *where;
	size_t conditions;
	enum visit_metric metric;
	uint64_t limit;
};

/*
 * Asks for that metric, by the question's interval, as "value".  The question has
 * been begun.  Returns false with the error filled, which lists what may be
 * grouped by.
 */
bool visit_question(const struct visit *, struct question *, struct refusal *);

/*
 * Where visits come from: the keys of the breakdown, visits, uniques, bounce_rate,
 * without internal navigation.  group_by and metric are not looked at.  The question has
 * been begun.
 */
void visit_sources(const struct visit *, int breakdown, struct question *);

/* What a row of the digest is about: visits of one name. */
enum visit_part {
	VISIT_NO_PART,
	VISIT_SOURCE,
	VISIT_ENTRY,
	VISIT_CAMPAIGN,
	VISIT_HOUR,
	VISIT_PARTS
};

/*
 * Visits of the question's period in one pass, those from `start` on, an instant in ms in
 * it, apart from those before: part (a visit_part), name, then of those from start on visits,
 * visitors, bounces, lasted (ms in all) and views, of those before visits_before,
 * bounces_before, lasted_before and views_before, and names (how many of the part there are
 * from start on); of each part the first `limit` by visits from start on.
 * Internal sources, and visits without an entry page or a campaign, are in VISIT_HOUR
 * alone, whose names are the hours of a week by the question's zone, "0" to "167", in
 * which visits began: every visit is in one of them.  The question has been begun; project: the text of a UUID.
 *
 * Names, and visitors, are told apart by 64 bits of their hash, as ClickHouse's uniq does.
 */
void visit_digest(struct span project, int64_t start, uint64_t limit, struct question *);

/*
 * Visitors who came first in the period, and in the time from `start` to its begin: fresh,
 * fresh_before.  The question has been begun; start is bound, an instant in ms.
 */
void visit_fresh(struct span project, int64_t start, struct question *);

#endif
