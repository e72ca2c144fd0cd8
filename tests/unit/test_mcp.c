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
		a->failed = true;
		buf_adds(&a->message, "no \"luck\"");
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

static bool upstream_is_away;

static void
read_resource(void *context, const struct mcp_resource *r, struct mcp_answer *a)
{
	(void)context;
	(void)r;
	a->failed = upstream_is_away;
	if (a->failed)
		buf_adds(&a->message, "away");
	buf_adds(&a->json, "{\"rows\":[]}");
}

static const struct argument none[] = { { .name = NULL } };
static const struct argument some[] = { { .name = "n" }, { .name = "id", .needs = MCP_IDS },
	{ .name = NULL } };
static const struct mcp_tool tools[] = {
	{ "echo", "Says it again", some, "{}", 0 },
	{ "fail", "Fails", none, "{}", 0 },
	{ "slow", "Is cancelled", none, "{}", 0 },
	{ "write", "Writes", none, "{}", MCP_WRITES },
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
	.allowed = MCP_WRITES,
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

static bool
says(const struct buf *b, const char *text)
{
	return memmem(b->p, b->n, text, strlen(text)) != NULL;
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
		    HEAD "1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"no "
			 "\\\"luck\\\"\"}],\"isError\":true}}\n" },
		{ HEAD "1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":"
		       "{\"n\":1,\"m\":2}}}",
		    HEAD "1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"echo has no "
			 "argument m; it has n\"}],\"isError\":true}}\n" },
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
		    HEAD
		    "1,\"error\":{\"code\":-32602,\"message\":\"There is no such resource; "
		    "resources/list names those there are\",\"data\":{\"uri\":\"a://c\"}}}\n" },
		/* what is no JSON for one of its strings still has its id */
		{ HEAD "7,\"method\":\"ping\",\"params\":{\"id\":8,\"x\":\"\\ud800 }\"}}",
		    HEAD "7,\"error\":{\"code\":-32700,\"message\":\"lone surrogate escape in "
			 "a string\"}}\n" },
		{ "{\"a\":[{\"id\":1}],\"b\":\"\xff\\\"\", \"id\" : \"x\" }",
		    HEAD "\"x\",\"error\":{\"code\":-32700,\"message\":\"invalid UTF-8\"}}\n" },
		{ "{\"id\":\"\\ud800\",\"method\":\"ping\"}",
		    NO_ID "-32700,\"message\":\"lone surrogate escape in a string\"}}\n" },
		{ "{\"id\":1,\"x\":\"\\ud800\"}}",
		    NO_ID "-32700,\"message\":\"lone surrogate escape in a string\"}}\n" },
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

/* Only one version has them. */
static void
test_batches(void)
{
	static const struct {
		const char *message, *answer;
	} row[] = {
		{ "[" HEAD "1,\"method\":\"ping\"}," HEAD "2,\"method\":\"ping\"}]",
		    "[" HEAD "1,\"result\":{}}," HEAD "2,\"result\":{}}]\n" },
		{ "[{\"jsonrpc\":\"2.0\",\"method\":\"x\"}," HEAD "2,\"method\":\"ping\"}, 7]",
		    "[" HEAD "2,\"result\":{}}," NO_ID
		    "-32600,\"message\":\"a message is one JSON object\"}}]\n" },
		{ "[{\"jsonrpc\":\"2.0\",\"method\":\"x\"}]", "" },
		{ "[]", NO_ID "-32600,\"message\":\"a batch holds at least one message\"}}\n" },
		{ "[1", NO_ID "-32700,\"message\":\"the text ends too early\"}}\n" },
	};
	static const char *const others[] = { "2024-11-05", "2025-06-18", "2025-11-25" };
	struct buf out = BUF_INIT, message = BUF_INIT;
	size_t i;

	ask(HEAD "0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-03-26\"}}",
	    &out);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ask(row[i].message, &out);
		CHECK(is_text(out.p, out.n, row[i].answer), "%s\n\tgave %.*s\n\tnot  %s",
		    row[i].message, (int)out.n, out.p, row[i].answer);
	}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		buf_reset(&message);
		buf_addf(&message,
		    HEAD "0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"%s\"}}%c",
		    others[i], 0);
		ask(message.p, &out);
		ask(row[0].message, &out);
		CHECK(is_text(out.p, out.n,
			  NO_ID "-32600,\"message\":\"Only the protocol's version 2025-03-26 has "
				"batches: send one message at a time\"}}\n"),
		    "%s: %.*s", others[i], (int)out.n, out.p);
	}
	buf_release(&out);
	buf_release(&message);
}

