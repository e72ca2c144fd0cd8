#include "serve/read.h"

#include "ask/answer.h"
#include "ask/ask.h"
#include "ask/time_words.h"
#include "serve/params.h"
#include "serve/read_error.h"
#include "show/page.h"

#include "base/banned.h"

/* ---- questions ---------------------------------------------------------------- */

static bool
set_params(struct ask *ask, struct params *p, struct refusal *r)
{
	struct span name, value;

	for (;;) {
		switch (params_next(p, &name, &value, r)) {
		case PARAMS_END:
			return true;
		case PARAMS_REFUSED:
			return false;
		case PARAMS_ONE:
			if (!ask_set(ask, name, value, r))
				return false;
		}
	}
}

static unsigned
answer(struct ask *ask, struct clickhouse *c, struct buf *b, struct clickhouse_error *e)
{
	struct question q = { 0 };
	struct refusal r;
	unsigned status = 200;

	if (!ask_question(ask, timestamp_now(), &q, &r))
		status = read_refused(b, &r);
	else if (answer_add_object(c, &q, b, e) != CLICKHOUSE_OK)
		status = read_upstream(b, e);
	else
		buf_addc(b, '\n');
	question_release(&q);
	return status;
}

unsigned
read_answer(enum read_route route, struct span query, struct span project, struct clickhouse *c,
    struct buf *body, struct clickhouse_error *e)
{
	static const enum ask_kind kinds[] = {
		[READ_QUERY] = ASK_QUERY,
		[READ_STATS] = ASK_STATS,
		[READ_SOURCES] = ASK_SOURCES,
	};
	struct params params;
	struct refusal r;
	struct ask ask;
	unsigned status;

	*e = (struct clickhouse_error){ .status = CLICKHOUSE_OK };
	ask_init(&ask, kinds[route]);
	ask.project = project;
	if (!params_open(&params, query))
		status = read_error(body, 500, REFUSAL_INTERNAL, "out of memory");
	else if (!set_params(&ask, &params, &r))
		status = read_refused(body, &r);
	else
		status = answer(&ask, c, body, e);
	params_release(&params);
	return status;
}

/* ---- the report ----------------------------------------------------------------- */

static bool
set_period(struct period_text *text, struct params *p, struct refusal *r)
{
	const struct {
		const char *name;
		struct span *to;
	} known[] = {
		{ "period", &text->period },
		{ "from", &text->from },
		{ "to", &text->to },
		{ "tz", &text->tz },
	};
	enum { KNOWN = sizeof(known) / sizeof(known[0]) };
	enum params_result result;
	struct span name, value;
	size_t i;

	while ((result = params_next(p, &name, &value, r)) == PARAMS_ONE) {
		for (i = 0; i < KNOWN && !span_eq(name, span_of(known[i].name)); i++)
			;
		if (i == KNOWN)
			return refuse(r, REFUSAL_INVALID_PARAMS, NULL,
			    "unknown parameter; expected period, from, to, tz");
		*known[i].to = value;
	}
	if (result == PARAMS_END && !text->period.p && !text->from.p && !text->to.p)
		return refuse(
		    r, REFUSAL_INVALID_PARAMS, "period", "missing; " TIME_WORDS_PERIOD_EXPECTED);
	return result == PARAMS_END;
}

static unsigned
add_page(const struct period *period, struct report *page, struct clickhouse *c, struct buf *b,
    struct clickhouse_error *e)
{
	struct overview overview;
	unsigned status = 200;

	page->overview = &overview;
	if (overview_ask(&overview, c, page->project, period, page->made, e))
		page_add(b, page);
	else
		status = read_upstream(b, e);
	overview_release(&overview);
	return status;
}

unsigned
read_report(struct span query, struct span project, struct clickhouse *c, struct buf *body,
    const char **type, struct clickhouse_error *e)
{
	struct report page = {
		.title = SPAN("Analytics report"), .project = project, .made = timestamp_now()
	};
	struct period_text text = { .from = { NULL, 0 } };
	struct period period = { .zone = NULL };
	struct params params;
	struct refusal r;
	unsigned status;

	*e = (struct clickhouse_error){ .status = CLICKHOUSE_OK };
	if (!params_open(&params, query))
		status = read_error(body, 500, REFUSAL_INTERNAL, "out of memory");
	else if (!set_period(&text, &params, &r) || !question_period(&period, &text, page.made, &r))
		status = read_refused(body, &r);
	else
		status = add_page(&period, &page, c, body, e);
	if (status == 200)
		*type = "text/html; charset=utf-8";
	period_release(&period);
	params_release(&params);
	return status;
}
