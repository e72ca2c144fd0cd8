#include "ask/question.h"

#include <stdarg.h>
#include <stdio.h>

#include "ask/time_words.h"
#include "base/utf8.h"
#include "text/json.h"

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

static bool
read_period(struct period *p, const struct period_text *text, int64_t now, struct refusal *e)
{
	struct span s = text->period;

	if (!s.p)
		return read_time(p, text->from, "from", now, &p->from, e) &&
		    read_time(p, text->to, "to", now, &p->to, e);
	if (text->from.p || text->to.p)
		return refuse(e, REFUSAL_INVALID_PARAMS, "period", "stands in place of %s",
		    text->from.p ? "from" : "to");
	return time_words_period(s.p, s.n, p->zone, now, &p->from, &p->to) ||
	    refuse(e, REFUSAL_INVALID_PARAMS, "period",
		TIME_WORDS_PERIOD_EXPECTED "; in the years 1900 to 2299");
}

bool
question_period(struct period *p, const struct period_text *text, int64_t now, struct refusal *e)
{
	struct buf error = BUF_INIT;

	*p = (struct period){ .zone = zone_open(text->tz.p ? text->tz : SPAN("UTC"), &error) };
	if (!p->zone)
		refuse(e, REFUSAL_INVALID_PARAMS, "tz", "%.*s", (int)error.n, error.p);
	buf_release(&error);
	if (!p->zone || !read_period(p, text, now, e))
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
	q->limit = limit;
	if (q->half)
		return;
	buf_adds(&q->sql, "\nLIMIT {limit:UInt32} + 1");
	question_add_number(q, "limit", limit);
}

/* ---- parts --------------------------------------------------------------------- */

static const struct clickhouse_param *
find_param(const struct question *q, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < q->param_count; i++)
		if (span_eq(span_of(q->params[i].name), (struct span){ name, n }))
			return &q->params[i];
	return NULL;
}

/* The value where it lives as long as the question: in the other one are its times alone. */
static struct span
keep_value(struct question *q, const struct question *other, struct span value)
{
	if (value.p == other->from) {
		memcpy(q->other_from, other->from, sizeof(q->other_from));
		value.p = q->other_from;
	} else if (value.p == other->to) {
		memcpy(q->other_to, other->to, sizeof(q->other_to));
		value.p = q->other_to;
	}
	return value;
}

/* Adds {name:, or what the other's value of this name is bound to. */
static void
add_reference(
    struct question *q, const struct question *other, size_t *bound, const char *name, size_t n)
{
	const struct clickhouse_param *theirs = find_param(other, name, n);
	const struct clickhouse_param *ours = find_param(q, name, n);
	size_t i;

	if (!theirs || (ours && span_eq(ours->value, theirs->value))) {
		buf_addf(&q->sql, "{%.*s:", (int)n, name);
		return;
	}
	i = (size_t)(theirs - other->params);
	if (bound[i] == SIZE_MAX)
		bound[i] = question_bind(q, keep_value(q, other, theirs->value));
	buf_addf(&q->sql, "{p%zu:", bound[i]);
}

/* Braces stand for parameters alone: texts are never part of the SQL. */
void
question_add_part(struct question *q, const struct question *other)
{
	size_t bound[QUESTION_PARAMS_MAX], i;
	struct span rest = { other->sql.p, other->sql.n };

	q->sql.failed |= other->sql.failed;
	for (i = 0; i < other->asked_count; i++)
		question_note_event(q, other->asked[i]);
	for (i = 0; i < other->property_count; i++)
		question_note_property(q, other->property[i]);
	for (i = 0; i < QUESTION_PARAMS_MAX; i++)
		bound[i] = SIZE_MAX;
	while (rest.n > 0) {
		size_t open = span_find(rest, SPAN("{")), n;

		buf_add(&q->sql, rest.p, open);
		rest = (struct span){ rest.p + open, rest.n - open };
		if (rest.n == 0)
			return;
		n = span_find(rest, SPAN(":"));
		add_reference(q, other, bound, rest.p + 1, n - 1);
		rest = (struct span){ rest.p + n + 1, rest.n - n - 1 };
	}
}

static void
note(struct span *list, size_t *n, struct span name)
{
	size_t i;

	for (i = 0; i < *n && !span_eq(list[i], name); i++)
		;
	if (i == *n && i < QUESTION_ASKED_MAX)
		list[(*n)++] = name;
}

void
question_note_event(struct question *q, struct span name)
{
	note(q->asked, &q->asked_count, name);
}

void
question_note_property(struct question *q, struct span key)
{
	note(q->property, &q->property_count, key);
}

void
question_bind_period(struct question *q, struct span project)
{
	if (q->project.p) /* in another part of the SQL already */
		return;
	timestamp_format(q->from, q->period.from);
	timestamp_format(q->to, q->period.to);
	q->project = project;
	question_add_param(q, "project", project);
	question_add_param(q, "from", (struct span){ q->from, TIMESTAMP_TEXT });
	question_add_param(q, "to", (struct span){ q->to, TIMESTAMP_TEXT });
}

