/*
 * The keys file, keys and origins: what was read is found again, what is changed
 * can be read again, and what is normal stays as it is.
 */
#include <sodium.h>
#include <stdlib.h>

#include "serve/keys.h"
#include "serve/keys_origin.h"
#include "serve/keys_record.h"
#include "serve/keys_used.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)           \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static void
check_file(struct span text)
{
	struct buf errors = BUF_INIT;
	struct keys *k = keys_parse("f", text, SPAN("0123456789abcdef"), &errors);
	const struct limit_project *project;
	const struct key *found;
	size_t n, i;

	MUST(!k == (errors.n > 0));
	buf_release(&errors);
	if (!k)
		return;
	project = keys_projects(k, &n);
	for (i = 1; i < n; i++)
		MUST(memcmp(project[i - 1].id, project[i].id, UUID_TEXT) < 0);
	keys_all(k, &n);
	for (i = 0; i < n; i++) {
		const struct key *key = &keys_all(k, &n)[i];

		MUST(key->number == i);
		MUST(key->kind == KEY_AK
			? key->project == SIZE_MAX
			: memcmp(project[key->project].id, key->project_id, UUID_TEXT) == 0);
	}
	MUST(keys_find(k, text, 0, &found) != KEY_OK);
	keys_free(k);
}

static void
check_line(struct span line)
{
	struct record_member member = { "revoked", SPAN("\"2026-05-16T19:00:00Z\"") };
	struct arena arena = { 0 };
	struct buf changed = BUF_INIT;
	struct record before, after;

	if (!record_read(&before, line, &arena)) {
		record_change(&changed, line, &member, 1);
		MUST(!record_read(&after, (struct span){ changed.p, changed.n }, &arena));
		MUST(before.type == after.type && before.origins == after.origins);
		MUST(memcmp(before.hash, after.hash, KEY_HASH) == 0);
		MUST(before.type != RECORD_KEY || after.revoked == INT64_C(1778958000000));
	}
	buf_release(&changed);
	arena_release(&arena);
}

static void
check_origin(struct span text)
{
	char normal[ORIGIN_MOST], again[ORIGIN_MOST];
	size_t n, m;

	if (origin_normal(text, normal, &n))
		return;
	MUST(n <= ORIGIN_MOST);
	MUST(!origin_normal((struct span){ normal, n }, again, &m));
	MUST(n == m && memcmp(normal, again, n) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct key_token t;
	int64_t ms;

	MUST(sodium_init() >= 0);
	check_file(text);
	check_line(text);
	check_origin(text);
	key_token_read(&t, text);
	used_find(text, SPAN("pk_live_0a1b2c3d"), &ms);
	return 0;
}
