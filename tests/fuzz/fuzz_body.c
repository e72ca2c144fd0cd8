/*
 * Bodies of batches, lines for $identify and lines that say whom to forget: what is taken apart makes events
 * that stand alone, and a body again; what is not leaves a record of the
 * promised shape.
 */
#include <stdlib.h>

#include "event/body.h"
#include "event/forget.h"
#include "event/identify.h"
#include "event/reject.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)           \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static struct event event;
static struct body body = { .max_events = 20 }, again = { .max_events = 20 };
static struct identify id;
static struct forget forget;
static struct buf text, record;

/* Distinct names in the object that a member of the record is. */
static void
check_object(struct span object)
{
	struct json_scan s;
	struct json_member m;
	struct span last = { NULL, 0 };

	MUST(json_open(&s, object.p, object.n) == JSON_OBJECT);
	while (json_next(&s, &m)) {
		MUST(!last.p || !span_eq(last, m.key.raw));
		last = m.key.raw;
	}
	MUST(s.reason == JSON_OK);
}

static void
check_reject(const struct complaint *c, size_t n, size_t max, const char *p, size_t size)
{
	struct reject r = { .line = 1, .error = "x", .complaint = c, .complaints = n };
	struct json_scan s;
	struct json_member m;
	size_t members = 0;

	MUST(n > 0 && n <= max);
	buf_reset(&record);
	reject_add(&record, &r, p, size);
	MUST(!record.failed);
	MUST(json_open(&s, record.p, record.n) == JSON_OBJECT);
	for (; json_next(&s, &m); members++) {
		if (m.value.type != JSON_OBJECT)
			continue;
		/* details: fieldErrors comes first */
		MUST(json_open(&s, m.value.raw.p, m.value.raw.n) == JSON_OBJECT);
		MUST(json_next(&s, &m));
		check_object(m.value.raw);
		return;
	}
	abort();
}

static void
check_body(const char *p, size_t n)
{
	size_t i;

	if (!body_parse(&body, p, n)) {
		check_reject(
		    body.faults.complaint, body.faults.complaints, BODY_FAULTS_MAX + 1, p, n);
		return;
	}
	MUST(body.events > 0 && body.events <= body.max_events);
	buf_reset(&text);
	buf_adds(&text, BODY_OPENING);
	for (i = 0; i < body.events; i++) {
		MUST(event_parse(&event, body.event[i].p, body.event[i].n));
		if (i)
			buf_addc(&text, ',');
		buf_add(&text, body.event[i].p, body.event[i].n);
	}
	buf_adds(&text, BODY_CLOSING);
	MUST(body_parse(&again, text.p, text.n) && again.events == body.events);
	for (i = 0; i < body.events; i++)
		MUST(span_eq(body.event[i], again.event[i]));
}

static void
check_identify(const char *p, size_t n)
{
	struct span name;

	if (!identify(&id, p, n)) {
		check_reject(id.complaint, id.complaints, IDENTIFY_COMPLAINTS_MAX, p, n);
		return;
	}
	MUST(event_parse(&event, id.event.p, id.event.n));
	name = event_text(&event, EVENT_EVENT);
	MUST(span_eq(name, SPAN("$identify")));
	MUST(event_has(&event, EVENT_ANONYMOUS_ID) && event_has(&event, EVENT_USER_ID));
}

static void
check_forget(const char *p, size_t n)
{
	const struct forget *f = &forget;

	if (!forget_parse(&forget, p, n)) {
		check_reject(f->complaint, f->complaints, FORGET_COMPLAINTS_MAX, p, n);
		return;
	}
	MUST(f->user_id.p || f->anonymous_id.p);
	MUST(!f->user_id.p || (f->user_id.p >= p && f->user_id.p + f->user_id.n <= p + n));
	MUST(!f->user_id.p == !f->user_text.p && !f->anonymous_id.p == !f->anonymous_text.p);
	MUST(f->user_text.n <= f->user_id.n && f->anonymous_text.n <= f->anonymous_id.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	int strict;

	for (strict = 0; strict < 2; strict++) {
		event.strict_keys = strict;
		body.strict_keys = again.strict_keys = id.strict_keys = strict;
		check_body(p, size);
		check_identify(p, size);
	}
	check_forget(p, size);
	return 0;
}
