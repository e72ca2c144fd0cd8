/* MCP and JSON-RPC: what each message is answered with. */
#define _GNU_SOURCE /* memmem */
#include "mcp/mcp.h"

#include "check.h"

#include "base/banned.h"

static unsigned calls;

static void
call(void *context, const struct mcp_tool *t, const struct json_value *arguments,
    struct mcp_answer *a)
{
	(void)context;
	calls++;
	if (strcmp(t->name, "fail") == 0) {
		a->code = RPC_SERVER_ERROR;
		buf_adds(&a->message, "no \"luck\"");
		buf_adds(&a->data, "{\"x\":1}");
	} else if (strcmp(t->name, "slow") == 0) {
		a->cancelled = true;
	} else {
		buf_adds(&a->json, "{\"got\":");
		if (arguments->raw.p)
			buf_add(&a->json, arguments->raw.p, arguments->raw.n);
		else
			buf_adds(&a->json, "null");
		buf_addc(&a->json, '}');
	}
}

static void
read_resource(void *context, const struct mcp_resource *r, struct mcp_answer *a)
{
	(void)context;
	(void)r;
	buf_adds(&a->json, "{\"rows\":[]}");
}

static const struct argument none[] = { { .name = NULL } };
static const struct mcp_tool tools[] = {
	{ "echo", "Echo", "Says it again", none, false },
	{ "fail", "Fail", "Fails", none, false },
	{ "slow", "Slow", "Is cancelled", none, false },
	{ "write", "Write", "Writes", none, true },
	{ .name = NULL },
};
static const struct mcp_resource resources[] = {
	{ "a://b", "b", "B", "The b" },
	{ .uri = NULL },
};

static struct mcp server = { .server = "test",
	.title = "Test",
	.version = "1",
	.instructions = "Ask.",
	.tools = tools,
	.resources = resources,
	.call = call,
	.read = read_resource };

static void
ask(const char *message, struct buf *out)
{
	size_t n = strlen(message);
	char *p = exact_copy(message, n);

	buf_reset(out);
	mcp_message(&server, p, n, out);
	free(p);
}

