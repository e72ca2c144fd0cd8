#include "cmd/enrich/job.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/msg.h"
#include "base/pool.h"

#include "base/banned.h"

enum {
	BLOCK = 256 * 1024, /* bytes of lines that a thread gets at once */
	BLOCKS_A_THREAD = 3,
	CENTURY_DAYS = 36525, /* no duration is longer */
};

/* What a thread works with. */
struct worker {
	struct enricher enricher;
	struct iphash iphash;
	struct event event;
};

/* Lines on their way to a thread, and their rows on the way back. */
struct block_line {
	size_t at, n;
	uint64_t number;
	bool rejected;
};

struct block {
	const char *name; /* of the file that the lines are from */
	struct buf lines;
	struct block_line *line;
	size_t count, cap;
	struct buf rows;
	uint64_t passed, dropped;
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

static void
collect_counts(struct enrich_job *j, const struct worker *w)
{
	enrich_counts_add(&j->counts, &w->enricher.counts);
	j->agent_hits += w->enricher.agents.hits;
	j->agent_misses += w->enricher.agents.misses;
	j->address_hits += w->enricher.addresses.hits;
	j->address_misses += w->enricher.addresses.misses;
}

/* ---- one line ---------------------------------------------------------- */

/*
 * Appends the row of the line; ENRICH_REJECT leaves what is wrong in the
 * event's complaints, or in *why, to which *complaint then points.
 */
static enum enriched
enrich_line(struct worker *w, const char *p, size_t n, struct buf *rows,
    const struct complaint **complaint, size_t *complaints, struct complaint *why)
{
	struct enrichment x;
	enum enriched what;

	if (!event_parse(&w->event, p, n)) {
		*complaint = w->event.complaint;
		*complaints = w->event.complaints;
		return ENRICH_REJECT;
	}
	*complaint = why;
	*complaints = 1;
	what = enrich_event(&w->enricher, &w->event, p, n, &x, why);
	if (what == ENRICH_ROW)
		row_add(rows, &w->event, &x);
	return what;
}

/* Reads the database of countries again when it has been replaced. */
static void
refresh_geo(struct enrich_job *j)
{
	const char *reason;

	if (j->geo && !geo_refresh(j->geo, &reason))
		msg("%s: %s; what was read of it before stays in use", j->options.geoip, reason);
}

/* ---- one thread -------------------------------------------------------- */

static void
run_alone(struct enrich_job *j, struct worker *w)
{
	struct intake *in = &j->in;
	const struct complaint *complaint;
	struct complaint why;
	size_t complaints;

	while (intake_next(in)) {
		refresh_geo(j);
		switch (enrich_line(
		    w, in->lines.p, in->lines.n, &in->out.b, &complaint, &complaints, &why)) {
		case ENRICH_ROW:
			in->passed++;
			out_advance(&in->out, 0);
			break;
		case ENRICH_DROP:
			in->dropped++;
			break;
		case ENRICH_REJECT:
			intake_reject(in, "invalid_payload", complaint, complaints);
			break;
		}
	}
}

/* ---- several threads --------------------------------------------------- */

static void
work_on_block(void *thread, void *item)
{
	struct worker *w = thread;
	struct block *b = item;
	const struct complaint *complaint;
	struct complaint why;
	size_t complaints, i;

	for (i = 0; i < b->count; i++) {
		struct block_line *l = &b->line[i];

		switch (enrich_line(
		    w, b->lines.p + l->at, l->n, &b->rows, &complaint, &complaints, &why)) {
		case ENRICH_ROW:
			b->passed++;
			break;
		case ENRICH_DROP:
			b->dropped++;
			break;
		case ENRICH_REJECT:
			l->rejected = true;
			break;
		}
	}
}

/* Adds the line at hand to the block; false when memory is out. */
static bool
block_add(struct block *b, const struct lines *l)
{
	if (b->count == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 1024;
		struct block_line *line = realloc(b->line, cap * sizeof(*line));

		if (!line)
			return false;
		b->line = line;
		b->cap = cap;
	}
	b->name = l->name;
	b->line[b->count++] = (struct block_line){ b->lines.n, l->n, l->number, false };
	buf_add(&b->lines, l->p, l->n);
	return !b->lines.failed;
}

static void
block_reset(struct block *b)
{
	buf_reset(&b->lines);
	buf_reset(&b->rows);
	b->count = 0;
	b->passed = b->dropped = 0;
}

/*
 * Writes what became of a block.  What was wrong with a rejected line is found
 * out once more, here, so that rejects are told in order.
 */
static void
finish_block(struct enrich_job *j, struct worker *again, struct block *b)
{
	struct intake *in = &j->in;
	const struct complaint *complaint;
	struct complaint why;
	size_t i, complaints;

	out_write(&in->out, b->rows.p, b->rows.n);
	if (b->rows.failed)
		in->out.error = ENOMEM;
	in->passed += b->passed;
	in->dropped += b->dropped;
	for (i = 0; i < b->count; i++) {
		const struct block_line *l = &b->line[i];
		const char *p = b->lines.p + l->at;

		if (!l->rejected)
			continue;
		buf_reset(&b->rows);
		if (enrich_line(again, p, l->n, &b->rows, &complaint, &complaints, &why) ==
		    ENRICH_REJECT) {
			intake_reject_line(in, b->name, l->number, p, l->n, "invalid_payload",
			    complaint, complaints);
		} else {
			/* the clock has moved on, and it is good now */
			out_write(&in->out, b->rows.p, b->rows.n);
			in->passed++;
		}
	}
	block_reset(b);
}

struct team {
	struct enrich_job *job;
	struct pool *pool;
	struct worker *worker; /* one a thread, and one more for rejects */
	struct block *block;
	struct block *filling;
	size_t threads, blocks;
};

/* Takes back what is done; with `all`, waits for everything handed in. */
static void
collect(struct team *t, bool all)
{
	struct block *b;

	while ((b = pool_collect(t->pool, all)) != NULL)
		finish_block(t->job, &t->worker[t->threads], b);
}

/* Hands the block in that is being filled, and takes the next one. */
static void
hand_in(struct team *t)
{
	if (t->filling->count == 0)
		return;
	refresh_geo(t->job);
	pool_submit(t->pool);
	collect(t, false);
	t->filling = pool_next(t->pool);
	if (!t->filling) {
		finish_block(t->job, &t->worker[t->threads], pool_collect(t->pool, true));
		t->filling = pool_next(t->pool);
	}
}

/* Nothing is on its way after this. */
static void
settle(void *context)
{
	struct team *t = context;

	hand_in(t);
	collect(t, true);
}

static void
run_together(struct team *t)
{
	struct intake *in = &t->job->in;

	in->settle = settle;
	in->settle_context = t;
	t->filling = pool_next(t->pool);
	/* input is not waited for while lines are on their way: idle comes first */
	in->lines.wait_ms = 0;
	while (intake_next(in)) {
		if (in->idle) {
			settle(t);
			in->lines.wait_ms = -1;
			continue;
		}
		in->lines.wait_ms = 0;
		if (t->filling->name != in->lines.name)
			hand_in(t);
		if (!block_add(t->filling, &in->lines)) {
			in->out.error = ENOMEM;
			break;
		}
		if (t->filling->lines.n >= BLOCK)
			hand_in(t);
	}
	settle(t);
}

static void
team_release(struct team *t)
{
	size_t i;

	pool_stop(t->pool);
	for (i = 0; t->worker && i <= t->threads; i++)
		worker_release(&t->worker[i]);
	for (i = 0; t->block && i < t->blocks; i++) {
		buf_release(&t->block[i].lines);
		buf_release(&t->block[i].rows);
		free(t->block[i].line);
	}
	free(t->worker);
	free(t->block);
}

static bool
team_start(struct team *t, const struct enrich_job *j)
{
	void *threads[ENRICH_JOBS_MAX], *blocks[ENRICH_JOBS_MAX * BLOCKS_A_THREAD];
	size_t i;

	t->threads = (size_t)j->options.jobs;
	t->blocks = t->threads * BLOCKS_A_THREAD;
	t->worker = calloc(t->threads + 1, sizeof(*t->worker));
	t->block = calloc(t->blocks, sizeof(*t->block));
	if (!t->worker || !t->block) {
		msg("out of memory");
		return false;
	}
	for (i = 0; i <= t->threads; i++)
		if (!worker_init(&t->worker[i], j))
			return false;
	for (i = 0; i < t->threads; i++)
		threads[i] = &t->worker[i];
	for (i = 0; i < t->blocks; i++)
		blocks[i] = &t->block[i];
	t->pool = pool_start(t->threads, threads, t->blocks, blocks, work_on_block);
	if (!t->pool)
		msg("cannot start %zu threads", t->threads);
	return t->pool != NULL;
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

static bool
run_team(struct enrich_job *j, char **files, size_t count)
{
	struct team t = { .job = j };
	bool started = team_start(&t, j);
	size_t i;

	sodium_memzero(&j->salt, sizeof(j->salt));
	started = started && intake_open(&j->in, files, count);
	if (started) {
		run_together(&t);
		for (i = 0; i < t.threads; i++)
			collect_counts(j, &t.worker[i]);
	}
	team_release(&t);
	return started;
}

static bool
run_one(struct enrich_job *j, char **files, size_t count)
{
	static struct worker w;
	bool started = worker_init(&w, j);

	sodium_memzero(&j->salt, sizeof(j->salt));
	started = started && intake_open(&j->in, files, count);
	if (started) {
		run_alone(j, &w);
		collect_counts(j, &w);
	}
	worker_release(&w);
	return started;
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
enrich_job_run(struct enrich_job *j, char **files, size_t count)
{
	bool ran = j->options.jobs > 1 ? run_team(j, files, count) : run_one(j, files, count);
	int status;

	if (!ran)
		return STATUS_ERROR;
	j->in.add_counts = add_counts;
	j->in.context = j;
	status = intake_end(&j->in);
	return tell_damage(j) ? STATUS_ERROR : status;
}
