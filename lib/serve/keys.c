#include "serve/keys.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/lines.h"
#include "base/timestamp.h"
#include "serve/keys_file.h"
#include "serve/keys_record.h"
#include "serve/keys_used.h"

#include "base/banned.h"

enum { HOUR_MS = 3600000 };

struct keys {
	struct arena arena;
	struct key *key; /* in the order of lines */
	size_t n;
	const struct key **sorted; /* by prefix */
	struct limit_project *project;
	struct span *name; /* of each project */
	size_t projects;
	struct buf pepper;
	struct used_hour *used; /* of each key */
};

/* When a key was used last, in hours since 1970, and whether that is to be told. */
struct used_hour {
	_Atomic int64_t hour;
	atomic_bool fresh;
};

/* ---- from lines to a table ---- */

struct line_record {
	struct record r;
	size_t line;
};

struct parse {
	const char *path;
	struct buf *errors;
	struct keys *keys;
	struct line_record *record;
	size_t n, cap;
	char pepper_id[KEY_PEPPER_ID];
	bool good;
};

static void
complain(struct parse *p, size_t line, const char *what)
{
	enum { ERRORS_MOST = 4096 };

	p->good = false;
	if (p->errors->n < ERRORS_MOST)
		buf_addf(p->errors, "%s:%zu: %s\n", p->path, line, what);
}

static bool
no_memory(struct buf *errors)
{
	buf_adds(errors, "out of memory\n");
	return false;
}

static bool
keep(struct parse *p, const struct record *r, size_t line)
{
	if (p->n == p->cap) {
		size_t cap = p->cap ? 2 * p->cap : 64;
		struct line_record *more = realloc(p->record, cap * sizeof(*more));

		if (!more)
			return false;
		p->record = more;
		p->cap = cap;
	}
	p->record[p->n++] = (struct line_record){ *r, line };
	return true;
}

static bool
read_line(struct parse *p, struct span line, size_t number)
{
	struct record r;
	const char *wrong;

	if (line_is_blank(line.p, line.n))
		return true;
	wrong = record_read(&r, line, &p->keys->arena);
	if (!wrong && r.type == RECORD_KEY && r.pepper[0] && p->keys->pepper.n &&
	    memcmp(r.pepper, p->pepper_id, KEY_PEPPER_ID) != 0)
		wrong = "this key was made with another pepper; put that one back "
			"(it is kept beside the keys, or where MM_KEY_PEPPER_FILE says)";
	if (wrong) {
		complain(p, number, wrong);
		return true;
	}
	return r.type == RECORD_OTHER || keep(p, &r, number);
}

static bool
read_lines(struct parse *p, struct span text)
{
	struct span line;
	size_t number;

	for (number = 1; span_take_line(&text, &line); number++)
		if (!read_line(p, line, number))
			return false;
	return true;
}

