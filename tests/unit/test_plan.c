/* Tracking plans: what is wrong with their text, and what they say of events. */
#include "quality/plan_read.h"

#include "check.h"

#include "base/banned.h"

/* ---- helpers ---- */

static struct plan plan;
static struct plan_answer answer;
static struct event event;
static struct buf said;

/* The errors of a plan's text, "LINE: WHERE: WHAT" a line; "" for a good one. */
static const char *
read_plan(const char *text, size_t n)
{
	struct jsonfile_errors errors = { .n = 0 };
	char *copy = exact_copy(text, n);
	struct plan x;
	size_t i;

	buf_reset(&said);
	if (plan_read(&x, copy, n, NULL, &errors))
		plan_release(&x);
	else
		CHECK(errors.n > 0, "refused without a reason");
	free(copy);
	for (i = 0; i < errors.n; i++) {
		const struct jsonfile_error *e = &errors.error[i];

		buf_addf(&said, "%zu: %.*s%s%.*s\n", e->line, (int)e->where.n, e->where.p,
		    e->where.n ? ": " : "", (int)e->what.n, e->what.p);
	}
	buf_addc(&said, '\0');
	jsonfile_errors_release(&errors);
	return said.p;
}

static void
use_plan(const char *text)
{
	struct jsonfile_errors errors = { .n = 0 };
	char *copy = exact_copy(text, strlen(text));

	CHECK(plan_read(&plan, copy, strlen(text), NULL, &errors), "%.*s",
	    errors.n ? (int)errors.error[0].what.n : 0, errors.n ? errors.error[0].what.p : "");
	free(copy); /* the plan has copies */
	jsonfile_errors_release(&errors);
	CHECK(plan_answer_init(&answer, &plan), "memory");
}

static void
drop_plan(void)
{
	plan_answer_release(&answer);
	plan_release(&plan);
}

static void
add_complaints(struct buf *b, const struct plan_complaints *c, const char *before)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		buf_adds(b, b->n ? "; " : "");
		buf_adds(b, before);
		buf_add(b, c->complaint[i].field.p, c->complaint[i].field.n);
		buf_adds(b, c->complaint[i].field.p ? ": " : "");
		buf_add(b, c->complaint[i].text.p, c->complaint[i].text.n);
	}
}

/* What the plan says of a line: "field: text; ~field: warning". */
static const char *
judge(const char *line)
{
	size_t n = strlen(line);
	char *copy = exact_copy(line, n);

	buf_reset(&said);
	if (CHECK(event_parse(&event, copy, n), "no valid event: %s", line)) {
		plan_judge(&answer, &event);
		add_complaints(&said, &answer.errors, "");
		add_complaints(&said, &answer.warnings, "~");
	}
	free(copy);
	buf_addc(&said, '\0');
	return said.p;
}

static void
says(const char *line, const char *want)
{
	CHECK(strcmp(judge(line), want) == 0, "%s\n  %s\n  not %s", line, said.p, want);
}

/* Of an event "e" with the one property "p". */
static void
property_says(const char *property, const char *value, const char *want)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "{\"events\":{\"e\":{\"properties\":{\"p\":%s}}}}", property);
	buf_addc(&b, '\0');
	use_plan(b.p);
	buf_reset(&b);
	buf_addf(&b, "{\"event\":\"e\",\"properties\":{\"p\":%s}}", value);
	buf_addc(&b, '\0');
	judge(b.p);
	CHECK(strncmp(said.p, "properties.p: ", said.p[0] ? 14 : 0) == 0 &&
		strcmp(said.p + (said.p[0] ? 14 : 0), want) == 0,
	    "%s of %s: %s", property, value, said.p);
	drop_plan();
	buf_release(&b);
}

/* ---- values ---- */

static void
test_types(void)
{
	static const char *const type[] = { "string", "number", "boolean", "null", "array",
		"object" };
	static const char *const value[] = { "\"1\"", "1.5", "true", "null", "[1]", "{\"a\":1}" };
	char property[64], want[64];
	size_t i, j;

	for (i = 0; i < 6; i++) {
		for (j = 0; j < 6; j++) {
			snprintf(property, sizeof(property), "{\"type\":\"%s\"}", type[i]);
			snprintf(want, sizeof(want), "Expected %s, received %s", type[i], type[j]);
			property_says(property, value[j], i == j ? "" : want);
		}
		property_says("{}", value[i], "");
	}
	property_says("{\"type\":\"integer\"}", "1.5", "Expected integer, received number");
	property_says("{\"type\":\"integer\"}", "9007199254740993", "");
	property_says(
	    "{\"type\":\"integer\"}", "9007199254740993.5", "Expected integer, received number");
	property_says("{\"type\":\"integer\"}", "-1.20e1", "");
	property_says("{\"type\":\"number\"}", "7", "");
	property_says("{\"type\":[\"null\",\"string\",\"integer\"]}", "true",
	    "Expected string, integer or null, received boolean");
	property_says("{\"type\":[\"null\",\"string\"]}", "null", "");
}

