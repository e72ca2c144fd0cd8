#include "send/courier.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/timestamp.h"
#include "event/body.h"

#include "base/banned.h"

enum {
	UNKNOWN_TRIES = 3,
	REFUSED_AT_MOST = 100, /* in a row, with nothing taken before */
	HTTP_TOO_LARGE = 413,
	HTTP_TOO_MANY = 429,
	KEY_MAX = 128, /* bytes of a field's name that is looked for in an event */
};

bool
courier_open(struct courier *c, const struct courier_config *config, const char **reason)
{
	*c = (struct courier){ .config = *config };
	c->post = post_open(&config->post, reason);
	return c->post != NULL;
}

void
courier_close(struct courier *c)
{
	post_close(c->post);
	c->post = NULL;
	verdict_release(&c->verdict);
	buf_release(&c->body);
	free(c->left);
	c->left = NULL;
	c->cap = 0;
}

/* ---- waiting and trying ---------------------------------------------------- */

static bool
stopped(const struct courier *c)
{
	const atomic_int *stop = c->config.post.stop;

	return stop && *stop;
}

static void
raise_to(_Atomic uint64_t *to, uint64_t value)
{
	uint64_t is = atomic_load(to);

	while (is < value && !atomic_compare_exchange_weak(to, &is, value))
		;
}

/* What the server has refused is not sent again. */
static bool
is_too_large(const struct courier *c)
{
	size_t least = atomic_load(&c->config.office->too_large);

	return least && c->body.n >= least;
}

static void
note_too_large(struct courier *c)
{
	_Atomic size_t *least = &c->config.office->too_large;
	size_t is = atomic_load(least);
	bool first = is == 0;

	while ((!is || c->body.n < is) && !atomic_compare_exchange_weak(least, &is, c->body.n))
		;
	if (first && c->config.halve)
		c->config.halve(c->config.context, c->body.n);
}

static enum clickhouse_status
post_once(struct courier *c, struct clickhouse_error *e)
{
	struct post_answer *answer;
	enum post_result r = post_send(c->post, (struct span){ c->body.p, c->body.n }, &answer);
	enum clickhouse_status status = verdict_read(&c->verdict, r, answer, c->config.shown, e);
	struct courier_office *o = c->config.office;

	if (status == CLICKHOUSE_OK)
		raise_to(&o->moved_ms, timestamp_monotonic());
	if (status == CLICKHOUSE_TRANSIENT && e->retry_after_ms)
		raise_to(&o->hold_until_ms, timestamp_monotonic() + e->retry_after_ms);
	if (e->http == HTTP_TOO_MANY)
		o->limited++;
	if (e->http == HTTP_TOO_LARGE)
		note_too_large(c);
	return status;
}

/* Whether it is to be tried no more, `wait` ms from now. */
static bool
gives_up(const struct courier *c, uint64_t first_ms, uint64_t wait)
{
	uint64_t since = atomic_load(&c->config.office->moved_ms);

	if (since < first_ms)
		since = first_ms;
	return timestamp_monotonic() + wait >= since + c->config.retry_ms;
}

/* Sends the body until it is taken, refused, or time is up. */
static enum clickhouse_status
persist(struct courier *c, struct clickhouse_error *e)
{
	unsigned tries = 0, odd = 0;
	uint64_t first_ms = 0, wait;
	bool told = false;

	for (;;) {
		enum clickhouse_status r;
		bool limited;

		timestamp_sleep_until(
		    atomic_load(&c->config.office->hold_until_ms), c->config.post.stop);
		r = post_once(c, e);
		limited = e->http == HTTP_TOO_MANY;
		odd += r == CLICKHOUSE_UNKNOWN;
		if ((r != CLICKHOUSE_TRANSIENT && r != CLICKHOUSE_UNKNOWN) || stopped(c) ||
		    odd >= UNKNOWN_TRIES || (c->task->once && !limited))
			return r;
		if (!first_ms)
			first_ms = timestamp_monotonic();
		tries += !limited || !e->retry_after_ms;
		wait = sink_backoff_ms(tries ? tries : 1, e);
		if (gives_up(c, first_ms, limited ? 0 : wait))
			return r;
		if (!told && !limited && c->config.retry)
			c->config.retry(c->config.context, e);
		told |= !limited;
		timestamp_sleep_until(timestamp_monotonic() + wait, c->config.post.stop);
		if (stopped(c))
			return r;
		c->task->retries++;
	}
}

/* ---- a batch --------------------------------------------------------------- */

static struct span
event_of(const struct batch *b, size_t i)
{
	struct span row = batch_rows(b, i, 1);

	return (struct span){ row.p, row.n - 1 };
}

/* The body of the events from `first` on, of `count`, that are left; how many these are. */
static size_t
make_body(struct courier *c, const struct batch *b, size_t first, size_t count)
{
	size_t i, n = 0;

	buf_reset(&c->body);
	buf_adds(&c->body, BODY_OPENING);
	for (i = first; i < first + count; i++) {
		struct span event = event_of(b, i);

		if (!c->left[i])
			continue;
		if (n++)
			buf_addc(&c->body, ',');
		buf_add(&c->body, event.p, event.n);
	}
	buf_adds(&c->body, BODY_CLOSING);
	return n;
}

