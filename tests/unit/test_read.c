/* The queries of URLs that the reading routes take, and what is said of others. */
#include <sodium.h>

#include "serve/params.h"
#include "serve/read.h"

#include "check.h"

#include "base/banned.h"

#define PROJECT "7f0c4a52-9d1e-4c8b-8a37-51f0c2d9e6b4"

/* Whether they are read as "name=value;".. */
static bool
reads(const char *query, size_t n, const char *expected)
{
	char *exact = exact_copy(query, n);
	struct buf seen = BUF_INIT;
	struct params p;
	struct span name, value;
	struct refusal r;
	enum params_result result = PARAMS_REFUSED;
	bool good;

	if (params_open(&p, (struct span){ exact, n }))
		while ((result = params_next(&p, &name, &value, &r)) == PARAMS_ONE) {
			buf_add(&seen, name.p, name.n);
			buf_addc(&seen, '=');
			buf_add(&seen, value.p, value.n);
			buf_addc(&seen, ';');
		}
	good = result == PARAMS_END && is_text(seen.p, seen.n, expected);
	if (!good)
		fprintf(stderr, "%s: %.*s\n", query, (int)seen.n, seen.p);
	params_release(&p);
	buf_release(&seen);
	free(exact);
	return good;
}

static void
test_params(void)
{
	static const struct {
		const char *query, *expected;
	} cases[] = {
		{ "", "" },
		{ "&&", "" },
		{ "from=2026-01-01&to=now", "from=2026-01-01;to=now;" },
		{ "event=a+b%20c%2Bd", "event=a b c+d;" },
		{ "event=%C3%A9%e2%82%ac\xf0\x9f\x99\x82",
		    "event=\xc3\xa9\xe2\x82\xac\xf0\x9f\x99\x82;" },
		{ "event=a%3Db%26c&to=1", "event=a=b&c;to=1;" },
		{ "event=a=b==", "event=a=b==;" },
		{ "ev%65nt=x", "event=x;" },
		{ "event&to=", "event=;to=;" },
		{ "=x", "=x;" },
		{ "where=a&where=b", "where=a;where=b;" },
	};
	static const char *const refused[] = {
		"event=%",
		"event=%4",
		"event=100%&to=1",
		"event=%zz",
		"event=%0g",
		"%=1",
		"event=%u00e9",
		"event=a%00b",
		"%00=1", /* NUL */
		"event=%ff",
		"event=%c3",
		"event=\xc3(",
		"%ed%a0%80=1", /* no UTF-8 */
		"from=1&from=2",
		"from=1&to=2&%66rom=1",
		"from&from",
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(reads(cases[i].query, strlen(cases[i].query), cases[i].expected), "%s",
		    cases[i].query);
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct params p;
		struct span name, value;
		struct refusal r = { .code = "" };
		enum params_result result = PARAMS_ONE;
		size_t n = strlen(refused[i]);
		char *exact = exact_copy(refused[i], n);

		if (params_open(&p, (struct span){ exact, n }))
			while (result == PARAMS_ONE)
				result = params_next(&p, &name, &value, &r);
		CHECK(result == PARAMS_REFUSED && strcmp(r.code, "invalid_params") == 0 &&
			!r.parameter,
		    "%s: %d", refused[i], (int)result);
		params_release(&p);
		free(exact);
	}
}

static void
test_many_params(void)
{
	struct buf query = BUF_INIT;
	struct params p;
	struct span name, value;
	struct refusal r;
	enum params_result result = PARAMS_REFUSED;
	size_t n = 0, i;

	for (i = 0; i <= PARAMS_MAX; i++)
		buf_addf(&query, "a%zu=&", i);
	if (params_open(&p, (struct span){ query.p, query.n }))
		for (; (result = params_next(&p, &name, &value, &r)) == PARAMS_ONE; n++)
			;
	CHECK(result == PARAMS_REFUSED && n == PARAMS_MAX, "%zu were read", n);
	params_release(&p);
	buf_release(&query);
}

