/*
 * Lines that are read ahead on a thread of their own, so that one which says
 * "stop" is seen while another is being worked on.
 */
#ifndef MM_INBOX_H
#define MM_INBOX_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/lines.h"

/* How much waits: lines, and bytes of them; then reading pauses, and nothing urgent is seen. */
enum { INBOX_MAX = 1024, INBOX_BYTES_MAX = 16 * 1024 * 1024 };

struct inbox_line {
	struct buf text; /* without the end of the line */
	bool long_one;   /* longer than max_line: there is no text */
};

struct inbox {
	/* becomes non-zero when what is being worked on is to end: a line asked
	   for it, or *stop was set */
	atomic_int stop_work;
	int error; /* an errno of reading, once inbox_next has returned NULL */

	/* the module's */
	struct lines lines;
	const atomic_int *stop;
	bool (*urgent)(void *context, struct inbox *, const char *p, size_t n);
	void *context;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct inbox_line line[INBOX_MAX + 1];
	size_t first, count; /* those that wait; the one at work stands before them */
	size_t bytes;        /* of them */
	bool working, ended;
};

/*
 * Starts to read standard input.  `urgent` is asked on the reading thread, with
 * the inbox locked, about each line that was read, and returns true for one
 * that is dealt with by that; it may set stop_work, empty lines that wait, and
 * call inbox_end.  When *stop is set, reading ends and what waits is forgotten.
 * The signals that set it must come to the reading thread: the caller blocks
 * them after this call.
 * Returns false when memory or threads are out.
 */
bool inbox_start(struct inbox *, size_t max_line, const atomic_int *stop,
    bool (*urgent)(void *context, struct inbox *, const char *p, size_t n), void *context);

/*
 * The next line, which is being worked on until the next call; waits for it.
 * NULL at the end of input, or when *stop is set.  Else stop_work is 0 again.
 */
const struct inbox_line *inbox_next(struct inbox *);

/*
 * Joins the thread, once inbox_next has returned NULL (before that it may wait
 * for input for ever), and frees the memory.
 */
void inbox_release(struct inbox *);

/* ---- for `urgent` ---- */

/* From now on inbox_next returns NULL. */
void inbox_end(struct inbox *);

/* The line being worked on; NULL: none is. */
const struct inbox_line *inbox_at_work(const struct inbox *);

/* The i-th line that waits, from 0; NULL behind the last one. */
struct inbox_line *inbox_waiting(struct inbox *, size_t i);

#endif
