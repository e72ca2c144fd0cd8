/*
 * Any lines of any format: each is events, skips or rejects, and what is written is events,
 * a line each, of valid JSON.  The first byte of the input tells the format.
 */
#include <fcntl.h>
#include <stdlib.h>

#include "import/importer.h"
#include "text/json.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)           \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static struct importer im;
static struct out out;
static uint64_t rejects;

static void
on_reject(void *context, struct span record, const struct complaint *why, size_t n)
{
	(void)context;
	MUST(n > 0 && why[0].text.n > 0);
	MUST(record.n == 0 || record.p);
	rejects++;
}

static void
make_importer(void)
{
	int null;

	if (im.keys.count)
		return;
	im.reject = on_reject;
	im.pageview.options.site = SPAN("site.example");
	MUST(log_keys_builtin(&im.keys));
	importer_begin(&im);
	MUST((null = open("/dev/null", O_WRONLY | O_CLOEXEC)) >= 0);
	out_init(&out, null, NULL);
}

/* What is still in `out`: full blocks, of whole events, have gone to where nothing is kept. */
static void
check_events(uint64_t events)
{
	const char *p = out.b.p, *end, *newline;

	for (end = p ? p + out.b.n : p; p < end; p = newline + 1) {
		struct json_scan s;

		newline = memchr(p, '\n', (size_t)(end - p));
		MUST(newline);
		MUST(json_skim(&s, p, (size_t)(newline - p)) == JSON_OBJECT && !s.reason);
		MUST(events--);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data + 1, *last = (const char *)data + size, *newline;
	uint64_t events, all;

	if (size == 0)
		return 0;
	make_importer();
	im.format = *data % IMPORT_FORMATS;
	if (im.format == IMPORT_AUTO)
		return 0;
	importer_begin_file(&im);
	for (; p < last; p = newline + 1) {
		size_t n;
		const char *other;

		newline = memchr(p, '\n', (size_t)(last - p));
		if (!newline)
			newline = last;
		n = (size_t)(newline - p);
		if (n == 0)
			continue;
		import_guess(p, n, &other);
		buf_reset(&out.b);
		events = im.events;
		all = im.events + im.skips + rejects;
		importer_take(&im, p, n, &out);
		check_events(im.events - events);
		/* lines of an export may have any number of records */
		MUST(exports_has(im.format) || im.events + im.skips + rejects == all + 1);
	}
	importer_begin_file(&im);
	return 0;
}