/* The field's name where it stands in the event, or p is NULL. */
static struct span
key_in(struct span event, struct span field)
{
	char quoted[KEY_MAX + 2];
	size_t at;

	if (field.n == 0 || field.n > KEY_MAX)
		return (struct span){ NULL, 0 };
	quoted[0] = quoted[field.n + 1] = '"';
	memcpy(quoted + 1, field.p, field.n);
	at = span_find(event, (struct span){ quoted, field.n + 2 });
	return (struct span){ at < event.n ? event.p + at + 1 : NULL, at < event.n ? field.n : 0 };
}

/* False: it goes on like this, with nothing taken; it can't be the events. */
static bool
refuse(struct courier *c, const struct batch *b, size_t i, struct span field,
    const struct clickhouse_error *e)
{
	struct sink_task *t = c->task;

	t->reject(t->context, b->rows[i].line, event_of(b, i), key_in(event_of(b, i), field), e);
	t->refused++;
	c->left[i] = false;
	if (t->proven || t->stored > 0 || ++t->in_vain < REFUSED_AT_MOST)
		return true;
	t->error = *e;
	t->error.status = CLICKHOUSE_CONFIG;
	t->hopeless = true;
	snprintf(t->error.text, sizeof(t->error.text),
	    "%s does not take these events: all of the first %d were refused (the last: %.300s)",
	    c->config.shown, REFUSED_AT_MOST, e->text);
	return false;
}

/* The event that was the `index`th of the body; b->n: there was none. */
static size_t
place_of(const struct courier *c, const struct batch *b, size_t first, size_t count, size_t index)
{
	size_t i;

	for (i = first; i < first + count; i++)
		if (c->left[i] && index-- == 0)
			return i;
	return b->n;
}

/* Refuses the events that the server named. */
static bool
refuse_named(struct courier *c, const struct batch *b, size_t first, size_t count)
{
	size_t place[BODY_FAULTS_MAX], i, n = c->verdict.faults;
	struct clickhouse_error e = { .status = CLICKHOUSE_BAD_DATA };
	bool going = true;

	/* before any of them is gone */
	for (i = 0; i < n; i++)
		place[i] = place_of(c, b, first, count, c->verdict.fault[i].index);
	for (i = 0; i < n && going; i++) {
		const struct verdict_fault *f = &c->verdict.fault[i];

		if (place[i] == b->n || !c->left[place[i]])
			continue;
		snprintf(e.text, sizeof(e.text), "%.*s", (int)(f->text.n < 400 ? f->text.n : 400),
		    f->text.p);
		going = refuse(c, b, place[i], f->field, &e);
	}
	return going;
}

static bool
names_one(const struct courier *c, const struct batch *b, size_t first, size_t count)
{
	size_t i;

	for (i = 0; i < c->verdict.faults; i++)
		if (place_of(c, b, first, count, c->verdict.fault[i].index) < b->n)
			return true;
	return false;
}

static bool
deliver(struct courier *c, struct batch *b)
{
	struct sink_task *t = c->task;
	size_t first = 0, limit = b->n, count, n, i;

	while (first < b->n) {
		enum clickhouse_status status = CLICKHOUSE_BAD_DATA;
		struct clickhouse_error e = { .http = HTTP_TOO_LARGE };
		bool large;

		count = limit < b->n - first ? limit : b->n - first;
		n = make_body(c, b, first, count);
		if (c->body.failed) {
			clickhouse_fail(&t->error, CLICKHOUSE_UNKNOWN, "out of memory");
			return false;
		}
		large = n > 1 && is_too_large(c);
		if (n > 0 && !large)
			status = persist(c, &e);
		large |= e.http == HTTP_TOO_LARGE;
		if (n == 0 || status == CLICKHOUSE_OK) {
			t->requests += n > 0;
			t->stored += n;
			for (i = first; i < first + count; i++)
				c->left[i] = false;
			first += count;
			limit = limit > b->n / 2 ? b->n : limit * 2;
		} else if (status != CLICKHOUSE_BAD_DATA) {
			t->error = e;
			return false;
		} else if (!large && names_one(c, b, first, count)) {
			if (!refuse_named(c, b, first, count))
				return false;
		} else if (n > 1) {
			limit = count / 2;
		} else if (!refuse(c, b, place_of(c, b, first, count, 0), SPAN(""), &e)) {
			return false;
		}
	}
	return true;
}

static bool
make_ready(struct courier *c, struct batch *b)
{
	size_t i;
	bool *left = c->left;

	if (c->cap < b->n) {
		left = realloc(c->left, b->n * sizeof(*left));
		if (!left)
			return false;
		c->left = left;
		c->cap = b->n;
	}
	for (i = 0; i < b->n; i++)
		left[i] = true;
	return batch_recall(b) == 0;
}

void
courier_deliver(void *context, struct batch *b, struct sink_task *t)
{
	struct courier *c = context;
	uint64_t in_vain = t->in_vain;
	size_t before = b->n;

	c->task = t;
	t->error = (struct clickhouse_error){ .status = CLICKHOUSE_OK };
	if (!make_ready(c, b)) {
		clickhouse_fail(&t->error, CLICKHOUSE_UNKNOWN,
		    "events can't be read back from their file, or memory is out");
		return;
	}
	if (deliver(c, b))
		return;
	if (t->hopeless) { /* nothing was taken: they are all kept */
		t->refused = 0;
		return;
	}
	t->in_vain = in_vain;
	batch_keep(b, c->left);
	if (b->n < before) {
		t->piece[0] = b->n;
		t->pieces = b->n > 0;
	}
}
