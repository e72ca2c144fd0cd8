#include "store/batch_cut.h"

#include "text/json.h"
#include "base/timestamp.h"

#include "base/banned.h"

enum { SHARED = -1 }; /* the month of the batch that several share */

bool
batch_cut_init(struct batch_cut *c, size_t max_rows, size_t max_bytes, bool by_month,
    const struct batch_place *place)
{
	size_t i;

	*c = (struct batch_cut){
		.n = by_month ? BATCH_CUT_OPEN_MAX : 1,
		.max_rows = max_rows,
		.max_bytes = max_bytes,
		.place = place,
	};
	for (i = 0; i < c->n; i++)
		c->open[i].batch.fd = -1;
	for (i = 0; i < c->n; i++)
		if (!batch_init(&c->open[i].batch, max_rows, max_bytes, place))
			return false;
	return true;
}

void
batch_cut_release(struct batch_cut *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		batch_release(&c->open[i].batch);
}

/* ---- the month of a row ---------------------------------------------------- */

static int
two_digits(const char *p)
{
	bool good = p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9';

	return good ? (p[0] - '0') * 10 + p[1] - '0' : -1;
}

/* "YYYY-MM": years * 12 + months, 0 when it is none. */
static int
month_of(const char *p, size_t n)
{
	int century, year, month;

	if (n < 7 || p[4] != '-')
		return 0;
	century = two_digits(p);
	year = two_digits(p + 2);
	month = two_digits(p + 5);
	if (century < 0 || year < 0 || month < 1 || month > 12)
		return 0;
	return (century * 100 + year) * 12 + month;
}

int
batch_cut_month(const char *p, size_t n)
{
	struct json_scan scan;
	struct json_member m;
	char text[TIMESTAMP_TEXT], room[64];
	struct span s = { NULL, 0 };
	int64_t ms;

	if (json_open(&scan, p, n) != JSON_OBJECT)
		return 0;
	while (json_next(&scan, &m)) {
		if (!span_eq(m.key.raw, SPAN("\"timestamp\"")) || m.value.type != JSON_STRING)
			continue;
		s = json_short_text(&m.value, room, sizeof(room));
		break;
	}
	if (!s.p)
		return 0;
	if (!timestamp_parse(s.p, s.n, &ms) || ms < TIMESTAMP_MIN || ms > TIMESTAMP_MAX)
		return month_of(s.p, s.n);
	timestamp_format(text, ms);
	return month_of(text, sizeof(text));
}

/* ---- batches --------------------------------------------------------------- */

static struct batch_cut_open *
find(struct batch_cut *c, int month)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->open[i].batch.n > 0 && c->open[i].month == month)
			return &c->open[i];
	return NULL;
}

static struct batch_cut_open *
shared(struct batch_cut *c)
{
	return &c->open[c->n - 1];
}

/* Of those for one month: an empty one; else that which no line has joined for
   longest. */
static struct batch_cut_open *
least_used(struct batch_cut *c)
{
	struct batch_cut_open *o = &c->open[0];
	size_t i;

	for (i = 0; i < c->n - 1; i++) {
		if (c->open[i].batch.n == 0)
			return &c->open[i];
		if (c->open[i].used < o->used)
			o = &c->open[i];
	}
	return o;
}

/* Where a line of this month belongs; another month's may have to go first. */
static struct batch_cut_open *
place(struct batch_cut *c, int month)
{
	struct batch_cut_open *o = find(c, month);

	if (o || c->n == 1)
		return o ? o : shared(c);
	o = least_used(c);
	return o->batch.n == 0 || c->lines - o->used >= BATCH_CUT_STALE ? o : shared(c);
}

static struct batch_cut_open *
largest(struct batch_cut *c)
{
	struct batch_cut_open *o = &c->open[0];
	size_t i;

	for (i = 1; i < c->n; i++)
		if (batch_size(&c->open[i].batch) > batch_size(&o->batch))
			o = &c->open[i];
	return o;
}

struct batch *
batch_cut_sure(struct batch_cut *c, size_t n)
{
	struct batch *b = &c->open[0].batch;

	return c->n == 1 && batch_fits(b, n) ? b : NULL;
}

struct batch *
batch_cut_ahead_of(struct batch_cut *c, int month, size_t n)
{
	struct batch_cut_open *o = place(c, month);

	if (!batch_fits(&o->batch, n))
		return &o->batch;
	if (o->batch.n > 0 && o != shared(c) && o->month != month)
		return &o->batch;
	/* one alone is minded by batch_fits */
	if (c->n > 1 && c->bytes > 0 && c->bytes + n + 1 > c->max_bytes)
		return &largest(c)->batch;
	return NULL;
}

struct batch *
batch_cut_add(struct batch_cut *c, int month, uint64_t line, const char *p, size_t n)
{
	struct batch_cut_open *o = place(c, month);

	o->month = o == shared(c) ? SHARED : month;
	o->used = ++c->lines;
	c->bytes += n + 1;
	return batch_add(&o->batch, line, p, n) ? &o->batch : NULL;
}

struct batch *
batch_cut_rest(struct batch_cut *c)
{
	struct batch_cut_open *o = NULL;
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->open[i].batch.n > 0 && (!o || c->open[i].used < o->used))
			o = &c->open[i];
	return o ? &o->batch : NULL;
}

bool
batch_cut_gone(struct batch_cut *c, struct batch *b)
{
	size_t i;

	c->bytes = 0;
	for (i = 0; i < c->n; i++)
		c->bytes += batch_size(&c->open[i].batch);
	if (c->n == 1)
		return true;
	/* what it has grown to is needed elsewhere: all open ones share one limit */
	batch_release(b);
	return batch_init(b, c->max_rows, c->max_bytes, c->place);
}
