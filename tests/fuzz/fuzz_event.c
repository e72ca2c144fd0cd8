/*
 * A line on its way through event, classifier and row, or into a reject:
 * whatever the bytes, what leaves is JSON of the promised shape.
 */
#include <stdlib.h>

#include "enrich/enrich.h"
#include "event/reject.h"
#include "enrich/row.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)           \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

enum { ROW_KEYS = 21 };

static struct event event;
static struct enricher enricher;
static struct iphash iphash;
static struct buf record, row;
static bool started;

static void
start(void)
{
	static const char salt[] = "0123456789abcdef";

	event_init(&event);
	MUST(iphash_init(&iphash, salt, sizeof(salt) - 1));
	enricher.project_id = SPAN("00000000-0000-0000-0000-000000000000");
	enricher.iphash = &iphash;
	enricher.deterministic = true;
	MUST(enrich_start(&enricher, (const unsigned char *)salt, sizeof(salt) - 1));
	enricher.policy = BOTS_MARK;
	enricher.clock.fix_skew = true;
	enricher.strip.text = SPAN("gclid,email");
	started = true;
}

/* The members of a text that must be an object; its end is a newline. */
static size_t
members(const char *p, size_t n)
{
	struct json_scan s;
	struct json_member m;
	size_t count = 0;

	MUST(n > 0 && p[n - 1] == '\n' && !memchr(p, '\n', n - 1));
	MUST(json_open(&s, p, n) == JSON_OBJECT);
	while (json_next(&s, &m))
		count++;
	MUST(s.reason == JSON_OK);
	return count;
}

static void
reject(const struct complaint *c, size_t complaints, const char *p, size_t n)
{
	struct reject r = {
		.line = 1,
		.error = "invalid_payload",
		.complaint = c,
		.complaints = complaints,
	};

	MUST(complaints > 0 && complaints <= EVENT_COMPLAINTS_MAX);
	buf_reset(&record);
	reject_add(&record, &r, p, n);
	MUST(members(record.p, record.n) == 4);
	buf_reset(&record);
	reject_explain(&record, &r);
	MUST(record.n > 0 && utf8_valid(record.p, record.n, NULL));
}

static void
enrich(const char *p, size_t n)
{
	struct enrichment x;
	struct complaint why;

	switch (enrich_event(&enricher, &event, p, n, &x, &why)) {
	case ENRICH_REJECT:
		reject(&why, 1, p, n);
		return;
	case ENRICH_DROP:
		return;
	case ENRICH_ROW:
		break;
	}
	buf_reset(&row);
	row_add(&row, &event, &x);
	MUST(!row.failed);
	MUST(members(row.p, row.n) == ROW_KEYS);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;

	if (memchr(p, '\n', size))
		return 0;
	if (!started)
		start();
	event.strict_keys = false;
	if (event_parse(&event, p, size))
		enrich(p, size);
	else
		reject(event.complaint, event.complaints, p, size);
	event.strict_keys = true;
	if (!event_parse(&event, p, size))
		reject(event.complaint, event.complaints, p, size);
	return 0;
}
