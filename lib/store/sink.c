#include "store/sink.h"

#include <sodium.h>
#include <stdio.h>

#include "base/fd.h"
#include "base/timestamp.h"

#include "base/banned.h"

enum {
	BACKOFF_FIRST_MS = 200,
	BACKOFF_MAX_MS = 10000,
	UNKNOWN_TRIES = 3,
	REFUSED_AT_MOST = 100, /* in a row, with nothing stored before */
	COPY_SIZE = 64 << 10,
	HTTP_TOO_LARGE = 413,
	NO_SUCH_KEY = 117, /* ClickHouse's code, among other things for this */
};

bool
sink_init(struct sink *s, const struct sink_config *config)
{
	*s = (struct sink){ .config = *config };
	if (!config->too_large)
		s->config.too_large = &s->own_too_large;
	if (!batch_init(&s->piece, SIZE_MAX, 1, NULL) || !batch_init(&s->rest, SIZE_MAX, 1, NULL))
		return false;
	if (config->compress != COMPRESS_NONE) {
		s->compressor = compressor_new(config->compress);
		if (!s->compressor)
			return false;
	}
	s->token = token_new(config->database, config->table);
	if (!s->token)
		return false;
	row_probe_init(&s->row_probe, config->clickhouse, config->table);
	forgotten_init(&s->list, config->clickhouse);
	s->guarded = strcmp(config->table, "events") == 0;
	return payload_init(
	    &s->payload, config->clickhouse, config->table, config->native, config->pool);
}

void
sink_release(struct sink *s)
{
	compressor_free(s->compressor);
	s->compressor = NULL;
	row_probe_release(&s->row_probe);
	forgotten_release(&s->list);
	buf_release(&s->window.bytes);
	payload_release(&s->payload);
	buf_release(&s->compressed);
	batch_release(&s->piece);
	batch_release(&s->rest);
	token_free(s->token);
	s->token = NULL;
}

static bool
stopped(const struct sink *s)
{
	return s->config.stop && *s->config.stop;
}

/* One attempt at a request; `what` it is about is its own affair. */
typedef enum clickhouse_status attempt(struct sink *, const void *what, struct clickhouse_error *);

/* The rows that a request is about. */
struct request {
	struct batch *batch;
	size_t first, count;
};

static bool
is_whole(const struct request *r)
{
	return r->count == r->batch->n;
}

static enum clickhouse_status
fail(struct clickhouse_error *e, const char *format, const char *what)
{
	*e = (struct clickhouse_error){ .status = CLICKHOUSE_UNKNOWN };
	snprintf(e->text, sizeof(e->text), format, what);
	return e->status;
}

/* ---- people who were forgotten --------------------------------------------- */

/* Marks the rows of people on the list; false with the error. */
static bool
screen(struct sink *s, struct batch *b, struct clickhouse_error *e)
{
	bool failed = false;
	size_t i;
	int error = 0;

	s->window.bytes.n = 0;
	for (i = 0; i < b->n && !failed && (s->list.n > 0 || b->left_out > 0); i++) {
		struct span row = batch_row(b, i, &s->window);
		bool out =
		    row.p && forgotten_row(&s->list, (struct span){ row.p, row.n - 1 }, &failed);

		failed |= !row.p;
		if (row.p && out != b->rows[i].left_out) {
			batch_leave_out(b, i, out);
			s->made = false;
		}
	}
	if (!failed && b->left_out > 0) {
		b->encoded = false;
		error = batch_recall(b);
	}
	s->screened = !failed && !error;
	if (!s->screened)
		fail(e, "%s",
		    "rows can't be compared with the list of people who were forgotten: "
		    "out of memory, or their file can't be read back");
	return s->screened;
}

/* Asks for the list, and compares the batch with what is new. */
static enum clickhouse_status
look_once(struct sink *s, const void *what, struct clickhouse_error *e)
{
	const struct request *q = what;
	bool changed;
	enum clickhouse_status r = forgotten_look(&s->list, &changed, e);

	if (r != CLICKHOUSE_OK)
		return r;
	s->looked = true;
	s->screened &= !changed;
	return s->screened || screen(s, q->batch, e) ? CLICKHOUSE_OK : CLICKHOUSE_UNKNOWN;
}

