/*
 * MCP messages, on standard input and by HTTP: whatever comes in, what goes out is at
 * most one line of JSON, and an answer is one to what was asked.
 */
#include <stdlib.h>

#include "mcp/mcp.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)           \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static void
call(void *context, const struct mcp_tool *t, const struct json_value *arguments,
    struct mcp_answer *a)
{
	(void)context;
	if (t->needs & MCP_WRITES) {
		a->failed = true;
		buf_adds(&a->message, "no");
		return;
	}
	buf_adds(&a->json, "{\"x\":");
	if (arguments->raw.p)
		json_add_string(&a->json, arguments->raw.p, arguments->raw.n);
	else
		buf_adds(&a->json, "null");
	buf_addc(&a->json, '}');
}

static void
read_resource(void *context, const struct mcp_resource *r, struct mcp_answer *a)
{
	(void)context;
	(void)r;
	buf_adds(&a->json, "{}");
}

static const struct argument some[] = { { .name = "a" }, { .name = "b", .needs = MCP_IDS },
	{ .name = NULL } };
static const struct mcp_tool tools[] = {
	{ "echo", "Says it", some, "{}", 0 },
	{ "write", "Writes", some, "{}", MCP_WRITES },
	{ .name = NULL },
};
static const struct mcp_resource resources[] = { { "a://b", "b", "B", "b" }, { .uri = NULL } };
static struct mcp server = { .server = "s",
	.title = "S",
	.version = "1",
	.instructions = "i",
	.tools = tools,
	.resources = resources,
	.allowed = MCP_WRITES,
	.call = call,
	.read = read_resource };
static struct buf out;

static void
check_out(void)
{
	struct json_scan s;

	MUST(!out.failed);
	if (out.n == 0)
		return;
	MUST(memchr(out.p, '\n', out.n) == out.p + out.n - 1);
	json_skim(&s, out.p, out.n);
	/* an array's elements may each be as deep as a message alone */
	MUST(s.reason == JSON_OK || s.reason == JSON_TOO_DEEP);
}

/* The lines before the body are the three headers; an empty one is none. */
static void
post(const char *p, size_t size)
{
	struct span rest = { p, size }, line[3] = { { NULL, 0 } };
	struct mcp_headers headers;
	unsigned status;
	size_t i;

	for (i = 0; i < 3; i++)
		if (span_take_line(&rest, &line[i]) && line[i].n == 0)
			line[i].p = NULL;
	headers = (struct mcp_headers){ line[0], line[1], line[2] };
	buf_reset(&out);
	status = mcp_post(&server, &headers, rest.p ? rest.p : "", rest.n, &out);
	check_out();
	MUST(status == 200 || status == 202 || status == 400 || status == 404);
	MUST((status == 202) == (out.n == 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	struct span id;

	post(p, size);
	buf_reset(&out);
	mcp_message(&server, p, size, &out);
	check_out();
	if (mcp_cancels(p, size, &id)) {
		MUST(out.n == 0);
		MUST(!mcp_is_request(p, size, id));
	}
	return 0;
}
