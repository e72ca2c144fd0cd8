/* From a table of arguments to JSON Schema. */
#include "mcp/argument.h"

#include "check.h"

#include "base/banned.h"

static const struct argument all[] = {
	{ .name = "a", .required = true, .min = 1, .max = 9, .about = "say \"a\"" },
	{ .name = "b", .kind = ARGUMENT_CHOICE, .choices = "x|y", .fallback = "x", .about = "" },
	{ .name = "c", .kind = ARGUMENT_CHOICES, .choices = "x, y", .about = "" },
	{ .name = "d", .kind = ARGUMENT_TEXTS, .required = true, .max = 2, .about = "" },
	{ .name = "e", .kind = ARGUMENT_NUMBER, .min = 1, .fallback = "7", .about = "" },
	{ .name = "f", .kind = ARGUMENT_OBJECT, .about = "" },
	{ .name = NULL },
};

static void
is(const struct argument *arguments, const char *expected)
{
	struct buf b = BUF_INIT;

	argument_add_schema(&b, arguments);
	CHECK(b.n == strlen(expected) && memcmp(b.p, expected, b.n) == 0, "%.*s", (int)b.n, b.p);
	buf_release(&b);
}

int
main(void)
{
	is(all,
	    "{\"type\":\"object\",\"properties\":{"
	    "\"a\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":9,"
	    "\"description\":\"say \\\"a\\\"\"},"
	    "\"b\":{\"type\":\"string\",\"enum\":[\"x\",\"y\"],\"default\":\"x\",\"description\":\"\"},"
	    "\"c\":{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"type\":\"string\","
	    "\"enum\":[\"x\",\"y\"]},\"description\":\"\"},"
	    "\"d\":{\"type\":\"array\",\"maxItems\":2,\"items\":{\"type\":\"string\","
	    "\"minLength\":1},\"description\":\"\"},"
	    "\"e\":{\"type\":\"integer\",\"minimum\":1,\"default\":7,\"description\":\"\"},"
	    "\"f\":{\"type\":\"object\",\"description\":\"\"}},"
	    "\"required\":[\"a\",\"d\"],\"additionalProperties\":false}");
	is(&all[6],
	    "{\"type\":\"object\",\"properties\":{},\"required\":[],\"additionalProperties\":false}");
	return check_end("test_argument");
}