static void
test_checks(void)
{
	property_says("{\"minimum\":1,\"maximum\":2}", "1", "");
	property_says("{\"minimum\":1,\"maximum\":2}", "2.0", "");
	property_says("{\"minimum\":1,\"maximum\":2}", "0.999", "Too small: at least 1");
	property_says("{\"minimum\":1,\"maximum\":2}", "2.001", "Too large: at most 2");
	property_says("{\"maximum\":9007199254740992}", "9007199254740993",
	    "Too large: at most 9007199254740992");
	property_says("{\"minimum\":1}", "\"0\"", "");
	property_says("{\"minLength\":2}", "\"\\ud83d\\ude00\"", "");
	property_says("{\"minLength\":2}", "\"\\u00e4\"", "Too short: at least 2 characters");
	property_says("{\"minLength\":1}", "\"\"", "Too short: at least 1 character");
	property_says("{\"maxLength\":1}", "\"ab\"", "Too long: at most 1 character");
	property_says("{\"pattern\":\"^a.c$\"}", "\"a\\u0062c\"", "");
	property_says("{\"pattern\":\"^a.c$\"}", "\"abcd\"", "Does not match ^a.c$");
	property_says("{\"format\":\"date\"}", "\"2024-02-29\"", "");
	property_says(
	    "{\"format\":\"date\"}", "\"2026-02-29\"", "Invalid date: expected YYYY-MM-DD");
	property_says("{\"format\":\"date-time\"}", "\"2026-05-16T19:00:00+02:00\"", "");
	property_says("{\"format\":\"date-time\"}", "\"2026-05-16\"",
	    "Invalid date-time: expected RFC 3339, as 2026-05-16T19:00:00Z");
}

static void
test_enum(void)
{
	static const char list[] = "{\"enum\":[\"a\",\"\\u0062\",1,2.50,-0,null,true]}";
	static const char *const in[] = { "\"a\"", "\"b\"", "\"\\u0061\"", "1.0", "25e-1", "0",
		"null", "true" };
	static const char *const out[] = { "\"c\"", "\"\"", "1.01", "2", "false", "[1]", "{}" };
	size_t i;

	for (i = 0; i < sizeof(in) / sizeof(in[0]); i++)
		property_says(list, in[i], "");
	for (i = 0; i < sizeof(out) / sizeof(out[0]); i++)
		property_says(
		    list, out[i], "Expected one of \"a\", \"\\u0062\", 1, 2.50, -0, null, true");
	property_says("{\"enum\":[7]}", "8", "Expected 7");
}

/* Numbers that come in falling order are found; the complaint is short. */
static void
test_long_enum(void)
{
	struct buf b = BUF_INIT;
	char number[16];
	int i;

	buf_adds(&b, "{\"enum\":[");
	for (i = 2000; i > 0; i--)
		buf_addf(&b, "%d,", i * 3);
	buf_adds(&b, "0]}");
	buf_addc(&b, '\0');
	for (i = 0; i <= 6000; i += 471) {
		snprintf(number, sizeof(number), "%d", i);
		property_says(b.p, number, "");
	}
	property_says(b.p, "1",
	    "Expected one of 6000, 5997, 5994, 5991, 5988, 5985, 5982, 5979, 5976, 5973, 5970, "
	    "5967, 5964, 5961, 5958, 5955, 5952, 5949, 5946, 5943, 5940, 5937, 5934, 5931, 5928, "
	    "5925, 5922, 5919, 5916, 5913, 5910 and 1970 more");
	buf_release(&b);
}

/* ---- events ---- */

