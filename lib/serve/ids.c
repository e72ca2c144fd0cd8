#include "serve/ids.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/fd.h"

#include "base/banned.h"

#define GROUP_MASK ((UINT64_C(1) << 40) - 1)
#define DROPPED GROUP_MASK

enum { SLOTS = 65536 };

struct slot {
	uint64_t hash; /* 0: free */
	uint64_t tail; /* 24 bits of hash, 40 of the group */
};

struct window {
	unsigned char project[IDS_PROJECT];
	struct slot *young, *old;
	size_t count; /* taken slots of `young` */
};

struct ids {
	struct window *windows;
	size_t n, cap;
};

struct ids *
ids_new(void)
{
	return calloc(1, sizeof(struct ids));
}

void
ids_free(struct ids *ids)
{
	size_t i;

	if (!ids)
		return;
	for (i = 0; i < ids->n; i++) {
		free(ids->windows[i].young);
		free(ids->windows[i].old);
	}
	free(ids->windows);
	free(ids);
}

void
ids_entry_of(struct ids_entry *e, const unsigned char key[IDS_KEY],
    const unsigned char project[IDS_PROJECT], struct span id)
{
	unsigned char inner[16], whole[IDS_PROJECT + sizeof(inner)];
	uint64_t parts[2];

	memset(e, 0, sizeof(*e));
	memcpy(e->project, project, IDS_PROJECT);
	if (id.n == 0)
		return;
	crypto_shorthash_siphashx24(inner, (const unsigned char *)id.p, id.n, key);
	memcpy(whole, project, IDS_PROJECT);
	memcpy(whole + IDS_PROJECT, inner, sizeof(inner));
	crypto_shorthash_siphashx24((unsigned char *)parts, whole, sizeof(whole), key);
	e->hash = parts[0] | 1;
	e->tail = parts[1] & ~GROUP_MASK;
}

static struct window *
window_of(const struct ids *ids, const struct ids_entry *e)
{
	size_t i;

	for (i = 0; i < ids->n; i++)
		if (memcmp(ids->windows[i].project, e->project, IDS_PROJECT) == 0)
			return &ids->windows[i];
	return NULL;
}

/* The slot of the id, or the free one where it would go. */
static struct slot *
slot_of(struct slot *table, const struct ids_entry *e)
{
	size_t i = (size_t)(e->hash >> 48);

	while (
	    table[i].hash && (table[i].hash != e->hash || (table[i].tail & ~GROUP_MASK) != e->tail))
		i = (i + 1) % SLOTS;
	return &table[i];
}

static bool
is_known(const struct slot *s)
{
	return s->hash && (s->tail & GROUP_MASK) != DROPPED;
}

bool
ids_find(const struct ids *ids, const struct ids_entry *e, uint64_t *group)
{
	const struct window *w = window_of(ids, e);
	const struct slot *s;

	if (!w)
		return false;
	s = slot_of(w->young, e);
	if (!is_known(s) && w->old)
		s = slot_of(w->old, e);
	if (!is_known(s))
		return false;
	*group = s->tail & GROUP_MASK;
	return true;
}

static struct window *
new_window(struct ids *ids, const struct ids_entry *e)
{
	struct window *w;

	if (ids->n == ids->cap) {
		size_t cap = ids->cap ? 2 * ids->cap : 16;

		w = realloc(ids->windows, cap * sizeof(*w));
		if (!w)
			return NULL;
		ids->windows = w;
		ids->cap = cap;
	}
	w = &ids->windows[ids->n];
	*w = (struct window){ .young = calloc(SLOTS, sizeof(struct slot)) };
	if (!w->young)
		return NULL;
	memcpy(w->project, e->project, IDS_PROJECT);
	ids->n++;
	return w;
}

/* The young generation becomes the old one. */
static bool
turn(struct window *w)
{
	struct slot *young = w->old;

	if (young)
		memset(young, 0, SLOTS * sizeof(*young));
	else
		young = calloc(SLOTS, sizeof(*young));
	if (!young)
		return false;
	w->old = w->young;
	w->young = young;
	w->count = 0;
	return true;
}

bool
ids_put(struct ids *ids, const struct ids_entry *e, uint64_t group)
{
	struct window *w = window_of(ids, e);
	struct slot *s;

	if (!w)
		w = new_window(ids, e);
	if (!w || (w->count == IDS_GENERATION && !turn(w)))
		return false;
	s = slot_of(w->young, e);
	w->count += s->hash == 0;
	s->hash = e->hash;
	s->tail = e->tail | (group & GROUP_MASK);
	return true;
}

bool
ids_note(struct ids *ids, const struct ids_entry *e)
{
	uint64_t group;

	return ids_entry_is_none(e) || ids_find(ids, e, &group) || ids_put(ids, e, 0);
}

void
ids_drop(struct ids *ids, const struct ids_entry *e)
{
	struct window *w = window_of(ids, e);
	struct slot *s;

	if (!w)
		return;
	/* a slot that was taken stays taken, so that no search stops too early */
	s = slot_of(w->young, e);
	if (s->hash)
		s->tail |= DROPPED;
	if (w->old) {
		s = slot_of(w->old, e);
		if (s->hash)
			s->tail |= DROPPED;
	}
}

static int
write_table(const struct window *w, const struct slot *table, struct buf *b, int fd)
{
	size_t i;

	buf_reset(b);
	for (i = 0; table && i < SLOTS; i++) {
		struct ids_entry e = { .hash = table[i].hash, .tail = table[i].tail & ~GROUP_MASK };

		memcpy(e.project, w->project, IDS_PROJECT);
		if (is_known(&table[i]))
			buf_add(b, (const char *)&e, sizeof(e));
	}
	return b->failed ? ENOMEM : fd_write(fd, b->p, b->n);
}

int
ids_write(const struct ids *ids, int fd)
{
	struct buf b = BUF_INIT;
	int error = 0;
	size_t i;

	for (i = 0; !error && i < ids->n; i++) {
		error = write_table(&ids->windows[i], ids->windows[i].old, &b, fd);
		if (!error)
			error = write_table(&ids->windows[i], ids->windows[i].young, &b, fd);
	}
	buf_release(&b);
	return error;
}
