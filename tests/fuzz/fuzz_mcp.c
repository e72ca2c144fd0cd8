/*
 * MCP messages: whatever comes in, what goes out is at most one line of JSON,
 * and an answer is one to what was asked.
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
	if (t->writes) {
		a->code = RPC_INVALID_PARAMS;
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

static const struct argument none[] = { { .name = NULL } };
static const struct mcp_tool tools[] = {
	{ "echo", "Echo", "Says it", none, false },
	{ "write", "Write", "Writes", none, true },
	{ .name = NULL },
};
static const struct mcp_resource resources[] = { { "a://b", "b", "B", "b" }, { .uri = NULL } };
static struct mcp server = { .server = "s",
	.title = "S",
	.version = "1",
	.instructions = "i",
	.tools = tools,
	.resources = resources,
	.call = call,
	.read = read_resource };
static struct buf out;

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	struct json_scan s;
	struct span id;

	buf_reset(&out);
	mcp_message(&server, p, size, &out);
	MUST(!out.failed);
	if (out.n) {
		MUST(memchr(out.p, '\n', out.n) == out.p + out.n - 1);
		json_skim(&s, out.p, out.n);
		/* an array's elements may each be as deep as a message alone */
		MUST(s.reason == JSON_OK || s.reason == JSON_TOO_DEEP);
	}
	if (mcp_cancels(p, size, &id)) {
		MUST(out.n == 0);
		MUST(!mcp_is_request(p, size, id));
	}
	return 0;
}