static const char shop[] =
    "{\"version\":\"7\",\"unknownEvents\":\"error\",\"events\":{"
    "\"signup\":{\"unknownProperties\":\"error\",\"properties\":{"
    "\"plan\":{\"type\":\"string\",\"required\":true},"
    "\"seats\":{\"type\":\"integer\",\"minimum\":1},"
    "\"since\":{\"format\":\"date\",\"severity\":\"warn\"},"
    "\"n\\u0061me\":{\"maxLength\":3},\"a\\\"b\":{\"type\":\"null\"}}},"
    "\"*\":{\"properties\":{\"any\":{\"required\":true}}},"
    "\"page*\":{\"severity\":\"warn\",\"properties\":{\"title\":{\"required\":true}}},"
    "\"page*view\":{},\"*view\":{},"
    "\"$*\":{\"unknownProperties\":\"warn\"}}}";

static void
test_events(void)
{
	use_plan(shop);
	CHECK(is_text(plan.version.p, plan.version.n, "7"), "version");
	says("{\"event\":\"signup\",\"properties\":{\"plan\":\"x\",\"seats\":1}}", "");
	says("{\"event\":\"signup\"}", "properties.plan: Required");
	says("{\"event\":\"signup\",\"properties\":null}", "properties.plan: Required");
	says(
	    "{\"\\u0065vent\":\"sign\\u0075p\",\"properties\":{\"pl\\u0061n\":7,\"name\":\"abcd\"}}",
	    "properties.plan: Expected string, received number; "
	    "properties.name: Too long: at most 3 characters");
	says("{\"event\":\"signup\",\"properties\":{\"plan\":\"x\",\"since\":\"-\",\"a\\\"b\":1}}",
	    "properties.a\\\"b: Expected null, received number; "
	    "~properties.since: Invalid date: expected YYYY-MM-DD");
	says("{\"event\":\"signup\",\"properties\":{\"plan\":null,\"x\":1,\"y\":[],\"\\u0078\":2,"
	     "\"\\u0001\":0}}",
	    "properties.plan: Expected string, received null; properties.x: Unknown property; "
	    "properties.y: Unknown property; properties.\\u0001: Unknown property");
	says("{\"event\":\"$x\",\"properties\":{\"u\":1}}", "~properties.u: Unknown property");
	says("{\"event\":\"$x\",\"properties\":{}}", "");
	drop_plan();
}

static void
test_last_wins(void)
{
	use_plan(shop);
	says("{\"event\":\"signup\",\"properties\":{\"plan\":7,\"plan\":\"x\"}}", "");
	says("{\"event\":\"signup\",\"properties\":{\"plan\":\"x\",\"pl\\u0061n\":7}}",
	    "properties.plan: Expected string, received number");
	says("{\"event\":\"signup\",\"properties\":{\"plan\":1},\"properties\":{\"plan\":\"x\"}}",
	    "");
	drop_plan();
}

static void
test_globs(void)
{
	use_plan(shop);
	says("{\"event\":\"other\"}", "properties.any: Required");
	says("{\"event\":\"pages\"}", "~properties.title: Required");
	says("{\"event\":\"page\"}", "~properties.title: Required");
	says("{\"event\":\"pageview\"}", "");
	says("{\"event\":\"page of a view\"}", "");
	says("{\"event\":\"view\"}", "");
	says("{\"event\":\"*\"}", "properties.any: Required");
	says("{\"event\":\"page*\"}", "~properties.title: Required");
	drop_plan();
	use_plan("{\"unknownEvents\":\"warn\",\"events\":{\"a*b*\":{\"properties\":{\"p\":"
		 "{\"required\":true}}},\"a*\":{},\"*c\":{\"properties\":{\"q\":{\"required\":"
		 "true}}}}}");
	says("{\"event\":\"axb\"}", "properties.p: Required");
	says("{\"event\":\"aabxb\"}", "properties.p: Required");
	says("{\"event\":\"a\"}", "");
	/* as close as "a*", and sorts before it */
	says("{\"event\":\"ac\"}", "properties.q: Required");
	says("{\"event\":\"b\"}", "~event: Unknown event");
	says("{\"event\":\"\\u0000\"}", "~event: Unknown event");
	drop_plan();
}

