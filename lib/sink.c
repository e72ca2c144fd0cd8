#include "sink.h"

#include <sodium.h>
#include <stdio.h>
#include <time.h>

#include "banned.h"

enum {
	BACKOFF_FIRST_MS = 200,
	BACKOFF_MAX_MS = 10000,
	UNKNOWN_TRIES = 3,
	AWAY_MS = 30000,       /* between tries, once given up */
	REFUSED_AT_MOST = 100, /* in a row, with nothing stored before */
	SLEEP_MS = 100,        /* how late *stop is seen at most */
};

bool
sink_init(struct sink *s, const struct sink_config *config)
{
	const char *p;

	*s = (struct sink){ .config = *config, .state = SINK_READY };
	if (config->compress != COMPRESS_NONE) {
		s->compressor = compressor_new(config->compress);
		if (!s->compressor)
			return false;
	}
	buf_adds(&s->sql, "INSERT INTO `");
	for (p = config->table; *p; p++) {
		if (*p == '`' || *p == '\\')
			buf_addc(&s->sql, '\\');
		buf_addc(&s->sql, *p);
	}
	buf_adds(&s->sql, "` FORMAT JSONEachRow");
	buf_addc(&s->sql, '\0');
	return !s->sql.failed;
}

void
sink_release(struct sink *s)
{
	compressor_free(s->compressor);
	s->compressor = NULL;
	buf_release(&s->sql);
	buf_release(&s->body);
}

/* Names are hashed with their NUL, so that no two pairs run together alike. */
void
sink_token(
    const char *database, const char *table, struct span bytes, char token[SINK_TOKEN_LENGTH + 1])
{
	unsigned char hash[SINK_TOKEN_LENGTH / 2];
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	crypto_generichash_update(&state, (const unsigned char *)database, strlen(database) + 1);
	crypto_generichash_update(&state, (const unsigned char *)table, strlen(table) + 1);
	crypto_generichash_update(&state, (const unsigned char *)bytes.p, bytes.n);
	crypto_generichash_final(&state, hash, sizeof(hash));
	sodium_bin2hex(token, SINK_TOKEN_LENGTH + 1, hash, sizeof(hash));
}

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static bool
stopped(const struct sink *s)
{
	return s->config.stop && *s->config.stop;
}

static void
sleep_ms(const struct sink *s, uint64_t ms)
{
	uint64_t until = now_ms() + ms, now;

	while (!stopped(s) && (now = now_ms()) < until) {
		uint64_t left = until - now < SLEEP_MS ? until - now : SLEEP_MS;
		struct timespec ts = { 0, (long)left * 1000000 };

		nanosleep(&ts, NULL);
	}
}

/* One request.  The token makes it harmless when an earlier one got through. */
static enum clickhouse_status
send_once(struct sink *s, struct span rows, struct clickhouse_error *e)
{
	char token[SINK_TOKEN_LENGTH + 1];
	const struct clickhouse_setting settings[] = {
		{ "insert_deduplication_token", token },
		{ "deduplicate_blocks_in_dependent_materialized_views", "1" },
		/* a key that the table lacks is a mistake, not to be dropped in silence */
		{ "input_format_skip_unknown_fields", "0" },
		{ NULL, NULL },
	};
	struct span body = rows;

	sink_token(s->config.database, s->config.table, rows, token);
	if (s->compressor)
		body = (struct span){ s->body.p, s->body.n };
	return clickhouse_insert(s->config.clickhouse, s->sql.p, body.p, body.n,
	    compress_encoding(s->config.compress), settings, NULL, e);
}

/* How long to wait before the next try: exponential, with jitter, RFC 9110's
   Retry-After at least. */
static uint64_t
backoff_ms(unsigned tries, const struct clickhouse_error *e)
{
	uint64_t ms = BACKOFF_MAX_MS;

	if (tries < 6)
		ms = (uint64_t)BACKOFF_FIRST_MS << (tries - 1);
	ms = ms / 2 + randombytes_uniform((uint32_t)(ms / 2 + 1));
	return ms < e->retry_after_ms ? e->retry_after_ms : ms;
}

