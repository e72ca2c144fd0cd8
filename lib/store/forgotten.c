#include "store/forgotten.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/uuid.h"
#include "text/json.h"

#include "base/banned.h"

enum {
	UNKNOWN_TABLE = 60, /* ClickHouse's code */
	ACCESS_DENIED = 497,
	CAP_AT_FIRST = 64, /* hashes; a power of two */
	KEY_NAME_MAX = 64, /* longer keys are none of ours */
};

void
forgotten_init(struct forgotten *f, struct clickhouse *clickhouse)
{
	*f = (struct forgotten){ .clickhouse = clickhouse };
}

void
forgotten_release(struct forgotten *f)
{
	sodium_memzero(f->key, sizeof(f->key));
	buf_release(&f->stamp);
	buf_release(&f->answer);
	buf_release(&f->text);
	free(f->hashes);
	*f = (struct forgotten){ 0 };
}

/* ---- hashes ---------------------------------------------------------------- */

static void
hash_of(const unsigned char *key, struct span project, enum forgotten_kind kind, struct span id,
    unsigned char hash[FORGOTTEN_HASH])
{
	unsigned char digit = (unsigned char)('0' + kind);
	crypto_generichash_state state;

	crypto_generichash_init(&state, key, FORGOTTEN_KEY, FORGOTTEN_HASH);
	crypto_generichash_update(&state, (const unsigned char *)project.p, project.n);
	crypto_generichash_update(&state, &digit, 1);
	crypto_generichash_update(&state, (const unsigned char *)id.p, id.n);
	crypto_generichash_final(&state, hash, FORGOTTEN_HASH);
	sodium_memzero(&state, sizeof(state));
}

/* As the server reads a UUID: the hyphens may be missing.  False for anything else. */
static bool
read_project(struct span s, char to[UUID_TEXT])
{
	size_t i, k = 0;

	for (i = 0; i < s.n && k < UUID_TEXT; i++) {
		if (s.p[i] == '-')
			continue;
		if (k == 8 || k == 13 || k == 18 || k == 23)
			to[k++] = '-';
		to[k++] = ascii_lower(s.p[i]);
	}
	return i == s.n && k == UUID_TEXT && uuid_valid((struct span){ to, UUID_TEXT });
}

void
forgotten_hash(const unsigned char key[FORGOTTEN_KEY], struct span project,
    enum forgotten_kind kind, struct span id, char *w)
{
	unsigned char hash[FORGOTTEN_HASH];
	char text[FORGOTTEN_TEXT + 1], plain[UUID_TEXT];

	if (read_project(project, plain))
		project = (struct span){ plain, UUID_TEXT };
	hash_of(key, project, kind, id, hash);
	sodium_bin2hex(text, sizeof(text), hash, sizeof(hash));
	memcpy(w, text, FORGOTTEN_TEXT);
}

/* ---- the set --------------------------------------------------------------- */

/* Where the hash is, or would be.  Keyed hashes are as good as random. */
static unsigned char *
slot_of(const struct forgotten *f, const unsigned char *hash)
{
	static const unsigned char none[FORGOTTEN_HASH];
	uint64_t at;

	memcpy(&at, hash, sizeof(at));
	for (;; at++) {
		unsigned char *slot = f->hashes[at & (f->cap - 1)];

		if (memcmp(slot, none, FORGOTTEN_HASH) == 0 ||
		    memcmp(slot, hash, FORGOTTEN_HASH) == 0)
			return slot;
	}
}

static bool
grow(struct forgotten *f)
{
	struct forgotten old = *f;
	size_t i;

	f->cap = old.cap ? old.cap * 2 : CAP_AT_FIRST;
	f->hashes = calloc(f->cap, sizeof(*f->hashes));
	if (!f->hashes) {
		f->hashes = old.hashes;
		f->cap = old.cap;
		return false;
	}
	for (i = 0; i < old.cap; i++)
		memcpy(slot_of(f, old.hashes[i]), old.hashes[i], FORGOTTEN_HASH);
	free(old.hashes);
	return true;
}

static bool
add(struct forgotten *f, const unsigned char *hash)
{
	if (2 * (f->n + 1) > f->cap && !grow(f))
		return false;
	memcpy(slot_of(f, hash), hash, FORGOTTEN_HASH);
	f->n++;
	return true;
}