/* However the properties are ordered, and whatever came before. */
static void
test_order(void)
{
	static const char *const member[] = { "\"plan\":\"x\"", "\"seats\":0", "\"since\":\"no\"",
		"\"name\":\"long\"", "\"more\":1" };
	static const char want[] = "properties.seats: Too small: at least 1; "
				   "properties.name: Too long: at most 3 characters; "
				   "properties.more: Unknown property; "
				   "~properties.since: Invalid date: expected YYYY-MM-DD";
	struct buf b = BUF_INIT;
	uint64_t state = 7;
	int i, k, order[5] = { 0, 1, 2, 3, 4 };

	use_plan(shop);
	for (i = 0; i < 500; i++) {
		int x = (int)(check_random(&state) % 5), y = (int)(check_random(&state) % 5);
		int t = order[x];

		order[x] = order[y];
		order[y] = t;
		buf_reset(&b);
		buf_adds(&b, "{\"event\":\"signup\",\"properties\":{");
		for (k = 0; k < 5; k++)
			buf_addf(&b, "%s%s", k ? "," : "", member[order[k]]);
		buf_adds(&b, "}}");
		buf_addc(&b, '\0');
		says(b.p, want);
	}
	drop_plan();
	buf_release(&b);
}

static void
test_bounds(void)
{
	struct buf b = BUF_INIT;
	int i;

	buf_adds(&b, "{\"event\":\"signup\",\"properties\":{\"plan\":\"x\"");
	for (i = 0; i < 500; i++)
		buf_addf(&b, ",\"unknown%d\":1", i);
	buf_adds(&b, "}}");
	buf_addc(&b, '\0');
	use_plan(shop);
	judge(b.p);
	CHECK(answer.errors.n == PLAN_UNKNOWN_MAX + 1, "%zu", answer.errors.n);
	CHECK(strstr(said.p,
		  "properties.unknown31: Unknown property; "
		  "properties: More than 32 unknown properties"),
	    "%s", said.p);
	drop_plan();
	buf_reset(&b);
	buf_adds(&b, "{\"events\":{\"e\":{\"properties\":{\"p0\":{}");
	for (i = 1; i <= 200; i++)
		buf_addf(&b, ",\"p%d\":{\"required\":true}", i);
	buf_adds(&b, "}}}}");
	buf_addc(&b, '\0');
	use_plan(b.p);
	judge("{\"event\":\"e\"}");
	CHECK(answer.errors.n == PLAN_COMPLAINTS_MAX + 1, "%zu", answer.errors.n);
	CHECK(strstr(said.p, "properties.p64: Required; More than 64 complaints by the plan"), "%s",
	    said.p);
	drop_plan();
	buf_release(&b);
}

/* ---- the text of plans ---- */

#define EVENT(text) "{\"events\":{\"e\":" text "}}"
#define PROPERTY(text) EVENT("{\"properties\":{\"p\":" text "}}")