/* By project; the line of a project before the keys of it. */
static int
compare_records(const void *a, const void *b)
{
	const struct line_record *x = a, *y = b;
	int order = memcmp(x->r.project, y->r.project, UUID_TEXT);

	if (order)
		return order;
	if (x->r.type != y->r.type)
		return x->r.type == RECORD_PROJECT ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

static struct key
to_key(const struct record *r, size_t project, size_t number)
{
	struct key k = {
		.kind = r->kind,
		.test = r->test,
		.project = r->kind == KEY_AK ? SIZE_MAX : project,
		.origin = r->origin,
		.origins = r->origins,
		.created = r->created,
		.revoked = r->revoked,
		.number = number,
	};

	memcpy(k.id, r->id, KEY_ID);
	memcpy(k.project_id, r->project, UUID_TEXT);
	memcpy(k.hash, r->hash, KEY_HASH);
	return k;
}

static void
add_project(struct parse *p, const struct line_record *l)
{
	struct keys *k = p->keys;
	struct limit_project *last = k->projects ? &k->project[k->projects - 1] : NULL;

	if (l->r.type == RECORD_KEY && l->r.kind == KEY_AK)
		return;
	if (last && memcmp(last->id, l->r.project, UUID_TEXT) == 0) {
		if (l->r.type == RECORD_PROJECT)
			complain(p, l->line, "the project stands twice");
		return;
	}
	k->name[k->projects] = l->r.name;
	last = &k->project[k->projects++];
	memcpy(last->id, l->r.project, UUID_TEXT);
	last->rates = l->r.rates;
}

static int
compare_keys(const void *a, const void *b)
{
	const struct key *x = *(const struct key *const *)a, *y = *(const struct key *const *)b;
	int order = memcmp(x->id + KEY_ID - KEY_PREFIX, y->id + KEY_ID - KEY_PREFIX, KEY_PREFIX);

	return order ? order : (x->number > y->number) - (x->number < y->number);
}

static int
compare_numbers(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static bool
build(struct parse *p)
{
	struct keys *k = p->keys;
	size_t i;

	k->key = arena_array(&k->arena, p->n + 1, sizeof(*k->key));
	k->sorted = arena_array(&k->arena, p->n + 1, sizeof(*k->sorted));
	k->project = arena_array(&k->arena, p->n + 1, sizeof(*k->project));
	k->name = arena_array(&k->arena, p->n + 1, sizeof(*k->name));
	k->used = arena_array(&k->arena, p->n + 1, sizeof(*k->used));
	if (k->arena.failed)
		return false;
	if (p->n)
		qsort(p->record, p->n, sizeof(*p->record), compare_records);
	for (i = 0; i < p->n; i++) {
		add_project(p, &p->record[i]);
		if (p->record[i].r.type == RECORD_KEY)
			k->key[k->n++] =
			    to_key(&p->record[i].r, k->projects - 1, p->record[i].line);
	}
	qsort(k->key, k->n, sizeof(*k->key), compare_numbers);
	for (i = 0; i < k->n; i++) {
		k->key[i].number = i;
		k->sorted[i] = &k->key[i];
	}
	qsort(k->sorted, k->n, sizeof(*k->sorted), compare_keys);
	return true;
}

struct keys *
keys_parse(const char *path, struct span text, struct span pepper, struct buf *errors)
{
	struct keys *k = calloc(1, sizeof(*k));
	struct parse p = { .path = path, .errors = errors, .keys = k, .good = true };

	if (!k) {
		no_memory(errors);
		return NULL;
	}
	buf_add(&k->pepper, pepper.p, pepper.n);
	key_pepper_id(p.pepper_id, pepper);
	if (k->pepper.failed || !read_lines(&p, text) || !build(&p))
		p.good = no_memory(errors);
	free(p.record);
	if (p.good)
		return k;
	keys_free(k);
	return NULL;
}

void
keys_free(struct keys *k)
{
	if (!k)
		return;
	if (k->pepper.p)
		sodium_memzero(k->pepper.p, k->pepper.cap);
	buf_release(&k->pepper);
	arena_release(&k->arena);
	free(k);
}

/* ---- from a file, and again ---- */

static struct keys_stamp
stamp_of(const struct stat *st)
{
	return (struct keys_stamp){
		.there = true,
		.device = (uint64_t)st->st_dev,
		.inode = (uint64_t)st->st_ino,
		.size = (uint64_t)st->st_size,
		.modified = st->st_mtim,
		.changed = st->st_ctim,
	};
}

/* A clock's tick is some milliseconds: two changes in one have the same time. */
static void
mark_fresh(struct keys_stamp *s)
{
	int64_t age =
	    timestamp_now() - ((int64_t)s->changed.tv_sec * 1000 + s->changed.tv_nsec / 1000000);

	s->fresh = s->there && age < 100;
}

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool
has_changed(const struct keys_stamp *was, const char *path)
{
	struct keys_stamp is = { 0 };
	struct stat st;

	if (stat(path, &st) == 0)
		is = stamp_of(&st);
	return was->fresh || is.there != was->there || is.device != was->device ||
	    is.inode != was->inode || is.size != was->size ||
	    !same_time(is.modified, was->modified) || !same_time(is.changed, was->changed);
}

bool
keys_changed(const struct keys_source *s)
{
	struct buf pepper = BUF_INIT;
	bool changed = has_changed(&s->file, s->path);

	pepper_path(&pepper, s->path, s->pepper);
	if (!pepper.failed && has_changed(&s->salt, pepper.p))
		changed = true;
	buf_release(&pepper);
	return changed;
}

/* What the file is, for keys_changed, before it is read. */
static void
look(struct keys_stamp *s, const char *path)
{
	struct stat st;

	*s = (struct keys_stamp){ 0 };
	if (stat(path, &st) == 0)
		*s = stamp_of(&st);
	mark_fresh(s);
}

struct keys *
keys_load(struct keys_source *s, struct buf *errors)
{
	struct buf text = BUF_INIT, pepper = BUF_INIT, path = BUF_INIT;
	struct keys *k = NULL;

	pepper_path(&path, s->path, s->pepper);
	if (path.failed) {
		no_memory(errors);
		goto out;
	}
	look(&s->file, s->path);
	look(&s->salt, path.p);
	if (!private_read(s->path, &text, KEYS_FILE_MOST, NULL, errors))
		goto out;
	k = keys_parse(s->path, (struct span){ text.p, text.n }, (struct span){ NULL, 0 }, errors);
	if (!k || k->n == 0)
		goto out;
	keys_free(k);
	k = NULL;
	if (pepper_read(path.p, &pepper, NULL, errors))
		k = keys_parse(s->path, (struct span){ text.p, text.n },
		    (struct span){ pepper.p, pepper.n }, errors);
out:
	if (pepper.p)
		sodium_memzero(pepper.p, pepper.cap);
	buf_release(&pepper);
	buf_release(&text);
	buf_release(&path);
	return k;
}

/* ---- finding ---- */

static int
compare_prefix(const struct key *k, struct span prefix)
{
	return memcmp(k->id + KEY_ID - KEY_PREFIX, prefix.p, KEY_PREFIX);
}

/* Where the first key of this prefix, or of a greater one, stands. */
static size_t
first_of(const struct keys *k, struct span prefix)
{
	size_t low = 0, high = k->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_prefix(k->sorted[middle], prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* In constant time; no key (NULL) takes as long, and has none. */
static bool
has_hash(const struct key *k, const unsigned char hash[KEY_HASH])
{
	static const unsigned char nothing[KEY_HASH];

	return sodium_memcmp(hash, k ? k->hash : nothing, KEY_HASH) == 0 && k;
}

enum key_result
keys_find(const struct keys *k, struct span token, int64_t now, const struct key **key)
{
	unsigned char hash[KEY_HASH];
	struct key_token t;
	enum key_form form = key_token_read(&t, token);
	bool revoked = false;
	size_t i;

	*key = NULL;
	if (form != KEY_FORM_GOOD)
		return form == KEY_FORM_MALFORMED ? KEY_MALFORMED : KEY_MISTYPED;
	key_hash(hash, t.secret, (struct span){ k->pepper.p, k->pepper.n });
	i = first_of(k, t.prefix);
	if (k->pepper.n == 0)
		return KEY_UNKNOWN;
	/* the same work for a prefix that nobody has */
	if ((i == k->n || compare_prefix(k->sorted[i], t.prefix) != 0) && !has_hash(NULL, hash))
		return KEY_UNKNOWN;
	for (; i < k->n && compare_prefix(k->sorted[i], t.prefix) == 0; i++) {
		const struct key *is = k->sorted[i];

		if (!has_hash(is, hash) || memcmp(is->id, t.id.p, KEY_ID) != 0)
			continue;
		if (now >= is->revoked)
			revoked = true;
		if (!*key || now >= is->revoked)
			*key = is;
	}
	return !*key ? KEY_UNKNOWN : revoked ? KEY_REVOKED : KEY_OK;
}

static bool
is_listed(const struct key *k, struct span origin)
{
	size_t i;

	for (i = 0; i < k->origins; i++)
		if (span_eq(k->origin[i], origin))
			return true;
	return false;
}

bool
key_allows_origin(const struct key *k, struct span origin)
{
	if (k->kind == KEY_PK)
		return origin.p && is_listed(k, origin);
	return !origin.p || k->origins == 0 || is_listed(k, origin);
}

bool
keys_allow_origin(const struct keys *k, struct span origin)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		if (k->key[i].kind == KEY_PK && origin.p && is_listed(&k->key[i], origin))
			return true;
	return false;
}

const struct limit_project *
keys_projects(const struct keys *k, size_t *n)
{
	*n = k->projects;
	return k->project;
}

const struct limit_project *
keys_project(const struct keys *k, const char *id)
{
	size_t i;

	for (i = 0; i < k->projects; i++)
		if (memcmp(k->project[i].id, id, UUID_TEXT) == 0)
			return &k->project[i];
	return NULL;
}

const struct key *
keys_all(const struct keys *k, size_t *n)
{
	*n = k->n;
	return k->key;
}

struct span
keys_project_name(const struct keys *k, size_t project)
{
	return k->name[project];
}

/* ---- when they were last used ---- */

void
keys_touch(const struct keys *k, const struct key *key, int64_t now)
{
	struct used_hour *u = &k->used[key->number];
	int64_t hour = now / HOUR_MS;

	if (atomic_load_explicit(&u->hour, memory_order_relaxed) >= hour)
		return;
	atomic_store_explicit(&u->hour, hour, memory_order_relaxed);
	atomic_store_explicit(&u->fresh, true, memory_order_release);
}

bool
keys_collect_used(const struct keys *k, struct buf *lines)
{
	bool any = false;
	size_t i;

	for (i = 0; i < k->n; i++) {
		struct used_hour *u = &k->used[i];

		if (!atomic_exchange_explicit(&u->fresh, false, memory_order_acquire))
			continue;
		used_add_line(lines, (struct span){ k->key[i].id, KEY_ID },
		    atomic_load_explicit(&u->hour, memory_order_relaxed) * HOUR_MS);
		any = true;
	}
	return any;
}
