#include "import/alb.h"

#include "import/log_fields.h"
#include "text/log_time.h"

#include "base/banned.h"

/* Places of fields, of an application's balancer; a classic one has no type in front. */
enum {
	TIME = 1,
	CLIENT = 3,
	STATUS = 8,
	REQUEST = 12,
	AGENT = 13,
	HOST = 18,
};

static bool
fail(struct complaint *why)
{
	*why = (struct complaint){ .text = SPAN("Expected a load balancer's log line") };
	return false;
}

bool
alb_parse(struct hit *h, const char *p, size_t n, struct buf *scratch, struct complaint *why)
{
	struct log_fields f;
	struct span s;
	bool classic = false;
	int64_t ms;
	int i;

	if (!log_fields_begin(&f, p, n, scratch))
		return fail(why);
	for (i = 0; f.p < f.end; i++) {
		if (!log_fields_take(&f, &s))
			return fail(why);
		log_fields_blanks(&f);
		if (i == 0 && log_time_parse(s.p, s.n, &ms)) {
			classic = true;
			i = TIME;
		}
		switch (i) {
		case TIME:
			hit_offer(h, HIT_TIME, 0, s);
			if (!h->v[HIT_TIME].p)
				return fail(why);
			break;
		case CLIENT:
			hit_offer(h, HIT_IP, 0, s);
			break;
		case STATUS:
			hit_offer(h, HIT_STATUS, 0, s);
			break;
		case REQUEST:
			hit_offer(h, HIT_REQUEST, 0, s);
			break;
		case AGENT:
			hit_offer(h, HIT_AGENT, 0, s);
			break;
		case HOST:
			if (!classic)
				hit_offer(h, HIT_HOST, 0, s);
			break;
		}
	}
	return i > AGENT || fail(why);
}
