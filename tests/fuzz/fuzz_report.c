/*
 * The first line is a baseline, the others are events: whatever they are, the
 * reports are written, JSON and UTF-8 as they should be, without what stands
 * after an "ip" or a "user_agent"; and a report reads back as a baseline.
 */
#include <stdlib.h>

#include "quality/baseline.h"
#include "quality/drift.h"
#include "event/event.h"
#include "quality/excerpt.h"
#include "quality/name_advice.h"
#include "quality/plan_infer.h"
#include "quality/report.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)           \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static struct event event;
static struct findings findings, drift;
static struct profile before, now, again;
static struct buf out, excerpt;

static void
see_complaint(const struct complaint *c, const char *p, size_t n, uint64_t line)
{
	struct finding_kind k = { .severity = (enum severity)(line % 2), .event = { "e", 1 } };
	struct finding *g;

	k.field = c->field.p ? c->field : (struct span){ "", 0 };
	k.text = c->text;
	g = findings_add(&findings, &k);
	if (g)
		findings_place(&findings, g, line % 3 ? "a" : "file\xff,:%\n<", line);
	if (!finding_wants_example(g))
		return;
	buf_reset(&excerpt);
	excerpt_add(&excerpt, p, n, k.field);
	MUST(excerpt.n < 4096 && utf8_valid(excerpt.n ? excerpt.p : "", excerpt.n, NULL));
	findings_example(&findings, g, "file\xff,:%\n<", line,
	    (struct span){ excerpt.n ? excerpt.p : "", excerpt.n });
}

static void
see_line(const char *p, size_t n, uint64_t line)
{
	struct profile_event *row;
	struct span name;
	size_t i;

	if (event_parse(&event, p, n)) {
		name = event_text(&event, EVENT_EVENT);
		name_advice_event(name);
		name_advice_property(name);
		row = profile_name(&now, name);
		MUST(row);
		row->lines++;
		profile_add(&now, row, &event);
	}
	for (i = 0; i < event.complaints; i++)
		see_complaint(&event.complaint[i], p, n, line);
}

static void
check_control(const struct buf *b)
{
	size_t i;

	MUST(!b->failed && utf8_valid(b->p, b->n, NULL));
	for (i = 0; i < b->n; i++)
		MUST((unsigned char)b->p[i] >= 0x20 || b->p[i] == '\n');
}

static void
check_reports(uint64_t lines)
{
	struct json_scan s;
	struct quality_report r = { .findings = &findings,
		.drift = &drift,
		.profile = &now,
		.lines = lines,
		.failed = lines % 2,
		.too_many = lines % 2 };

	findings_sort(&findings);
	findings_sort(&drift);
	buf_reset(&out);
	quality_report_text(&r, &out);
	check_control(&out);
	buf_reset(&out);
	quality_report_junit(&r, &out);
	check_control(&out);
	buf_reset(&out);
	quality_report_github(&r, &out);
	check_control(&out);
	buf_reset(&out);
	plan_infer(&now, &out);
	check_control(&out);
	MUST(json_skim(&s, out.p, out.n) == JSON_OBJECT && s.reason == JSON_OK);
	buf_reset(&out);
	quality_report_json(&r, &out);
	check_control(&out);
	MUST(json_skim(&s, out.p, out.n) == JSON_OBJECT && s.reason == JSON_OK);
	MUST(!baseline_read(&again, out.p, out.n));
	MUST(again.names.n == now.names.n && again.field_names.n == now.field_names.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *end = p + size;
	uint64_t line = 0;

	MUST(findings_init(&findings) && findings_init(&drift));
	MUST(profile_init(&before, false) && profile_init(&now, true));
	MUST(profile_init(&again, false));
	for (; p < end; line++) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((stop ? stop : end) - p);

		if (line == 0)
			baseline_read(&before, p, n);
		else
			see_line(p, n, line);
		p += n + 1;
	}
	drift_find(&drift, &before, &now, 5);
	check_reports(line);
	findings_release(&findings);
	findings_release(&drift);
	profile_release(&before);
	profile_release(&now);
	profile_release(&again);
	return 0;
}