void
question_bind_start(struct question *q, int64_t ms)
{
	timestamp_format(q->end, ms);
	question_add_param(q, "start", (struct span){ q->end, TIMESTAMP_TEXT });
}

void
question_add_period(struct question *q, struct span project)
{
	buf_adds(&q->sql,
	    "project_id = {project:UUID} AND timestamp >= {from:DateTime64(3, 'UTC')} "
	    "AND timestamp < {to:DateTime64(3, 'UTC')}");
	question_bind_period(q, project);
}

void
question_add_days(struct question *q, struct span project)
{
	buf_adds(&q->sql, "project_id = {project:UUID} AND day >= {from:Date} AND day < {to:Date}");
	date_format(q->from, q->period.from);
	date_format(q->to, q->period.to);
	q->project = project;
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
		q->columns[q->column_count++] =
		    (struct question_column){ name, name, name, role, kind };
}

void
question_set_title(struct question *q, const char *title)
{
	if (q->column_count > 0)
		q->columns[q->column_count - 1].title = title;
}

/* What a terminal may not see as it is. */
static bool
needs_scrubbing(struct span v)
{
	struct buf b = BUF_INIT;
	bool differs;

	buf_add_scrubbed(&b, v.p, v.n);
	differs = !span_eq(v, (struct span){ b.p, b.n });
	buf_release(&b);
	return differs;
}

bool
question_can_name(struct span name)
{
	return name.n <= QUESTION_KEY_MAX && !needs_scrubbing(name);
}

void
question_title_as(struct question *q, struct span title)
{
	char *to = q->title[q->titles];
	size_t n = utf8_cut(title.p, title.n, QUESTION_TITLE_MAX);

	if (!question_can_name(title) || title.n == 0)
		return;
	if (q->titles == QUESTION_TITLES_MAX) {
		q->sql.failed = true;
		return;
	}
	q->titles++;
	memcpy(to, title.p, n);
	to[n] = '\0';
	question_set_title(q, to);
}

void
question_add_key(struct question *q, struct span name, const char *alias)
{
	char *key = q->key[q->keys];

	if (q->keys == QUESTION_KEYS_MAX || !question_can_name(name)) {
		q->sql.failed = true;
		return;
	}
	q->keys++;
	memcpy(key, name.p, name.n);
	key[name.n] = '\0';
	question_add_column(q, key, COLUMN_KEY, KIND_TEXT);
	if (!q->sql.failed)
		q->columns[q->column_count - 1].alias = alias;
}

/*
 * The value as a literal of SQL: what it holds is read as a field of the format
 * TabSeparated, so that escapes stand in it twice.  A newline never stands as such,
 * hence no value ends the line that it is on.
 */
static void
add_literal(struct buf *b, struct span v)
{
	bool scrub = needs_scrubbing(v);
	size_t i;

	buf_addc(b, '\'');
	for (i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if (c == '\\')
			buf_adds(b, "\\\\\\\\");
		else if (c == '\'')
			buf_adds(b, "\\'");
		else if (scrub && (c < ' ' || c >= 0x7f))
			buf_addf(b, "\\\\x%02x", c);
		else
			buf_addc(b, v.p[i]);
	}
	buf_addc(b, '\'');
}

void
question_explain(const struct question *q, struct buf *b)
{
	char from[TIMESTAMP_TEXT], to[TIMESTAMP_TEXT];
	size_t i;

	timestamp_format(from, q->other.from);
	timestamp_format(to, q->other.to);
	buf_addf(b, "-- reads %s: %s\n", q->table, q->why);
	if (q->compares)
		buf_addf(b, "-- compares it with what %s has from %.*s to %.*s\n", q->other_table,
		    (int)sizeof(from), from, (int)sizeof(to), to);
	for (i = 0; i < q->param_count; i++) {
		buf_addf(b, "SET param_%s = ", q->params[i].name);
		add_literal(b, q->params[i].value);
		buf_adds(b, ";\n");
	}
	buf_add(b, q->sql.p, q->sql.n);
	buf_adds(b, ";\n");
	if (q->sql.failed)
		b->failed = true;
}

const char *
question_bind_zone(struct question *q)
{
	size_t i;

	if (zone_is_utc(q->period.zone))
		return "'UTC'";
	for (i = 0; i < q->param_count && strcmp(q->params[i].name, "tz") != 0; i++)
		;
	if (i == q->param_count)
		question_add_param(q, "tz", span_of(zone_name(q->period.zone)));
	return "{tz:String}";
}

void
question_add_day(struct question *q, const char *zone)
{
	buf_addf(&q->sql, "toDate32(timestamp, %s)", zone);
}

void
question_add_monday(struct question *q, const char *zone)
{
	buf_adds(&q->sql, "addDays(");
	question_add_day(q, zone);
	buf_adds(&q->sql, " AS date, 1 - toDayOfWeek(date))");
}

void
question_add_first(struct question *q, const char *zone)
{
	buf_adds(&q->sql, "addDays(");
	question_add_day(q, zone);
	buf_adds(&q->sql, " AS date, 1 - toDayOfMonth(date))");
}