static void
test_answers(void)
{
#define HEAD "{\"jsonrpc\":\"2.0\",\"id\":"
#define NO_ID HEAD "null,\"error\":{\"code\":"
	static const struct {
		const char *message, *answer;
	} row[] = {
		{ HEAD "1,\"method\":\"ping\"}", HEAD "1,\"result\":{}}\n" },
		{ HEAD "\"a\\u0041\",\"method\":\"ping\"}", HEAD "\"a\\u0041\",\"result\":{}}\n" },
		{ HEAD "1e3,\"method\":\"p\\u0069ng\",\"params\":{}}",
		    HEAD "1e3,\"result\":{}}\n" },
		/* nobody waits for an answer to these */
		{ "{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}", "" },
		{ "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}", "" },
		{ HEAD "1,\"result\":{}}", "" },
		/* what is no message */
		{ "{", NO_ID "-32700,\"message\":\"the text ends too early\"}}\n" },
		{ "7", NO_ID "-32600,\"message\":\"a message is one JSON object\"}}\n" },
		{ "{\"id\":1,\"method\":\"ping\"}",
		    HEAD "1,\"error\":{\"code\":-32600,\"message\":\"not a message of JSON-RPC "
			 "2.0\"}}\n" },
		{ HEAD "null,\"method\":\"ping\"}",
		    NO_ID "-32600,\"message\":\"the id is neither a string nor a number\"}}\n" },
		{ HEAD "1,\"method\":7}",
		    HEAD "1,\"error\":{\"code\":-32600,\"message\":\"the method is not a "
			 "string\"}}\n" },
		{ HEAD "1,\"method\":\"ping\",\"params\":7}",
		    HEAD "1,\"error\":{\"code\":-32600,\"message\":\"the params are neither an "
			 "object nor an array\"}}\n" },
		{ HEAD "1,\"method\":\"none\"}",
		    HEAD "1,\"error\":{\"code\":-32601,\"message\":\"There is no such "
			 "method\"}}\n" },
		{ HEAD "1,\"method\":\"tools/list\",\"params\":{\"cursor\":\"x\"}}",
		    HEAD "1,\"error\":{\"code\":-32602,\"message\":\"There is one page only, and "
			 "no cursor\"}}\n" },
		/* tools */
		{ HEAD "1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":"
		       "{\"n\":9007199254740993}}}",
		    HEAD "1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"{\\\"got\\\":{"
			 "\\\"n\\\":9007199254740993}}\"}],\"structuredContent\":{\"got\":{\"n\":"
			 "9007199254740993}},\"isError\":false}}\n" },
		{ HEAD "1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\"}}",
		    HEAD "1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"{\\\"got\\\":"
			 "null}\"}],\"structuredContent\":{\"got\":null},\"isError\":false}}\n" },
		{ HEAD "1,\"method\":\"tools/call\",\"params\":{\"name\":\"fail\"}}",
		    HEAD "1,\"error\":{\"code\":-32000,\"message\":\"no \\\"luck\\\"\",\"data\":{"
			 "\"x\":1}}}\n" },
		{ HEAD "1,\"method\":\"tools/call\",\"params\":{\"name\":\"slow\"}}", "" },
		{ HEAD
		    "1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":[]}}",
		    HEAD "1,\"error\":{\"code\":-32602,\"message\":\"The arguments are not an "
			 "object\"}}\n" },
		{ HEAD "1,\"method\":\"tools/call\",\"params\":{\"name\":\"none\"}}",
		    HEAD "1,\"error\":{\"code\":-32602,\"message\":\"There is no such tool; "
			 "tools/list names those there are\"}}\n" },
		{ HEAD "1,\"method\":\"tools/call\"}",
		    HEAD "1,\"error\":{\"code\":-32602,\"message\":\"There is no such tool; "
			 "tools/list names those there are\"}}\n" },
		/* resources */
		{ HEAD "1,\"method\":\"resources/read\",\"params\":{\"uri\":\"a://b\"}}",
		    HEAD
		    "1,\"result\":{\"contents\":[{\"uri\":\"a://b\",\"mimeType\":\"application/"
		    "json\",\"text\":\"{\\\"rows\\\":[]}\"}]}}\n" },
		{ HEAD "1,\"method\":\"resources/read\",\"params\":{\"uri\":\"a://c\"}}",
		    HEAD "1,\"error\":{\"code\":-32602,\"message\":\"There is no such resource; "
			 "resources/list names those there are\"}}\n" },
		/* batches */
		{ "[" HEAD "1,\"method\":\"ping\"}," HEAD "2,\"method\":\"ping\"}]",
		    "[" HEAD "1,\"result\":{}}," HEAD "2,\"result\":{}}]\n" },
		{ "[{\"jsonrpc\":\"2.0\",\"method\":\"x\"}," HEAD "2,\"method\":\"ping\"}, 7]",
		    "[" HEAD "2,\"result\":{}}," NO_ID
		    "-32600,\"message\":\"a message is one JSON object\"}}]\n" },
		{ "[{\"jsonrpc\":\"2.0\",\"method\":\"x\"}]", "" },
		{ "[]", NO_ID "-32600,\"message\":\"a batch holds at least one message\"}}\n" },
		{ "[1", NO_ID "-32700,\"message\":\"the text ends too early\"}}\n" },
	};
	struct buf out = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ask(row[i].message, &out);
		CHECK(is_text(out.p, out.n, row[i].answer), "%s\n\tgave %.*s\n\tnot  %s",
		    row[i].message, (int)out.n, out.p, row[i].answer);
	}
	buf_release(&out);
}

static bool
says(const struct buf *b, const char *text)
{
	return memmem(b->p, b->n, text, strlen(text)) != NULL;
}

static void
test_versions(void)
{
	static const struct {
		const char *asked, *given;
	} row[] = {
		{ "\"2024-11-05\"", "2024-11-05" },
		{ "\"2025-03-26\"", "2025-03-26" },
		{ "\"2025-06-18\"", "2025-06-18" },
		{ "\"2025-11-25\"", "2025-11-25" },
		{ "\"1999-01-01\"", "2025-11-25" },
		{ "7", "2025-11-25" },
	};
	struct buf out = BUF_INIT, message = BUF_INIT, wanted = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		buf_reset(&message);
		buf_addf(&message,
		    HEAD "0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":%s}}%c",
		    row[i].asked, 0);
		ask(message.p, &out);
		buf_reset(&wanted);
		buf_addf(&wanted, "{\"protocolVersion\":\"%s\",%c", row[i].given, 0);
		CHECK(says(&out, wanted.p), "asked for %s: %.*s", row[i].asked, (int)out.n, out.p);
	}
	buf_release(&out);
	buf_release(&message);
	buf_release(&wanted);
}

static void
test_read_only(void)
{
	static const char list[] = HEAD "1,\"method\":\"tools/list\"}";
	static const char write[] =
	    HEAD "1,\"method\":\"tools/call\",\"params\":{\"name\":\"write\"}}";
	struct buf out = BUF_INIT;
	unsigned before;

	ask(list, &out);
	CHECK(says(&out, "\"name\":\"write\""), "the tool is not listed");
	server.read_only = true;
	ask(list, &out);
	CHECK(!says(&out, "\"name\":\"write\""), "the tool is listed");
	CHECK(says(&out, "\"name\":\"echo\""), "the others are not listed");
	before = calls;
	ask(write, &out);
	CHECK(says(&out, "-32602") && calls == before, "the tool was called");
	server.read_only = false;
	buf_release(&out);
}

