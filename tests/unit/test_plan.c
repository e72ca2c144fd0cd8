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

/* A plan of an event "e" with the one property "p". */
static void
use_plan_of(const char *property)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "{\"events\":{\"e\":{\"properties\":{\"p\":%s}}}}", property);
	buf_addc(&b, '\0');
	use_plan(b.p);
	buf_release(&b);
}

static void
judge_value(const char *value)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "{\"event\":\"e\",\"properties\":{\"p\":%s}}", value);
	buf_addc(&b, '\0');
	judge(b.p);
	buf_release(&b);
}

static void
property_says(const char *property, const char *value, const char *want)
{
	use_plan_of(property);
	judge_value(value);
	CHECK(strncmp(said.p, "properties.p: ", said.p[0] ? 14 : 0) == 0 &&
		strcmp(said.p + (said.p[0] ? 14 : 0), want) == 0,
	    "%s of %s: %s", property, value, said.p);
	drop_plan();
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

static void
test_const(void)
{
	property_says("{\"const\":9007199254740993}", "9007199254740993.0", "");
	property_says(
	    "{\"const\":9007199254740993}", "9007199254740992", "Expected 9007199254740993");
	property_says("{\"const\":\"a\"}", "\"\\u0061\"", "");
	property_says("{\"const\":\"a\"}", "\"b\"", "Expected \"a\"");
	property_says("{\"const\":null}", "null", "");
	property_says("{\"const\":null}", "false", "Expected null");
	property_says("{\"const\":true}", "true", "");
	property_says("{\"const\":true}", "false", "Expected true");
	property_says("{\"const\":1}", "{\"a\":1}", "Expected 1");
}

static void
test_formats(void)
{
	static const struct {
		const char *format, *text;
		bool good;
	} row[] = {
		{ "uuid", "018f6a2e-7c1b-7e4f-9A3D-2b6f0c1d4e5f", true },
		{ "uuid", "018f6a2e7c1b7e4f9a3d2b6f0c1d4e5f", false },
		{ "uuid", "{18f6a2e-7c1b-7e4f-9a3d-2b6f0c1d4e5f", false },
		{ "email", "o'neil+x@mail.example.com", true },
		{ "email", "a@localhost", false },
		{ "email", ".a@example.com", false },
		{ "email", "a..b@example.com", false },
		{ "email", "a@b@example.com", false },
		{ "email", "a@-b.example", false },
		{ "email", "a@", false },
		{ "email", "@example.com", false },
		{ "email", "\\u00e4@example.com", false },
		{ "email", "a\\u0000@example.com", false },
		{ "uri", "https://user:x@example.com:8080/a%20b;c?d=/?#e?", true },
		{ "uri", "https://[2001:db8::1]:/", true },
		{ "uri", "https://[v1.x]/", true },
		{ "uri", "urn:isbn:0451450523", true },
		{ "uri", "mailto:a@example.com", true },
		{ "uri", "/a", false },
		{ "uri", "example.com", false },
		{ "uri", "1a:b", false },
		{ "uri", "https://example.com/a b", false },
		{ "uri", "https://example.com/%2", false },
		{ "uri", "https://example.com/%2g", false },
		{ "uri", "https://example.com:80a/", false },
		{ "uri", "https://a@b@c/", false },
		{ "uri", "https://[192.0.2.1]/", false },
		{ "uri", "https://[::1", false },
		{ "uri", "https://example.com/#a#b", false },
		{ "uri", "https://example.com/\\u00e4", false },
		{ "uri", "a:\\u0000", false },
		{ "ipv4", "192.0.2.255", true },
		{ "ipv4", "192.0.2.256", false },
		{ "ipv4", "192.0.02.1", false },
		{ "ipv4", "192.0.2", false },
		{ "ipv4", "::ffff:192.0.2.1", false },
		{ "ipv6", "::ffff:192.0.2.1", true },
		{ "ipv6", "2001:DB8::1", true },
		{ "ipv6", "192.0.2.1", false },
		{ "ipv6", "fe80::1%eth0", false },
		{ "ipv6", "1:2:3:4:5:6:7", false },
		{ "ipv6", ":::", false },
		{ "hostname", "www.Example-1.com", true },
		{ "hostname", "localhost", true },
		{ "hostname", "a_b.example", false },
		{ "hostname", "example.com.", false },
		{ "hostname", ".example", false },
		{ "hostname", "a..b", false },
		{ "hostname", "", false },
	};
	char property[64], value[128];
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const char *word = row[i].format;

		snprintf(property, sizeof(property), "{\"format\":\"%s\"}", word);
		snprintf(value, sizeof(value), "\"%s\"", row[i].text);
		use_plan_of(property);
		judge_value(value);
		CHECK((said.p[0] == '\0') == row[i].good, "%s %s: %s", word, value, said.p);
		CHECK(row[i].good || (strstr(said.p, ": Invalid ") && strstr(said.p, word)), "%s",
		    said.p);
		drop_plan();
	}
}

