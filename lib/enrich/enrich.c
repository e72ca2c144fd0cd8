#include "enrich/enrich.h"

#include <sodium.h>

#include "base/timestamp.h"
#include "base/uuid.h"
#include "enrich/site.h"

#include "base/banned.h"

bool
enrich_start(struct enricher *r, const unsigned char *salt, size_t n)
{
	static const unsigned char purpose[] = "millimetric deterministic ids";

	if (sodium_init() < 0)
		return false;
	r->keyed = n > 0;
	if (r->keyed) {
		crypto_auth_hmacsha256_state state;

		crypto_auth_hmacsha256_init(&state, salt, n);
		crypto_auth_hmacsha256_update(&state, purpose, sizeof(purpose) - 1);
		crypto_auth_hmacsha256_final(&state, r->id_key);
		sodium_memzero(&state, sizeof(state));
	}
	return addresses_init(&r->addresses, r->geo, r->iphash) && agents_init(&r->agents, r->bots);
}

void
enrich_release(struct enricher *r)
{
	sodium_memzero(r->id_key, sizeof(r->id_key));
	addresses_release(&r->addresses);
	agents_release(&r->agents);
	buf_release(&r->url);
	buf_release(&r->path);
	buf_release(&r->referrer);
	buf_release(&r->url_scratch);
}

/* Randomness is fetched by the page: a system call an event would cost more
   than all the rest. */
static const unsigned char *
random_bytes(struct enricher *r, size_t n)
{
	if (r->random_left < n) {
		randombytes_buf(r->random, sizeof(r->random));
		r->random_left = sizeof(r->random);
	}
	r->random_left -= n;
	return r->random + r->random_left;
}

/* The day that addresses are hashed on. */
static int64_t
day_of(const struct event *e, const struct enrichment *x)
{
	return event_has(e, EVENT_RECEIVED_AT) ? e->received_at : x->timestamp;
}

/* One visitor a day: whoever has this address and agent on this site. */
static void
make_visitor(struct enricher *r, struct event *e, const struct enrichment *x)
{
	struct span agent = event_text(e, EVENT_USER_AGENT), host = event_text(e, EVENT_HOST);
	char name[URL_NAME_MAX];
	struct span site = { name, site_name(host, name) };
	unsigned char id[16];

	if (site.n == 0 && event_has(e, EVENT_URL))
		site = (struct span){ e->url.name, e->url.name_n };
	if (!agent.p)
		agent = SPAN("");
	iphash_visitor(r->visitors, &e->ip, site_without_www(site), agent, day_of(e, x), id);
	uuid_format(r->anonymous_id, id, 8);
}

/*
 * A replay gives the same ids to an event with a time of its own.  Without a
 * key the line's hash would give away what of the line is stored nowhere.
 */
static void
make_ids(struct enricher *r, struct event *e, const char *p, size_t n, struct enrichment *x)
{
	unsigned char digest[32];
	bool anonymous = !event_has(e, EVENT_ANONYMOUS_ID);
	bool lasting = r->keyed && !r->time_of_run;

	x->event_id = SPAN("");
	x->anonymous_id = (struct span){ r->anonymous_id, UUID_TEXT };
	if (anonymous && r->visitors && event_has(e, EVENT_IP)) {
		make_visitor(r, e, x);
		anonymous = false;
	}
	if (anonymous && !lasting) {
		uuid_format(r->anonymous_id, random_bytes(r, 16), 4);
		r->counts.random_ids += !r->time_of_run;
	}
	if (!lasting || !(anonymous || (r->deterministic && !event_has(e, EVENT_EVENT_ID))))
		return;
	crypto_generichash(
	    digest, sizeof(digest), (const unsigned char *)p, n, r->id_key, sizeof(r->id_key));
	if (anonymous)
		uuid_format(r->anonymous_id, digest, 8);
	if (!r->deterministic)
		return;
	uuid_format(r->event_id, digest + 16, 8);
	x->event_id = (struct span){ r->event_id, UUID_TEXT };
}

static bool
complain(struct complaint *why, struct span text)
{
	*why = (struct complaint){ .field = event_field_name(EVENT_TIMESTAMP), .text = text };
	return false;
}

/* A time that is beyond a bound: kept, moved to the bound, or no row. */
static bool
treat_late(struct enricher *r, int64_t bound, struct enrichment *x, struct complaint *why,
    struct span text)
{
	switch (r->clock.late) {
	case LATE_KEEP:
		return true;
	case LATE_CLAMP:
		x->timestamp = bound;
		return true;
	case LATE_REJECT:
		break;
	}
	return complain(why, text);
}

/* Compares the time with the collector's clock, or ours. */
static bool
judge_time(struct enricher *r, const struct event *e, struct enrichment *x, struct complaint *why)
{
	const struct clock_rules *c = &r->clock;
	bool by_our_clock = !event_has(e, EVENT_RECEIVED_AT) && !r->deterministic;
	int64_t told = x->timestamp, reference = told;
	bool good = true;

	/* a replay must not depend on our clock: with `deterministic` there is none */
	if (event_has(e, EVENT_RECEIVED_AT))
		reference = e->received_at;
	else if (by_our_clock)
		reference = timestamp_now();
	/* times span 400 years and durations are bounded: nothing overflows */
	if (c->has_future && told > reference + (int64_t)c->max_future) {
		r->counts.future++;
		good = treat_late(r, reference + (int64_t)c->max_future, x, why,
		    SPAN("Too far in the future (--max-future)"));
	} else if (c->has_age && told < reference - (int64_t)c->max_age) {
		r->counts.old++;
		good = treat_late(
		    r, reference - (int64_t)c->max_age, x, why, SPAN("Too old (--max-age)"));
	}
	if (by_our_clock && x->timestamp != told)
		r->time_of_run = true;
	return good;
}

