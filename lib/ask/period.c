#include "ask/period.h"

#include "ask/time_words.h"

#include "base/banned.h"

enum { DAY_MS = 86400000 };

static bool
resolve(const struct period *p, struct span text, const char *name, int64_t now, int64_t *ms,
    struct refusal *e)
{
	if (!text.p)
		return refuse(e, REFUSAL_INVALID_PARAMS, name, "missing; " TIME_WORDS_EXPECTED);
	if (!time_words_parse(text.p, text.n, p->zone, now, ms))
		return refuse(e, REFUSAL_INVALID_PARAMS, name,
		    TIME_WORDS_EXPECTED "; in the years 1900 to 2299");
	return true;
}

bool
period_resolve(struct period *p, const struct period_text *text, int64_t now, struct refusal *e)
{
	struct buf error = BUF_INIT;

	*p = (struct period){ .zone = zone_open(text->tz.p ? text->tz : SPAN("UTC"), &error) };
	if (!p->zone)
		refuse(e, REFUSAL_INVALID_PARAMS, "tz", "%.*s", (int)error.n, error.p);
	buf_release(&error);
	if (!p->zone || !resolve(p, text->from, "from", now, &p->from, e) ||
	    !resolve(p, text->to, "to", now, &p->to, e))
		return false;
	if (p->from >= p->to)
		return refuse(e, REFUSAL_INVALID_PARAMS, "from",
		    "has to be before the end of the period (to), which is not part of it");
	return true;
}

void
period_release(struct period *p)
{
	zone_close(p->zone);
	p->zone = NULL;
}

/* What clocks there show. */
static int64_t
local(const struct zone *z, int64_t ms)
{
	int64_t seconds = ms / 1000 - (ms % 1000 < 0);

	return ms + (int64_t)zone_offset(z, seconds) * 1000;
}

bool
period_before(const struct period *p, struct period *before)
{
	int64_t length = local(p->zone, p->to) - local(p->zone, p->from);
	int64_t start, ms;

	/* within an hour that clocks show twice */
	if (length <= 0)
		length = p->to - p->from;
	start = local(p->zone, p->from) - length;
	ms = start % 1000 + (start % 1000 < 0 ? 1000 : 0);
	if (start - ms < TIMESTAMP_MIN)
		return false;
	*before = (struct period){ zone_instant(p->zone, (start - ms) / 1000) * 1000 + ms, p->from,
		p->zone };
	if (before->from >= p->from)
		before->from = p->from - (p->to - p->from);
	return before->from >= TIMESTAMP_MIN;
}

bool
period_is_of_days(const struct period *p)
{
	return p->from % DAY_MS == 0 && p->to % DAY_MS == 0;
}
