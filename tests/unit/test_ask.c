/* From the API's parameters to SQL: what is bound, which table is read. */
#include "ask/ask.h"

#include "check.h"

#include "base/banned.h"

#define PROJECT "7f0c4a52-9d1e-4c8b-8a37-51f0c2d9e6b4"

static const int64_t now = INT64_C(1778958000000); /* 2026-05-16T19:00:00Z, a Saturday */

/* Sets parameters from "name=value&name=value"; false with the refusal. */
static bool
set_all(struct ask *a, enum ask_kind kind, const char *query, struct refusal *r)
{
	ask_init(a, kind);
	a->project = SPAN(PROJECT);
	while (*query) {
		size_t n = strcspn(query, "&"), name = strcspn(query, "=");

		if (!ask_set(a, (struct span){ query, name },
			(struct span){ query + name + 1, n - name - 1 }, r))
			return false;
		query += n + (query[n] == '&');
	}
	return true;
}

static bool
build(struct question *q, enum ask_kind kind, const char *query, struct refusal *r)
{
	struct ask a;

	*q = (struct question){ .table = "" };
	return set_all(&a, kind, query, r) && ask_question(&a, now, q, r);
}

static struct span
bound(const struct question *q, const char *name)
{
	size_t i;

	for (i = 0; q->params[i].name; i++)
		if (strcmp(q->params[i].name, name) == 0)
			return q->params[i].value;
	return (struct span){ NULL, 0 };
}

static bool
holds(struct span s, const char *text)
{
	size_t n = strlen(text), i;

	for (i = 0; i + n <= s.n; i++)
		if (memcmp(s.p + i, text, n) == 0)
			return true;
	return false;
}

static bool
sql_holds(const struct question *q, const char *text)
{
	return holds((struct span){ q->sql.p, q->sql.n }, text);
}