static bool
has(const struct forgotten *f, struct span project, enum forgotten_kind kind, struct span id)
{
	unsigned char hash[FORGOTTEN_HASH];

	hash_of(f->key, project, kind, id, hash);
	return memcmp(slot_of(f, hash), hash, FORGOTTEN_HASH) == 0;
}

/* ---- asking ---------------------------------------------------------------- */

static bool
is_hex(unsigned char *to, size_t size, const char *p, size_t n)
{
	size_t got;

	return sodium_hex2bin(to, size, p, n, NULL, &got, NULL) == 0 && got == size;
}

/* "KIND\tHASH"; the oldest key counts. */
static bool
on_hash(void *context, const char *p, size_t n)
{
	unsigned char hash[FORGOTTEN_HASH];
	struct forgotten *f = context;

	if (n < 2 || p[1] != '\t')
		f->odd = true;
	else if (*p == '0' && !f->has_key)
		f->has_key = is_hex(f->key, sizeof(f->key), p + 2, n - 2);
	else if (*p != '0')
		f->odd |= !f->has_key || !is_hex(hash, sizeof(hash), p + 2, n - 2) || !add(f, hash);
	return !f->odd;
}

static enum clickhouse_status
odd(struct clickhouse_error *e)
{
	*e = (struct clickhouse_error){ .status = CLICKHOUSE_CONFIG };
	snprintf(e->text, sizeof(e->text),
	    "the table forgotten can't be used: it holds what mm-forget has not written there, or "
	    "memory is out");
	return e->status;
}

static void
clear(struct forgotten *f)
{
	if (f->n)
		memset(f->hashes, 0, f->cap * sizeof(*f->hashes));
	f->n = 0;
	f->has_key = f->odd = false;
	buf_reset(&f->stamp);
}

static enum clickhouse_status
load(struct forgotten *f, struct clickhouse_error *e)
{
	enum clickhouse_status s;

	clear(f);
	s = clickhouse_select(f->clickhouse,
	    "SELECT kind, hash FROM forgotten ORDER BY kind, since, hash FORMAT TSV", NULL, NULL,
	    on_hash, f, e);
	if (s == CLICKHOUSE_OK && f->odd)
		s = odd(e);
	if (s != CLICKHOUSE_OK)
		clear(f);
	else
		buf_add(&f->stamp, f->answer.p, f->answer.n);
	return s;
}

enum clickhouse_status
forgotten_look(struct forgotten *f, bool *changed, struct clickhouse_error *e)
{
	enum clickhouse_status s;

	*changed = false;
	buf_reset(&f->answer);
	s = clickhouse_select(f->clickhouse, "SELECT count(), max(since) FROM forgotten FORMAT TSV",
	    NULL, NULL, clickhouse_collect, &f->answer, e);
	if (s != CLICKHOUSE_OK && e->code == UNKNOWN_TABLE) {
		*changed = f->n > 0;
		clear(f);
		return CLICKHOUSE_OK;
	}
	if (s == CLICKHOUSE_OK &&
	    !span_eq((struct span){ f->stamp.p, f->stamp.n },
		(struct span){ f->answer.p, f->answer.n })) {
		*changed = true;
		s = load(f, e);
	}
	if (s == CLICKHOUSE_BAD_DATA)
		s = e->status = CLICKHOUSE_CONFIG;
	if (s != CLICKHOUSE_OK && e->code == ACCESS_DENIED)
		snprintf(e->text, sizeof(e->text),
		    "ClickHouse code 497 ACCESS_DENIED: who was forgotten can't be asked; the user "
		    "needs GRANT SELECT ON forgotten, see 'mm-schema --grants'");
	return s;
}

/* ---- rows ------------------------------------------------------------------ */

enum { PROJECT, ANONYMOUS, USER, FIELDS };

/* The place of the key among those above, or FIELDS. */
static int
field_of(const struct json_value *key)
{
	static const struct span names[] = { { "project_id", 10 }, { "anonymous_id", 12 },
		{ "user_id", 7 } };
	char room[KEY_NAME_MAX];
	struct span name = json_short_text(key, room, sizeof(room));
	int i = 0;

	while (i < FIELDS && !(name.p && span_eq(name, names[i])))
		i++;
	return i;
}

