#include "http/blocks.h"

#include <stdlib.h>

#include "base/banned.h"

/* So many are kept whatever happens, so that a request now and then allocates nothing. */
static const size_t keep[BLOCK_CLASSES] = { 16, 16, 4, 2, 1, 1, 1 };

static size_t
class_of(size_t n)
{
	size_t class = 0;

	while (class < BLOCK_CLASSES && (size_t)BLOCK_LEAST << class < n)
		class ++;
	return class;
}

void
blocks_init(struct blocks *b, size_t most)
{
	*b = (struct blocks){ .most = most };
}

static void
drop(struct blocks *b, size_t class)
{
	void *p = b->of[class].free;

	memcpy(&b->of[class].free, p, sizeof(void *));
	b->of[class].count--;
	free(p);
}

void
blocks_release(struct blocks *b)
{
	size_t class;

	for (class = 0; class < BLOCK_CLASSES; class ++)
		while (b->of[class].count)
			drop(b, class);
}

bool
block_get(struct blocks *b, struct block *to, size_t n)
{
	size_t class = class_of(n);
	size_t cap = class < BLOCK_CLASSES ? (size_t)BLOCK_LEAST << class : n;
	char *p;

	if (cap > b->most || b->in_use > b->most - cap)
		return false;
	if (class < BLOCK_CLASSES && b->of[class].count) {
		p = b->of[class].free;
		memcpy(&b->of[class].free, p, sizeof(void *));
		if (--b->of[class].count < b->of[class].low)
			b->of[class].low = b->of[class].count;
	} else {
		p = malloc(cap);
		if (!p)
			return false;
		if (class < BLOCK_CLASSES)
			b->of[class].low = 0;
	}
	b->in_use += cap;
	*to = (struct block){ p, cap };
	return true;
}

bool
block_grow(struct blocks *b, struct block *block, size_t n_keep, size_t n)
{
	struct block larger;

	if (n <= block->cap)
		return true;
	if (n < block->cap * 2)
		n = block->cap * 2;
	if (class_of(block->cap) == BLOCK_CLASSES) {
		/* realloc moves large blocks without copying */
		if (n > b->most || b->in_use - block->cap > b->most - n)
			return false;
		larger.p = realloc(block->p, n);
		if (!larger.p)
			return false;
		b->in_use += n - block->cap;
		*block = (struct block){ larger.p, n };
		return true;
	}
	if (!block_get(b, &larger, n))
		return false;
	memcpy(larger.p, block->p, n_keep);
	block_put(b, block);
	*block = larger;
	return true;
}

void
block_put(struct blocks *b, struct block *block)
{
	size_t class = class_of(block->cap);

	if (!block->p)
		return;
	b->in_use -= block->cap;
	if (class < BLOCK_CLASSES) {
		memcpy(block->p, &b->of[class].free, sizeof(void *));
		b->of[class].free = block->p;
		b->of[class].count++;
	} else {
		free(block->p);
	}
	*block = (struct block){ NULL, 0 };
}

void
blocks_trim(struct blocks *b)
{
	size_t class;

	for (class = 0; class < BLOCK_CLASSES; class ++) {
		for (; b->of[class].low > 0 && b->of[class].count > keep[class]; b->of[class].low--)
			drop(b, class);
		b->of[class].low = b->of[class].count;
	}
}

bool
blocks_idle(const struct blocks *b)
{
	size_t class;

	for (class = 0; class < BLOCK_CLASSES; class ++)
		if (b->of[class].count > keep[class])
			return true;
	return false;
}
