#include "text/datalist.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/banned.h"

void
datalist_read(struct datalist *l, const char *name, const char *p, size_t n, size_t size,
    void (*line)(struct datalist *, struct span), struct buf *errors)
{
	struct span text;

	memset(l, 0, sizeof(*l));
	l->size = size;
	datafile_open(&l->file, name, p, n, errors);
	while (!l->no_memory && datafile_next(&l->file, &text))
		line(l, text);
}

struct span
datalist_text(struct datalist *l, struct span text)
{
	struct span copy = arena_copy(&l->texts, text.p, text.n);

	l->no_memory |= l->texts.failed;
	return copy;
}

/* The place of the entry of that index. */
static void *
entry_at(const struct datalist *l, size_t index)
{
	return (char *)l->entries + index * l->size;
}

/* Room for so many entries. */
static bool
make_room(struct datalist *l, size_t cap)
{
	void *entries = realloc(l->entries, cap * l->size);
	size_t *numbers = realloc(l->numbers, cap * sizeof(*numbers));

	if (entries)
		l->entries = entries;
	if (numbers)
		l->numbers = numbers;
	if (entries && numbers)
		l->cap = cap;
	else
		l->no_memory = true;
	return !l->no_memory;
}

void
datalist_add(struct datalist *l, const void *entry)
{
	if (l->no_memory || (l->count == l->cap && !make_room(l, l->cap ? 2 * l->cap : 64)))
		return;
	memcpy(entry_at(l, l->count), entry, l->size);
	l->numbers[l->count++] = l->file.number;
}

void
datalist_complain(struct datalist *l, const char *reason)
{
	datafile_complain(&l->file, l->file.number, reason);
}

bool
datalist_append(struct datalist *l, const void *entries, size_t count)
{
	if (l->no_memory || !make_room(l, l->count + count))
		return false;
	memcpy(entry_at(l, l->count), entries, count * l->size);
	return true;
}

void
datalist_fault(struct datalist *l, size_t index, const char *reason)
{
	datafile_complain(&l->file, l->numbers[index], reason);
}

void
datalist_same(struct datalist *l, size_t index, size_t other, const char *what)
{
	char reason[64];

	snprintf(reason, sizeof(reason), "the same %s as line %zu", what, l->numbers[other]);
	datalist_fault(l, index, reason);
}

bool
datalist_end(struct datalist *l, bool made)
{
	if (l->no_memory || !made)
		buf_addf(l->file.errors, "%s: out of memory\n", l->file.name);
	free(l->numbers);
	l->numbers = NULL;
	if (datafile_close(&l->file) && made && !l->no_memory)
		return true;
	free(l->entries);
	arena_release(&l->texts);
	return false;
}