/* Sends until it is stored, refused, or time is up. */
static enum clickhouse_status
send_rows(struct sink *s, struct span rows, struct clickhouse_error *e)
{
	bool once = s->state != SINK_READY;
	uint64_t give_up_ms = 0, wait;
	unsigned tries;

	if (s->compressor && !compress_body(s->compressor, rows.p, rows.n, &s->body)) {
		*e = (struct clickhouse_error){ .text = "out of memory" };
		return e->status = CLICKHOUSE_UNKNOWN;
	}
	for (tries = 1;; tries++) {
		enum clickhouse_status r = send_once(s, rows, e);

		if (r != CLICKHOUSE_TRANSIENT && r != CLICKHOUSE_UNKNOWN)
			return r;
		if (once || stopped(s) || (r == CLICKHOUSE_UNKNOWN && tries >= UNKNOWN_TRIES))
			return r;
		if (give_up_ms == 0)
			give_up_ms = now_ms() + s->config.retry_ms;
		wait = backoff_ms(tries, e);
		if (now_ms() + wait >= give_up_ms)
			return r;
		if (tries == 1)
			s->config.retry(s->config.context, e);
		sleep_ms(s, wait);
		if (stopped(s))
			return r;
		s->retries++;
	}
}

static bool
keep_rows(struct sink *s, const struct batch *b, size_t first, size_t count)
{
	struct span rows = batch_rows(b, first, count);

	if (count == 0)
		return true;
	if (s->in_place) {
		s->kept_in_place += count;
		return true;
	}
	if (s->state != SINK_LOST)
		s->spool_error = spool_keep(s->config.spool, rows.p, rows.n);
	if (s->spool_error) {
		s->state = SINK_LOST;
		s->lost += count;
		return false;
	}
	s->kept += count;
	return true;
}

bool
sink_keep(struct sink *s, const struct batch *b)
{
	return keep_rows(s, b, 0, b->n);
}

static void
give_up(struct sink *s, const struct clickhouse_error *e)
{
	bool broken = e->status == CLICKHOUSE_CONFIG;
	bool told = s->state == SINK_AWAY && !broken;

	if (e->status == CLICKHOUSE_STOPPED)
		return;
	s->state = broken ? SINK_BROKEN : SINK_AWAY;
	s->broken |= broken;
	s->next_try_ms = now_ms() + AWAY_MS;
	if (!told)
		s->config.fail(s->config.context, e);
}

static void
refuse_row(struct sink *s, const struct batch *b, size_t i, const struct clickhouse_error *e)
{
	struct span row = batch_rows(b, i, 1);
	struct clickhouse_error all;
	char text[sizeof(all.text)];

	s->config.reject(s->config.context, b->rows[i].line, row.p, row.n - 1, e);
	s->refused++;
	if (s->stored > 0 || s->refused < REFUSED_AT_MOST)
		return;
	/* row by row on would take for ever, and it can't be the data */
	snprintf(text, sizeof(text),
	    "the table does not take these rows: all of the first %d were refused (the last: %.300s)",
	    REFUSED_AT_MOST, e->text);
	all = *e;
	all.status = CLICKHOUSE_CONFIG;
	memcpy(all.text, text, sizeof(text));
	give_up(s, &all);
}

/* How a batch that holds refused rows is taken apart. */
struct search {
	size_t next;  /* rows to send in the next request */
	size_t limit; /* halves with each refusal, doubles with each success */
	bool suspect; /* the row after the next request is probably the bad one */
};

static void
after_success(struct search *w, size_t all)
{
	w->limit = w->limit > all / 2 ? all : w->limit * 2;
	w->next = w->suspect ? 1 : w->limit;
	w->suspect = false;
}

/* `row`: the one the server stumbled over, from 1; it may be wrong or 0. */
static void
after_refusal(struct search *w, size_t sent, uint64_t row)
{
	w->limit = sent / 2;
	w->suspect = row > 1 && row <= sent;
	if (w->suspect)
		w->next = (size_t)row - 1;
	else
		w->next = row == 1 ? 1 : w->limit;
}

bool
sink_deliver(struct sink *s, const struct batch *b)
{
	struct search w = { b->n, b->n, false };
	struct clickhouse_error e;
	size_t i = 0, k;

	if (s->state == SINK_AWAY && now_ms() < s->next_try_ms)
		return sink_keep(s, b);
	while (i < b->n) {
		if (s->state == SINK_BROKEN || s->state == SINK_LOST)
			return keep_rows(s, b, i, b->n - i);
		k = w.next < b->n - i ? w.next : b->n - i;
		switch (send_rows(s, batch_rows(b, i, k), &e)) {
		case CLICKHOUSE_OK:
			s->state = SINK_READY;
			s->batches++;
			s->stored += k;
			i += k;
			after_success(&w, b->n);
			break;
		case CLICKHOUSE_BAD_DATA:
			if (k > 1) {
				after_refusal(&w, k, e.row);
				break;
			}
			refuse_row(s, b, i++, &e);
			w.next = w.limit;
			break;
		default:
			give_up(s, &e);
			/* apart: these may have been stored, under a token of their own */
			return keep_rows(s, b, i, k) && keep_rows(s, b, i + k, b->n - i - k);
		}
	}
	return true;
}