static void
test_which_table(void)
{
	static const struct {
		const char *query, *table, *why;
	} row[] = {
		{ "from=2026-05-01&to=2026-05-08", "daily_rollup", "whole days" },
		{ "from=2026-05-01&to=2026-05-08&metric=uniques&interval=day", "daily_rollup", "" },
		{ "from=2026-05-01&to=2026-05-08&interval=week", "daily_rollup", "" },
		{ "from=this-month&to=today&event=signup", "daily_rollup", "" },
		{ "from=2026-05-01&to=2026-05-08&group_by=event_name,source,medium,country,device_type",
		    "daily_rollup", "" },
		{ "from=2026-05-01&to=2026-05-08&interval=day&tz=Etc/UTC", "daily_rollup", "" },
		{ "from=2026-05-01T00:00:00Z&to=2026-05-08T00:00:00Z&tz=Asia/Tokyo", "daily_rollup",
		    "" },
		{ "from=2026-05-01&to=2026-05-08&group_by=path", "events", "no path" },
		{ "from=2026-05-01&to=2026-05-08&group_by=source,browser", "events", "no browser" },
		{ "from=2026-05-01&to=2026-05-08&interval=hour", "events", "hours are finer" },
		{ "from=2026-05-01&to=2026-05-08&interval=day&tz=Asia/Tokyo", "events",
		    "not of Asia/Tokyo" },
		{ "from=2026-05-01&to=2026-05-08&tz=Asia/Tokyo", "events", "midnight UTC" },
		{ "from=2026-05-01&to=now", "events", "midnight UTC" },
		{ "from=-7d&to=today", "events", "midnight UTC" },
		{ "from=1969-12-31&to=2026-05-08", "events", "1970" },
		{ "from=2026-05-01&to=2149-06-07", "events", "1970 to 2149" },
		{ "from=1970-01-01&to=2149-06-06", "daily_rollup", "" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct question q;
		struct refusal r = { .text = "" };

		CHECK(build(&q, ASK_STATS, row[i].query, &r), "%s: %s", row[i].query, r.text);
		CHECK(strcmp(q.table, row[i].table) == 0 && strstr(q.why, row[i].why), "%s: %s, %s",
		    row[i].query, q.table, q.why);
		CHECK(sql_holds(&q, "FROM daily_rollup") == (strcmp(q.table, "daily_rollup") == 0),
		    "%s", row[i].query);
		question_release(&q);
	}
}

/* Whatever the values are, the SQL is the same: nothing of them is in it. */
static void
test_values_are_bound(void)
{
	static const char hostile[] = "x') OR 1=1 -- {limit:UInt32}\n;";
	static const char *const names[] = { "event", "source", "medium", "user_id", "anonymous_id",
		"country" };
	struct question plain, q;
	struct refusal r = { .text = "" };
	struct ask a;
	size_t i;

	CHECK(build(&plain, ASK_QUERY,
		  "from=2026-05-01&to=2026-05-08&event=a&source=b&medium=c&user_id=d&anonymous_id=e"
		  "&country=f",
		  &r),
	    "%s", r.text);
	set_all(&a, ASK_QUERY, "from=2020-01-01&to=2020-01-02&limit=7", &r);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CHECK(ask_set(&a, span_of(names[i]), SPAN(hostile), &r), "%s", r.text);
	CHECK(ask_question(&a, now, &q, &r), "%s", r.text);
	CHECK(span_eq((struct span){ plain.sql.p, plain.sql.n }, (struct span){ q.sql.p, q.sql.n }),
	    "%.*s", (int)q.sql.n, q.sql.p);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CHECK(span_eq(bound(&q, names[i]), SPAN(hostile)), "%s", names[i]);
	CHECK(span_eq(bound(&q, "from"), SPAN("2020-01-01 00:00:00.000")), "from");
	CHECK(span_eq(bound(&q, "limit"), SPAN("7")), "limit");
	CHECK(span_eq(bound(&q, "project"), SPAN(PROJECT)), "project");
	question_release(&plain);
	question_release(&q);
}

/* Each parameter that the SQL names is bound, and each bound one is named. */
static void
test_names_match(void)
{
	static const struct {
		enum ask_kind kind;
		const char *query;
	} row[] = {
		{ ASK_QUERY, "from=-1d&to=now" },
		{ ASK_QUERY, "from=-1d&to=now&country=GB&user_id=" },
		{ ASK_STATS, "from=-1d&to=now" },
		{ ASK_STATS,
		    "from=-1d&to=now&interval=hour&tz=Asia/Kathmandu&event=a&group_by=os" },
		{ ASK_STATS, "from=-1d&to=now&interval=week&tz=Asia/Kathmandu" },
		{ ASK_STATS, "from=2026-05-01&to=today&interval=week&event=a" },
		{ ASK_STATS,
		    "from=-1d&to=now&interval=hour&tz=Asia/Kathmandu&event=a&compare=previous" },
		{ ASK_STATS,
		    "period=2026-04&interval=day&event=a&group_by=source&compare=previous" },
		{ ASK_STATS, "from=2026-04-01&to=2026-04-02T01:00:00Z&compare=2026-03" },
		{ ASK_STATS, "period=2026&metric=visits&where=properties.a=1&compare=last-year" },
		{ ASK_SOURCES, "from=-1d&to=now&breakdown=source" },
		{ ASK_SOURCES, "from=-1d&to=now&by=visits&compare=previous" },
		{ ASK_SOURCES, "from=2026-05-01&to=today" },
	};
	size_t i, k;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct question q;
		struct refusal r = { .text = "" };
		size_t named = 0;

		CHECK(build(&q, row[i].kind, row[i].query, &r), "%s: %s", row[i].query, r.text);
		for (k = 0; k < q.param_count; k++) {
			char start[40];

			snprintf(start, sizeof(start), "{%s:", q.params[k].name);
			CHECK(sql_holds(&q, start), "%s: %s is bound for nothing", row[i].query,
			    start);
		}
		for (k = 0; k + 1 < q.sql.n; k++) {
			char name[40];
			size_t n = k;

			if (q.sql.p[k] != '{')
				continue;
			while (q.sql.p[n] != ':')
				n++;
			snprintf(name, sizeof(name), "%.*s", (int)(n - k - 1), q.sql.p + k + 1);
			CHECK(bound(&q, name).p, "%s: %s is not bound", row[i].query, name);
			named++;
		}
		CHECK(named >= 4, "%s", row[i].query);
		question_release(&q);
	}
}

