#include "serve/take.h"

#include "base/banned.h"

bool
take_start(struct take *t)
{
	event_init(&t->one);
	t->one.outside = true;
	t->body.max_events = BODY_EVENTS_MAX;
	t->identify.outside = true;
	t->visitors = t->enricher.visitors;
	/* no salt: an id that is made of the line would be the same for all who send it */
	return enrich_start(&t->enricher, NULL, 0);
}

void
take_release(struct take *t)
{
	event_release(&t->one);
	body_release(&t->body);
	identify_release(&t->identify);
	enrich_release(&t->enricher);
	buf_release(&t->rows);
	buf_release(&t->ids);
}

static void
begin(struct take *t, const struct take_sender *from)
{
	t->events = t->received = 0;
	t->sent = (struct span){ NULL, 0 };
	t->complaint = &t->why;
	t->complaints = 0;
	t->enricher.project_id = from->project;
	t->enricher.visitors = from->is_visitor ? t->visitors : NULL;
	buf_reset(&t->rows);
	buf_reset(&t->ids);
}

static bool
out_of_memory(struct take *t)
{
	t->why = (struct complaint){ .text = SPAN("Out of memory") };
	t->complaint = &t->why;
	t->complaints = 1;
	return false;
}

static void
add_row(struct take *t, const struct enrichment *x)
{
	struct span id = event_text(&t->one, EVENT_EVENT_ID);
	size_t i = t->events++;

	t->place[i].row = t->rows.n;
	row_add(&t->rows, &t->one, x);
	t->place[i].row_n = t->rows.n - t->place[i].row;
	t->place[i].id = t->ids.n;
	t->place[i].id_n = id.n;
	buf_add(&t->ids, id.p ? id.p : "", id.n);
}

/* Adds the row of the event [p, p+n); false with complaints. */
static bool
add_event(struct take *t, struct span text, const struct take_sender *from)
{
	const struct event_context context = {
		.ip = from->ip,
		.user_agent = from->user_agent,
		.host = from->host,
		.received_at = from->received_at,
	};
	struct event *e = &t->one;
	struct enrichment x;

	if (!event_parse(e, text.p, text.n)) {
		t->complaint = e->complaint;
		t->complaints = e->complaints;
		return false;
	}
	event_put_context(e, &context);
	t->received++;
	switch (enrich_event(&t->enricher, e, text.p, text.n, &x, &t->why)) {
	case ENRICH_ROW:
		add_row(t, &x);
		break;
	case ENRICH_DROP:
		break;
	case ENRICH_REJECT:
		t->complaint = &t->why;
		t->complaints = 1;
		return false;
	}
	return true;
}

/* Rows and ids do not move any more. */
static bool
settle(struct take *t, const struct take_sender *from)
{
	size_t i;

	if (t->rows.failed || t->ids.failed)
		return out_of_memory(t);
	for (i = 0; i < t->events; i++) {
		struct journal_event *e = &t->event[i];

		e->row = (struct span){ t->rows.p + t->place[i].row, t->place[i].row_n };
		e->id = (struct span){ t->ids.p + t->place[i].id, t->place[i].id_n };
		memcpy(e->project, from->project_id, IDS_PROJECT);
	}
	return true;
}

bool
take_track(struct take *t, struct span body, const struct take_sender *from)
{
	begin(t, from);
	if (!add_event(t, body, from))
		return false;
	if (event_has(&t->one, EVENT_EVENT_ID))
		t->sent = t->one.value[EVENT_EVENT_ID].raw;
	return settle(t, from);
}

bool
take_identify(struct take *t, struct span body, const struct take_sender *from)
{
	begin(t, from);
	if (!identify(&t->identify, body.p, body.n)) {
		t->complaint = t->identify.complaint;
		t->complaints = t->identify.complaints;
		return false;
	}
	body = (struct span){ t->identify.event.p, t->identify.event.n };
	return add_event(t, body, from) && settle(t, from);
}

bool
take_batch(struct take *t, struct span body, const struct take_sender *from)
{
	struct body_faults *faults = &t->body.faults;
	size_t i;

	begin(t, from);
	if (body_read(&t->body, body.p, body.n)) {
		for (i = 0; i < t->body.events; i++)
			if (!add_event(t, t->body.event[i], from))
				body_faults_add(faults, i, t->complaint, t->complaints);
		if (faults->events == 0)
			return settle(t, from);
		body_faults_end(faults);
	}
	t->complaint = faults->complaint;
	t->complaints = faults->complaints;
	return false;
}