static void
test_errors(void)
{
	static const struct {
		enum read_route route;
		const char *query;
		unsigned status;
		const char *body; /* its beginning */
	} cases[] = {
		{ READ_QUERY, "", 400,
		    "{\"error\":\"invalid_params\",\"details\":{\"fieldErrors\":{\"from\":[\"missing; " },
		{ READ_QUERY, "from=2026-01-01", 400,
		    "{\"error\":\"invalid_params\",\"details\":{\"fieldErrors\":{\"to\":[\"missing; " },
		{ READ_STATS, "period=last-week&from=-7d", 400,
		    "{\"error\":\"invalid_params\",\"details\":{\"fieldErrors\":{\"period\":[\"stands in place of from\"]},"
		    "\"formErrors\":[]}}\n" },
		{ READ_QUERY, "period=last-week&limit=1001", 400,
		    "{\"error\":\"invalid_params\",\"details\":{\"fieldErrors\":{\"limit\":[\"expected 1 to 1000\"]},"
		    "\"formErrors\":[]}}\n" },
		{ READ_SOURCES, "period=last-week&limit=201", 400,
		    "{\"error\":\"invalid_params\",\"details\":{\"fieldErrors\":{\"limit\":[\"expected 1 to 200\"]}," },
		{ READ_STATS, "period=last-week&metric=sum", 400,
		    "{\"error\":\"invalid_params\",\"details\":{\"fieldErrors\":{\"metric\":[\"expected one of count|" },
		{ READ_STATS, "period=last-week&group_by=colour", 400,
		    "{\"error\":\"invalid_group_by\",\"details\":{\"fieldErrors\":{\"group_by\":[\"expected " },
		{ READ_STATS, "period=last-week&project=" PROJECT, 400,
		    "{\"error\":\"invalid_params\",\"details\":{\"fieldErrors\":{},\"formErrors\":[\"unknown "
		    "parameter; expected from, to, " },
		{ READ_STATS, "period=last-week&project_id=" PROJECT, 400,
		    "{\"error\":\"invalid_params\",\"details\":{\"fieldErrors\":{},\"formErrors\":[\"unknown " },
		{ READ_SOURCES, "period=last-week&metric=count", 400,
		    "{\"error\":\"invalid_params\",\"details\":{\"fieldErrors\":{},\"formErrors\":[\"unknown " },
		{ READ_SOURCES, "period=last-week&period=today", 400,
		    "{\"error\":\"invalid_params\",\"details\":{\"fieldErrors\":{},\"formErrors\":[\"parameter 2 " },
		{ READ_QUERY, "period=last-week&tz=../../etc/passwd", 400,
		    "{\"error\":\"invalid_params\",\"details\":{\"fieldErrors\":{\"tz\":[" },
		/* nobody listens there, and nobody hears where that is */
		{ READ_QUERY, "period=last-week", 502,
		    "{\"error\":\"upstream_failed\",\"details\":\"ClickHouse can't be reached, or is busy: ask again "
		    "later\"}\n" },
	};
	const struct clickhouse_config config = { .url = "http://127.0.0.1:1/" };
	struct clickhouse_error e;
	struct clickhouse *c = clickhouse_open(&config, &e);
	struct buf body = BUF_INIT;
	unsigned status;
	size_t i;

	if (!CHECK(c, "%s", e.text))
		return;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *expected = cases[i].body;
		size_t n = strlen(expected);

		buf_reset(&body);
		status = read_answer(
		    cases[i].route, span_of(cases[i].query), SPAN(PROJECT), c, &body, &e);
		CHECK(status == cases[i].status && body.n >= n &&
			memcmp(body.p, expected, n) == 0 && body.p[body.n - 1] == '\n',
		    "%s: %u %.*s", cases[i].query, status, (int)body.n, body.p);
		CHECK((status == 502) == (e.status != CLICKHOUSE_OK), "%s: %d", cases[i].query,
		    (int)e.status);
	}
	CHECK(
	    strstr(e.text, "127.0.0.1:1"), "whoever runs the server is not told where: %s", e.text);
	buf_release(&body);
	clickhouse_close(c);
}

/* The names that may be grouped by are told as a list. */
static void
test_allowed(void)
{
	const struct clickhouse_config config = { .url = "http://127.0.0.1:1/" };
	struct clickhouse_error e;
	struct clickhouse *c = clickhouse_open(&config, &e);
	struct buf body = BUF_INIT;

	if (!CHECK(c, "%s", e.text))
		return;
	read_answer(READ_STATS, SPAN("period=today&group_by=x"), SPAN(PROJECT), c, &body, &e);
	CHECK(span_holds((struct span){ body.p, body.n },
		  SPAN(",\"allowed\":[\"event_name\",\"source\",\"medium\",")),
	    "%.*s", (int)body.n, body.p);
	buf_release(&body);
	clickhouse_close(c);
}

