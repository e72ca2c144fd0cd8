#include "cmd/cli/reading.h"

#include <stdlib.h>
#include <unistd.h>

#include "ask/remark.h"
#include "base/msg.h"
#include "cmd/cli/terminal.h"

#include "base/banned.h"

void
reading_init(struct reading *r)
{
	*r = (struct reading){ .format = READING_AUTO };
}

/* The environment's zone, where no option names one; NULL: none. */
static const char *
zone_of_environment(const struct reading *r)
{
	const char *name = r->tz ? NULL : getenv("MM_TZ");

	return name && *name ? name : NULL;
}

bool
reading_period(const struct reading *r, struct period_text *period, struct span *project)
{
	reading_filter(&period->from, r->from);
	reading_filter(&period->period, r->period);
	reading_filter(&period->to, r->to || r->period ? r->to : "now");
	reading_filter(&period->tz, r->tz ? r->tz : zone_of_environment(r));
	return project_id(r->project, project);
}

int
reading_refused(const struct reading *r, const struct refusal *e)
{
	struct buf option = BUF_INIT;
	const char *p;

	if (e->parameter && strcmp(e->parameter, "tz") == 0 && zone_of_environment(r)) {
		msg("MM_TZ: %s", e->text);
		return STATUS_ERROR;
	}
	for (p = e->parameter; p && *p; p++)
		buf_addc(&option, *p == '_' ? '-' : *p);
	if (option.n > 0)
		msg("--%.*s: %s", (int)option.n, option.p, e->text);
	else
		msg("%s", e->text);
	buf_release(&option);
	return STATUS_ERROR;
}

static size_t
within(size_t v, size_t min, size_t max)
{
	return v < min ? min : v > max ? max : v;
}

static void
set_format(const struct reading *r, struct output_format *p)
{
	size_t width = terminal_width();

	p->format = r->format != READING_AUTO ? (enum output_format_kind)r->format
	    : terminal_is_output()            ? OUTPUT_FORMAT_TABLE
					      : OUTPUT_FORMAT_NDJSON;
	p->table_width = width;
	p->style.width = within(width ? width : CHART_WIDTH, CHART_WIDTH_MIN, CHART_WIDTH_MAX);
	p->style.ascii = r->ascii;
	p->style.colour = terminal_has_colour();
}

int
reading_complain(const struct clickhouse_error *e, const struct zone *zone)
{
	enum { BAD_ARGUMENTS = 36 };

	if (e->code != BAD_ARGUMENTS || zone_is_utc(zone))
		return store_complain(e);
	msg("%s; the server may not know the time zone %s", e->text, zone_name(zone));
	return STATUS_ERROR;
}

int
reading_end_output(struct out *out)
{
	out_flush(out);
	if (out->error == 0 || out->error == EPIPE || face_stop)
		return STATUS_OK;
	msg_errno(out->error, "standard output");
	return STATUS_ERROR;
}

static int
explain(const struct question *q, struct out *out)
{
	struct buf b = BUF_INIT;

	question_explain(q, &b);
	if (b.failed)
		out->error = ENOMEM;
	else
		out_write(out, b.p, b.n);
	buf_release(&b);
	return reading_end_output(out);
}

/*
 * Rows that are missing are not seen in what is printed: the end of a period, or
 * those beyond a limit that nobody has chosen.
 */
static void
tell_cut(const struct question *q)
{
	bool chosen = q->limit != ASK_ROWS && q->limit != ASK_ROWS_MAX &&
	    q->limit != ASK_SOURCES_ROWS && q->limit != ASK_SOURCES_ROWS_MAX;

	if (!q->cut || (chosen && q->interval == INTERVAL_NONE))
		return;
	msg("only the first %llu rows were printed, %s; see --limit", (unsigned long long)q->limit,
	    q->interval != INTERVAL_NONE ? "so the end of the period is missing"
					 : "and there are more");
}