static void
test_refused(void)
{
	static const struct {
		enum ask_kind kind;
		const char *query, *code, *parameter, *text;
	} row[] = {
		{ ASK_STATS, "to=now", "invalid_params", "from", "missing; expected a date" },
		{ ASK_STATS, "from=now", "invalid_params", "to", "missing; expected a date" },
		{ ASK_STATS, "from=x&to=now", "invalid_params", "from", "expected a date" },
		{ ASK_STATS, "from=now&to=-1d", "invalid_params", "from", "before the end" },
		{ ASK_STATS, "from=now&to=now", "invalid_params", "from", "before the end" },
		{ ASK_STATS, "period=last-wek", "invalid_params", "period", "expected a word" },
		{ ASK_STATS, "period=last-week&from=-1d", "invalid_params", "period",
		    "in place of from" },
		{ ASK_STATS, "period=last-week&to=now", "invalid_params", "period",
		    "in place of to" },
		{ ASK_STATS, "from=-1d&to=now&tz=Mars/Base", "invalid_params", "tz",
		    "Europe/Berlin" },
		{ ASK_STATS, "metric=sum", "invalid_params", "metric", "count|uniques" },
		{ ASK_STATS, "interval=year", "invalid_params", "interval", "hour|day|week|month" },
		{ ASK_STATS, "interval=", "invalid_params", "interval", "hour|day|week|month" },
		{ ASK_STATS, "interval=hour|day", "invalid_params", "interval",
		    "hour|day|week|month" },
		{ ASK_STATS, "limit=0", "invalid_params", "limit", "1 to 1000" },
		{ ASK_STATS, "limit=1001", "invalid_params", "limit", "1 to 1000" },
		{ ASK_STATS, "limit=99999999999999999999999", "invalid_params", "limit",
		    "1 to 1000" },
		{ ASK_STATS, "limit=", "invalid_params", "limit", "1 to 1000" },
		{ ASK_STATS, "limit=5x", "invalid_params", "limit", "1 to 1000" },
		{ ASK_SOURCES, "limit=201", "invalid_params", "limit", "1 to 200" },
		{ ASK_SOURCES, "breakdown=medium", "invalid_params", "breakdown",
		    "source_medium|source" },
		{ ASK_SOURCES, "metric=count", "invalid_params", NULL,
		    "from, to, period, tz, breakdown, by, event, where, compare, limit" },
		{ ASK_QUERY, "compare=previous", "invalid_params", NULL, "unknown parameter" },
		{ ASK_STATS, "from=-1d&to=now&compare=", "invalid_params", "compare",
		    "previous, or a period: expected a word" },
		{ ASK_STATS, "period=1900-01&compare=previous", "invalid_params", "compare",
		    "before the year 1900" },
		{ ASK_QUERY, "metric=count", "invalid_params", NULL, "anonymous_id, country" },
		{ ASK_QUERY, "FROM=now", "invalid_params", NULL, "unknown parameter" },
		{ ASK_STATS, "from=-1d&to=now&group_by=colour", "invalid_group_by", "group_by",
		    "event_name, source, medium, campaign" },
		{ ASK_STATS, "from=-1d&to=now&group_by=", "invalid_group_by", "group_by", "path" },
		{ ASK_STATS, "from=-1d&to=now&group_by=os,", "invalid_group_by", "group_by",
		    "path" },
		{ ASK_STATS, "from=-1d&to=now&group_by=os,os", "invalid_group_by", "group_by",
		    "each once" },
		{ ASK_STATS, "from=-1d&to=now&group_by=properties.", "invalid_group_by", "group_by",
		    "properties.NAME, or several, each once, separated by commas" },
		{ ASK_STATS, "from=-1d&to=now&group_by=properties.\x7f", "invalid_group_by",
		    "group_by", "properties.NAME" },
		{ ASK_STATS, "from=-1d&to=now&metric=visits&group_by=properties.a",
		    "invalid_group_by", "group_by", "uniques are about" },
		{ ASK_STATS, "from=-1d&to=now&group_by=os, path", "invalid_group_by", "group_by",
		    "commas" },
		{ ASK_STATS, "from=-1d&to=now&metric=visits&group_by=path", "invalid_group_by",
		    "group_by", "entry_path, exit_path, or several" },
		{ ASK_STATS, "from=-1d&to=now&metric=visits&group_by=os,os", "invalid_group_by",
		    "group_by", "each once" },
		{ ASK_STATS, "from=-1d&to=now&metric=new&group_by=entry_path", "invalid_group_by",
		    "group_by", "entry_path is of visits" },
		{ ASK_STATS, "from=-1d&to=now&metric=returning&group_by=os", "invalid_group_by",
		    "group_by", "nothing but the interval" },
		{ ASK_STATS, "from=-1d&to=now&metric=visits&event=a", "invalid_params", "event",
		    "whole visits" },
		{ ASK_STATS, "from=-1d&to=now&metric=pageviews&event=a", "invalid_params", "event",
		    "count" },
		{ ASK_SOURCES, "from=-1d&to=now&by=people", "invalid_params", "by",
		    "events|visits" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct question q;
		struct refusal r = { .text = "" };

		CHECK(!build(&q, row[i].kind, row[i].query, &r), "%s", row[i].query);
		CHECK(r.code && strcmp(r.code, row[i].code) == 0 && strstr(r.text, row[i].text) &&
			(r.parameter
				? row[i].parameter && strcmp(r.parameter, row[i].parameter) == 0
				: !row[i].parameter),
		    "%s: %s, %s", row[i].query, r.code, r.text);
		question_release(&q);
	}
}

static void
test_columns(void)
{
	struct question q;
	struct refusal r = { .text = "" };

	CHECK(build(&q, ASK_STATS, "from=-1d&to=now&interval=hour&group_by=path,os", &r), "%s",
	    r.text);
	CHECK(q.column_count == 4 && strcmp(q.columns[0].name, "bucket") == 0 &&
		strcmp(q.columns[1].name, "path") == 0 && strcmp(q.columns[2].name, "os") == 0 &&
		strcmp(q.columns[3].name, "value") == 0,
	    "%zu columns", q.column_count);
	CHECK(strcmp(q.object, "{\"metric\":\"count\",\"rows\":[") == 0, "%s", q.object);
	question_release(&q);
	CHECK(build(&q, ASK_STATS, "from=-1d&to=now&group_by=properties.a'b,os,properties.c.d", &r),
	    "%s", r.text);
	CHECK(q.column_count == 4 && strcmp(q.columns[0].name, "properties.a'b") == 0 &&
		strcmp(q.columns[2].name, "properties.c.d") == 0 && !sql_holds(&q, "a'b") &&
		strcmp(q.why, "daily_rollup has no properties") == 0,
	    "%zu columns, %s", q.column_count, q.why);
	question_release(&q);
	CHECK(build(&q, ASK_QUERY, "from=-1d&to=now", &r), "%s", r.text);
	CHECK(q.column_count == 19 && !sql_holds(&q, "ip_hash"), "%zu columns", q.column_count);
	question_release(&q);
}

/* What a period is compared with when nothing else is said. */
static void
test_previous(void)
{
	static const struct {
		const char *query, *from, *to;
	} row[] = {
		{ "period=2026-05", "2026-04-01 00:00:00.000", "2026-05-01 00:00:00.000" },
		{ "period=2026-03&tz=Europe/Berlin", "2026-01-31 23:00:00.000",
		    "2026-02-28 23:00:00.000" },
		{ "period=2026-01", "2025-12-01 00:00:00.000", "2026-01-01 00:00:00.000" },
		{ "period=2026", "2025-01-01 00:00:00.000", "2026-01-01 00:00:00.000" },
		{ "from=2026-05-01&to=2026-06-01", "2026-04-01 00:00:00.000",
		    "2026-05-01 00:00:00.000" },
		{ "from=2026-01-01&to=2026-04-01", "2025-10-01 00:00:00.000",
		    "2026-01-01 00:00:00.000" },
		{ "from=2026-05-02&to=2026-06-01", "2026-04-02 00:00:00.000",
		    "2026-05-02 00:00:00.000" },
		{ "period=last-week", "2026-04-27 00:00:00.000", "2026-05-04 00:00:00.000" },
		{ "period=-7d", "2026-05-02 19:00:00.000", "2026-05-09 19:00:00.000" },
		{ "period=2026-03-30&tz=Europe/Berlin", "2026-03-28 23:00:00.000",
		    "2026-03-29 22:00:00.000" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char query[128], from[TIMESTAMP_TEXT], to[TIMESTAMP_TEXT];
		struct refusal r = { .text = "" };
		struct question q;

		snprintf(query, sizeof(query), "%s&compare=previous", row[i].query);
		CHECK(build(&q, ASK_STATS, query, &r), "%s: %s", query, r.text);
		timestamp_format(from, q.other.from);
		timestamp_format(to, q.other.to);
		CHECK(span_eq((struct span){ from, sizeof(from) }, span_of(row[i].from)) &&
			span_eq((struct span){ to, sizeof(to) }, span_of(row[i].to)),
		    "%s: %.*s", row[i].query, (int)sizeof(from), from);
		question_release(&q);
	}
}

/* A value can't end the line that sets it. */
static void
test_explain(void)
{
	struct question q;
	struct refusal r = { .text = "" };
	struct buf b = BUF_INIT;

	CHECK(build(&q, ASK_STATS, "from=-1d&to=now&event=a\nDROP TABLE events", &r), "%s", r.text);
	question_explain(&q, &b);
	CHECK(holds((struct span){ b.p, b.n }, "SET param_event = 'a\\\\x0aDROP TABLE events';\n"),
	    "%.*s", (int)b.n, b.p);
	CHECK(
	    holds((struct span){ b.p, b.n }, "-- reads events: the period"), "%.*s", (int)b.n, b.p);
	buf_release(&b);
	question_release(&q);
}

int
main(void)
{
	test_which_table();
	test_values_are_bound();
	test_names_match();
	test_refused();
	test_columns();
	test_previous();
	test_explain();
	return check_end("test_ask");
}
