/*
 * Bytes gathered in pieces of memory that a pool lends, so that each piece can
 * go back, and hold other bytes, as soon as it has been read.
 */
#ifndef MM_PIECES_H
#define MM_PIECES_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"

enum { PIECE_SIZE = 16 << 10 }; /* bytes that a piece has room for, at least */

/* May be used by several threads at once. */
struct piece_pool {
	pthread_mutex_t lock;
	void *free;          /* a list through the pieces */
	_Atomic size_t lent; /* bytes of the pieces that somebody has */
};

#define PIECE_POOL_INIT                            \
	{                                          \
		PTHREAD_MUTEX_INITIALIZER, NULL, 0 \
	}

/* Frees what has been given back. */
void piece_pool_release(struct piece_pool *);

/* All zero is empty. */
struct pieces {
	struct buf *full; /* those before the last one, in order */
	size_t count;
	struct buf last;
	bool failed; /* memory was out: bytes are missing */
	/* the module's */
	size_t cap, before; /* of `full`; bytes in them */
};

static inline size_t
pieces_size(const struct pieces *s)
{
	return s->before + s->last.n;
}

/*
 * The last piece, with room for n bytes (at least 1) in one stretch: the
 * caller appends at most these.  NULL, and `failed`, when memory is out.
 */
struct buf *pieces_next(struct pieces *, struct piece_pool *, size_t n);

static inline struct buf *
pieces_room(struct pieces *s, struct piece_pool *pool, size_t n)
{
	return s->last.cap - s->last.n >= n ? &s->last : pieces_next(s, pool, n);
}

/* Appends the byte n times. */
void pieces_repeat(struct pieces *, struct piece_pool *, char byte, size_t n);

/* Forgets all but the first n bytes, which are there. */
void pieces_cut(struct pieces *, struct piece_pool *, size_t n);

/* Gives back `full` or `last` of some pieces, which is then empty. */
void piece_give_back(struct piece_pool *, struct buf *piece);

/* Gives back what is there, also pieces of which some have been given back;
   is empty again. */
void pieces_clear(struct pieces *, struct piece_pool *);
void pieces_release(struct pieces *, struct piece_pool *);

#endif
