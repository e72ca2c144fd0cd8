#include "tables/forget_list.h"

#include <sodium.h>

#include "store/forgotten.h"
#include "text/json.h"

#include "base/banned.h"

struct listing {
	struct staging *staging;
	unsigned char key[FORGOTTEN_KEY];
	struct buf rows, text;
	bool linked_too; /* of an anonymous_id, also the hash of a linked one */
	bool odd;
};

static void
add_row(struct listing *l, enum forgotten_kind kind, struct span id)
{
	char hash[FORGOTTEN_TEXT];

	forgotten_hash(l->key, l->staging->project, kind, id, hash);
	buf_adds(&l->rows, "{\"project_id\":\"");
	buf_add(&l->rows, l->staging->project.p, l->staging->project.n);
	buf_addf(&l->rows, "\",\"kind\":%d,\"hash\":\"", (int)kind);
	buf_add(&l->rows, hash, sizeof(hash));
	buf_adds(&l->rows, "\"}\n");
}

/* [KIND, "ID"] */
static bool
on_id(void *context, const char *p, size_t n)
{
	struct listing *l = context;
	struct json_value kind, id;
	struct json_scan s;
	char *w;

	json_open(&s, p, n);
	l->odd = !json_enter_array(&s) || !json_next_element(&s, &kind) ||
	    !json_next_element(&s, &id) || kind.raw.n != 1 || id.type != JSON_STRING;
	buf_reset(&l->text);
	w = l->odd ? NULL : buf_room(&l->text, id.raw.n);
	l->odd |= !w || kind.raw.p[0] < '1' || kind.raw.p[0] > '3';
	if (l->odd)
		return false;
	l->text.n = json_unescape(id.raw, w);
	add_row(l, (enum forgotten_kind)(kind.raw.p[0] - '0'), (struct span){ w, l->text.n });
	if (l->linked_too && kind.raw.p[0] == '0' + FORGOTTEN_ANONYMOUS)
		add_row(l, FORGOTTEN_LINKED, (struct span){ w, l->text.n });
	return true;
}

/* The ids come back from the server, for the linked ones are known only there. */
static bool
hash_ids(struct listing *l)
{
	struct staging *s = l->staging;

	if (forgotten_key(s->clickhouse, l->key, &s->error) != CLICKHOUSE_OK ||
	    !staging_select(
		s, "SELECT DISTINCT kind, id FROM @ids FORMAT JSONCompactEachRow", NULL, on_id, l))
		return false;
	return !(l->odd || l->rows.failed) ||
	    staging_fail(s, CLICKHOUSE_UNKNOWN, "ids can't be hashed: out of memory");
}

static void
release(struct listing *l)
{
	sodium_memzero(l->key, sizeof(l->key));
	if (l->text.cap)
		sodium_memzero(l->text.p, l->text.cap);
	buf_release(&l->rows);
	buf_release(&l->text);
}

bool
forget_list_add(struct staging *s)
{
	struct listing l = { .staging = s };
	bool good = hash_ids(&l) &&
	    (l.rows.n == 0 ||
		staging_insert(s,
		    "INSERT INTO forgotten (project_id, kind, hash) FORMAT JSONEachRow", l.rows.p,
		    l.rows.n));

	release(&l);
	return good;
}

/* The hashes go as data as well: their number has no bound for one statement. */
bool
forget_list_remove(struct staging *s)
{
	static const struct clickhouse_setting settings[] = { { "lightweight_deletes_sync", "2" },
		{ NULL, NULL } };
	struct listing l = { .staging = s, .linked_too = true };
	bool good = hash_ids(&l) &&
	    staging_run(s,
		"CREATE TABLE IF NOT EXISTS @hashes (project_id UUID, kind UInt8, hash String) "
		"ENGINE = MergeTree ORDER BY hash",
		NULL) &&
	    (l.rows.n == 0 ||
		staging_insert(s, "INSERT INTO @hashes FORMAT JSONEachRow", l.rows.p, l.rows.n)) &&
	    staging_run(s,
		"DELETE FROM forgotten WHERE (project_id, kind, hash) IN "
		"(SELECT project_id, kind, hash FROM @hashes)",
		settings);

	release(&l);
	return good;
}