/* A chart of intervals has one height for each: what it was compared with is not seen. */
static void
tell_undrawn(const struct question *q, const struct output_format *p)
{
	if (p->format == OUTPUT_FORMAT_CHART && q->compares && q->interval != INTERVAL_NONE)
		msg("a chart of intervals draws this period alone; --format table has the other one "
		    "beside it");
}

/* Rows on their way out, looked at for whether there is anything in them. */
struct watch {
	struct output_format *to;
	struct remark remark;
};

static bool
watch_row(void *context, const char *row, size_t n)
{
	struct watch *w = context;

	remark_row(&w->remark, row, n);
	return output_format_row(w->to, row, n);
}

/* It is about an answer that is out: what goes wrong here is said, and fails nothing. */
static void
tell_more(struct clickhouse *c, struct watch *w)
{
	struct buf text = BUF_INIT;
	struct clickhouse_error e;
	enum clickhouse_status status = remark_ask(&w->remark, c, timestamp_now(), &text, &e);

	if (w->remark.nothing_stored)
		buf_adds(&text, "; --project or MM_PROJECT names another");
	if (status != CLICKHOUSE_OK && status != CLICKHOUSE_STOPPED)
		msg("can't find out what else this period has: %s", e.text);
	else if (text.n > 0)
		msg("%.*s", (int)text.n, text.p);
	buf_release(&text);
}

static int
print_answer(struct clickhouse *clickhouse, struct question *q, struct watch *w)
{
	struct output_format *p = w->to;
	struct clickhouse_error e;
	int status;

	if (remark_begin(&w->remark, clickhouse, timestamp_now(), &e) != CLICKHOUSE_OK)
		return reading_complain(&e, q->period.zone);
	output_format_begin(p, q);
	if (question_select(clickhouse, q, watch_row, w, &e) != CLICKHOUSE_OK)
		return reading_complain(&e, q->period.zone);
	if (!p->garbled)
		output_format_end(p, !q->cut);
	if (p->garbled) {
		msg("ClickHouse sent an unexpected answer");
		return STATUS_ERROR;
	}
	tell_cut(q);
	tell_undrawn(q, p);
	status = reading_end_output(p->out);
	if (status == STATUS_OK && p->out->error == 0)
		tell_more(clickhouse, w);
	return status;
}

static int
ask_and_print(struct reading *r, struct question *q, struct output_format *p)
{
	struct clickhouse *clickhouse = store_open(&r->store, &face_stop);
	struct watch w = { .to = p, .remark = { .question = q } };
	int status;

	if (!clickhouse)
		return STATUS_ERROR;
	status = print_answer(clickhouse, q, &w);
	clickhouse_close(clickhouse);
	remark_release(&w.remark);
	return status;
}

int
reading_print(struct reading *r, struct question *q, uint64_t limit)
{
	struct out out;
	struct output_format present = { .out = &out, .row_max = limit };
	int status;

	out_init(&out, STDOUT_FILENO, &face_stop);
	set_format(r, &present);
	status = r->explain ? explain(q, &out) : ask_and_print(r, q, &present);
	output_format_release(&present);
	out_release(&out);
	return status;
}

int
reading_finish(struct reading *r, struct question *q, const struct refusal *refused, uint64_t limit)
{
	int status = refused ? reading_refused(r, refused) : reading_print(r, q, limit);

	question_release(q);
	return status;
}

bool
reading_where(const struct reading *r, struct ask *ask, struct refusal *e)
{
	size_t i;

	for (i = 0; i < r->where.n; i++)
		if (!ask_set(ask, SPAN("where"), span_of(r->where.v[i]), e))
			return false;
	return true;
}

int
reading_run(struct reading *r, struct ask *ask)
{
	struct question q = { 0 };
	struct refusal e;
	bool good;

	if (!reading_period(r, &ask->period, &ask->project))
		return STATUS_ERROR;
	reading_filter(&ask->compare, r->compare);
	good = reading_where(r, ask, &e) && ask_question(ask, timestamp_now(), &q, &e);
	return reading_finish(r, &q, good ? NULL : &e, ask->limit);
}
