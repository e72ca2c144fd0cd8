#include "store/pieces.h"

#include <stdlib.h>

#include "base/banned.h"

enum { PIECES_AT_FIRST = 16 };

/* ---- the pool ------------------------------------------------------------ */

/* A piece that nobody has begins with the pointer to the next one. */
static struct buf
borrow(struct piece_pool *pool, size_t n)
{
	struct buf b = BUF_INIT;

	if (n > PIECE_SIZE) {
		b.p = malloc(n);
		b.cap = b.p ? n : 0;
		pool->lent += b.cap;
		return b;
	}
	pthread_mutex_lock(&pool->lock);
	b.p = pool->free;
	if (b.p)
		memcpy(&pool->free, b.p, sizeof(pool->free));
	pthread_mutex_unlock(&pool->lock);
	if (!b.p)
		b.p = malloc(PIECE_SIZE);
	b.cap = b.p ? PIECE_SIZE : 0;
	pool->lent += b.cap;
	return b;
}

void
piece_give_back(struct piece_pool *pool, struct buf *piece)
{
	pool->lent -= piece->cap;
	if (piece->cap != PIECE_SIZE) {
		free(piece->p);
	} else {
		pthread_mutex_lock(&pool->lock);
		memcpy(piece->p, &pool->free, sizeof(pool->free));
		pool->free = piece->p;
		pthread_mutex_unlock(&pool->lock);
	}
	*piece = (struct buf)BUF_INIT;
}

void
piece_pool_release(struct piece_pool *pool)
{
	while (pool->free) {
		void *p = pool->free;

		memcpy(&pool->free, p, sizeof(pool->free));
		free(p);
	}
}

/* ---- pieces -------------------------------------------------------------- */

/* The last piece becomes one of the full ones. */
static bool
seal(struct pieces *s)
{
	if (s->last.n == 0)
		return true;
	if (s->count == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : PIECES_AT_FIRST;
		struct buf *full = realloc(s->full, cap * sizeof(*full));

		if (!full)
			return false;
		s->full = full;
		s->cap = cap;
	}
	s->before += s->last.n;
	s->full[s->count++] = s->last;
	s->last = (struct buf)BUF_INIT;
	return true;
}

struct buf *
pieces_next(struct pieces *s, struct piece_pool *pool, size_t n)
{
	if (!seal(s)) {
		s->failed = true;
		return NULL;
	}
	if (s->last.p)
		piece_give_back(pool, &s->last);
	s->last = borrow(pool, n);
	s->failed |= !s->last.p;
	return s->last.p ? &s->last : NULL;
}

void
pieces_repeat(struct pieces *s, struct piece_pool *pool, char byte, size_t n)
{
	while (n > 0) {
		struct buf *b = pieces_room(s, pool, 1);
		size_t k;

		if (!b)
			return;
		k = b->cap - b->n < n ? b->cap - b->n : n;
		memset(b->p + b->n, byte, k);
		b->n += k;
		n -= k;
	}
}

void
pieces_cut(struct pieces *s, struct piece_pool *pool, size_t n)
{
	while (n < s->before) {
		if (s->last.p)
			piece_give_back(pool, &s->last);
		s->last = s->full[--s->count];
		s->before -= s->last.n;
	}
	s->last.n = n - s->before;
}

void
pieces_clear(struct pieces *s, struct piece_pool *pool)
{
	while (s->count > 0)
		if (s->full[--s->count].p)
			piece_give_back(pool, &s->full[s->count]);
	if (s->last.p)
		piece_give_back(pool, &s->last);
	s->before = 0;
	s->failed = false;
}

void
pieces_release(struct pieces *s, struct piece_pool *pool)
{
	pieces_clear(s, pool);
	free(s->full);
	*s = (struct pieces){ 0 };
}
