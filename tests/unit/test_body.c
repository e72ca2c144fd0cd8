/* Bodies of batches, and the elements of arrays that they are read by. */
#include "event/body.h"

#include "check.h"

#include "base/banned.h"

static struct body body = { .max_events = BODY_EVENTS_MAX };

/* The complaints as "field: text; text"; "" for a good body. */
static bool
parse(const char *text, size_t n, struct buf *said)
{
	char *p = exact_copy(text, n);
	bool good = body_parse(&body, p, n);
	size_t i;

	buf_reset(said);
	for (i = 0; i < body.faults.complaints; i++) {
		const struct complaint *c = &body.faults.complaint[i];

		buf_adds(said, i ? "; " : "");
		buf_add(said, c->field.p, c->field.n);
		buf_adds(said, c->field.p ? ": " : "");
		buf_add(said, c->text.p, c->text.n);
	}
	free(p);
	return good;
}

static void
test_complaints(void)
{
	static const struct {
		const char *body, *said;
	} row[] = {
		{ "{\"events\":[{\"event\":\"a\"}]}", "" },
		{ " { \"events\" : [ {\"event\":\"a\"} , {\"event\":\"b\"} ] } ", "" },
		{ "{\"\\u0065vents\":[{\"event\":\"a\"}]}", "" },
		{ "{\"a\":{\"events\":[]},\"events\":[{\"event\":\"a\"}],\"b\":[[]]}", "" },
		{ "{\"events\":[],\"events\":[{\"event\":\"a\"}]}", "" },
		{ "{\"events\":[{\"event\":\"a\"}],\"events\":[]}",
		    "events: Too short: at least 1 event" },
		{ "{\"events\":[{\"event\":\"a\"}],\"events\":null}",
		    "events: Expected array, received null" },
		{ "{}", "events: Required" },
		{ "{\"event\":\"a\"}", "events: Required" },
		{ "{\"events\":{}}", "events: Expected array, received object" },
		{ "{\"events\":[7,{\"event\":\"a\"},{\"url\":1}]}",
		    "events[0]: Expected object, received number; events[2].event: Required; "
		    "events[2].url: Expected string, received number" },
		{ "[{\"event\":\"a\"}]", "Expected object, received array" },
		{ "{\"events\":[{\"event\":\"a\"},]}",
		    "Invalid JSON at byte offset 25: expected a value" },
		{ "{\"events\":[,{\"event\":\"a\"}]}",
		    "Invalid JSON at byte offset 11: expected a value" },
		{ "{\"events\":[{\"event\":\"a\"} {\"event\":\"a\"}]}",
		    "Invalid JSON at byte offset 25: expected ',' or the end of the container" },
		{ "{\"events\":[{\"event\":\"a\"}}",
		    "Invalid JSON at byte offset 24: expected ',' or the end of the container" },
		{ "{\"events\":[{\"event\":\"a\"}]",
		    "Invalid JSON at byte offset 25: the text ends too early" },
		{ "{\"events\":[{\"event\":\"a\"}",
		    "Invalid JSON at byte offset 24: the text ends too early" },
		{ "{\"events\":[", "Invalid JSON at byte offset 11: the text ends too early" },
		{ "{\"events\":", "Invalid JSON at byte offset 10: the text ends too early" },
		{ "{\"events\":[{\"event\":\"a\"}]} x",
		    "Invalid JSON at byte offset 27: something follows the value" },
		{ "{\"events\":[{\"event\":\"a\"}] \"x\":1}",
		    "Invalid JSON at byte offset 26: expected ',' or the end of the container" },
		{ "{\"events\":[{\"event\":\"a\"}],\"x\":tru}",
		    "Invalid JSON at byte offset 30: expected true, false or null" },
		{ "", "Invalid JSON at byte offset 0: the text ends too early" },
	};
	struct buf said = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		bool good = parse(row[i].body, strlen(row[i].body), &said);

		CHECK(is_text(said.p, said.n, row[i].said), "%s: got \"%.*s\"", row[i].body,
		    (int)said.n, said.n ? said.p : "");
		CHECK(good == !*row[i].said, "%s: the answer", row[i].body);
	}
	buf_release(&said);
}

static void
test_strict_keys(void)
{
	static const char text[] = "{\"a\":1,\"events\":[{\"event\":\"a\"}],\"b\":2}";
	static const char inside[] = "{\"events\":[{\"event\":\"a\",\"x\":2}]}";
	struct buf said = BUF_INIT;

	CHECK(parse(text, strlen(text), &said), "a key beside events is an error");
	CHECK(parse(inside, strlen(inside), &said), "a key of an event is an error");
	body.strict_keys = true;
	parse(text, strlen(text), &said);
	CHECK(is_text(said.p, said.n, "Unknown key beside events"), "beside events: %.*s",
	    (int)said.n, said.n ? said.p : "");
	parse(inside, strlen(inside), &said);
	CHECK(is_text(said.p, said.n, "events[0].x: Unknown key"), "inside: %.*s", (int)said.n,
	    said.n ? said.p : "");
	body.strict_keys = false;
	buf_release(&said);
}

