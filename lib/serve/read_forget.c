#include <stdlib.h>

#include "event/forget.h"
#include "event/reject.h"
#include "serve/read.h"
#include "serve/read_error.h"
#include "tables/erasure.h"

#include "base/banned.h"

struct forgetting {
	struct forget person;
	struct erasure erasure;
	uint64_t events, left;
};

static unsigned
refuse_person(const struct forget *f, struct buf *b)
{
	const struct reject r = {
		.error = "invalid_payload", .complaint = f->complaint, .complaints = f->complaints
	};

	buf_addc(b, '{');
	reject_add_reasons(b, &r);
	buf_adds(b, "}\n");
	return 400;
}

/* What it says is either an error's reason as well, or of no interest to a client. */
static void
on_notice(void *context, const char *text)
{
	(void)context;
	(void)text;
}

static bool
erase(struct forgetting *f, struct span project, struct clickhouse *c)
{
	const struct forget *person = &f->person;
	struct erasure *e = &f->erasure;
	struct staging *s = &e->staging;

	s->clickhouse = c;
	s->project = project;
	s->stop = clickhouse_stop(c);
	s->notice = on_notice;
	e->events = &f->events;
	e->left = &f->left;
	if (person->user_id.p)
		erase_add(&e->rows, project, 0, ERASE_USER, person->user_id);
	if (person->anonymous_id.p)
		erase_add(&e->rows, project, 0, ERASE_ANONYMOUS, person->anonymous_id);
	e->n = 1;
	if (e->rows.failed)
		return staging_fail(s, CLICKHOUSE_UNKNOWN, "out of memory");
	if (!erasure_run(e))
		return false;
	return (erasure_left(e) == 0 && !e->unsettled) ||
	    staging_fail(s, CLICKHOUSE_TRANSIENT,
		"events of somebody who was forgotten keep arriving: stop what inserts them");
}

unsigned
read_forget(struct span json, struct span project, struct clickhouse *c, struct buf *body,
    struct clickhouse_error *e)
{
	struct forgetting *f = calloc(1, sizeof(*f));
	unsigned status = 200;

	*e = (struct clickhouse_error){ .status = CLICKHOUSE_OK };
	if (!f)
		return read_error(body, 500, REFUSAL_INTERNAL, "out of memory");
	if (!forget_parse(&f->person, json.p, json.n)) {
		status = refuse_person(&f->person, body);
	} else if (erase(f, project, c)) {
		buf_adds(body, "{\"ok\":true,\"queued\":true}\n");
	} else {
		*e = f->erasure.staging.error;
		status = read_error(body, 500, "forget_failed",
		    "this person may not be forgotten yet: send it again");
	}
	forget_release(&f->person);
	erasure_release(&f->erasure);
	free(f);
	return status;
}
