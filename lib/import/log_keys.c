#include "import/log_keys.h"

#include "text/datafile.h"

#include "log-keys-table.h"

#include "base/banned.h"

void
log_keys_release(struct log_keys *k)
{
	buf_release(&k->text);
}

/* Writes the key as it is compared; the bytes, or 0 where there is no room. */
static size_t
plain(struct span key, char *w, size_t room)
{
	size_t i, n = 0;

	for (i = 0; i < key.n; i++) {
		char c = key.p[i];

		if (c == '_' || c == '-')
			continue;
		if (n == room)
			return 0;
		w[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	return n;
}

static uint32_t
home(const char *p, size_t n)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 16777619u;
	return (h ^ h >> 15) & (LOG_KEYS_SLOTS - 1);
}

/* The slot of the name, or the free one where it belongs. */
static uint32_t
find(const struct log_keys *k, struct span name)
{
	uint32_t i = home(name.p, name.n);

	while (k->slot[i] && !span_eq(k->entry[k->slot[i] - 1].key.name, name))
		i = (i + 1) & (LOG_KEYS_SLOTS - 1);
	return i;
}

/* The entry of the name, which is made where there is none; NULL: no room. */
static struct log_keys_entry *
entry_of(struct log_keys *k, struct span name)
{
	uint32_t i = find(k, name);
	struct log_keys_entry *e;

	if (k->slot[i])
		return &k->entry[k->slot[i] - 1];
	if (k->count == LOG_KEYS_MAX)
		return NULL;
	e = &k->entry[k->count++];
	*e = (struct log_keys_entry){ .key = { HIT_FIELDS, name } };
	k->slot[i] = (int16_t)k->count;
	return e;
}

/* Names keep their bytes: constants, or the text that log_keys keeps. */
static bool
put(struct log_keys *k, enum hit_field field, struct span name)
{
	struct log_keys_entry *e;
	size_t i;

	for (i = 0; i < name.n; i++) {
		if (name.p[i] != '.' || i == 0)
			continue;
		e = entry_of(k, (struct span){ name.p, i });
		if (!e)
			return false;
		e->inner = true;
	}
	e = entry_of(k, name);
	if (!e)
		return false;
	if (e->key.field == HIT_FIELDS) {
		e->key.field = field;
		e->rank = k->ranks++;
	}
	return true;
}

/* A copy that does not move: the text has room for all of it beforehand. */
static bool
put_copy(struct log_keys *k, enum hit_field field, struct span key)
{
	char *w = k->text.p + k->text.n;
	size_t n = plain(key, w, LOG_KEY_MAX);

	k->text.n += n;
	return n > 0 && put(k, field, (struct span){ w, n });
}

static bool
reserve(struct log_keys *k, size_t n)
{
	/* once, for a file and an option: spans into it must stay */
	return k->text.p || buf_room(&k->text, n + 2 * LOG_KEY_MAX) != NULL;
}

bool
log_keys_add(struct log_keys *k, enum hit_field field, struct span key)
{
	return reserve(k, 0) && k->text.cap - k->text.n >= LOG_KEY_MAX && put_copy(k, field, key);
}

bool
log_keys_read(struct log_keys *k, const char *name, const char *p, size_t n, struct buf *errors)
{
	struct datafile d;
	struct span line;

	datafile_open(&d, name, p, n, errors);
	if (!reserve(k, n))
		datafile_complain(&d, 0, "out of memory");
	while (k->text.p && datafile_next(&d, &line)) {
		const char *tab;
		enum hit_field field;
		struct span key;

		if (line.n == 0 || *line.p == '#')
			continue;
		tab = memchr(line.p, '\t', line.n);
		if (!tab)
			tab = memchr(line.p, ' ', line.n);
		field = tab ? hit_field_named((struct span){ line.p, (size_t)(tab - line.p) })
			    : HIT_FIELDS;
		if (field == HIT_FIELDS) {
			datafile_complain(&d, d.number, "expected FIELD, a tab and KEY");
			continue;
		}
		while (tab + 1 < line.p + line.n && (*tab == ' ' || *tab == '\t'))
			tab++;
		key = (struct span){ tab, (size_t)(line.p + line.n - tab) };
		if (key.n > LOG_KEY_MAX || !put_copy(k, field, key))
			datafile_complain(&d, d.number, "the key is too long, or too many are");
	}
	return datafile_close(&d);
}

bool
log_keys_builtin(struct log_keys *k)
{
	size_t i;

	for (i = 0; i < sizeof(builtin) / sizeof(builtin[0]); i++)
		if (!put(k, builtin[i].field, builtin[i].name))
			return false;
	return true;
}

int
log_keys_find(const struct log_keys *k, int parent, struct span key)
{
	char name[2 * LOG_KEY_MAX + 1];
	size_t n = 0, more;

	if (parent != LOG_KEYS_NONE) {
		struct span up = k->entry[parent].key.name;

		memcpy(name, up.p, up.n);
		n = up.n;
		name[n++] = '.';
	}
	more = plain(key, name + n, LOG_KEY_MAX);
	return more ? k->slot[find(k, (struct span){ name, n + more })] - 1 : LOG_KEYS_NONE;
}
