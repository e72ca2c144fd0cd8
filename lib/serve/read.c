#include "serve/read.h"

#include "ask/ask.h"
#include "serve/params.h"
#include "text/json.h"

#include "base/banned.h"

/* ---- errors ----------------------------------------------------------------- */

/* "a, b, c" as a list of strings. */
static void
add_names(struct buf *b, const char *names)
{
	size_t n;

	buf_addc(b, '[');
	for (; *names; names += n) {
		names += strspn(names, ", ");
		n = strcspn(names, ",");
		json_add_string(b, names, n);
		if (names[n])
			buf_addc(b, ',');
	}
	buf_addc(b, ']');
}

static unsigned
fail(struct buf *b, unsigned status, const char *code, const char *text)
{
	buf_addf(b, "{\"error\":\"%s\",\"details\":", code);
	json_add_string(b, text, strlen(text));
	buf_adds(b, "}\n");
	return status;
}

/* The details have the form of those of an event that is refused. */
static unsigned
fail_refused(struct buf *b, const struct refusal *r)
{
	if (strcmp(r->code, REFUSAL_INTERNAL) == 0)
		return fail(b, 500, r->code, r->text);
	buf_addf(b, "{\"error\":\"%s\",\"details\":{\"fieldErrors\":{", r->code);
	if (r->parameter)
		buf_addf(b, "\"%s\":[", r->parameter);
	else
		buf_adds(b, "},\"formErrors\":[");
	json_add_string(b, r->text, strlen(r->text));
	buf_adds(b, r->parameter ? "]},\"formErrors\":[]}" : "]}");
	if (strcmp(r->code, REFUSAL_INVALID_GROUP_BY) == 0) {
		buf_adds(b, ",\"allowed\":");
		add_names(b, ASK_ALL_GROUPS);
	}
	buf_adds(b, "}\n");
	return 400;
}

static unsigned
fail_upstream(struct buf *b, const struct clickhouse_error *e)
{
	switch (e->status) {
	case CLICKHOUSE_STOPPED:
		return fail(b, 502, "upstream_failed", "this server is ending: ask again");
	case CLICKHOUSE_TRANSIENT:
		return fail(b, 502, "upstream_failed",
		    "ClickHouse can't be reached, or is busy: ask again later");
	default:
		return fail(b, 502, "upstream_failed",
		    "ClickHouse did not answer this question; the log of this server says why");
	}
}

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
		status = fail_refused(b, &r);
	else if (question_add_object(c, &q, b, e) != CLICKHOUSE_OK)
		status = fail_upstream(b, e);
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
		status = fail(body, 500, REFUSAL_INTERNAL, "out of memory");
	else if (!set_params(&ask, &params, &r))
		status = fail_refused(body, &r);
	else
		status = answer(&ask, c, body, e);
	params_release(&params);
	return status;
}