/* The text that the server stores: also of what is no string. */
static bool
take_text(struct forgotten *f, const struct json_value *v, size_t *start, size_t *end)
{
	char *w = buf_room(&f->text, v->raw.n + 1);

	*start = *end = f->text.n;
	if (!w)
		return false;
	if (v->type == JSON_STRING) {
		f->text.n += json_unescape(v->raw, w);
	} else {
		memcpy(w, v->raw.p, v->raw.n);
		f->text.n += v->raw.n;
	}
	*end = f->text.n;
	return true;
}

bool
forgotten_row(struct forgotten *f, struct span row, bool *failed)
{
	char project[UUID_TEXT + 1] = "00000000-0000-0000-0000-000000000000";
	const struct span in = { project, UUID_TEXT };
	size_t start[FIELDS] = { 0 }, end[FIELDS] = { 0 };
	bool there[FIELDS] = { false };
	struct span user, anonymous;
	struct json_member m;
	struct json_scan s;

	if (f->n == 0 || json_open(&s, row.p, row.n) != JSON_OBJECT)
		return false;
	buf_reset(&f->text);
	while (!(there[PROJECT] && there[ANONYMOUS] && there[USER]) && json_next(&s, &m)) {
		int i = field_of(&m.key);

		if (i == FIELDS || m.value.type == JSON_NULL)
			continue;
		there[i] = take_text(f, &m.value, &start[i], &end[i]);
		*failed |= !there[i];
	}
	if (!f->text.p)
		return has(f, in, FORGOTTEN_ANONYMOUS, SPAN("")) ||
		    has(f, in, FORGOTTEN_LINKED, SPAN(""));
	if (there[PROJECT] &&
	    !read_project(
		(struct span){ f->text.p + start[PROJECT], end[PROJECT] - start[PROJECT] },
		project))
		return false; /* the server refuses it */
	user = (struct span){ f->text.p + start[USER], end[USER] - start[USER] };
	anonymous =
	    (struct span){ f->text.p + start[ANONYMOUS], end[ANONYMOUS] - start[ANONYMOUS] };
	if (there[USER] ? has(f, in, FORGOTTEN_USER, user)
			: has(f, in, FORGOTTEN_LINKED, anonymous))
		return true;
	return has(f, in, FORGOTTEN_ANONYMOUS, anonymous);
}

/* ---- keeping the list ------------------------------------------------------ */

static enum clickhouse_status
read_key(struct clickhouse *c, unsigned char *key, bool *found, struct clickhouse_error *e)
{
	struct buf answer = BUF_INIT;
	enum clickhouse_status s = clickhouse_select(c,
	    "SELECT hash FROM forgotten WHERE kind = 0 ORDER BY since, hash LIMIT 1 FORMAT TSV",
	    NULL, NULL, clickhouse_collect, &answer, e);

	*found = answer.n > 0;
	if (s == CLICKHOUSE_OK && *found && !is_hex(key, FORGOTTEN_KEY, answer.p, answer.n - 1))
		s = odd(e);
	if (answer.n)
		sodium_memzero(answer.p, answer.n);
	buf_release(&answer);
	return s;
}

static enum clickhouse_status
make_key(struct clickhouse *c, struct clickhouse_error *e)
{
	unsigned char key[FORGOTTEN_KEY];
	char row[128], hex[2 * FORGOTTEN_KEY + 1];
	struct span part;
	const struct clickhouse_body body = { .parts = &part, .count = 1 };
	int n;
	enum clickhouse_status s;

	randombytes_buf(key, sizeof(key));
	sodium_bin2hex(hex, sizeof(hex), key, sizeof(key));
	n = snprintf(row, sizeof(row), "{\"kind\":0,\"hash\":\"%s\"}\n", hex);
	part = (struct span){ row, (size_t)n };
	s = clickhouse_insert(
	    c, "INSERT INTO forgotten (kind, hash) FORMAT JSONEachRow", &body, NULL, NULL, e);
	sodium_memzero(key, sizeof(key));
	sodium_memzero(hex, sizeof(hex));
	sodium_memzero(row, sizeof(row));
	return s;
}

enum clickhouse_status
forgotten_key(struct clickhouse *c, unsigned char key[FORGOTTEN_KEY], struct clickhouse_error *e)
{
	bool found;
	enum clickhouse_status s = read_key(c, key, &found, e);

	if (s == CLICKHOUSE_OK && !found)
		s = make_key(c, e);
	if (s == CLICKHOUSE_OK && !found)
		s = read_key(c, key, &found, e);
	if (s == CLICKHOUSE_OK && !found)
		s = odd(e);
	return s;
}
