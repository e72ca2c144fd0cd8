#include "enrich/clock.h"

#include "base/banned.h"

int64_t
clock_corrected(const struct clock_rules *c, const struct moments *m)
{
	if (!c->fix_skew || !m->has_sent || !m->has_received)
		return m->timestamp;
	return m->received - (m->sent - m->timestamp);
}

enum on_time
clock_judge(const struct clock_rules *c, int64_t reference, int64_t *ms)
{
	/* times span 400 years and durations are bounded: nothing overflows */
	int64_t latest = reference + (int64_t)c->max_future;
	int64_t earliest = reference - (int64_t)c->max_age;

	if (c->has_future && *ms > latest) {
		if (c->late == LATE_CLAMP)
			*ms = latest;
		return TOO_FUTURE;
	}
	if (c->has_age && *ms < earliest) {
		if (c->late == LATE_CLAMP)
			*ms = earliest;
		return TOO_OLD;
	}
	return ON_TIME;
}