/* Which of the rows that are left out the table would refuse. */
static enum clickhouse_status
probe_left_out_once(struct sink *s, const void *batch, struct clickhouse_error *e)
{
	return row_probe_batch(&s->row_probe, batch, true, e);
}

/* ---- requests -------------------------------------------------------------- */

static enum clickhouse_status
make_payload(struct sink *s, const struct request *r, struct clickhouse_error *e)
{
	if (is_whole(r) && r->batch->encoded && payload_adopt(&s->payload, r->batch->block))
		return CLICKHOUSE_OK;
	return payload_make(&s->payload, r->batch, r->first, r->count, e);
}

/* The bytes of the body that are in a file, piece by piece. */
static bool
compress_file(struct sink *s, const struct clickhouse_body *body, char *room, size_t size)
{
	size_t at, n;

	for (at = 0; at < body->in_file; at += n) {
		n = body->in_file - at < size ? body->in_file - at : size;
		if (fd_read_at(body->fd, room, n, at) != 0 ||
		    !compress_part(s->compressor, (struct span){ room, n }, false, &s->compressed))
			return false;
	}
	return true;
}

static bool
compress_body(struct sink *s, const struct clickhouse_body *body)
{
	char room[COPY_SIZE];
	uint64_t bytes = body->in_file;
	bool good;
	size_t i;

	for (i = 0; i < body->count; i++)
		bytes += body->parts[i].n;
	good = compress_begin(s->compressor, bytes, &s->compressed) &&
	    compress_file(s, body, room, sizeof(room));
	for (i = 0; good && i < body->count; i++) {
		good = compress_part(s->compressor, body->parts[i], false, &s->compressed);
		if (body->read)
			body->read(body->context, i);
	}
	return good && compress_part(s->compressor, SPAN(""), true, &s->compressed);
}

/* Makes the body of a request, once for all its tries, unless it is spent with
   the first. */
static enum clickhouse_status
make_body(struct sink *s, const struct request *r, struct clickhouse_error *e)
{
	struct clickhouse_body *body = &s->payload.body;
	enum clickhouse_status status;

	if (s->made)
		return CLICKHOUSE_OK;
	status = make_payload(s, r, e);
	if (status != CLICKHOUSE_OK)
		return status;
	if (s->compressor) {
		if (!compress_body(s, body))
			return fail(e, "%s",
			    "rows can't be compressed: out of memory, or their file can't be read back");
		s->compressed_part = (struct span){ s->compressed.p, s->compressed.n };
		*body = (struct clickhouse_body){
			.parts = &s->compressed_part,
			.count = 1,
			.encoding = compress_encoding(s->config.compress),
		};
	}
	s->made = true;
	return CLICKHOUSE_OK;
}

static void
make_token(struct sink *s, const struct request *r, char token[TOKEN_LENGTH + 1])
{
	if (is_whole(r) && r->batch->token)
		batch_token(r->batch, token);
	else
		token_text(s->token, batch_rows(r->batch, r->first, r->count), token);
}

static size_t
size_of(const struct clickhouse_body *body)
{
	size_t i, n = body->in_file;

	for (i = 0; i < body->count; i++)
		n += body->parts[i].n;
	return n;
}

/* What the server has refused is not sent again; what it takes is left to it, so
   that the same bodies are sent however much is known. */
static bool
is_too_large(const struct sink *s, struct clickhouse_error *e)
{
	size_t least = atomic_load(s->config.too_large), n = size_of(&s->payload.body);

	if (!least || n < least)
		return false;
	*e = (struct clickhouse_error){ .status = CLICKHOUSE_CONFIG, .http = HTTP_TOO_LARGE };
	snprintf(e->text, sizeof(e->text), "%s refuses a body of %zu bytes (HTTP 413)",
	    clickhouse_url(s->config.clickhouse), n);
	return true;
}

static void
note_too_large(struct sink *s, size_t n)
{
	size_t least = atomic_load(s->config.too_large);
	bool first = least == 0;

	while (
	    (!least || n < least) && !atomic_compare_exchange_weak(s->config.too_large, &least, n))
		;
	if (first && s->config.halve)
		s->config.halve(s->config.context, n);
}

