#include "mcp/mcp_ask.h"

#include "ask/answer.h"
#include "ask/property.h"

#include "base/banned.h"

/* ---- arguments to parameters ------------------------------------------------ */

void
mcp_ask_release(struct mcp_ask *t)
{
	buf_release(&t->texts);
}

static void
fail(struct mcp_answer *a, enum rpc_code code, const char *message)
{
	a->code = code;
	buf_adds(&a->message, message);
}

static void
fail_refused(struct mcp_answer *a, const struct refusal *r)
{
	a->code = strcmp(r->code, REFUSAL_INTERNAL) == 0 ? RPC_SERVER_ERROR : RPC_INVALID_PARAMS;
	if (r->parameter)
		buf_addf(&a->message, "%s: ", r->parameter);
	buf_adds(&a->message, r->text);
	buf_addf(&a->data, "{\"error\":\"%s\"}", r->code);
}

/* Appends to `texts`, which has the room: spans into it stay where they are. */
static struct span
keep_text(struct mcp_ask *t, const struct json_value *v)
{
	struct span text = { t->texts.p + t->texts.n, v->raw.n };

	if (v->type == JSON_STRING)
		text.n = json_unescape(v->raw, t->texts.p + t->texts.n);
	else
		memcpy(t->texts.p + t->texts.n, v->raw.p, v->raw.n);
	t->texts.n += text.n;
	return text;
}

/* A list of strings becomes one text, with commas between. */
static bool
keep_list(struct mcp_ask *t, const struct json_value *v, struct span *text)
{
	struct json_value element;
	struct json_scan s;
	size_t start = t->texts.n;

	json_open(&s, v->raw.p, v->raw.n);
	json_enter_array(&s);
	while (json_next_element(&s, &element)) {
		if (element.type != JSON_STRING)
			return false;
		if (t->texts.n > start)
			t->texts.p[t->texts.n++] = ',';
		keep_text(t, &element);
	}
	*text = (struct span){ t->texts.n > start ? t->texts.p + start : NULL, t->texts.n - start };
	return true;
}

/* The text of an argument's value; p is NULL for null, which means absent. */
static bool
take_value(struct mcp_ask *t, const struct json_value *v, bool is_list, struct span *value,
    struct refusal *r)
{
	*value = (struct span){ NULL, 0 };
	switch (v->type) {
	case JSON_NULL:
		return true;
	case JSON_STRING:
	case JSON_NUMBER:
		*value = keep_text(t, v);
		return true;
	case JSON_ARRAY:
		if (is_list && keep_list(t, v, value))
			return true;
		break;
	default:
		break;
	}
	if (is_list)
		return refuse(
		    r, REFUSAL_INVALID_GROUP_BY, "group_by", "expected a list of strings");
	return refuse(r, REFUSAL_INVALID_PARAMS, NULL,
	    "an argument is a string or a number, but for group_by and steps");
}

/* Unescaped, and with commas, texts are never longer than what they stand in. */
static bool
open_arguments(
    struct mcp_ask *t, struct json_scan *s, const struct json_value *arguments, struct refusal *r)
{
	struct span object = arguments->raw.p ? arguments->raw : SPAN("{}");

	buf_reset(&t->texts);
	json_open(s, object.p, object.n);
	return buf_room(&t->texts, object.n) || refuse(r, REFUSAL_INTERNAL, NULL, "out of memory");
}

static bool
add_conditions(struct mcp_ask *t, struct ask *ask, const struct json_value *list, struct refusal *r)
{
	struct json_value element;
	struct json_scan s;

	json_open(&s, list->raw.p, list->raw.n);
	if (!json_enter_array(&s))
		return refuse(r, REFUSAL_INVALID_PARAMS, "where", "expected a list of strings");
	while (json_next_element(&s, &element)) {
		if (element.type != JSON_STRING)
			return refuse(
			    r, REFUSAL_INVALID_PARAMS, "where", "expected a list of strings");
		if (!ask_set(ask, SPAN("where"), keep_text(t, &element), r))
			return false;
	}
	return true;
}

static bool
set_ask(struct mcp_ask *t, struct ask *ask, const struct json_value *arguments, struct refusal *r)
{
	struct span name, value;
	struct json_member m;
	struct json_scan s;

	if (!open_arguments(t, &s, arguments, r))
		return false;
	while (json_next(&s, &m)) {
		name = keep_text(t, &m.key);
		if (m.value.type == JSON_ARRAY && span_eq(name, SPAN("where"))) {
			if (!add_conditions(t, ask, &m.value, r))
				return false;
			continue;
		}
		if (!take_value(t, &m.value, span_eq(name, SPAN("group_by")), &value, r) ||
		    (value.p && !ask_set(ask, name, value, r)))
			return false;
	}
	return true;
}

static bool
add_steps(struct mcp_ask *t, struct funnel *f, const struct json_value *list, struct refusal *r)
{
	struct json_value element;
	struct json_scan s;

	f->steps = 0;
	json_open(&s, list->raw.p, list->raw.n);
	if (!json_enter_array(&s))
		return refuse(r, REFUSAL_INVALID_PARAMS, "steps", "expected a list of strings");
	while (json_next_element(&s, &element)) {
		if (element.type != JSON_STRING)
			return refuse(
			    r, REFUSAL_INVALID_PARAMS, "steps", "expected a list of strings");
		if (!funnel_add_step(f, keep_text(t, &element), r))
			return false;
	}
	return true;
}

