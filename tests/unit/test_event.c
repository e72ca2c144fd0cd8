/* Events: fields, bounds and complaints (SPEC 1 and 2). */
#include "event/event.h"

#include "check.h"

#include "base/banned.h"

static struct event event;

/* The complaints as "field: text; text", in the order in which they stand. */
static bool
parse(const char *text, size_t n, struct buf *said)
{
	char *p = exact_copy(text, n);
	bool good = event_parse(&event, p, n);
	size_t i;

	buf_reset(said);
	CHECK(good == (event.complaints == 0) || good, "%.80s: refused without a complaint", text);
	for (i = 0; !good && i < event.complaints; i++) {
		const struct complaint *c = &event.complaint[i];

		if (i)
			buf_adds(said, "; ");
		if (c->field.p) {
			buf_add(said, c->field.p, c->field.n);
			buf_adds(said, ": ");
		}
		buf_add(said, c->text.p, c->text.n);
	}
	free(p);
	return good;
}

static void
test_complaints(void)
{
	static const struct {
		const char *line, *said; /* "": valid */
	} row[] = {
		{ "{\"event\":\"x\"}", "" },
		{ " { \"event\" : \"$pageview\" } ", "" },
		{ "{\"\\u0065vent\":\"x\"}", "" },
		{ "{\"\\u0065\\u0076\\u0065\\u006e\\u0074\":\"x\"}", "" },
		{ "{\"event\":\"x\",\"\\u0061\\u006e\\u006f\\u006e\\u0079\\u006d\\u006f\\u0075\\u0073"
		  "\\u005f\\u0069\\u0064\":\"\"}",
		    "anonymous_id: Too short: at least 1 character" },
		{ "{\"event\":\"x\",\"\\u0061\\u006e\\u006f\\u006e\\u0079\\u006d\\u006f\\u0075\\u0073"
		  "\\u005f\\u0069\\u0064\\u0064\":1}",
		    "" },
		{ "{}", "event: Required" },
		{ "{\"Event\":\"x\"}", "event: Required" },
		{ "{\"event\\u0000\":\"x\"}", "event: Required" },
		{ "{\"event\":null}", "event: Expected string, received null" },
		{ "{\"event\":1}", "event: Expected string, received number" },
		{ "{\"event\":{}}", "event: Expected string, received object" },
		{ "{\"event\":[]}", "event: Expected string, received array" },
		{ "{\"event\":true}", "event: Expected string, received boolean" },
		{ "{\"event\":\"\"}", "event: Too short: at least 1 character" },
		{ "{\"event\":\"\",\"event\":\"x\"}", "" },
		{ "{\"event\":\"x\",\"event\":\"\"}", "event: Too short: at least 1 character" },
		{ "{\"event\":\"x\",\"\\u0065vent\":2}",
		    "event: Expected string, received number" },
		{ "{\"event\":\"x\",\"url\":\"nonsense\",\"url\":null}", "" },
		{ "{\"event\":\"x\",\"event_id\":null,\"timestamp\":null,\"anonymous_id\":null,"
		  "\"user_id\":null,\"session_id\":null,\"url\":null,\"path\":null,"
		  "\"referrer\":null,\"properties\":null,\"ip\":null,\"user_agent\":null,"
		  "\"host\":null,\"received_at\":null,\"project_id\":null}",
		    "" },
		{ "{\"event\":\"x\",\"event_id\":\"\"}",
		    "event_id: Too short: at least 1 character" },
		{ "{\"event\":\"x\",\"user_id\":\"\"}",
		    "user_id: Too short: at least 1 character" },
		{ "{\"event\":\"x\",\"session_id\":\"\"}",
		    "session_id: Too short: at least 1 character" },
		{ "{\"event\":\"x\",\"path\":\"\",\"referrer\":\"\"}", "" },
		{ "{\"event\":\"x\",\"ip\":\"\",\"user_agent\":\"\",\"host\":\"\","
		  "\"received_at\":\"\",\"project_id\":\"\"}",
		    "" },
		{ "{\"event\":\"x\",\"user_id\":7,\"properties\":[]}",
		    "user_id: Expected string, received number; "
		    "properties: Expected object, received array" },
		{ "{\"event\":\"x\",\"timestamp\":\"yesterday\"}",
		    "timestamp: Invalid date-time: expected RFC 3339, as 2026-05-16T19:00:00Z" },
		{ "{\"event\":\"x\",\"timestamp\":\"1899-12-31T23:59:59Z\"}",
		    "timestamp: Out of range: the years 1900 to 2299 can be stored" },
		{ "{\"event\":\"x\",\"received_at\":\"2300-01-01T00:00:00Z\"}",
		    "received_at: Out of range: the years 1900 to 2299 can be stored" },
		{ "{\"event\":\"x\",\"timestamp\":\"2026-05-16T19:00:00\\u005a\"}", "" },
		{ "{\"event\":\"x\",\"ip\":\"300.1.1.1\"}", "ip: Invalid IP address" },
		{ "{\"event\":\"x\",\"ip\":\"\\u0031.2.3.4\"}", "" },
		{ "{\"event\":\"x\",\"project_id\":\"7f0c4a52\"}", "project_id: Invalid UUID" },
		{ "{\"event\":\"x\",\"project_id\":\"7F0C4A52-9D1E-4C8B-8A37-51f0c2d9e6b4\"}", "" },
		{ "{\"event\":\"x\",\"project_id\":\"7f0c4a52-9d1e-4c8b-8a37-51f0c2d9e6bg\"}",
		    "project_id: Invalid UUID" },
		{ "{\"event\":\"x\",\"project_id\":\"7f0c4a5209d1e-4c8b-8a37-51f0c2d9e6b4\"}",
		    "project_id: Invalid UUID" },
		{ "{\"event\":\"x\",\"other\":1,\"source\":\"me\"}", "" },
		{ "[]", "Expected object, received array" },
		{ "\"event\"", "Expected object, received string" },
		{ "null", "Expected object, received null" },
		{ "12", "Expected object, received number" },
		{ "{\"event\":\"x\"", "Invalid JSON at byte offset 12: the text ends too early" },
		{ "{\"event\":\"x\"} x",
		    "Invalid JSON at byte offset 14: something follows the value" },
		{ "not json", "Invalid JSON at byte offset 0: expected true, false or null" },
		{ "[1,", "Invalid JSON at byte offset 3: the text ends too early" },
		{ "{\"event\":\"\",\"user_id\":",
		    "Invalid JSON at byte offset 22: the text ends too early" },
		{ "{\"event\":\"\xff\"}", "Invalid JSON at byte offset 10: invalid UTF-8" },
	};
	struct buf said = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		parse(row[i].line, strlen(row[i].line), &said);
		CHECK(is_text(said.p, said.n, row[i].said), "%s: got \"%.*s\"", row[i].line,
		    (int)said.n, said.n ? said.p : "");
	}
	buf_release(&said);
}

