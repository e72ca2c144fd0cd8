#include "import/export_record.h"

#include "base/banned.h"

void
export_reject(struct export_sink *s, struct span record, const char *field, const char *text)
{
	struct complaint c = { .field = span_of(field), .text = span_of(text) };

	s->reject(s->context, record, &c, 1);
}

void
export_event(struct export_work *w, struct export_sink *s, struct span record, struct span id)
{
	const struct event *e = &w->draft.event;

	if (draft_write(&w->draft, s->repeats, id, s->out))
		s->events++;
	else
		s->reject(s->context, record, e->complaint, e->complaints);
}

bool
export_has_time(struct export_work *w, struct export_sink *s, struct span record, bool read)
{
	const struct span *v = w->draft.v;

	if (read && (v[EVENT_TIMESTAMP].p || v[EVENT_RECEIVED_AT].p))
		return true;
	export_reject(s, record, "timestamp", read ? "Required" : "Invalid date-time");
	return false;
}