static bool
set_funnel(
    struct mcp_ask *t, struct funnel *f, const struct json_value *arguments, struct refusal *r)
{
	struct span name, value;
	struct json_member m;
	struct json_scan s;

	if (!open_arguments(t, &s, arguments, r))
		return false;
	while (json_next(&s, &m)) {
		name = keep_text(t, &m.key);
		if (span_eq(name, SPAN("steps"))) {
			if (!add_steps(t, f, &m.value, r))
				return false;
		} else if (!take_value(t, &m.value, false, &value, r) ||
		    (value.p && !funnel_set(f, name, value, r))) {
			return false;
		}
	}
	return true;
}

/* ---- rows to an answer ------------------------------------------------------- */

static void
select_rows(struct mcp_ask *t, struct question *q, struct mcp_answer *a)
{
	struct clickhouse_error e;

	switch (answer_add_object(t->clickhouse, q, &a->json, &e)) {
	case CLICKHOUSE_OK:
		break;
	case CLICKHOUSE_STOPPED:
		a->cancelled = true;
		break;
	default:
		fail(a, RPC_SERVER_ERROR, e.text);
		buf_adds(&a->data, "{\"error\":\"upstream_failed\"}");
		break;
	}
}

static void
ask_it(struct mcp_ask *t, struct ask *ask, struct mcp_answer *a)
{
	struct question q = { 0 };
	struct refusal r;

	ask->project = t->project;
	if (ask_question(ask, timestamp_now(), &q, &r))
		select_rows(t, &q, a);
	else
		fail_refused(a, &r);
	question_release(&q);
}

void
mcp_ask_rows(
    struct mcp_ask *t, enum ask_kind kind, const struct json_value *arguments, struct mcp_answer *a)
{
	struct refusal r;
	struct ask ask;

	ask_init(&ask, kind);
	if (set_ask(t, &ask, arguments, &r))
		ask_it(t, &ask, a);
	else
		fail_refused(a, &r);
}

/* The option --step is the argument steps. */
static void
fail_steps(struct mcp_answer *a, struct refusal *r)
{
	if (r->parameter && strcmp(r->parameter, "step") == 0)
		r->parameter = "steps";
	fail_refused(a, r);
}

void
mcp_ask_funnel(struct mcp_ask *t, const struct json_value *arguments, struct mcp_answer *a)
{
	struct question q = { 0 };
	struct refusal r;
	struct funnel f;

	funnel_init(&f);
	f.project = t->project;
	if (set_funnel(t, &f, arguments, &r) && funnel_question(&f, timestamp_now(), &q, &r))
		select_rows(t, &q, a);
	else
		fail_steps(a, &r);
	question_release(&q);
}

void
mcp_ask_recent(struct mcp_ask *t, struct mcp_answer *a)
{
	struct ask ask;

	ask_init(&ask, ASK_QUERY);
	ask.period.from = SPAN("1900-01-01");
	ask.period.to = SPAN("2299-12-31");
	ask_it(t, &ask, a);
}

static void
add_schema_sql(struct question *q, struct span project)
{
	question_add_column(q, "event_name", COLUMN_KEY, KIND_TEXT);
	question_add_column(q, "count", COLUMN_VALUE, KIND_NUMBER);
	buf_adds(&q->sql,
	    "SELECT event_name, count, last_day, properties\n"
	    "FROM\n(\n"
	    "SELECT event_name, sum(events) AS count, max(day) AS last_day\n"
	    "FROM daily_rollup\nWHERE ");
	question_add_days(q, project);
	buf_adds(&q->sql,
	    "\nGROUP BY event_name\nORDER BY count DESC, event_name\nLIMIT 200\n) AS names\n"
	    "LEFT JOIN\n(\n"
	    "SELECT event_name, arraySort(groupUniqArrayArray(100)(");
	property_add_names(q);
	buf_adds(&q->sql,
	    ")) AS properties\nFROM\n(\n"
	    "SELECT event_name, properties FROM events\n"
	    "WHERE project_id = {project:UUID}\n"
	    "ORDER BY timestamp DESC LIMIT 10000\n)\n"
	    "GROUP BY event_name\n) AS latest USING event_name\n"
	    "ORDER BY count DESC, event_name");
}

void
mcp_ask_schema(struct mcp_ask *t, struct mcp_answer *a)
{
	const struct period_text text = { .from = SPAN("today-29d"), .to = SPAN("tomorrow") };
	struct question q = { 0 };
	struct period period;
	struct refusal r;
	bool good = question_period(&period, &text, timestamp_now(), &r);

	question_begin(&q, period);
	q.object = "{\"events\":[";
	if (good) {
		add_schema_sql(&q, t->project);
		select_rows(t, &q, a);
	} else {
		fail_refused(a, &r);
	}
	question_release(&q);
}
