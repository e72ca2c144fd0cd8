#include "cmd/cli/intake_notes.h"

#include <stdlib.h>

#include "base/banned.h"

void
intake_notes_reset(struct intake_notes *w)
{
	buf_reset(&w->b);
	w->n = w->at = 0;
	w->failed = false;
}

void
intake_notes_release(struct intake_notes *w)
{
	buf_release(&w->b);
	free(w->complaint);
}

bool
intake_notes_failed(const struct intake_notes *w)
{
	return w->failed || w->b.failed;
}

static void
put_span(struct buf *b, struct span s)
{
	size_t n = s.p ? s.n : SIZE_MAX;

	buf_add(b, (const char *)&n, sizeof(n));
	if (s.p)
		buf_add(b, s.p, s.n);
}

static struct span
get_span(struct intake_notes *w)
{
	struct span s = { NULL, 0 };
	size_t n;

	memcpy(&n, w->b.p + w->at, sizeof(n));
	w->at += sizeof(n);
	if (n == SIZE_MAX)
		return s;
	s = (struct span){ w->b.p + w->at, n };
	w->at += n;
	return s;
}

/* Room for the complaints of one note. */
static bool
ready_complaints(struct intake_notes *w, size_t n)
{
	struct complaint *c;

	if (n <= w->cap)
		return true;
	c = realloc(w->complaint, n * sizeof(*c));
	if (!c) {
		w->failed = true;
		return false;
	}
	w->complaint = c;
	w->cap = n;
	return true;
}

void
intake_notes_add(struct intake_notes *w, const struct intake_note *note)
{
	size_t i;

	if (!ready_complaints(w, note->complaints))
		return;
	w->n++;
	buf_add(&w->b, (const char *)note, sizeof(*note));
	for (i = 0; i < note->complaints; i++) {
		const struct complaint *c = &note->complaint[i];

		put_span(&w->b, c->field);
		put_span(&w->b, c->text);
		put_span(&w->b, c->kind);
		put_span(&w->b, c->counted_field);
	}
}

bool
intake_notes_next(struct intake_notes *w, struct intake_note *note)
{
	size_t i;

	if (w->at == w->b.n)
		return false;
	memcpy(note, w->b.p + w->at, sizeof(*note));
	w->at += sizeof(*note);
	note->complaint = w->complaint;
	for (i = 0; i < note->complaints; i++) {
		struct complaint *c = &w->complaint[i];

		c->field = get_span(w);
		c->text = get_span(w);
		c->kind = get_span(w);
		c->counted_field = get_span(w);
	}
	return true;
}