/* The token makes it harmless when an earlier one got through. */
static enum clickhouse_status
send_body(struct sink *s, const struct request *r, struct clickhouse_error *e)
{
	char token[TOKEN_LENGTH + 1];
	enum clickhouse_status status;
	size_t n;
	const struct clickhouse_setting settings[] = {
		{ "insert_deduplication_token", token },
		{ "deduplicate_blocks_in_dependent_materialized_views", "1" },
		/* of a Distributed table: not before the shards have it; the old name is the
		   one that all servers know */
		{ "insert_distributed_sync", "1" },
		/* neither a key that the table lacks nor a row is dropped in silence */
		{ "input_format_skip_unknown_fields", "0" },
		{ "input_format_allow_errors_num", "0" },
		{ "input_format_allow_errors_ratio", "0" },
		/* rows that the server cuts into blocks have another token: the same
		   batch would be stored again when it comes in another format */
		{ "input_format_parallel_parsing", "0" },
		{ "max_insert_block_size", "10000000" },
		/* rows of more than 100 months would be refused as often as they come */
		{ "max_partitions_per_insert_block", "0" },
		{ NULL, NULL },
	};

	if (is_too_large(s, e))
		return e->status;
	n = size_of(&s->payload.body);
	make_token(s, r, token);
	status = clickhouse_insert(
	    s->config.clickhouse, s->payload.sql.p, &s->payload.body, settings, NULL, e);
	if (status != CLICKHOUSE_OK && e->http == HTTP_TOO_LARGE && n > 0)
		note_too_large(s, n);
	if (s->payload.spent && !s->compressor)
		s->made = false;
	return status;
}

/* Sends a struct request: what is refused as a block is tried as JSON. */
static enum clickhouse_status
insert_once(struct sink *s, const void *what, struct clickhouse_error *e)
{
	const struct request *q = what;
	enum clickhouse_status r = CLICKHOUSE_OK;

	if (s->guarded && !s->looked)
		r = look_once(s, what, e);
	s->looked = false;
	if (r == CLICKHOUSE_OK && batch_sent(q->batch, q->first, q->count) == 0)
		return r;
	if (r == CLICKHOUSE_OK)
		r = make_body(s, what, e);
	if (r != CLICKHOUSE_OK)
		return r;
	r = send_body(s, what, e);
	if (r == CLICKHOUSE_OK || !payload_give_way(&s->payload, e))
		return r;
	s->made = false;
	s->task->outdated = true;
	/* an unknown failure waits before the next try, as it always does */
	return r == CLICKHOUSE_UNKNOWN ? r : insert_once(s, what, e);
}

/* Asks which rows of a batch are good. */
static enum clickhouse_status
row_probe_once(struct sink *s, const void *what, struct clickhouse_error *e)
{
	return row_probe_batch(&s->row_probe, what, false, e);
}

uint64_t
sink_backoff_ms(unsigned tries, const struct clickhouse_error *e)
{
	uint64_t ms = BACKOFF_MAX_MS;

	if (tries < 6 && tries > 0)
		ms = (uint64_t)BACKOFF_FIRST_MS << (tries - 1);
	ms = ms / 2 + randombytes_uniform((uint32_t)(ms / 2 + 1));
	return ms < e->retry_after_ms ? e->retry_after_ms : ms;
}

/* Tries until it is done, refused, or time is up. */
static enum clickhouse_status
persist(struct sink *s, attempt *once, const void *what, struct clickhouse_error *e)
{
	uint64_t give_up_ms = 0, wait;
	unsigned tries;

	s->odd = 0;
	for (tries = 1;; tries++) {
		enum clickhouse_status r = once(s, what, e);

		s->odd += r == CLICKHOUSE_UNKNOWN;
		if (r != CLICKHOUSE_TRANSIENT && r != CLICKHOUSE_UNKNOWN)
			return r;
		if (s->task->once || stopped(s) ||
		    (r == CLICKHOUSE_UNKNOWN && s->odd >= UNKNOWN_TRIES))
			return r;
		if (give_up_ms == 0)
			give_up_ms = timestamp_monotonic() + s->config.retry_ms;
		wait = sink_backoff_ms(tries, e);
		if (timestamp_monotonic() + wait >= give_up_ms)
			return r;
		if (tries == 1 && s->config.retry)
			s->config.retry(s->config.context, e);
		timestamp_sleep_until(timestamp_monotonic() + wait, s->config.stop);
		if (stopped(s))
			return r;
		s->task->retries++;
	}
}