static void
test_report_errors(void)
{
	static const struct {
		const char *query, *body;
		unsigned status;
	} cases[] = {
		{ "",
		    "{\"error\":\"invalid_params\",\"details\":{\"fieldErrors\":{\"period\":[\"missing; ",
		    400 },
		{ "period=someday",
		    "{\"error\":\"invalid_params\",\"details\":{\"fieldErrors\":{\"period\":[",
		    400 },
		{ "from=-7d",
		    "{\"error\":\"invalid_params\",\"details\":{\"fieldErrors\":{\"to\":[", 400 },
		{ "period=today&project=" PROJECT,
		    "{\"error\":\"invalid_params\",\"details\":{\"fieldErrors\":{},\"formErrors\":[\"unknown ",
		    400 },
		{ "period=today",
		    "{\"error\":\"upstream_failed\",\"details\":\"ClickHouse can't be reached",
		    502 },
	};
	const struct clickhouse_config config = { .url = "http://127.0.0.1:1/" };
	struct clickhouse_error e;
	struct clickhouse *c = clickhouse_open(&config, &e);
	struct buf body = BUF_INIT;
	size_t i;

	if (!CHECK(c, "%s", e.text))
		return;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *type = "json";
		size_t n = strlen(cases[i].body);
		unsigned status;

		buf_reset(&body);
		status = read_report(span_of(cases[i].query), SPAN(PROJECT), c, &body, &type, &e);
		CHECK(status == cases[i].status && body.n >= n &&
			memcmp(body.p, cases[i].body, n) == 0 && strcmp(type, "json") == 0,
		    "%s: %u %.*s", cases[i].query, status, (int)body.n, body.p);
	}
	buf_release(&body);
	clickhouse_close(c);
}

static void
test_forget_errors(void)
{
	static const struct {
		const char *json, *body;
		unsigned status;
	} cases[] = {
		{ "",
		    "{\"error\":\"invalid_payload\",\"details\":{\"fieldErrors\":{},\"formErrors\":[",
		    400 },
		{ "{}",
		    "{\"error\":\"invalid_payload\",\"details\":{\"fieldErrors\":{},\"formErrors\":[\"Required: "
		    "user_id or anonymous_id\"]}}\n",
		    400 },
		{ "{\"user_id\":null}", "{\"error\":\"invalid_payload\",", 400 },
		{ "{\"user_id\":7}",
		    "{\"error\":\"invalid_payload\",\"details\":{\"fieldErrors\":{\"user_id\":[",
		    400 },
		{ "{\"user_id\":\"\"}",
		    "{\"error\":\"invalid_payload\",\"details\":{\"fieldErrors\":{\"user_id\":[",
		    400 },
		{ "{\"user_id\":\"u\",\"project_id\":\"" PROJECT "\"}",
		    "{\"error\":\"invalid_payload\",", 400 },
		{ "{\"user_id\":\"u\"}{\"user_id\":\"v\"}", "{\"error\":\"invalid_payload\",",
		    400 },
		{ "[{\"user_id\":\"u\"}]", "{\"error\":\"invalid_payload\",", 400 },
		{ "{\n  \"user_id\": \"u\"\n}\n",
		    "{\"error\":\"forget_failed\",\"details\":\"this person may not be forgotten yet: send it "
		    "again\"}\n",
		    500 },
	};
	const struct clickhouse_config config = { .url = "http://127.0.0.1:1/" };
	struct clickhouse_error e;
	struct clickhouse *c = clickhouse_open(&config, &e);
	struct buf body = BUF_INIT;
	size_t i;

	if (!CHECK(c, "%s", e.text))
		return;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = strlen(cases[i].body);
		unsigned status;

		buf_reset(&body);
		status = read_forget(span_of(cases[i].json), SPAN(PROJECT), c, &body, &e);
		CHECK(status == cases[i].status && body.n >= n &&
			memcmp(body.p, cases[i].body, n) == 0 &&
			(status == 500) == (e.status != CLICKHOUSE_OK),
		    "%s: %u %.*s", cases[i].json, status, (int)body.n, body.p);
	}
	buf_release(&body);
	clickhouse_close(c);
}

int
main(void)
{
	if (sodium_init() < 0)
		return 2;
	test_params();
	test_many_params();
	test_errors();
	test_allowed();
	test_report_errors();
	test_forget_errors();
	return check_end("read");
}
