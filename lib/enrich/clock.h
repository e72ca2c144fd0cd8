/*
 * Client clocks are wrong: what to do about times that can't be (mm-enrich(1)).
 */
#ifndef MM_CLOCK_H
#define MM_CLOCK_H

#include "base/buf.h"

enum late { LATE_KEEP, LATE_CLAMP, LATE_REJECT };

enum on_time {
	ON_TIME,
	TOO_FUTURE, /* later than max_future after the event was received */
	TOO_OLD,    /* earlier than max_age before that */
};

struct clock_rules {
	bool fix_skew;
	bool has_future, has_age;
	uint64_t max_future, max_age; /* ms, when has_ */
	enum late late;
};

/* What is known of an event's time, ms since 1970; has_ tells which. */
struct moments {
	bool has_sent, has_received;
	int64_t timestamp, sent, received;
};

/*
 * The time by the collector's clock: received - (sent - timestamp), when both
 * are known and fix_skew is set; else the timestamp.
 */
int64_t clock_corrected(const struct clock_rules *, const struct moments *);

/*
 * Compares *ms with `reference` (when the event was received, or the clock)
 * and, with LATE_CLAMP, moves it to the bound that it is beyond.
 */
enum on_time clock_judge(const struct clock_rules *, int64_t reference, int64_t *ms);

#endif