/* ---- bounds, in units that need different numbers of bytes ---- */

static void
add_times(struct buf *b, const char *unit, size_t n)
{
	while (n-- > 0)
		buf_adds(b, unit);
}

static void
test_lengths(void)
{
	static const struct {
		const char *field, *start;
		size_t max;
	} row[] = {
		{ "event", "", 128 },
		{ "event_id", "", 128 },
		{ "anonymous_id", "", 128 },
		{ "user_id", "", 256 },
		{ "session_id", "", 128 },
		{ "url", "https://a.example/", 2048 },
		{ "path", "", 2048 },
		{ "referrer", "", 2048 },
	};
	static const struct {
		const char *text;
		size_t utf16;
	} unit[] = {
		{ "a", 1 },
		{ "\xc3\xa9", 1 },
		{ "\xe2\x82\xac", 1 },
		{ "\xf0\x9f\x98\x80", 2 },
		{ "\\u00e9", 1 },
		{ "\\ud83d\\ude00", 2 },
		{ "\\/", 1 },
	};
	struct buf line = BUF_INIT, said = BUF_INIT, want = BUF_INIT;
	size_t i, k, over;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (k = 0; k < sizeof(unit) / sizeof(unit[0]); k++) {
			for (over = 0; over < 2; over++) {
				size_t n = row[i].max - strlen(row[i].start);

				buf_reset(&line);
				buf_adds(&line,
				    strcmp(row[i].field, "event") ? "{\"event\":\"x\"," : "{");
				buf_addf(&line, "\"%s\":\"%s", row[i].field, row[i].start);
				add_times(&line, unit[k].text, n / unit[k].utf16);
				add_times(&line, "b", n % unit[k].utf16 + over);
				buf_adds(&line, "\"}");
				buf_reset(&want);
				if (over)
					buf_addf(&want, "%s: Too long: at most %zu characters",
					    row[i].field, row[i].max);
				parse(line.p, line.n, &said);
				CHECK(span_eq((struct span){ said.p, said.n },
					  (struct span){ want.p, want.n }),
				    "%s of %s, %zu over: \"%.*s\"", row[i].field, unit[k].text,
				    over, (int)said.n, said.n ? said.p : "");
			}
		}
	}
	buf_release(&line);
	buf_release(&said);
	buf_release(&want);
}

