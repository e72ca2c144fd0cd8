/*
 * Any header, any hints, any file of robots: nothing but the sets of SPEC 6
 * comes out, and the cache says what the parser says.  The first byte of the
 * input tells what the rest is.
 */
#include "enrich/agent.h"

#include <stdlib.h>

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
one_of(struct span s, const char *const *names)
{
	for (; *names; names++)
		if (span_eq(s, span_of(*names)))
			return true;
	return false;
}

static void
judge(const struct agent *a)
{
	static const char *const browsers[] = { "", "chrome", "firefox", "safari", "edge", "opera",
		NULL };
	static const char *const systems[] = { "", "windows", "macos", "android", "ios", "linux",
		NULL };
	static const char *const devices[] = { "", "mobile", "tablet", "desktop", NULL };

	if (!one_of(a->browser, browsers) || !one_of(a->os, systems) ||
	    !one_of(a->device, devices) || a->bot >= BOT_KINDS)
		abort();
}

static void
try_header(const char *p, size_t n)
{
	static struct agents cache;
	struct agent a, b;

	if (!cache.slot && !agents_init(&cache, NULL))
		abort();
	agent_parse(&a, p, n);
	judge(&a);
	b = agents_find(&cache, p, n);
	if (!span_eq(a.browser, b.browser) || !span_eq(a.os, b.os) || a.bot != b.bot)
		abort();
}

static void
try_hints(const char *p, size_t n)
{
	struct agent a;

	agent_parse(&a, "Linux", 5);
	agent_hints(&a, (struct span){ p, n });
	judge(&a);
}

static void
try_file(const char *p, size_t n)
{
	struct buf errors = BUF_INIT;
	struct bots *b = bots_parse("file", p, n, &errors);
	struct agent a;

	if (!b && errors.n == 0)
		abort();
	if (b) {
		agent_parse_with(&a, b, p, n);
		judge(&a);
	}
	bots_free(b);
	buf_release(&errors);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;

	if (size == 0)
		return 0;
	if (data[0] == '{')
		try_hints(p, size);
	else if (data[0] == '\n')
		try_file(p + 1, size - 1);
	else
		try_header(p, size);
	return 0;
}
