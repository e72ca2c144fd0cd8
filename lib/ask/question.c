#include "ask/question.h"

#include <stdarg.h>
#include <stdio.h>

#include "ask/time_words.h"

#include "base/banned.h"

bool
refuse(struct refusal *r, const char *code, const char *parameter, const char *fmt, ...)
{
	va_list ap;

	r->code = code;
	r->parameter = parameter;
	va_start(ap, fmt);
	vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
	return false;
}

static bool
read_time(const struct period *p, struct span text, const char *name, int64_t now, int64_t *ms,
    struct refusal *e)
{
	if (!text.p)
		return refuse(e, REFUSAL_INVALID_PARAMS, name, "missing; " TIME_WORDS_EXPECTED);
	if (!time_words_parse(text.p, text.n, p->zone, now, ms))
		return refuse(e, REFUSAL_INVALID_PARAMS, name,
		    TIME_WORDS_EXPECTED "; in the years 1900 to 2299");
	return true;
}

bool
question_period(struct period *p, const struct period_text *text, int64_t now, struct refusal *e)
{
	struct buf error = BUF_INIT;

	*p = (struct period){ .zone = zone_open(text->tz.p ? text->tz : SPAN("UTC"), &error) };
	if (!p->zone)
		refuse(e, REFUSAL_INVALID_PARAMS, "tz", "%.*s", (int)error.n, error.p);
	buf_release(&error);
	if (!p->zone || !read_time(p, text->from, "from", now, &p->from, e) ||
	    !read_time(p, text->to, "to", now, &p->to, e))
		return false;
	if (p->from >= p->to)
		return refuse(e, REFUSAL_INVALID_PARAMS, "from",
		    "has to be before the end of the period (to), which is not part of it");
	return true;
}

void
question_begin(struct question *q, struct period period)
{
	memset(q, 0, sizeof(*q));
	q->table = "events";
	q->object = "{\"rows\":[";
	q->period = period;
}

void
question_release(struct question *q)
{
	buf_release(&q->sql);
	period_release(&q->period);
}

void
question_add_param(struct question *q, const char *name, struct span value)
{
	if (q->param_count == QUESTION_PARAMS_MAX)
		q->sql.failed = true;
	else
		q->params[q->param_count++] = (struct clickhouse_param){ name, value };
}

size_t
question_bind(struct question *q, struct span value)
{
	size_t index = q->param_count;

	if (index < QUESTION_PARAMS_MAX)
		snprintf(q->names[index], QUESTION_NAME_MAX, "p%u", (unsigned)(index % 1000));
	question_add_param(q, q->names[index % QUESTION_PARAMS_MAX], value);
	return index;
}

void
question_add_bound(struct question *q, const char *type, size_t index)
{
	buf_addf(&q->sql, "{p%zu:%s}", index, type);
}

void
question_add_value(struct question *q, const char *type, struct span value)
{
	question_add_bound(q, type, question_bind(q, value));
}

void
question_add_number(struct question *q, const char *name, uint64_t number)
{
	char *text = q->number[q->numbers];
	int n;

	if (q->numbers == QUESTION_NUMBERS_MAX) {
		q->sql.failed = true;
		return;
	}
	q->numbers++;
	n = snprintf(text, sizeof(q->number[0]), "%llu", (unsigned long long)number);
	question_add_param(q, name, (struct span){ text, (size_t)n });
}

void
question_add_limit(struct question *q, uint64_t limit)
{
	question_add_number(q, "limit", limit);
}

void
question_add_period(struct question *q, struct span project)
{
	buf_adds(&q->sql,
	    "project_id = {project:UUID} AND timestamp >= {from:DateTime64(3, 'UTC')} "
	    "AND timestamp < {to:DateTime64(3, 'UTC')}");
	timestamp_format(q->from, q->period.from);
	timestamp_format(q->to, q->period.to);
	question_add_param(q, "project", project);
	question_add_param(q, "from", (struct span){ q->from, TIMESTAMP_TEXT });
	question_add_param(q, "to", (struct span){ q->to, TIMESTAMP_TEXT });
}

void
question_add_days(struct question *q, struct span project)
{
	buf_adds(&q->sql, "project_id = {project:UUID} AND day >= {from:Date} AND day < {to:Date}");
	date_format(q->from, q->period.from);
	date_format(q->to, q->period.to);
	question_add_param(q, "project", project);
	question_add_param(q, "from", (struct span){ q->from, DATE_TEXT });
	question_add_param(q, "to", (struct span){ q->to, DATE_TEXT });
}

void
question_add_column(
    struct question *q, const char *name, enum column_role role, enum question_kind kind)
{
	if (q->column_count == QUESTION_COLUMNS_MAX)
		q->sql.failed = true;
	else
		q->columns[q->column_count++] = (struct question_column){ name, name, role, kind };
}

void
question_set_title(struct question *q, const char *title)
{
	if (q->column_count > 0)
		q->columns[q->column_count - 1].title = title;
}

void
question_explain(const struct question *q, struct buf *b)
{
	size_t i;

	buf_addf(b, "-- reads %s: %s\n", q->table, q->why);
	for (i = 0; i < q->param_count; i++) {
		buf_addf(b, "-- {%s} = ", q->params[i].name);
		buf_add_scrubbed(b, q->params[i].value.p, q->params[i].value.n);
		buf_addc(b, '\n');
	}
	buf_add(b, q->sql.p, q->sql.n);
	buf_addc(b, '\n');
	if (q->sql.failed)
		b->failed = true;
}

enum clickhouse_status
question_select(struct clickhouse *c, struct question *q, clickhouse_row *row, void *context,
    struct clickhouse_error *e)
{
	static const struct clickhouse_setting settings[] = {
		/* dates before 1970 and after 2149 */
		{ "enable_extended_results_for_datetime_functions", "1" },
		{ "output_format_json_escape_forward_slashes", "0" },
		{ "output_format_json_quote_64bit_integers", "0" },
		{ "output_format_json_validate_utf8", "1" },
		{ NULL, NULL },
	};
	size_t n = q->sql.n;
	enum clickhouse_status status;

	/* for every output: in others a value with a newline could pass for an exception */
	buf_adds(&q->sql, "\nFORMAT JSONEachRow");
	buf_addc(&q->sql, '\0');
	if (q->sql.failed) {
		*e = (struct clickhouse_error){ .status = CLICKHOUSE_UNKNOWN };
		snprintf(e->text, sizeof(e->text), "out of memory");
		return e->status;
	}
	status = clickhouse_select(c, q->sql.p, q->params, settings, row, context, e);
	q->sql.n = n;
	return status;
}
