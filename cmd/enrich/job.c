#include "cmd/enrich/job.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/msg.h"

#include "base/banned.h"

enum {
	CENTURY_DAYS = 36525, /* no duration is longer */
};

/* What a thread works with. */
struct worker {
	struct enricher enricher;
	struct iphash iphash;
	struct event event;
};

bool
enrich_job_duration(const char *option, const char *text, uint64_t *ms)
{
	*ms = 0;
	if (!text)
		return true;
	if (opt_duration(text, ms) && *ms <= UINT64_C(86400000) * CENTURY_DAYS)
		return true;
	msg("--%s: expected a duration such as 10m, 48h or 30d", option);
	return false;
}

/* ---- workers ----------------------------------------------------------- */

static bool
worker_init(struct worker *w, const struct enrich_job *j)
{
	const struct salt *salt = &j->salt;

	event_init(&w->event);
	w->enricher = j->options.common;
	w->enricher.hosts = j->hosts;
	w->enricher.bots = j->bots;
	w->enricher.geo = j->geo;
	if (!j->options.no_ip_hash || j->options.visitor) {
		if (!iphash_init(&w->iphash, salt->p, salt->n)) {
			msg("no memory that can be locked for the salt");
			return false;
		}
		w->enricher.iphash = j->options.no_ip_hash ? NULL : &w->iphash;
		w->enricher.visitors = j->options.visitor ? &w->iphash : NULL;
	}
	if (enrich_start(&w->enricher, (const unsigned char *)salt->p, salt->n))
		return true;
	msg("out of memory");
	return false;
}

static void
worker_release(struct worker *w)
{
	event_release(&w->event);
	enrich_release(&w->enricher);
	iphash_release(&w->iphash);
}

/* What a worker has counted, as the crew adds it up. */
enum { COUNTS = sizeof(struct enrich_counts) / sizeof(uint64_t) };

static void
count(void *worker, uint64_t *v)
{
	struct worker *w = worker;
	struct agents *agents = &w->enricher.agents;
	struct addresses *addresses = &w->enricher.addresses;

	_Static_assert(COUNTS + 4 <= CREW_COUNTS, "counts");
	memcpy(v, &w->enricher.counts, sizeof(w->enricher.counts));
	v[COUNTS] = agents->hits;
	v[COUNTS + 1] = agents->misses;
	v[COUNTS + 2] = addresses->hits;
	v[COUNTS + 3] = addresses->misses;
	memset(&w->enricher.counts, 0, sizeof(w->enricher.counts));
	agents->hits = agents->misses = addresses->hits = addresses->misses = 0;
}

static void
take_counts(struct enrich_job *j)
{
	const uint64_t *v = j->crew.counts;

	memcpy(&j->counts, v, sizeof(j->counts));
	j->agent_hits = v[COUNTS];
	j->agent_misses = v[COUNTS + 1];
	j->address_hits = v[COUNTS + 2];
	j->address_misses = v[COUNTS + 3];
}

/* ---- lines ------------------------------------------------------------- */

/* The row of the line at hand, if it is to have one. */
static void
take(void *worker, struct intake *in)
{
	struct worker *w = worker;
	const char *p = in->lines.p;
	size_t n = in->lines.n;
	struct complaint why;
	struct enrichment x;

	if (!event_parse(&w->event, p, n)) {
		intake_reject(in, "invalid_payload", w->event.complaint, w->event.complaints);
		return;
	}
	switch (enrich_event(&w->enricher, &w->event, p, n, &x, &why)) {
	case ENRICH_ROW:
		row_add(&in->out.b, &w->event, &x);
		in->passed++;
		out_advance(&in->out, 0);
		break;
	case ENRICH_DROP:
		in->dropped++;
		break;
	case ENRICH_REJECT:
		intake_reject(in, "invalid_payload", &why, 1);
		break;
	}
}

/* Reads the database of countries again when it has been replaced. */
static void
refresh_geo(void *job)
{
	struct enrich_job *j = job;
	const char *reason;

	if (j->geo && !geo_refresh(j->geo, &reason))
		msg("%s: %s; what was read of it before stays in use", j->options.geoip, reason);
}

/* ---- the whole --------------------------------------------------------- */

