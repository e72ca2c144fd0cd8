/*
 * Buffered output to a file descriptor, whose errors reach the caller.
 *
 * Bytes are written 64 KiB at a time (what two processes on two cores like
 * best) and whenever out_flush is called.  After the first failed write
 * `error` holds its errno and everything after is discarded: check it.
 *
 * With `appends` several processes may write to one file: what is handed to
 * out_write at once stays together.
 */
#ifndef MM_OUT_H
#define MM_OUT_H

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/buf.h"

enum { OUT_BLOCK = 64 * 1024 };

struct out {
	int fd;
	int error; /* errno of the first write that failed, ENOMEM, or 0 */
	/* may be NULL; when set and non-zero, a write that has to wait for about a second gives up (EINTR) */
	const atomic_int *stop;
	/* set after out_init: the descriptor is open for reading, too, and O_APPEND; what is
	   written at once are whole lines, which an exclusive lock (flock) keeps together */
	bool appends;
	bool held;   /* by out_hold */
	size_t full; /* bytes at which they are written */
	struct buf b;
	const char *lent; /* what is to go out behind b */
	size_t lent_n;
};

/*
 * Takes the descriptor, which stays the caller's, and `stop` (may be NULL);
 * enlarges a pipe's buffer.
 */
void out_init(struct out *, int fd, const atomic_int *stop);
void out_release(struct out *);

/* Output that stays in memory, in b, which the caller empties. */
void out_init_memory(struct out *);

/*
 * As out_write, but the bytes, less than OUT_BLOCK, are not copied now: they must stay as
 * they are until the next call of out_settle, or of a function that writes or flushes.
 * What follows in memory what was lent before goes out with it, at once.  Output that stays
 * in memory is copied to.
 */
void out_lend(struct out *, const char *p, size_t n);

/* Ends all loans. */
void out_settle(struct out *);

/* Room for n bytes, NULL on error; then out_advance by what was written. */
static inline char *
out_room(struct out *o, size_t n)
{
	char *w;

	if (o->lent_n)
		out_settle(o);
	if (o->error)
		return NULL;
	w = buf_room(&o->b, n);
	if (!w)
		o->error = ENOMEM;
	return w;
}

int out_flush(struct out *); /* 0, or the errno */

static inline void
out_advance(struct out *o, size_t n)
{
	o->b.n += n;
	if (o->b.n >= o->full)
		out_flush(o);
}

void out_write(struct out *, const char *p, size_t n);

/* The same, and flushes; the bytes are not copied. */
void out_write_through(struct out *, const char *p, size_t n);

/*
 * With `appends`: what is written from out_hold to out_let_go stays together as
 * well, when it can't be handed over at once.
 */
void out_hold(struct out *);
void out_let_go(struct out *);

#endif