/* White space outside strings does not count; escapes count as they stand. */
static void
test_properties_size(void)
{
	static const char *const before[] = { "{\"k\":\"", " {\t\"k\" : \r \"", "{\"\\u006b\":\"" };
	static const size_t fixed[] = { 8, 8, 13 };
	struct buf line = BUF_INIT, said = BUF_INIT;
	size_t i, over;

	for (i = 0; i < 3; i++) {
		for (over = 0; over < 2; over++) {
			buf_reset(&line);
			buf_addf(&line, "{\"event\":\"x\",\"properties\":%s", before[i]);
			/* white space inside strings does count; an accent is two bytes */
			add_times(&line, "\xc3\xa9", 1000);
			add_times(&line, " ", 8192 - 2000 - fixed[i] + over);
			buf_adds(&line, i == 1 ? "\"   } }" : "\"}}");
			parse(line.p, line.n, &said);
			CHECK(is_text(said.p, said.n,
				  over ? "properties: Too large: at most 8192 bytes when minified"
				       : ""),
			    "kind %zu, %zu over: \"%.*s\"", i, over, (int)said.n,
			    said.n ? said.p : "");
			CHECK(event.value[EVENT_PROPERTIES].minified == 8192 + over,
			    "minified: %zu", event.value[EVENT_PROPERTIES].minified);
		}
	}
	buf_release(&line);
	buf_release(&said);
}

/* ---- what is handed out ---- */