/* ---- rows as they are promised, whatever the server's settings -------------- */

struct row_cleaner {
	struct question *question;
	clickhouse_row *row;
	void *context;
	struct buf text, mended;
	bool mends; /* some column is no text, or has another name */
	uint64_t rows;
	bool failed; /* memory was out */
};

/* "\/" is "/", as servers write it by default. */
static void
add_unslashed(struct buf *b, const char *p, size_t n)
{
	const char *end = p + n, *escape;

	while ((escape = memchr(p, '\\', (size_t)(end - p))) != NULL && end - escape > 1) {
		buf_add(b, p, (size_t)(escape - p));
		if (escape[1] != '/')
			buf_addc(b, '\\');
		buf_addc(b, escape[1]);
		p = escape + 2;
	}
	buf_add(b, p, (size_t)(end - p));
}

/* Bytes that are no UTF-8, which others may have stored, become U+FFFD. */
static void
add_text(struct buf *b, const char *p, size_t n)
{
	size_t good;

	while (!utf8_valid(p, n, &good)) {
		add_unslashed(b, p, good);
		buf_adds(b, "\xef\xbf\xbd");
		p += good + 1;
		n -= good + 1;
	}
	add_unslashed(b, p, n);
}

static bool
is_number(struct span s)
{
	size_t i;

	for (i = 0; i < s.n && strchr("0123456789.eE+-", s.p[i]) && s.p[i]; i++)
		;
	return s.n > 0 && i == s.n;
}

/* Servers before 25.8 write large integers as strings; and keys get their names. */
static struct span
mend_members(struct row_cleaner *c)
{
	const char *done = c->text.p, *end = done + c->text.n;
	struct json_member m;
	struct json_scan s;
	size_t i;

	buf_reset(&c->mended);
	json_open(&s, c->text.p, c->text.n);
	for (i = 0; i < c->question->column_count && json_next(&s, &m); i++) {
		const struct question_column *column = &c->question->columns[i];
		struct span raw = m.value.raw, inside;

		if (column->name != column->alias) {
			buf_add(&c->mended, done, (size_t)(m.key.raw.p - done));
			json_add_string(&c->mended, column->name, strlen(column->name));
			done = m.key.raw.p + m.key.raw.n;
		}
		if (column->kind == KIND_TEXT || m.value.type != JSON_STRING)
			continue;
		inside = (struct span){ raw.p + 1, raw.n - 2 };
		if (!is_number(inside))
			continue;
		buf_add(&c->mended, done, (size_t)(raw.p - done));
		buf_add(&c->mended, inside.p, inside.n);
		done = raw.p + raw.n;
	}
	if (done == c->text.p)
		return (struct span){ c->text.p, c->text.n };
	buf_add(&c->mended, done, (size_t)(end - done));
	return (struct span){ c->mended.p, c->mended.n };
}

static bool
on_row(void *context, const char *p, size_t n)
{
	struct row_cleaner *c = context;
	struct span row;

	/* one more only: others that were not asked for are the caller's to refuse */
	if (c->question->limit > 0 && ++c->rows == c->question->limit + 1) {
		c->question->cut = true;
		return true;
	}
	buf_reset(&c->text);
	add_text(&c->text, p, n);
	row = (struct span){ c->text.p, c->text.n };
	if (c->mends && !c->text.failed)
		row = mend_members(c);
	c->failed = c->text.failed || c->mended.failed;
	return !c->failed && c->row(c->context, row.p, row.n);
}

/*
 * No setting goes along, since a user with readonly=1 may change none: what the
 * answer depends on is asked for in the SQL, or put right in the rows.
 */
enum clickhouse_status
question_select(struct clickhouse *c, struct question *q, clickhouse_row *row, void *context,
    struct clickhouse_error *e)
{
	struct row_cleaner cleaner = { .question = q, .row = row, .context = context };
	size_t n = q->sql.n, i;
	enum clickhouse_status status = CLICKHOUSE_OK;

	/* for every output: in others a value with a newline could pass for an exception */
	buf_adds(&q->sql, "\nFORMAT JSONEachRow");
	buf_addc(&q->sql, '\0');
	for (i = 0; i < q->column_count; i++)
		cleaner.mends |=
		    q->columns[i].kind != KIND_TEXT || q->columns[i].name != q->columns[i].alias;
	if (!q->sql.failed && q->stream)
		status = clickhouse_stream(c, q->sql.p, q->params, on_row, &cleaner, e);
	else if (!q->sql.failed)
		status = clickhouse_select(c, q->sql.p, q->params, NULL, on_row, &cleaner, e);
	if (q->sql.failed || cleaner.failed) {
		*e = (struct clickhouse_error){ .status = CLICKHOUSE_UNKNOWN };
		snprintf(e->text, sizeof(e->text), "out of memory");
		status = e->status;
	}
	buf_release(&cleaner.text);
	buf_release(&cleaner.mended);
	q->sql.n = n;
	return status;
}
