/*
 * A line that is longer than memory should hold, kept in an unnamed temporary
 * file until all of it is there and it is known how to write it down.
 */
#ifndef MM_LONGLINE_H
#define MM_LONGLINE_H

#include "base/buf.h"
#include "base/out.h"
#include "event/reject.h"

struct longline {
	int fd;    /* -1: no file yet */
	int error; /* errno of the first failure, or 0 */
	struct buf b;
};

#define LONGLINE_INIT           \
	{                       \
		-1, 0, BUF_INIT \
	}

/* Adds a piece of the line.  Returns 0, or the errno. */
int longline_add(struct longline *, const char *p, size_t n);

/*
 * Writes the reject record of the line to `out`, piece by piece, and forgets
 * the line.  Returns 0, or the errno of what failed with the file.
 */
int longline_reject(struct longline *, const struct reject *, struct out *);

void longline_release(struct longline *);

#endif