/* Labels, host names and the part before the @ at their bounds and beyond. */
static void
test_long_names(void)
{
	static const char x63[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	struct buf b = BUF_INIT;
	int beyond;

	for (beyond = 0; beyond < 2; beyond++) {
		const char *x = beyond ? "x" : "";

		use_plan_of("{\"format\":\"hostname\"}");
		buf_reset(&b);
		buf_addf(&b, "\"%s%s.a\"%c", x63, x, 0);
		judge_value(b.p);
		CHECK((said.p[0] != '\0') == beyond, "label: %s", said.p);
		buf_reset(&b);
		buf_addf(&b, "\"%s.%s.%s.%.61s%s\"%c", x63, x63, x63, x63, x, 0);
		judge_value(b.p);
		CHECK((said.p[0] != '\0') == beyond, "name: %s", said.p);
		drop_plan();
		use_plan_of("{\"format\":\"email\"}");
		buf_reset(&b);
		buf_addf(&b, "\"%sx%s@example.com\"%c", x63, x, 0);
		judge_value(b.p);
		CHECK((said.p[0] != '\0') == beyond, "mailbox: %s", said.p);
		drop_plan();
	}
	buf_release(&b);
}

/* ---- inside of objects and arrays ---- */

static const char cart[] =
    "{\"events\":{\"e\":{\"unknownProperties\":\"warn\",\"properties\":{"
    "\"user\":{\"type\":\"object\",\"unknownProperties\":\"error\",\"properties\":{"
    "\"id\":{\"type\":\"integer\",\"required\":true},"
    "\"name\":{\"type\":\"object\",\"severity\":\"warn\",\"properties\":{"
    "\"fir\\u0073t\":{\"type\":\"string\",\"required\":true},\"l\\\"\":{\"type\":\"null\"}}}}},"
    "\"cart\":{\"type\":\"object\",\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"
    "\"type\":\"object\",\"unknownProperties\":\"error\",\"properties\":{"
    "\"sku\":{\"type\":\"string\",\"required\":true},"
    "\"price\":{\"properties\":{\"cents\":{\"minimum\":0}}},"
    "\"tags\":{\"type\":[\"array\",\"null\"],\"items\":{\"type\":\"array\",\"items\":"
    "{\"const\":1}}}}}}}},"
    "\"cart.items\":{\"type\":\"null\"}}}}}";

#define CART(properties) "{\"event\":\"e\",\"properties\":{" properties "}}"

static void
test_inside(void)
{
	use_plan(cart);
	says(CART(""), "");
	says(CART("\"user\":{\"id\":1,\"name\":{\"first\":\"a\",\"l\\\"\":null}}"), "");
	says(CART("\"user\":{}"), "properties.user.id: Required");
	says(CART("\"user\":[]"), "properties.user: Expected object, received array");
	says(
	    CART(
		"\"user\":{\"id\":1.5,\"x\":1,\"\\u0078\":2,\"name\":{\"l\\\"\":0,\"y\":1}},\"z\":0"),
	    "properties.user.id: Expected integer, received number; "
	    "properties.user.name.y: Unknown property; properties.user.x: Unknown property; "
	    "~properties.user.name.first: Required; "
	    "~properties.user.name.l\\\": Expected null, received number; "
	    "~properties.z: Unknown property");
	/* the last one counts, inside as well */
	says(CART("\"user\":{\"id\":\"a\"},\"user\":{\"id\":\"a\",\"i\\u0064\":2}"), "");
	says(CART("\"cart\":{\"items\":[]}"), "");
	says(CART("\"cart\":{\"items\":[{\"sku\":\"a\",\"tags\":null},{\"sku\":\"b\",\"price\":"
		  "{\"cents\":0},\"tags\":[[],[1,1.0]]}]}"),
	    "");
	says(
	    CART(
		"\"cart\":{\"items\":[{\"sku\":\"a\"},{\"x\":1},{\"sku\":7,\"price\":{\"cents\":-1},"
		"\"tags\":[[1],[1,2]]},3]}"),
	    "properties.cart.items.1.sku: Required; "
	    "properties.cart.items.1.x: Unknown property; "
	    "properties.cart.items.2.sku: Expected string, received number; "
	    "properties.cart.items.2.price.cents: Too small: at least 0; "
	    "properties.cart.items.2.tags.1.1: Expected 1; "
	    "properties.cart.items.3: Expected object, received number");
	/* a name that is spelt as a path: its complaints stand together */
	says(CART("\"cart\":{\"items\":1,\"a\":1},\"cart.items\":2"),
	    "properties.cart.items: Expected array, received number; "
	    "properties.cart.items: Expected null, received number; "
	    "~properties.cart.a: Unknown property");
	drop_plan();
}

/* Complaints about different fields in turn stand together by field. */
static void
test_together(void)
{
	use_plan("{\"events\":{\"e\":{\"properties\":{\"a\":{\"properties\":{\"b\":{\"type\":"
		 "\"null\"}}},\"c\":{\"type\":\"null\"},\"a.b\":{\"type\":\"string\"}}}}}");
	says(CART("\"a\":{\"b\":1},\"c\":1,\"a.b\":1"),
	    "properties.a.b: Expected null, received number; "
	    "properties.a.b: Expected string, received number; "
	    "properties.c: Expected null, received number");
	drop_plan();
}

/* What is wrong with many elements, and the longest paths. */
static void
test_many_elements(void)
{
	struct buf b = BUF_INIT;
	int i;

	use_plan("{\"events\":{\"e\":{\"properties\":{\"list\":{\"items\":{\"items\":{"
		 "\"unknownProperties\":\"error\",\"properties\":{\"k\":{\"required\":true},"
		 "\"w\":{\"severity\":\"warn\",\"required\":true}}}}}}}}}");
	buf_adds(&b, "{\"event\":\"e\",\"properties\":{\"list\":[[");
	for (i = 0; i < 500; i++)
		buf_addf(&b, "%s{\"u%d\":1}", i ? "," : "", i);
	buf_adds(&b, "]]}}");
	buf_addc(&b, '\0');
	judge(b.p);
	CHECK(answer.errors.n == PLAN_COMPLAINTS_MAX + 1, "%zu", answer.errors.n);
	CHECK(answer.warnings.n == PLAN_COMPLAINTS_MAX + 1, "%zu", answer.warnings.n);
	CHECK(strstr(said.p,
		  "properties.list.0.31.k: Required; properties.list.0.31.u31: Unknown property; "
		  "More than 64 complaints by the plan; ~properties.list.0.0.w: Required"),
	    "%s", said.p);
	drop_plan();
	buf_release(&b);
}

/* As deep as a plan may go, and deeper. */
static void
test_depth(void)
{
	struct buf b = BUF_INIT, line = BUF_INIT;
	int depth, i;

	for (depth = PLAN_DEPTH; depth <= PLAN_DEPTH + 1; depth++) {
		buf_reset(&b);
		buf_adds(&b, "{\"events\":{\"e\":{\"properties\":{\"p\":{");
		for (i = 1; i < depth; i++)
			buf_adds(&b, i % 2 ? "\"items\":{" : "\"properties\":{\"q\":{");
		buf_adds(&b, "\"type\":\"null\"");
		for (i = depth - 1; i > 0; i--)
			buf_adds(&b, i % 2 ? "}" : "}}");
		buf_adds(&b, "}}}}}");
		read_plan(b.p, b.n);
		CHECK((said.p[0] == '\0') == (depth == PLAN_DEPTH), "%d: %s", depth, said.p);
		if (depth > PLAN_DEPTH)
			break;
		buf_addc(&b, '\0');
		use_plan(b.p);
		buf_adds(&line, "{\"event\":\"e\",\"properties\":{\"p\":");
		for (i = 1; i < depth; i++)
			buf_adds(&line, i % 2 ? "[" : "{\"q\":");
		buf_adds(&line, "7");
		for (i = depth - 1; i > 0; i--)
			buf_adds(&line, i % 2 ? "]" : "}");
		buf_adds(&line, "}}");
		buf_addc(&line, '\0');
		judge(line.p);
		CHECK(strcmp(said.p,
			  "properties.p.0.q.0.q.0.q.0.q.0.q.0.q.0.q.0: Expected null, received "
			  "number") == 0,
		    "%s", said.p);
		drop_plan();
	}
	CHECK(strstr(said.p, ": described more than 16 deep\n"), "%s", said.p);
	buf_release(&line);
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
		{ PROPERTY("{\"format\":\"mail\",\"required\":1}"),
		    "1: events.e.properties.p.required: expected a boolean, not a number\n"
		    "1: events.e.properties.p.format: expected \"date\", \"date-time\", "
		    "\"uuid\", \"email\", \"uri\", \"ipv4\", \"ipv6\" or \"hostname\"\n" },
		{ PROPERTY("{\"const\":[1]}"),
		    "1: events.e.properties.p.const: expected a string, number, boolean or null\n" },
		{ PROPERTY("{\"type\":\"integer\",\"const\":1.5}"),
		    "1: events.e.properties.p.const: this value is not of the property's type\n" },
		{ PROPERTY("{\"properties\":{\"q\":{\"required\":1,\"x\":1}},\"type\":\"array\"}"),
		    "1: events.e.properties.p.properties: this is for objects, which the type rules "
		    "out\n"
		    "1: events.e.properties.p.properties.q.x: unknown key; known are description, "
		    "severity, required, type, const, enum, minimum, maximum, minLength, maxLength, "
		    "pattern, format, properties, unknownProperties, items\n"
		    "1: events.e.properties.p.properties.q.required: expected a boolean, not a "
		    "number\n" },
		{ PROPERTY("{\"type\":\"object\",\"items\":{\"required\":true}}"),
		    "1: events.e.properties.p.items: this is for arrays, which the type rules out\n"
		    "1: events.e.properties.p.items.required: this is for properties, not for "
		    "elements\n" },
		{ PROPERTY("{\"items\":[]}"),
		    "1: events.e.properties.p.items: expected an object, not an array\n" },
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
	test_const();
	test_formats();
	test_long_names();
	test_inside();
	test_together();
	test_many_elements();
	test_depth();
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