static enum clickhouse_status
send_rows(struct sink *s, struct batch *b, size_t first, size_t count, struct clickhouse_error *e)
{
	const struct request r = { b, first, count };

	s->made = false;
	return persist(s, insert_once, &r, e);
}

/* The row's key that is no column of the table, if that is what is wrong. */
static struct span
wrong_key(struct sink *s, struct span row)
{
	struct clickhouse_error e;

	if (s->row_probe.columns.n == 0 && row_probe_columns(&s->row_probe, &e) != CLICKHOUSE_OK)
		return (struct span){ NULL, 0 };
	return s->row_probe.columns.usual ? columns_unknown_key(&s->row_probe.columns, row)
					  : (struct span){ NULL, 0 };
}

static const char unknown_key[] = "Unknown key: the table has no column of this name to fill";

static void
refuse_row(struct sink *s, const struct batch *b, size_t i, struct clickhouse_error *e)
{
	struct span row = batch_rows(b, i, 1), key = { NULL, 0 };

	row.n--;
	if (e->code == NO_SUCH_KEY)
		key = wrong_key(s, row);
	if (key.p)
		snprintf(e->text, sizeof(e->text), "%s", unknown_key);
	s->task->reject(s->task->context, b->rows[i].line, row, key, e);
	s->task->refused++;
	if (key.p) /* for who tells no keys apart */
		snprintf(e->text, sizeof(e->text), "%.*s: %s", (int)(key.n < 100 ? key.n : 100),
		    key.p, unknown_key);
}

/*
 * Refuses a row of which it is not known whether any other row is good.
 * Returns false when that has gone on for too long: row by row on would take
 * for ever, and it can't be the data.
 */
static bool
refuse_in_vain(struct sink *s, const struct batch *b, size_t i, struct clickhouse_error *e)
{
	struct sink_task *t = s->task;

	refuse_row(s, b, i, e);
	if (t->proven || t->stored > 0 || ++t->in_vain < REFUSED_AT_MOST)
		return true;
	t->error = *e;
	t->error.status = CLICKHOUSE_CONFIG;
	t->hopeless = true;
	snprintf(t->error.text, sizeof(t->error.text),
	    "the table does not take these rows: all of the first %d were refused (the last: %.300s)",
	    REFUSED_AT_MOST, e->text);
	return false;
}