static void
make(struct buf *b, size_t events, const char *event)
{
	size_t i;

	buf_reset(b);
	buf_adds(b, BODY_OPENING);
	for (i = 0; i < events; i++) {
		buf_adds(b, i ? "," : "");
		buf_adds(b, event);
	}
	buf_adds(b, BODY_CLOSING);
}

static void
test_limits(void)
{
	struct buf text = BUF_INIT, said = BUF_INIT;

	make(&text, BODY_EVENTS_MAX, "{\"event\":\"a\"}");
	CHECK(parse(text.p, text.n, &said) && body.events == BODY_EVENTS_MAX, "1000 events");
	make(&text, BODY_EVENTS_MAX + 1, "{\"event\":\"a\"}");
	parse(text.p, text.n, &said);
	CHECK(is_text(said.p, said.n, "events: Too long: at most 1000 events"), "1001: %.*s",
	    (int)said.n, said.n ? said.p : "");
	make(&text, BODY_FAULTS_MAX, "{}");
	parse(text.p, text.n, &said);
	CHECK(body.faults.complaints == BODY_FAULTS_MAX, "%zu complaints", body.faults.complaints);
	make(&text, BODY_FAULTS_MAX + 1, "{}");
	parse(text.p, text.n, &said);
	CHECK(body.faults.complaints == BODY_FAULTS_MAX + 1 &&
		!body.faults.complaint[BODY_FAULTS_MAX].field.p &&
		body.faults.events == BODY_FAULTS_MAX + 1,
	    "one more than can be listed");
	make(&text, 2, "{\"event\":\"a\"}");
	CHECK(parse(text.p, text.n, &said) && body.events == 2, "something is left of before");
	buf_release(&text);
	buf_release(&said);
}

/* An event as deep as may be alone may be so in a body. */
static void
test_depth(void)
{
	size_t over;

	for (over = 0; over < 2; over++) {
		struct buf event = BUF_INIT, text = BUF_INIT, said = BUF_INIT;
		size_t i, deep = JSON_DEPTH - 2 + over;

		buf_adds(&event, "{\"event\":\"x\",\"properties\":{\"k\":");
		for (i = 0; i < deep; i++)
			buf_adds(&event, "[");
		for (i = 0; i < deep; i++)
			buf_adds(&event, "]");
		buf_adds(&event, "}}");
		buf_addc(&event, '\0');
		make(&text, 2, event.p);
		CHECK(parse(text.p, text.n, &said) == (over == 0), "%zu too deep: %.*s", over,
		    (int)said.n, said.n ? said.p : "");
		CHECK(!over || strstr(body.faults.complaint[0].text.p, "64 deep"), "the reason");
		buf_release(&event);
		buf_release(&text);
		buf_release(&said);
	}
}

/* Many errors are counted as one kind, whatever event they are of. */
static void
test_counted(void)
{
	static const char text[] = "{\"events\":[{},{\"event\":\"a\",\"url\":1},{},5]}";
	static const char *const field[] = { "events[].event", "events[].url", "events[].event",
		"events[]" };
	size_t i;

	CHECK(!body_parse(&body, text, strlen(text)) && body.faults.complaints == 4, "four");
	for (i = 0; i < 4; i++) {
		struct span got = body.faults.complaint[i].counted_field;

		CHECK(is_text(got.p, got.n, field[i]), "%zu: %.*s", i, (int)got.n, got.p);
	}
}

static void
test_elements(void)
{
	static const char text[] = "{\"a\":[ 1, \"two\" ,[3,[]],{} ],\"b\":[],\"c\":7}";
	static const char *const element[] = { "1", "\"two\"", "[3,[]]", "{}" };
	struct json_scan s;
	struct json_value key, v;
	size_t n = 0;

	json_open(&s, text, strlen(text));
	CHECK(json_next_key(&s, &key) && json_enter_array(&s), "the first member");
	for (; json_next_element(&s, &v); n++)
		CHECK(n < 4 && is_text(v.raw.p, v.raw.n, element[n]), "element %zu: %.*s", n,
		    (int)v.raw.n, v.raw.p);
	CHECK(n == 4 && s.reason == JSON_OK, "%zu elements", n);
	CHECK(json_next_key(&s, &key) && json_enter_array(&s) && !json_next_element(&s, &v),
	    "an empty array");
	CHECK(json_next_key(&s, &key) && !json_enter_array(&s) && json_key_value(&s, &v) &&
		is_text(v.raw.p, v.raw.n, "7"),
	    "a value that is no array");
	CHECK(!json_next_key(&s, &key) && s.reason == JSON_OK && s.done, "the end");
}

int
main(void)
{
	test_elements();
	test_complaints();
	test_strict_keys();
	test_limits();
	test_depth();
	test_counted();
	body_release(&body);
	return check_end("body");
}
