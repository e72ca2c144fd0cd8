#include "enrich.h"

#include <sodium.h>

#include "timestamp.h"
#include "uuid.h"

#include "banned.h"

bool
enrich_start(struct enricher *r, const unsigned char *salt, size_t n)
{
	static const unsigned char purpose[] = "millimetric deterministic ids";

	if (sodium_init() < 0)
		return false;
	if (r->deterministic) {
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

static void
make_ids(struct enricher *r, const struct event *e, const char *p, size_t n, struct enrichment *x)
{
	unsigned char digest[32];
	bool anonymous = !event_has(e, EVENT_ANONYMOUS_ID);

	x->event_id = SPAN("");
	x->anonymous_id = (struct span){ r->anonymous_id, UUID_TEXT };
	if (!r->deterministic) {
		if (anonymous)
			uuid_format(r->anonymous_id, random_bytes(r, 16), 4);
		return;
	}
	if (!anonymous && event_has(e, EVENT_EVENT_ID))
		return;
	crypto_generichash(
	    digest, sizeof(digest), (const unsigned char *)p, n, r->id_key, sizeof(r->id_key));
	uuid_format(r->anonymous_id, digest, 8);
	uuid_format(r->event_id, digest + 16, 8);
	x->event_id = (struct span){ r->event_id, UUID_TEXT };
}

/* False when a replay would give the event another time. */
static bool
find_time(const struct enricher *r, const struct event *e, struct enrichment *x)
{
	if (event_has(e, EVENT_TIMESTAMP))
		x->timestamp = e->timestamp;
	else if (event_has(e, EVENT_RECEIVED_AT))
		x->timestamp = e->received_at;
	else if (r->deterministic)
		return false;
	else
		x->timestamp = timestamp_now();
	return true;
}

static void
find_address(struct enricher *r, const struct event *e, struct enrichment *x)
{
	int64_t day = event_has(e, EVENT_RECEIVED_AT) ? e->received_at : x->timestamp;
	const struct address *known;

	x->country = x->ip_hash = SPAN("");
	if (!event_has(e, EVENT_IP))
		return;
	known = addresses_find(&r->addresses, &e->ip, day);
	x->country = (struct span){ known->country, known->country_n };
	x->ip_hash = (struct span){ known->hash, known->hash_n };
}

static void
find_agent(struct enricher *r, struct event *e, struct enrichment *x)
{
	struct span text = event_text(e, EVENT_USER_AGENT);

	x->agent = agents_find(&r->agents, text.p ? text.p : "", text.n);
}

static void
find_source(struct enricher *r, struct event *e, struct enrichment *x)
{
	const struct visit visit = {
		.url = event_has(e, EVENT_URL) ? &e->url : NULL,
		.referrer = event_text(e, EVENT_REFERRER),
		.host = event_text(e, EVENT_HOST),
	};

	classify(&visit, r->rules, r->hosts, &r->from);
	x->from = &r->from;
}

bool
enrich_event(struct enricher *r, struct event *e, const char *p, size_t n, struct enrichment *x,
    struct complaint *why)
{
	if (!find_time(r, e, x)) {
		*why = (struct complaint){
			.field = event_field_name(EVENT_TIMESTAMP),
			.text = SPAN("Required by --deterministic, unless received_at is there"),
		};
		return false;
	}
	x->project_id = r->project_id;
	make_ids(r, e, p, n, x);
	find_source(r, e, x);
	find_agent(r, e, x);
	find_address(r, e, x);
	return true;
}