static const struct argument every_kind[] = {
	{ .name = "a", .required = true, .min = 1, .max = 9, .about = "say \"a\"" },
	{ .name = "b", .kind = ARGUMENT_CHOICE, .choices = "x|y", .fallback = "x", .about = "" },
	{ .name = "c", .kind = ARGUMENT_CHOICES, .choices = "x, y", .about = "" },
	{ .name = "d", .kind = ARGUMENT_TEXTS, .required = true, .max = 2, .about = "" },
	{ .name = "e", .kind = ARGUMENT_NUMBER, .min = 1, .fallback = "7", .about = "" },
	{ .name = "f", .kind = ARGUMENT_OBJECT, .about = "" },
	{ .name = NULL },
};

static void
test_schema(void)
{
	static const char expected[] =
	    "\"inputSchema\":{\"type\":\"object\",\"properties\":{"
	    "\"a\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":9,"
	    "\"description\":\"say \\\"a\\\"\"},"
	    "\"b\":{\"type\":\"string\",\"enum\":[\"x\",\"y\"],\"default\":\"x\",\"description\":\"\"},"
	    "\"c\":{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"type\":\"string\","
	    "\"enum\":[\"x\",\"y\"]},\"description\":\"\"},"
	    "\"d\":{\"type\":\"array\",\"maxItems\":2,\"items\":{\"type\":\"string\","
	    "\"minLength\":1},\"description\":\"\"},"
	    "\"e\":{\"type\":\"integer\",\"minimum\":1,\"default\":7,\"description\":\"\"},"
	    "\"f\":{\"type\":\"object\",\"description\":\"\"}},"
	    "\"required\":[\"a\",\"d\"],\"additionalProperties\":false}";
	static const struct mcp_tool one[] = {
		{ "every", "Every", "Every kind", every_kind, false },
		{ "none", "None", "No arguments", none, false },
		{ .name = NULL },
	};
	struct buf b = BUF_INIT;

	server.tools = one;
	ask(HEAD "1,\"method\":\"tools/list\"}", &b);
	CHECK(says(&b, expected), "%.*s", (int)b.n, b.p);
	CHECK(says(&b,
		  "\"inputSchema\":{\"type\":\"object\",\"properties\":{},\"required\":[],"
		  "\"additionalProperties\":false}"),
	    "%.*s", (int)b.n, b.p);
	server.tools = tools;
	buf_release(&b);
}

static void
test_cancel(void)

{
	static const char cancel[] = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
				     "\"params\":{\"requestId\":\"a\",\"reason\":\"x\"}}";
	static const char other[] = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}";
	static const char ping[] = HEAD "\"a\",\"method\":\"ping\"}";
	static const char initialize[] = HEAD "\"a\",\"method\":\"initialize\"}";
	struct span id = { NULL, 0 };

	CHECK(mcp_cancels(cancel, strlen(cancel), &id) && span_eq(id, SPAN("\"a\"")), "not seen");
	CHECK(!mcp_cancels(other, strlen(other), &id), "seen in something else");
	CHECK(mcp_is_request(ping, strlen(ping), SPAN("\"a\"")), "not the one");
	CHECK(!mcp_is_request(ping, strlen(ping), SPAN("\"b\"")), "another one");
	CHECK(!mcp_is_request(initialize, strlen(initialize), SPAN("\"a\"")),
	    "initialize can't be cancelled");
}

static void
test_haste(void)
{
	static const char ping[] = HEAD "\"a\",\"method\":\"ping\"}";
	static const char notice[] = "{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}";
	static const char question[] = HEAD "1,\"method\":\"tools/call\"}";
	static const char batch[] = "[" HEAD "1,\"method\":\"resources/read\"}]";
	struct buf b = BUF_INIT;

	CHECK(mcp_pings(ping, strlen(ping), &b) &&
		says(&b, "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{}}\n"),
	    "not answered");
	buf_reset(&b);
	CHECK(!mcp_pings(notice, strlen(notice), &b) &&
		!mcp_pings(question, strlen(question), &b) && b.n == 0,
	    "something else is answered");
	CHECK(mcp_takes_long(question, strlen(question)), "a question");
	CHECK(mcp_takes_long(batch, strlen(batch)), "a batch with one");
	CHECK(!mcp_takes_long(ping, strlen(ping)) && !mcp_takes_long("[]", 2) &&
		!mcp_takes_long(NULL, 0) && !mcp_is_request(NULL, 0, SPAN("1")),
	    "what is quick, or nothing");
	buf_release(&b);
}

int
main(void)
{
	test_answers();
	test_versions();
	test_read_only();
	test_schema();
	test_cancel();
	test_haste();
	mcp_release(&server);
	return check_end("test_mcp");
}
