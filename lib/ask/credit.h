/*
 * Which sources brought conversions: every conversion of a period is credited
 * to one touch of its visitor, an event that came from somewhere.
 */
#ifndef MM_CREDIT_H
#define MM_CREDIT_H

#include "ask/ask.h"
#include "ask/event_filter.h"

enum credit_touch {
	CREDIT_FIRST,   /* the visitor's first event that did not come from within the site */
	CREDIT_LAST,    /* the latest one before the conversion that came from elsewhere */
	CREDIT_SESSION, /* the first one of the conversion's session, likewise */
};

#define CREDIT_TOUCHES "first|last|session"

/* Spans are kept, not copied: they live as long as the question. */
struct credit {
	struct span project; /* the text of a UUID */
	struct period_text period;
	struct span compare;    /* compare.h's text; p NULL: none */
	struct span conversion; /* event_filter.h's text */
	struct span value;      /* the path of a property; p NULL: none is added up */
	/* which of these count: all have to hold */
	const struct condition *where;
	size_t conditions;
	struct span currency; /* that of what the value is of; p NULL: none is told apart */
	int touch;            /* enum credit_touch */
	bool visits;          /* those of each source beside its conversions */
	int breakdown;        /* enum breakdown */
	uint64_t limit;       /* 1 to ASK_SOURCES_ROWS_MAX */
};

/*
 * The question, whose rows are the keys of the breakdown,
 * conversions, visitors (different ones), share (of all conversions) and, with
 * a value, value: the sum of that property, of conversions that have it as a
 * number.  With a currency, which goes with a value, there is a row for each text of that property, currency,
 * and their values stand apart; those of one currency together.  Touches may lie before the period, not after the conversion.  A
 * conversion without any is credited to direct / direct.
 *
 * With visits the rows are the keys, currency, visits (visit_sources' of all that came
 * from there), conversions, conversion_rate (conversions a visit) and value, also
 * where there are visits alone; the conditions are about both.  Returns false with
 * the error filled.  question_release in both cases.
 */
bool credit_question(const struct credit *, int64_t now, struct question *, struct refusal *);

#endif
