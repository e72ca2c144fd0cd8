/*
 * Deadlines: for each kind a queue, whose entries all wait equally long, so that
 * the first is the next that is due.
 */
#ifndef MM_HTTP_DUE_H
#define MM_HTTP_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct due {
	struct due *before, *after; /* NULL: in no queue */
	int64_t at;
};

struct due_queue {
	struct due head; /* a ring */
	int64_t wait_ms;
};

void due_queue_init(struct due_queue *, int64_t wait_ms);

/* Takes the entry out of the queue it is in, if it is in one. */
void due_cancel(struct due *);

/* Puts it at the end of the queue, out of any other: due at now + wait_ms. */
void due_start(struct due_queue *, struct due *, int64_t now);

/* The entry that is due first; NULL: the queue is empty. */
struct due *due_first(const struct due_queue *);

#endif
