#include "http/due.h"

void
due_queue_init(struct due_queue *q, int64_t wait_ms)
{
	q->head.before = q->head.after = &q->head;
	q->wait_ms = wait_ms;
}

void
due_cancel(struct due *d)
{
	if (!d->after)
		return;
	d->before->after = d->after;
	d->after->before = d->before;
	d->before = d->after = NULL;
}

void
due_start(struct due_queue *q, struct due *d, int64_t now)
{
	due_cancel(d);
	d->at = now + q->wait_ms;
	d->before = q->head.before;
	d->after = &q->head;
	d->before->after = d;
	q->head.before = d;
}

struct due *
due_first(const struct due_queue *q)
{
	return q->head.after == &q->head ? NULL : q->head.after;
}
