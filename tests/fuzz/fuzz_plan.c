/*
 * A tracking plan, a NUL, and an event to be judged by it: a plan is refused
 * with reasons or judges, and says the same each time; what it says makes a
 * record of the promised shape.  Read as a schema, it becomes a plan that is read.
 */
#include <stdlib.h>

#include "quality/plan_import.h"
#include "quality/plan_read.h"
#include "event/reject.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)           \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static struct event event;
static struct buf record, again;

/* Distinct names in the object. */
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
write_record(const struct plan_complaints *c, struct buf *b)
{
	struct reject r = {
		.line = 1, .error = "x", .complaint = c->complaint, .complaints = c->n
	};

	MUST(c->n <= PLAN_COMPLAINTS_MAX + 1);
	buf_reset(b);
	reject_add(b, &r, "", 0);
	MUST(!b->failed);
}

static void
check_record(void)
{
	struct json_scan s;
	struct json_member m;

	MUST(json_open(&s, record.p, record.n) == JSON_OBJECT);
	while (json_next(&s, &m)) {
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
check_same(const struct plan_complaints *c, struct plan_answer *a)
{
	write_record(c, &record);
	check_record();
	plan_judge(a, &event);
	write_record(c, &again);
	MUST(record.n == again.n && memcmp(record.p, again.p, record.n) == 0);
}

static void
check_event(const struct plan *plan, const char *p, size_t n)
{
	struct plan_answer a;

	if (!event_parse(&event, p, n))
		return;
	MUST(plan_answer_init(&a, plan));
	plan_judge(&a, &event);
	check_same(&a.errors, &a);
	check_same(&a.warnings, &a);
	plan_answer_release(&a);
}

static void
check_errors(const struct jsonfile_errors *errors)
{
	size_t i;

	MUST(errors->n > 0 && errors->n <= JSONFILE_ERRORS_MAX);
	for (i = 0; i < errors->n; i++) {
		MUST(errors->error[i].what.n > 0);
		MUST(i == 0 || errors->error[i - 1].line <= errors->error[i].line);
	}
}

static void
check_import(const char *p, size_t n)
{
	struct jsonfile_errors lost = { .n = 0 }, errors = { .n = 0 };
	struct buf text = BUF_INIT;
	struct plan plan;

	switch (plan_import(p, n, &text, &lost)) {
	case PLAN_IMPORT_NONE:
		MUST(text.n == 0);
		check_errors(&lost);
		break;
	case PLAN_IMPORT_PART:
		check_errors(&lost);
		/* fall through */
	case PLAN_IMPORT_WHOLE:
		MUST(plan_read(&plan, text.p, text.n, NULL, &errors));
		plan_release(&plan);
		break;
	}
	jsonfile_errors_release(&lost);
	jsonfile_errors_release(&errors);
	buf_release(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	const char *nul = size ? memchr(p, 0, size) : NULL;
	size_t n = nul ? (size_t)(nul - p) : size;
	struct jsonfile_errors errors = { .n = 0 };
	struct plan plan;

	check_import(p, n);
	if (plan_read(&plan, p, n, NULL, &errors)) {
		MUST(errors.n == 0);
		if (nul)
			check_event(&plan, nul + 1, size - n - 1);
		plan_release(&plan);
	} else {
		check_errors(&errors);
	}
	jsonfile_errors_release(&errors);
	return 0;
}
