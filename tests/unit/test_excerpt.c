/*
 * Excerpts: what they show, and that they never show who a visitor is.
 */
#include "quality/excerpt.h"

#include "check.h"
#include "text/json.h"

#include "base/banned.h"

#define DOTS "\xe2\x80\xa6"

static const char *
excerpt(const char *line, const char *field)
{
	static char text[2048];
	struct buf b = BUF_INIT;
	char *copy = exact_copy(line, strlen(line));

	excerpt_add(&b, copy, strlen(line), span_of(field));
	snprintf(text, sizeof(text), "%.*s", (int)b.n, b.n ? b.p : "");
	buf_release(&b);
	free(copy);
	return text;
}

static void
test_shown(void)
{
	static const struct {
		const char *line, *field, *want;
	} cases[] = {
		{ "{\"event\":\"a\"}", "", "{\"event\":\"a\"}" },
		{ "{ \"user_id\" : 7 , \"event\" : \"a\" }", "user_id",
		    "{\"event\":\"a\",\"user_id\":7}" },
		{ "{\"event\":\"a\",\"properties\":{\"x\":true,\"y\":\"12345678901234567\"}}",
		    "properties.y",
		    "{\"event\":\"a\",\"properties\":{\"y\":\"1234567890123456" DOTS
		    "\",\"x\":true}}" },
		{ "{\"event\":\"a\",\"properties\":{\"x\":[1],\"y\":{\"z\":1},\"e\":[],\"n\":null}}",
		    "",
		    "{\"event\":\"a\",\"properties\":{\"x\":[" DOTS "],\"y\":{" DOTS
		    "},\"e\":[],\"n\":null}}" },
		{ "{\"properties\":[1],\"event\":7}", "event",
		    "{\"event\":7,\"properties\":" DOTS "}" },
		{ "{\"what\":\"secret\",\"event\":\"a\"}", "what",
		    "{\"event\":\"a\",\"what\":" DOTS "}" },
		{ "{\"event\":\"a\",\"properties\":{\"at\":\"19:00:00\",\"v\":\"1.2.3\",\"u\":\"x\"}}",
		    "",
		    "{\"event\":\"a\",\"properties\":{\"at\":\"19:00:00\",\"v\":\"1.2.3\",\"u\":\"x\"}}" },
		{ "{\"event\":\"a\",\"timestamp\":\"2026-05-16T19:00:00\"}", "",
		    "{\"event\":\"a\",\"timestamp\":\"2026-05-16T19:00" DOTS "\"}" },
		{ "[1]", "", "" },
		{ "{\"event\":\"a\"", "", "" },
		{ "", "", "" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *got = excerpt(cases[i].line, cases[i].field);

		CHECK(strcmp(got, cases[i].want) == 0, "%s\n  got  %s\n  want %s", cases[i].line,
		    got, cases[i].want);
	}
}

static void
test_private(void)
{
	/* SECRET stands where something must not be seen */
	static const char *const lines[] = {
		"{\"event\":\"a\",\"ip\":\"SECRET\"}",
		"{\"event\":\"a\",\"ip\":[\"SECRET\"]}",
		"{\"event\":\"a\",\"\\u0069\\u0070\":\"SECRET\"}",
		"{\"event\":\"a\",\"user_agent\":\"SECRET\"}",
		"{\"event\":\"a\",\"user\\u005fagent\":\"SECRET\"}",
		"{\"event\":\"a\",\"ua_hints\":{\"SECRET\":\"SECRET\"}}",
		"{\"event\":\"a\",\"ip\":\"x\",\"ip\":\"SECRET\"}",
		"{\"event\":\"a\",\"IP\":\"SECRET\"}",
		"{\"event\":\"a\",\"client\":\"SECRET\"}",
		"{\"event\":\"a\",\"properties\":{\"ip\":\"SECRET\"}}",
		"{\"event\":\"a\",\"properties\":{\"User_Agent\":\"SECRET\",\"userAgent\":\"SECRET\"}}",
		"{\"event\":\"a\",\"properties\":{\"\\u0069p\":\"SECRET\"}}",
		"{\"event\":\"a\",\"properties\":{\"x\":{\"deep\":\"SECRET\"}}}",
		"{\"event\":\"a\",\"properties\":{\"note\":\"from SECRET-203.0.113.9\"}}",
		"{\"event\":\"a\",\"properties\":{\"v6\":\"SECRET 2001:db8::7\"}}",
		"{\"event\":\"a\",\"host\":\"203.0.113.9 SECRET\"}",
		"{\"event\":\"a\",\"host\":\"SECRET 203.0.113.9:8080\"}",
		"{\"event\":\"a\",\"host\":\"SECRET from:203.0.113.9.\"}",
		"{\"event\":\"a\",\"host\":\"SECRET v203.0.113.9x\"}",
		"{\"event\":\"a\",\"host\":\"SECRET 1203.0.113.9\"}",
		"{\"event\":\"a\",\"host\":\"SECRET at:2001:db8:0:1:2:3:4:5:\"}",
		"{\"event\":\"a\",\"host\":\"SECRET 64:ff9b::203.0.113.9\"}",
		"{\"event\":\"a\",\"properties\":{\"who\":\"SECRET Mozilla/5.0 (X11)\"}}",
		"{\"event\":\"a\",\"properties\":{\"User-Agent\":\"SECRET\"}}",
		"{\"event\":\"a\",\"properties\":{\"X-Forwarded-For\":\"SECRET\"}}",
		"{\"event\":\"a\",\"user_id\":\"SECRET@x.example\"}",
		"{\"event\":\"a\",\"user_id\":\"SECRET\\u0040x.example\"}",
		"{\"event\":\"a\",\"properties\":{\"SECRET@x.example\":1}}",
		"{\"event\":\"a\",\"SECRET@x.example\":1}",
		"{\"event\":\"SECRET 203.0.113.9\"}",
		"{\"event\":\"a\",\"url\":\"https://SECRET:y@h.example/\"}",
		"{\"event\":\"a\",\"ip\":\"SECRET\"",
		"\"SECRET\"",
	};
	static const char *const fields[] = { "", "ip", "properties.ip", "properties", "user_agent",
		"user_id", "properties.note", "event" };
	size_t i, k;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		for (k = 0; k < sizeof(fields) / sizeof(fields[0]); k++) {
			const char *got = excerpt(lines[i], fields[k]);

			CHECK(!strstr(got, "SECRET"), "%s\n  shows %s", lines[i], got);
		}
	}
}

static void
test_short(void)
{
	struct buf b = BUF_INIT;
	const char *got;
	int i;

	buf_adds(&b, "{\"event\":\"");
	for (i = 0; i < 300; i++)
		buf_adds(&b, "\xc3\xa4");
	buf_adds(&b, "\",\"properties\":{\"k0\":1");
	for (i = 1; i < 1000; i++)
		buf_addf(&b, ",\"key_number_%d\":\"value\"", i);
	buf_adds(&b, "},\"user_id\":7}");
	buf_addc(&b, '\0');
	got = excerpt(b.p, "user_id");
	CHECK(strlen(got) < 2 * EXCERPT_MAX, "%zu bytes: %s", strlen(got), got);
	CHECK(utf8_valid(got, strlen(got), NULL), "UTF-8: %s", got);
	CHECK(strstr(got, "\"user_id\":7"), "the field comes first: %s", got);
	CHECK(strstr(got, "," DOTS "}}") || strstr(got, DOTS "}"), "the cut is shown: %s", got);
	CHECK(!strstr(got, "{,"), "a comma without a member: %s", got);
	buf_release(&b);
}

int
main(void)
{
	test_shown();
	test_private();
	test_short();
	return check_end("test_excerpt");
}