static void
test_text(void)
{
	static const char line[] =
	    "{\"event\":\"caf\\u00e9\",\"url\":\"https:\\/\\/A.example\\/p?q\",\"path\":\"plain\","
	    "\"referrer\":\"\",\"ip\":\"::ffff:192.0.2.1\",\"timestamp\":\"1970-01-01T00:00:01.5Z\","
	    "\"properties\":{ \"n\" : 1.0 },\"host\":\"\"}";
	struct span s;

	CHECK(event_parse(&event, line, sizeof(line) - 1), "refused");
	s = event_text(&event, EVENT_EVENT);
	CHECK(is_text(s.p, s.n, "caf\xc3\xa9"), "event: %.*s", (int)s.n, s.p);
	s = event_raw(&event, EVENT_EVENT);
	CHECK(is_text(s.p, s.n, "caf\\u00e9"), "raw event: %.*s", (int)s.n, s.p);
	s = event_text(&event, EVENT_URL);
	CHECK(is_text(s.p, s.n, "https://A.example/p?q"), "url: %.*s", (int)s.n, s.p);
	CHECK(is_text(event.url.path.p, event.url.path.n, "/p"), "the url's path");
	s = event_text(&event, EVENT_EVENT);
	CHECK(is_text(s.p, s.n, "caf\xc3\xa9"), "event again: %.*s", (int)s.n, s.p);
	s = event_text(&event, EVENT_PATH);
	CHECK(is_text(s.p, s.n, "plain") && s.p >= line && s.p < line + sizeof(line), "path");
	s = event_text(&event, EVENT_REFERRER);
	CHECK(s.p && s.n == 0, "an empty referrer is there");
	CHECK(!event_has(&event, EVENT_HOST) && !event_text(&event, EVENT_HOST).p,
	    "an empty context key is absent");
	CHECK(!event_has(&event, EVENT_USER_ID) && !event_raw(&event, EVENT_USER_ID).p, "user_id");
	CHECK(event.ip.v4 && event.ip.b[0] == 192, "ip");
	CHECK(event.timestamp == 1500, "timestamp");
	s = event.value[EVENT_PROPERTIES].raw;
	CHECK(is_text(s.p, s.n, "{ \"n\" : 1.0 }"), "properties: %.*s", (int)s.n, s.p);
	CHECK(event_parse(&event, "{\"event\":\"y\"}", 13) && !event_has(&event, EVENT_URL),
	    "something is left of the line before");
}

static void
test_strict_keys(void)
{
	static const char known[] =
	    "{\"event\":\"x\",\"ip\":\"::1\",\"received_at\":\"2026-05-16T19:00:00Z\"}";
	static const char unknown[] = "{\"event\":\"x\",\"source\":1}";
	struct buf line = BUF_INIT, said = BUF_INIT;
	size_t i;

	event.strict_keys = true;
	parse(known, strlen(known), &said);
	CHECK(said.n == 0, "a known key is refused: %.*s", (int)said.n, said.n ? said.p : "");
	buf_adds(&line, "{\"event\":\"x\",\"a\\nb\":1,\"source\":2,\"a\\nb\":3,\"\":4}");
	parse(line.p, line.n, &said);
	CHECK(is_text(said.p, said.n,
		  "a\\nb: Unknown key; source: Set by mm-enrich, not by clients; : Unknown key"),
	    "got \"%.*s\"", (int)said.n, said.p);
	buf_reset(&line);
	buf_adds(&line, "{\"event\":\"\"");
	for (i = 0; i < EVENT_UNKNOWN_MAX + 5; i++)
		buf_addf(&line, ",\"k%zu\":0", i);
	buf_adds(&line, "}");
	parse(line.p, line.n, &said);
	CHECK(event.complaints == EVENT_UNKNOWN_MAX + 2, "%zu complaints", event.complaints);
	event.strict_keys = false;
	CHECK(parse(unknown, strlen(unknown), &said), "refused without strict_keys");
	buf_release(&line);
	buf_release(&said);
}

/* All that can be wrong at once fits, and stays grouped by field. */
static void
test_all_wrong(void)
{
	struct buf line = BUF_INIT, said = BUF_INIT;
	int f;

	buf_adds(&line, "{\"unknown\":0");
	for (f = 0; f < EVENT_FIELDS; f++) {
		struct span name = event_field_name((enum event_field)f);

		buf_addf(&line, ",\"%.*s\":%s", (int)name.n, name.p,
		    f == EVENT_PROPERTIES ? "\"\"" : "false");
	}
	buf_adds(&line, "}");
	parse(line.p, line.n, &said);
	CHECK(event.complaints == EVENT_FIELDS, "%zu complaints", event.complaints);
	for (f = 0; f < EVENT_FIELDS; f++)
		CHECK(span_eq(event.complaint[f].field, event_field_name((enum event_field)f)),
		    "complaint %d is about another field", f);
	buf_release(&line);
	buf_release(&said);
}

int
main(void)
{
	event_init(&event);
	test_complaints();
	test_lengths();
	test_properties_size();
	test_text();
	test_strict_keys();
	test_all_wrong();
	event_release(&event);
	return check_end("event");
}
