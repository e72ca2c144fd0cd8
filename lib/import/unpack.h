/*
 * Files that may be compressed, by gzip (RFC 1952) or zstd (RFC 8878), read as
 * what they hold; told by their first bytes, in pipes as well.
 */
#ifndef MM_UNPACK_H
#define MM_UNPACK_H

#include <sys/types.h>

#include "base/buf.h"

enum {
	UNPACK_INPUT = 64 * 1024,
	UNPACK_WINDOW_LOG = 23, /* of zstd: frames that need more than 8 MiB are refused */
};

/* Starts as all zero. */
struct unpack {
	/* after a failure that is not the system's: what is wrong; else NULL */
	const char *reason;
	/* more can be had without a read that may wait */
	bool ready;

	/* what follows is the module's */
	int kind;
	bool eof, inside; /* inside: in the middle of a member or frame */
	size_t start, end;
	struct unpack_state *state;
	unsigned char in[UNPACK_INPUT];
};

/* A new file follows. */
void unpack_begin(struct unpack *);
void unpack_release(struct unpack *);

/*
 * Reads as read(2) does, at most n bytes of what the file holds: 0 at its end;
 * -1 and errno on failure, EAGAIN where one read was not enough, EBADMSG and
 * u->reason where the file is damaged or ends in the middle.  Reads at most
 * once from fd, but for the first bytes of a file.
 */
ssize_t unpack_read(struct unpack *, int fd, char *p, size_t n);

#endif