#define META(version)                                                       \
	"\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"" version \
	"\",\"io.modelcontextprotocol/clientCapabilities\":{}}"
#define MODERN(method, params) \
	HEAD "1,\"method\":\"" method "\",\"params\":{" params META("2026-07-28") "}}"
#define SERVER                                                                            \
	"\"_meta\":{\"io.modelcontextprotocol/serverInfo\":{\"name\":\"test\",\"title\":" \
	"\"Test\",\"version\":\"1\"}}}}\n"
#define LISTED ",\"resultType\":\"complete\",\"ttlMs\":3600000,\"cacheScope\":\"private\"," SERVER

/* The revision without a handshake: what each request says, and each result. */
static void
test_modern(void)
{
	static const struct {
		const char *message, *answer;
	} row[] = {
		{ MODERN("server/discover", ""),
		    HEAD "1,\"result\":{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{"
			 "\"tools\":{},\"resources\":{}},\"instructions\":\"Ask.\"" LISTED },
		{ MODERN("resources/templates/list", ""),
		    HEAD "1,\"result\":{\"resourceTemplates\":[]" LISTED },
		{ MODERN("resources/read", "\"uri\":\"a://b\","),
		    HEAD
		    "1,\"result\":{\"contents\":[{\"uri\":\"a://b\",\"mimeType\":\"application/"
		    "json\",\"text\":\"{\\\"rows\\\":[]}\"}],\"resultType\":\"complete\","
		    "\"ttlMs\":0,\"cacheScope\":\"private\"," SERVER },
		{ MODERN("tools/call", "\"name\":\"echo\","),
		    HEAD "1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"{\\\"got\\\":"
			 "null}\"}],\"structuredContent\":{\"got\":null},\"isError\":false,"
			 "\"resultType\":\"complete\"," SERVER },
		/* what is of the handshake */
		{ MODERN("ping", ""),
		    HEAD
		    "1,\"error\":{\"code\":-32601,\"message\":\"There is no such method\"}}\n" },
		{ HEAD "1,\"method\":\"server/discover\"}",
		    HEAD
		    "1,\"error\":{\"code\":-32602,\"message\":\"params._meta lacks "
		    "io.modelcontextprotocol/protocolVersion, such as \\\"2026-07-28\\\"\"}}\n" },
		{ HEAD "1,\"method\":\"tools/list\",\"params\":{\"_meta\":{"
		       "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}}}",
		    HEAD "1,\"error\":{\"code\":-32602,\"message\":\"params._meta lacks "
			 "io.modelcontextprotocol/clientCapabilities, an object\"}}\n" },
		{ HEAD "1,\"method\":\"tools/list\",\"params\":{" META("1900-01-01") "}}",
		    HEAD "1,\"error\":{\"code\":-32022,\"message\":\"Unsupported protocol "
			 "version\",\"data\":{\"supported\":[\"2026-07-28\"],\"requested\":"
			 "\"1900-01-01\"}}}\n" },
		{ MODERN("initialize", ""),
		    HEAD
		    "1,\"error\":{\"code\":-32601,\"message\":\"There is no such method\"}}\n" },
	};
	static const char read[] = MODERN("resources/read", "\"uri\":\"a://b\",");
	struct buf out = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ask(row[i].message, &out);
		CHECK(is_text(out.p, out.n, row[i].answer), "%s\n\tgave %.*s\n\tnot  %s",
		    row[i].message, (int)out.n, out.p, row[i].answer);
	}
	/* one error, called by the names of its time */
	upstream_is_away = true;
	ask(read, &out);
	CHECK(says(&out, "{\"code\":-32603,\"message\":\"away\"}"), "%.*s", (int)out.n, out.p);
	ask(HEAD "1,\"method\":\"resources/read\",\"params\":{\"uri\":\"a://b\"}}", &out);
	CHECK(says(&out, "{\"code\":-32000,\"message\":\"away\"}"), "%.*s", (int)out.n, out.p);
	upstream_is_away = false;
	CHECK(!mcp_pings(row[4].message, strlen(row[4].message), &out), "there is no ping");
	buf_release(&out);
}