/* How a batch that holds refused rows is taken apart. */
struct search {
	size_t next;  /* rows to send in the next request */
	size_t limit; /* halves with each refusal, doubles with each success */
	bool suspect; /* the row after the next request is probably the bad one */
	bool sifted;  /* or tried to be */
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

/* Whether this is the server's last word: asked again, it would say the same. */
static bool
is_final(const struct clickhouse_error *e)
{
	if (e->status == CLICKHOUSE_UNKNOWN)
		return e->code || (e->http >= 400 && e->http < 500);
	return e->status == CLICKHOUSE_BAD_DATA || e->status == CLICKHOUSE_CONFIG;
}

/*
 * Fills the error for a row that the row probe held back.  Returns false when the
 * server takes the row after all.
 */
static bool
ask_reason(struct sink *s, struct span row, unsigned *asked, struct clickhouse_error *e)
{
	*e = (struct clickhouse_error){ .status = CLICKHOUSE_BAD_DATA, .code = NO_SUCH_KEY };
	if (wrong_key(s, row).p)
		return true;
	if (*asked < SINK_REASONS && !stopped(s)) {
		++*asked;
		if (row_probe_row(&s->row_probe, row, e) == CLICKHOUSE_OK)
			return false;
		if (e->code && e->status != CLICKHOUSE_CONFIG && is_final(e))
			return true;
		*asked = SINK_REASONS;
	}
	*e = (struct clickhouse_error){ .status = CLICKHOUSE_BAD_DATA };
	snprintf(e->text, sizeof(e->text),
	    "ClickHouse refuses this row; why, it is asked for the first %d of a batch only",
	    SINK_REASONS);
	return true;
}

/*
 * Refuses what the row probe held back and leaves the others in the batch.  When
 * the server contradicts itself, they stay, to be refused by the table or not.
 * Returns false when it is not the rows that are at fault: the rest stays too.
 */
static bool
refuse_sifted(struct sink *s, struct batch *b)
{
	bool trusted = true, going = true, in_vain = s->row_probe.n == 0;
	struct clickhouse_error e;
	unsigned asked = 0;
	size_t i;

	for (i = 0; i < b->n; i++) {
		if (s->row_probe.good[i])
			continue;
		trusted = trusted && going && ask_reason(s, batch_rows(b, i, 1), &asked, &e);
		if (!trusted)
			s->row_probe.good[i] = true;
		else if (in_vain)
			going = refuse_in_vain(s, b, i, &e);
		else
			refuse_row(s, b, i, &e);
	}
	if (!going)
		return false;
	batch_keep(b, s->row_probe.good);
	s->sifted = s->task->refused;
	return true;
}

enum sifted {
	SIFTED,
	NOT_SIFTED, /* it does not help here */
	GIVEN_UP,   /* the task tells why */
};

/* Takes refused rows out of a batch before anything of it is stored. */
static enum sifted
sift(struct sink *s, struct batch *b)
{
	struct clickhouse_error e;

	if (persist(s, row_probe_once, b, &e) == CLICKHOUSE_OK) {
		if (s->row_probe.n == b->n)
			return NOT_SIFTED;
		return refuse_sifted(s, b) ? SIFTED : GIVEN_UP;
	}
	/* what fails in passing must not: the tokens would be others next time */
	if (is_final(&e) && (e.status != CLICKHOUSE_UNKNOWN || s->odd >= UNKNOWN_TRIES))
		return NOT_SIFTED;
	s->task->error = e;
	return GIVEN_UP;
}

/*
 * Several rows were refused together: decides what to send next.  Returns
 * false when the batch is given up.
 */
static bool
narrow(struct sink *s, struct batch *b, struct search *w, size_t sent, uint64_t row)
{
	enum sifted r = NOT_SIFTED;

	if (!w->sifted)
		r = sift(s, b);
	w->sifted = true;
	if (r == SIFTED) {
		w->next = w->limit = b->n;
		payload_new_batch(&s->payload);
	} else {
		after_refusal(w, sent, row);
	}
	return r != GIVEN_UP;
}

/* A batch that is taken apart has to be in memory. */
static bool
recall(struct sink *s, struct batch *b)
{
	int error = batch_recall(b);

	if (error)
		fail(&s->task->error, "rows can't be read back from their file: %s",
		    strerror(error));
	return error == 0;
}

/*
 * Leaves out rows of people who were forgotten.  Those of them that the table
 * would refuse were no part of the batch's token when it was stored, so they are
 * none now.  False when it is not known who was forgotten.
 */
static bool
leave_out(struct sink *s, struct batch *b)
{
	const struct request all = { b, 0, b->n };
	struct clickhouse_error e;
	size_t before;

	s->screened = s->looked = false;
	if (persist(s, look_once, &all, &e) == CLICKHOUSE_OK) {
		if (b->left_out == 0)
			return true;
		before = b->left_out;
		if (persist(s, probe_left_out_once, b, &e) == CLICKHOUSE_OK) {
			batch_keep(b, s->row_probe.good);
			s->task->forgotten += before - b->left_out;
			return true;
		}
		if (is_final(&e) && (e.status != CLICKHOUSE_UNKNOWN || s->odd >= UNKNOWN_TRIES))
			return true;
	}
	s->task->error = e;
	return false;
}

/* Where in the rows from `first` on the one stands that was sent as this one, from 1. */
static uint64_t
place_of(const struct batch *b, size_t first, size_t count, uint64_t sent)
{
	size_t i;

	for (i = first; b->left_out && sent > 0 && i < first + count; i++)
		if (!b->rows[i].left_out && --sent == 0)
			return i - first + 1;
	return sent;
}

/*
 * Delivers a batch as one, or the rows at fault apart.  False: it failed, and
 * the task tells how; or, with s->split, nothing of it is stored, since it is
 * too large to be sent as one.
 */
static bool
deliver(struct sink *s, struct batch *b)
{
	struct sink_task *t = s->task;
	struct search w;
	struct clickhouse_error e;
	bool going;
	size_t i = 0, k, sent;

	s->sifted = t->refused;
	s->split = false;
	payload_new_batch(&s->payload);
	going = !s->guarded || b->n == 0 || leave_out(s, b);
	w = (struct search){ .next = b->n, .limit = b->n };
	while (going && i < b->n) {
		enum clickhouse_status status;

		k = w.next < b->n - i ? w.next : b->n - i;
		status = send_rows(s, b, i, k, &e);
		if (status != CLICKHOUSE_OK && e.http == HTTP_TOO_LARGE && k == 1) {
			status = CLICKHOUSE_BAD_DATA;
		} else if (status != CLICKHOUSE_OK && e.http == HTTP_TOO_LARGE && k == b->n) {
			s->split = true;
			return false;
		}
		switch (status) {
		case CLICKHOUSE_OK:
			sent = batch_sent(b, i, k);
			t->requests += sent > 0;
			t->native += sent > 0 && s->payload.is_native;
			t->stored += sent;
			t->forgotten += k - sent;
			i += k;
			after_success(&w, b->n);
			break;
		case CLICKHOUSE_BAD_DATA:
			if (!recall(s, b)) {
				going = false;
			} else if (k == 1) {
				going = refuse_in_vain(s, b, i++, &e);
				w.next = w.limit;
			} else {
				going = narrow(s, b, &w, k, place_of(b, i, k, e.row));
			}
			break;
		default:
			t->error = e;
			going = false;
		}
	}
	if (!going)
		t->refused = s->sifted;
	return going;
}

/*
 * Leaves in the batch what is yet to be delivered: the piece at hand, as it is
 * by now, and the rows from `behind` on.
 */
static bool
leave_rest(struct sink *s, struct batch *b, size_t behind)
{
	batch_reset(&s->rest);
	if (!batch_copy(&s->rest, &s->piece, 0, s->piece.n) ||
	    !batch_copy(&s->rest, b, behind, b->n - behind)) {
		fail(&s->task->error, "%s", "out of memory");
		return false;
	}
	batch_take_rows(b, &s->rest);
	return true;
}

/*
 * Delivers a batch of which it is known that it is too large in pieces.  False:
 * one of them failed; the batch holds this and those behind it, as the task says.
 */
static bool
deliver_pieces(struct sink *s, struct batch *b)
{
	struct sink_task *t = s->task;
	size_t *piece = t->piece, n = 1, at = 0, i; /* the next piece is the last */

	s->piece.n = b->n;
	for (piece[0] = b->n; n > 0;) {
		if (s->split) {
			piece[n - 1] = s->piece.n - s->piece.n / 2;
			piece[n++] = s->piece.n / 2;
		}
		batch_reset(&s->piece);
		if (!batch_copy(&s->piece, b, at, piece[n - 1])) {
			fail(&t->error, "%s", "out of memory");
			s->split = false;
		} else if (deliver(s, &s->piece)) {
			at += piece[--n];
			continue;
		}
		if (s->split && s->piece.n == piece[n - 1])
			continue;
		/* rows that are refused have been taken out of it */
		if (!leave_rest(s, b, at + piece[n - 1]))
			return false;
		piece[n - 1] = s->piece.n;
		at = 0;
		if (!s->split)
			break;
	}
	for (i = 0; i < n / 2; i++) { /* the next piece is the first */
		size_t k = piece[i];

		piece[i] = piece[n - 1 - i];
		piece[n - 1 - i] = k;
	}
	t->pieces = n;
	return n == 0;
}

void
sink_deliver(struct sink *s, struct batch *b, struct sink_task *t)
{
	uint64_t in_vain = t->in_vain;
	bool done;

	s->task = t;
	t->error = (struct clickhouse_error){ .status = CLICKHOUSE_OK };
	t->requests = t->native = t->stored = t->refused = t->forgotten = t->retries = 0;
	t->outdated = t->hopeless = false;
	t->pieces = 0;
	done = deliver(s, b);
	if (!done && s->split && recall(s, b))
		done = deliver_pieces(s, b);
	if (!done && !t->hopeless)
		t->in_vain = in_vain; /* they are refused again */
}
