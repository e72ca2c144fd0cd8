#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#include "base/banned.h"

enum { BLOCK = 16384 };

struct arena_block {
	struct arena_block *next;
	size_t size;
	alignas(max_align_t) char bytes[];
};

static bool
add_block(struct arena *a, size_t n)
{
	size_t size = n > BLOCK ? n : BLOCK;
	struct arena_block *b = calloc(1, sizeof(*b) + size);

	if (!b) {
		a->failed = true;
		return false;
	}
	b->next = a->block;
	b->size = size;
	a->block = b;
	a->used = 0;
	return true;
}

void *
arena_get(struct arena *a, size_t n)
{
	void *p;

	if (a->failed || n > SIZE_MAX / 2) {
		a->failed = true;
		return NULL;
	}
	n = (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if ((!a->block || a->block->size - a->used < n) && !add_block(a, n))
		return NULL;
	p = a->block->bytes + a->used;
	a->used += n;
	return p;
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	if (size > 0 && count > SIZE_MAX / size) {
		a->failed = true;
		return NULL;
	}
	return arena_get(a, count * size);
}

struct span
arena_copy(struct arena *a, const char *p, size_t n)
{
	char *to = arena_get(a, n);

	if (!to)
		return (struct span){ NULL, 0 };
	if (n)
		memcpy(to, p, n);
	return (struct span){ to, n };
}

void
arena_release(struct arena *a)
{
	struct arena_block *b, *next;

	for (b = a->block; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = (struct arena){ .block = NULL };
}