static void
test_post(void)
{
#define CALL MODERN("tools/call", "\"name\":\"echo\",")
#define NAMED(name) MODERN("tools/call", "\"name\":\"" name "\",")
	static const struct {
		const char *version, *method, *name, *body;
		unsigned status;
		int code; /* of the error; 0: none */
	} row[] = {
		{ "2026-07-28", "tools/list", NULL, MODERN("tools/list", ""), 200, 0 },
		{ "2026-07-28", "tools/call", "echo", CALL, 200, 0 },
		{ "2026-07-28", "tools/call", "=?base64?ZWNobw==?=", CALL, 200, 0 },
		{ "2026-07-28", "tools/call", "=?base64?ZWNob28=?=", CALL, 400, -32020 },
		{ "2026-07-28", "tools/call", "=?base64?@?=", CALL, 400, -32020 },
		{ "2026-07-28", "tools/call", "=?base64?=", CALL, 400, -32020 },
		{ "2026-07-28", "tools/call", "Echo", CALL, 400, -32020 },
		{ "2026-07-28", "tools/call", NULL, CALL, 400, -32020 },
		{ "2026-07-28", "tools/call", "", CALL, 400, -32020 },
		{ "2026-07-28", "tools/list", "echo", CALL, 400, -32020 },
		{ "2026-07-28", NULL, "echo", CALL, 400, -32020 },
		{ NULL, "tools/call", "echo", CALL, 400, -32020 },
		{ "2025-11-25", "tools/call", "echo", CALL, 400, -32020 },
		{ "2026-07-28", "tools/call", "none", NAMED("none"), 200, -32602 },
		{ "2026-07-28", "resources/read", "a://b",
		    MODERN("resources/read", "\"uri\":\"a://b\","), 200, 0 },
		{ "2026-07-28", "resources/read", "a://c",
		    MODERN("resources/read", "\"uri\":\"a://b\","), 400, -32020 },
		{ "2026-07-28", "ping", NULL, MODERN("ping", ""), 404, -32601 },
		{ "2026-07-28", "tools/list", NULL, HEAD "1,\"method\":\"tools/list\"}", 400,
		    -32602 },
		{ "1900-01-01", "tools/list", NULL,
		    HEAD "1,\"method\":\"tools/list\",\"params\":{" META("1900-01-01") "}}", 400,
		    -32022 },
		/* with a handshake */
		{ NULL, NULL, NULL, HEAD "1,\"method\":\"initialize\"}", 200, 0 },
		{ "2026-07-28", NULL, NULL, HEAD "1,\"method\":\"initialize\"}", 200, 0 },
		{ "2025-06-18", NULL, NULL, HEAD "1,\"method\":\"ping\"}", 200, 0 },
		{ NULL, NULL, NULL, HEAD "1,\"method\":\"none\"}", 200, -32601 },
		{ NULL, NULL, NULL, "{\"jsonrpc\":\"2.0\",\"method\":\"x\"}", 202, 0 },
		{ "1900-01-01", NULL, NULL, "{\"jsonrpc\":\"2.0\",\"method\":\"x\"}", 400, -32022 },
		{ "2025-11-25", NULL, NULL, HEAD "1,\"result\":{}}", 202, 0 },
		{ NULL, NULL, NULL, "{", 400, -32700 },
		{ NULL, NULL, NULL, "", 400, -32700 },
		{ NULL, NULL, NULL, "7", 400, -32600 },
		/* batches */
		{ NULL, NULL, NULL, "[" HEAD "1,\"method\":\"ping\"}]", 200, 0 },
		{ "2025-03-26", NULL, NULL, "[" HEAD "1,\"method\":\"ping\"}]", 200, 0 },
		{ NULL, NULL, NULL, "[{\"jsonrpc\":\"2.0\",\"method\":\"x\"}]", 202, 0 },
		{ NULL, NULL, NULL, "[]", 400, -32600 },
		{ "2025-06-18", NULL, NULL, "[" HEAD "1,\"method\":\"ping\"}]", 400, -32600 },
		{ "2026-07-28", NULL, NULL, "[" HEAD "1,\"method\":\"ping\"}]", 400, -32600 },
	};
	struct buf out = BUF_INIT, code = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const char *value[] = { row[i].version, row[i].method, row[i].name };
		struct span field[3] = { { NULL, 0 } };
		struct mcp_headers headers;
		size_t n = strlen(row[i].body), k;
		char *body = exact_copy(row[i].body, n);
		unsigned status;

		for (k = 0; k < 3; k++)
			if (value[k])
				field[k] = span_of(value[k]);
		headers = (struct mcp_headers){ field[0], field[1], field[2] };
		buf_reset(&out);
		status = mcp_post(&server, &headers, body, n, &out);
		buf_reset(&code);
		buf_addf(&code, "\"error\":{\"code\":%d,%c", row[i].code, 0);
		CHECK(status == row[i].status, "%zu: %s: %u, not %u", i, row[i].body, status,
		    row[i].status);
		CHECK(row[i].code ? says(&out, code.p) : !says(&out, "\"error\""),
		    "%zu: %s: %.*s, not %d", i, row[i].body, (int)out.n, out.p, row[i].code);
		CHECK((status == 202) == (out.n == 0), "%zu: an answer", i);
		free(body);
	}
	buf_release(&out);
	buf_release(&code);
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
	server.allowed = 0;
	ask(list, &out);
	CHECK(!says(&out, "\"name\":\"write\""), "the tool is listed");
	CHECK(says(&out, "\"name\":\"echo\""), "the others are not listed");
	before = calls;
	ask(write, &out);
	CHECK(says(&out, "-32602") && calls == before, "the tool was called");
	server.allowed = MCP_WRITES;
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
	    "\"d\":{\"type\":\"array\",\"maxItems\":2,\"items\":{\"type\":\"string\"},"
	    "\"description\":\"\"},"
	    "\"e\":{\"type\":\"integer\",\"minimum\":1,\"default\":7,\"description\":\"\"},"
	    "\"f\":{\"type\":\"object\",\"description\":\"\"}},"
	    "\"required\":[\"a\",\"d\"],\"additionalProperties\":false}";
	static const struct mcp_tool one[] = {
		{ "every", "Every kind", every_kind, "{}", 0 },
		{ "none", "No arguments", none, "{\"x\":1}", 0 },
		{ .name = NULL },
	};
	struct buf b = BUF_INIT;

	server.tools = one;
	ask(HEAD "1,\"method\":\"tools/list\"}", &b);
	CHECK(says(&b, expected), "%.*s", (int)b.n, b.p);
	CHECK(says(&b,
		  "\"inputSchema\":{\"type\":\"object\",\"properties\":{},"
		  "\"additionalProperties\":false},\"outputSchema\":{\"x\":1}"),
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
	test_batches();
	test_modern();
	test_post();
	test_read_only();
	test_schema();
	test_cancel();
	test_haste();
	mcp_release(&server);
	return check_end("test_mcp");
}