static void
add_dropped(const struct enrich_counts *c, bool json, struct buf *b)
{
	uint64_t all = 0;
	size_t i;
	bool first = true;

	for (i = 0; i < BOT_KINDS; i++)
		all += c->dropped[i];
	if (json)
		buf_adds(b, ",\"dropped\":{");
	else if (all)
		buf_addf(b, ", %llu robots' dropped (", (unsigned long long)all);
	for (i = 0; i < BOT_KINDS; i++) {
		if (!c->dropped[i])
			continue;
		buf_adds(b, first ? "" : json ? "," : ", ");
		buf_addf(b, json ? "\"%s\":%llu" : "%s %llu", bot_kind_names[i],
		    (unsigned long long)c->dropped[i]);
		first = false;
	}
	if (json)
		buf_addc(b, '}');
	else if (all)
		buf_addc(b, ')');
}

static void
add_late(const struct enrich_counts *c, bool json, struct buf *b)
{
	unsigned long long future = c->future, old = c->old;

	if (json)
		buf_addf(b, ",\"late\":{\"future\":%llu,\"old\":%llu}", future, old);
	if (!json && future)
		buf_addf(b, ", %llu too far in the future", future);
	if (!json && old)
		buf_addf(b, ", %llu too old", old);
}

/* What a rerun over the same file stores again. */
static void
add_unlasting(const struct enrich_counts *c, bool json, struct buf *b)
{
	unsigned long long times = c->times_of_run, ids = c->random_ids;

	if (json)
		buf_addf(b, ",\"times_of_run\":%llu,\"random_ids\":%llu", times, ids);
	if (!json && times)
		buf_addf(
		    b, ", %llu event%s got the time of this run", times, times == 1 ? "" : "s");
	if (!json && ids)
		buf_addf(b, ", %llu got a random anonymous_id, as there is no salt", ids);
	if (!json && times + ids > 0)
		buf_adds(b,
		    times + ids == 1 ? "; a rerun stores it again" : "; a rerun stores them again");
}

static void
add_cache(const char *name, uint64_t hits, uint64_t misses, bool json, struct buf *b)
{
	double all = (double)(hits + misses);

	if (json)
		buf_addf(b, "\"%s\":{\"hits\":%llu,\"misses\":%llu}", name,
		    (unsigned long long)hits, (unsigned long long)misses);
	else if (all > 0)
		buf_addf(b, ", %s remembered %.1f %%", name, 100.0 * (double)hits / all);
}

static void
add_counts(void *context, bool json, bool asked, struct buf *b)
{
	const struct enrich_job *j = context;

	add_dropped(&j->counts, json, b);
	add_late(&j->counts, json, b);
	add_unlasting(&j->counts, json, b);
	if (!asked)
		return;
	if (json)
		buf_adds(b, ",\"caches\":{");
	add_cache("agents", j->agent_hits, j->agent_misses, json, b);
	if (json)
		buf_addc(b, ',');
	add_cache("addresses", j->address_hits, j->address_misses, json, b);
	if (json)
		buf_addc(b, '}');
}

/* False after a message. */
static bool
start_workers(struct enrich_job *j, struct worker *w)
{
	size_t i;

	if (!w) {
		msg("out of memory");
		return false;
	}
	for (i = 0; i < j->crew.jobs; i++) {
		if (!worker_init(&w[i], j))
			return false;
		j->crew.worker[i] = &w[i];
	}
	return true;
}

static bool
run(struct enrich_job *j, char **files, size_t count_of_files)
{
	struct worker *w = calloc((size_t)j->crew.jobs, sizeof(*w));
	bool ran = start_workers(j, w);
	size_t i;

	sodium_memzero(&j->salt, sizeof(j->salt));
	j->crew.take = take;
	j->crew.count = count;
	j->crew.refresh = refresh_geo;
	j->crew.context = j;
	ran = ran && intake_open(&j->in, files, count_of_files) && crew_run(&j->crew, &j->in);
	take_counts(j);
	for (i = 0; w && i < j->crew.jobs; i++)
		worker_release(&w[i]);
	free(w);
	return ran;
}

/* Countries that a damaged database kept from us are not just unknown. */
static bool
tell_damage(const struct enrich_job *j)
{
	uint64_t n = j->geo ? geo_damaged(j->geo) : 0;

	if (n)
		msg("%s: is damaged: %llu addresses could not be looked up, their country is empty",
		    j->options.geoip, (unsigned long long)n);
	return n > 0;
}

int
enrich_job_run(struct enrich_job *j, char **files, size_t count_of_files)
{
	int status;

	if (!run(j, files, count_of_files))
		return STATUS_ERROR;
	j->in.add_counts = add_counts;
	j->in.context = j;
	status = intake_end(&j->in);
	return tell_damage(j) ? STATUS_ERROR : status;
}
