/*
 * A look at keys: a list, and whether one is good.
 */
#include <sodium.h>
#include <errno.h>

#include "base/fd.h"
#include "base/msg.h"
#include "base/timestamp.h"
#include "cmd/cli/face.h"
#include "cmd/key/job.h"
#include "serve/keys_used.h"
#include "text/json.h"

#include "base/banned.h"

static void
add_time(struct buf *b, const char *name, int64_t ms, bool there)
{
	buf_addf(b, ",\"%s\":", name);
	if (there)
		record_add_time(b, ms);
	else
		buf_adds(b, "null");
}

/* A key as a line of JSON, without its hash. */
static void
add_key(struct key_job *j, const struct key *k, int64_t now, struct span used)
{
	struct buf *b = &j->out;
	int64_t last = 0;
	bool was_used = used_find(used, (struct span){ k->id, KEY_ID }, &last);

	buf_addf(b, "{\"key\":\"%.16s\",\"state\":\"%s\",\"project\":", k->id,
	    now >= k->revoked            ? "revoked"
		: k->revoked < INT64_MAX ? "ending"
					 : "active");
	if (k->kind == KEY_AK) {
		buf_adds(b, "null");
	} else {
		struct span name = keys_project_name(j->keys, k->project);

		buf_addf(b, "\"%.36s\"", k->project_id);
		if (name.n) {
			buf_adds(b, ",\"name\":");
			json_add_string(b, name.p, name.n);
		}
	}
	buf_adds(b, ",\"origins\":");
	record_add_origins(b, k->origin, k->origins);
	add_time(b, "created", k->created, true);
	add_time(b, "revoked", k->revoked, k->revoked < INT64_MAX);
	add_time(b, "last_used", last, was_used);
	buf_adds(b, "}\n");
}

int
key_list(struct key_job *j)
{
	struct buf used = BUF_INIT;
	int64_t now = timestamp_now();
	char project[UUID_TEXT];
	const struct key *key;
	size_t n, i;

	if (j->project && !uuid_read(span_of(j->project), project)) {
		msg("--project: expected a UUID");
		return STATUS_ERROR;
	}
	if (!key_job_load(j))
		return STATUS_ERROR;
	used_read(j->path, &used);
	key = keys_all(j->keys, &n);
	for (i = 0; i < n; i++)
		if (!j->project || memcmp(key[i].project_id, project, UUID_TEXT) == 0)
			add_key(j, &key[i], now, (struct span){ used.p, used.n });
	buf_release(&used);
	return key_job_print(j);
}

/* What is wrong with a key, of which nothing is said. */
static const char *
complaint(enum key_result result)
{
	switch (result) {
	case KEY_OK:
		break;
	case KEY_MALFORMED:
		return "malformed: a key looks like pk_live_0a1b2c3d_ and 32 characters or more";
	case KEY_MISTYPED:
		return "mistyped or cut: its last six characters do not fit the others";
	case KEY_UNKNOWN:
		return "unknown: it is not in this file";
	case KEY_REVOKED:
		return "revoked";
	}
	return NULL;
}

int
key_check(struct key_job *j)
{
	enum { TOKEN_MOST = 4096 };
	struct buf token = BUF_INIT, used = BUF_INIT;
	int64_t now = timestamp_now();
	const struct key *key;
	enum key_result result;
	int error, status = STATUS_ERROR;

	if (!key_job_load(j))
		return STATUS_ERROR;
	error = fd_read_all(0, &token, TOKEN_MOST);
	while (token.n > 0 && (token.p[token.n - 1] == '\n' || token.p[token.n - 1] == '\r'))
		token.n--;
	if (error == EFBIG || (!error && token.n == 0)) {
		msg(error ? "standard input: is no key" : "expected a key on standard input");
	} else if (error) {
		msg_errno(error, "standard input");
	} else {
		result = keys_find(j->keys, (struct span){ token.p, token.n }, now, &key);
		used_read(j->path, &used);
		if (result != KEY_OK)
			msg("%s", complaint(result));
		if (key)
			add_key(j, key, now, (struct span){ used.p, used.n });
		status = key_job_print(j);
		if (status == STATUS_OK && result != KEY_OK)
			status = STATUS_REJECTED;
	}
	if (token.p)
		sodium_memzero(token.p, token.cap);
	buf_release(&token);
	buf_release(&used);
	return status;
}
