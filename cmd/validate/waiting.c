#include "cmd/validate/waiting.h"

#include <errno.h>

#include "base/msg.h"

#include "base/banned.h"

static void
settle(void *context)
{
	waiting_settle(context);
}

static bool
add(struct waiting *w)
{
	const struct lines *l = &w->in->lines;
	struct waiting_block *b = &w->block[w->filled];
	const char *p = expr_child_add(w->child, l->p, l->n);

	if (p)
		b->line[b->n++] = (struct waiting_line){ l->name, p, l->number, l->n };
	return p != NULL;
}

static void
put_at_hand(struct lines *l, const struct waiting_line *x)
{
	l->name = x->name;
	l->number = x->number;
	l->p = x->p;
	l->n = x->n;
}

/* Says that the run ends at the line; `error` is what expr_child_run left. */
static void
tell_end(struct waiting *w, const struct waiting_line *first, int error)
{
	unsigned long long number = first->number;

	w->ended = true;
	w->failed = error != 0;
	if (error == 0)
		msg("%s:%llu: not checked, nor are the lines after it: a signal came", first->name,
		    number);
	else if (error == ECHILD)
		msg("%s:%llu: not checked, nor are the lines after it: something ends the process of "
		    "expressions",
		    first->name, number);
	else
		msg_errno(error, "%s:%llu: no process for expressions", first->name, number);
}

/* Takes the lines of the block that is judged, once it is. */
static void
take_judged(struct waiting *w)
{
	struct lines *l = &w->in->lines;
	const struct waiting_line before = { l->name, l->p, l->number, l->n };
	struct waiting_block *b = &w->block[!w->filled];
	size_t i, judged;
	int error;

	if (b->n == 0 || w->ended)
		return;
	judged = expr_child_wait(w->child);
	error = errno;
	for (i = 0; i < judged; i++) {
		put_at_hand(l, &b->line[i]);
		expr_child_line(w->child, i);
		w->take(w->context);
	}
	put_at_hand(l, &before);
	if (judged < b->n)
		tell_end(w, &b->line[judged], error);
	b->n = 0;
}

/* Has the block that was filled judged next. */
static void
send_filled(struct waiting *w)
{
	if (w->block[w->filled].n == 0 || w->ended)
		return;
	expr_child_send(w->child);
	w->filled = !w->filled;
}

void
waiting_next(struct waiting *w)
{
	w->in->settle = settle;
	w->in->settle_context = w;
	if (w->in->idle) {
		waiting_settle(w);
	} else if (!add(w)) {
		take_judged(w);
		send_filled(w);
		add(w);
	}
	/* lines do not wait for others that are yet to come */
	w->in->lines.wait_ms = w->block[0].n + w->block[1].n ? 0 : -1;
}

void
waiting_settle(struct waiting *w)
{
	take_judged(w);
	send_filled(w);
	take_judged(w);
	w->in->lines.wait_ms = -1;
}
