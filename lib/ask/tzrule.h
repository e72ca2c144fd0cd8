/*
 * When clocks change in the years to come: the rule of POSIX's TZ variable,
 * "CET-1CEST,M3.5.0,M10.5.0/3", with the extensions of RFC 8536, section 3.3.1.
 */
#ifndef MM_TZRULE_H
#define MM_TZRULE_H

#include "base/buf.h"

/* When a year's clocks change, by the POSIX TZ rule. */
struct tzrule_change {
	enum { BY_WEEKDAY, BY_JULIAN, BY_DAY } kind;
	int month, week, day; /* BY_JULIAN and BY_DAY: only day */
	int time;             /* seconds after midnight, by the clock before the change */
};

struct tzrule {
	bool known, has_dst;
	int standard, dst; /* seconds east of UTC */
	struct tzrule_change begin, end;
};

/*
 * Parses a rule; an empty text is none, and leaves `known` unset.  Returns
 * false when it is wrong.
 */
bool tzrule_parse(struct tzrule *, const char *p, size_t n);

/* Seconds east of UTC at that instant (seconds since 1970), of a known rule. */
int tzrule_offset(const struct tzrule *, int64_t seconds);

#endif