static void
test_errors(void)
{
	static const struct {
		const char *text, *errors;
	} row[] = {
		{ "{\"events\":{}}", "" },
		{ "\xef\xbb\xbf{\"events\":{}}", "" },
		{ "", "1: invalid JSON: the text ends too early (character 1)\n" },
		{ "[]", "1: expected an object, not an array\n" },
		{ "{}", "1: the key events is missing\n" },
		{ "{\"events\":{\"\xc3\xa4\":1,}}",
		    "1: invalid JSON: expected a key in double quotes (character 18)\n" },
		{ "{\n\"events\":\n{\"a\":{},}}",
		    "3: invalid JSON: expected a key in double quotes (character 9)\n" },
		{ "{\"events\":[],\n\"version\":3,\n\"versoin\":\"1\",\n\"severity\":\"allow\"}",
		    "1: events: expected an object, not an array\n"
		    "2: version: expected a string, not a number\n"
		    "3: versoin: unknown key; known are version, description, severity, "
		    "unknownEvents, unknownProperties, events\n"
		    "4: severity: expected \"warn\" or \"error\"\n" },
		{ "{\"events\":{\"a\":{},\"\":{},\n\"\\u0061\":{}}}",
		    "1: events[\"\"]: an event's name has 1 to 128 characters\n"
		    "2: events[\"\\u0061\"]: this key stands twice\n" },
		{ EVENT("7"), "1: events.e: expected an object, not a number\n" },
		{ EVENT("{\"unknownProperties\":true}"),
		    "1: events.e.unknownProperties: expected a string, not a boolean\n" },
		{ EVENT("{\"assert\":[\"x=\",7,\"a=1\",\"a=2\",\"\\u0000\"]}"),
		    "1: events.e.assert[0]: expected an expression, not an empty text\n"
		    "1: events.e.assert[1]: expected a string, not a number\n"
		    "1: events.e.assert[3]: another assertion of this event has the same name\n"
		    "1: events.e.assert[4]: an expression can't hold the character U+0000\n" },
		{ PROPERTY("{\"type\":\"strng\"}"),
		    "1: events.e.properties.p.type: expected \"string\", \"number\", \"integer\", "
		    "\"boolean\", \"object\", \"array\" or \"null\"\n" },
		{ PROPERTY("{\"type\":[]}"),
		    "1: events.e.properties.p.type: an empty list: nothing could be valid\n" },
		{ PROPERTY("{\"type\":[\"null\",\"null\"]}"),
		    "1: events.e.properties.p.type[1]: this type stands twice\n" },
		{ PROPERTY("{\"type\":[\"number\",\"integer\"]}"),
		    "1: events.e.properties.p.type: \"number\" includes \"integer\"\n" },
		{ PROPERTY("{\"type\":\"null\",\"minimum\":1,\"pattern\":\"a\"}"),
		    "1: events.e.properties.p.minimum: this is for numbers, which the type rules "
		    "out\n"
		    "1: events.e.properties.p.pattern: this is for strings, which the type rules "
		    "out\n" },
		{ PROPERTY("{\"type\":\"integer\",\"enum\":[1,1.5,1.0,\"1\",[]]}"),
		    "1: events.e.properties.p.enum[1]: this value is not of the property's type\n"
		    "1: events.e.properties.p.enum[2]: this value stands twice\n"
		    "1: events.e.properties.p.enum[3]: this value is not of the property's type\n"
		    "1: events.e.properties.p.enum[4]: expected a string, number, boolean or "
		    "null\n" },
		{ PROPERTY("{\"minimum\":9007199254740993,\"maximum\":9007199254740992}"),
		    "1: events.e.properties.p.minimum: more than the maximum\n" },
		{ PROPERTY("{\"minLength\":3,\"maxLength\":2}"),
		    "1: events.e.properties.p.minLength: more than maxLength\n" },
		{ PROPERTY("{\"minLength\":1.5,\"maxLength\":8193}"),
		    "1: events.e.properties.p.minLength: expected a whole number from 0 to 8192\n"
		    "1: events.e.properties.p.maxLength: expected a whole number from 0 to "
		    "8192\n" },
		{ PROPERTY("{\"pattern\":\"\\u00e4(\"}"),
		    "1: events.e.properties.p.pattern: a ( without its ) (character 2)\n" },
		{ PROPERTY("{\"format\":\"email\",\"required\":1}"),
		    "1: events.e.properties.p.required: expected a boolean, not a number\n"
		    "1: events.e.properties.p.format: expected \"date\" or \"date-time\"\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		read_plan(row[i].text, strlen(row[i].text));
		CHECK(strcmp(said.p, row[i].errors) == 0, "%s\n%s", row[i].text, said.p);
	}
}

/* Each beginning of a plan is refused, and none is read beyond its end. */
static void
test_truncated(void)
{
	size_t n;

	for (n = 0; n + 1 < sizeof(shop); n++)
		CHECK(read_plan(shop, n)[0] != '\0', "%.*s", (int)n, shop);
	CHECK(read_plan(shop, sizeof(shop) - 1)[0] == '\0', "whole");
}

static void
test_many_errors(void)
{
	struct jsonfile_errors errors = { .n = 0 };
	struct buf b = BUF_INIT;
	struct plan x;
	int i;

	buf_adds(&b, "{\"events\":{");
	for (i = 0; i < 3000; i++)
		buf_addf(&b, "\"e%d\":7,\n", i);
	buf_adds(&b, "\"x\":{}}}");
	CHECK(!plan_read(&x, b.p, b.n, NULL, &errors), "refused");
	CHECK(errors.n == JSONFILE_ERRORS_MAX && errors.more == 2000, "%zu and %zu", errors.n,
	    errors.more);
	CHECK(errors.error[999].line == 1000, "line %zu", errors.error[999].line);
	jsonfile_errors_release(&errors);
	buf_release(&b);
}

int
main(void)
{
	event_init(&event);
	test_types();
	test_checks();
	test_enum();
	test_long_enum();
	test_events();
	test_last_wins();
	test_globs();
	test_order();
	test_bounds();
	test_errors();
	test_truncated();
	test_many_errors();
	event_release(&event);
	buf_release(&said);
	return check_end("plan");
}