/* By the collector's clock, as far as it is known. */
static int64_t
corrected_time(const struct enricher *r, const struct event *e)
{
	if (!r->clock.fix_skew || !event_has(e, EVENT_SENT_AT) || !event_has(e, EVENT_RECEIVED_AT))
		return e->timestamp;
	return e->received_at - (e->sent_at - e->timestamp);
}

static bool
find_time(struct enricher *r, const struct event *e, struct enrichment *x, struct complaint *why)
{
	r->time_of_run = false;
	if (event_has(e, EVENT_TIMESTAMP)) {
		x->timestamp = corrected_time(r, e);
	} else if (event_has(e, EVENT_RECEIVED_AT)) {
		x->timestamp = e->received_at;
	} else if (r->deterministic) {
		return complain(
		    why, SPAN("Required by --deterministic, unless received_at is there"));
	} else {
		x->timestamp = timestamp_now();
		r->time_of_run = true;
	}
	if ((r->clock.has_future || r->clock.has_age) && !judge_time(r, e, x, why))
		return false;
	if (x->timestamp < TIMESTAMP_MIN || x->timestamp > TIMESTAMP_MAX)
		return complain(why, SPAN("Out of range after the correction of its clock"));
	return true;
}

static void
find_address(struct enricher *r, const struct event *e, struct enrichment *x)
{
	const struct address *known;

	x->country = x->ip_hash = SPAN("");
	if (!event_has(e, EVENT_IP))
		return;
	known = addresses_find(&r->addresses, &e->ip, day_of(e, x));
	x->country = (struct span){ known->country, known->country_n };
	x->ip_hash = (struct span){ known->hash, known->hash_n };
}

/* False when the event is a robot's, and these are dropped. */
static bool
find_agent(struct enricher *r, struct event *e, struct enrichment *x)
{
	struct span text = event_text(e, EVENT_USER_AGENT);

	x->agent = agents_find(&r->agents, text.p ? text.p : "", text.n);
	if (event_has(e, EVENT_UA_HINTS))
		agent_hints(&x->agent, e->value[EVENT_UA_HINTS].raw);
	if (r->policy == BOTS_KEEP || !agent_is_bot(&x->agent))
		return true;
	if (r->policy == BOTS_DROP) {
		r->counts.dropped[x->agent.bot]++;
		return false;
	}
	x->agent.device = SPAN("bot");
	return true;
}

/* After clean_urls: of a broken referrer the user could pass for the host. */
static void
find_source(struct enricher *r, struct event *e, struct enrichment *x)
{
	const struct visit visit = {
		.url = event_has(e, EVENT_URL) ? &e->url : NULL,
		.referrer = x->referrer.p ? x->referrer : event_text(e, EVENT_REFERRER),
		.host = event_text(e, EVENT_HOST),
	};

	classify(&visit, r->rules, r->hosts, &r->from);
	x->from = &r->from;
}

/* The field without user and password, whatever else it is; p NULL: as it is. */
static struct span
clean_text(struct event *e, enum event_field f, struct buf *to)
{
	struct span text = event_text(e, f);

	if (!text.n || !memchr(text.p, '@', text.n) || !url_clean_text(text, to))
		return (struct span){ NULL, 0 };
	return (struct span){ to->p ? to->p : "", to->n };
}

/* A referrer is often the page before: it has the same parameters. */
static struct span
clean_referrer(struct enricher *r, struct event *e)
{
	struct span text = event_text(e, EVENT_REFERRER);
	struct url u;

	if (r->strip.text.n && text.n && memchr(text.p, '?', text.n) &&
	    !url_split(&u, text.p, text.n, &r->url_scratch) &&
	    url_clean(&u, r->strip, &r->referrer))
		return (struct span){ r->referrer.p, r->referrer.n };
	return clean_text(e, EVENT_REFERRER, &r->referrer);
}

/* What is stored of the URLs; most stay as they are. */
static void
clean_urls(struct enricher *r, struct event *e, struct enrichment *x)
{
	x->url = (struct span){ NULL, 0 };
	if (event_has(e, EVENT_URL) && url_clean(&e->url, r->strip, &r->url))
		x->url = (struct span){ r->url.p, r->url.n };
	x->path = (struct span){ NULL, 0 };
	if (event_has(e, EVENT_PATH))
		x->path = clean_text(e, EVENT_PATH, &r->path);
	else if (x->url.p && url_clean_path(&e->url, &r->path))
		x->path = (struct span){ r->path.p ? r->path.p : "", r->path.n };
	x->referrer = clean_referrer(r, e);
}

enum enriched
enrich_event(struct enricher *r, struct event *e, const char *p, size_t n, struct enrichment *x,
    struct complaint *why)
{
	if (!find_agent(r, e, x))
		return ENRICH_DROP;
	if (!find_time(r, e, x, why))
		return ENRICH_REJECT;
	if (event_has(e, EVENT_IP))
		addresses_expect(&r->addresses, &e->ip, day_of(e, x));
	x->project_id = r->project_id;
	make_ids(r, e, p, n, x);
	clean_urls(r, e, x);
	find_source(r, e, x);
	find_address(r, e, x);
	if (r->url.failed || r->path.failed || r->referrer.failed) {
		*why = (struct complaint){ .text = SPAN("Out of memory") };
		return ENRICH_REJECT;
	}
	r->counts.times_of_run += r->time_of_run;
	return ENRICH_ROW;
}
