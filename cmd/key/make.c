/*
 * New keys and projects.
 */
#include <sodium.h>

#include "base/msg.h"
#include "base/timestamp.h"
#include "cmd/cli/face.h"
#include "cmd/cli/project.h"
#include "cmd/key/job.h"
#include "text/json.h"

#include "base/banned.h"

/* ---- projects ---- */

static void
make_uuid(char id[UUID_TEXT])
{
	unsigned char bytes[16];

	randombytes_buf(bytes, sizeof(bytes));
	uuid_format(id, bytes, 4);
}

static void
add_project(struct buf *text, const char *id, const char *name)
{
	struct record r = { .type = RECORD_PROJECT };

	memcpy(r.project, id, UUID_TEXT);
	if (name)
		r.name = span_of(name);
	record_add_project(text, &r);
}

/* The file's text, with an end to its last line. */
static void
begin_text(const struct key_job *j, struct buf *text)
{
	const struct buf *now = &j->file.text;

	buf_add(text, now->p, now->n);
	if (now->n > 0 && now->p[now->n - 1] != '\n')
		buf_addc(text, '\n');
}

bool
key_job_project(struct key_job *j, bool make, struct buf *text, char id[UUID_TEXT])
{
	size_t n;
	const struct limit_project *project = keys_projects(j->keys, &n);
	struct span common;

	if (j->project) {
		if (!uuid_read(span_of(j->project), id)) {
			msg("--project: expected a UUID");
			return false;
		}
	} else if (n == 1) {
		memcpy(id, project[0].id, UUID_TEXT);
	} else if (n > 1 || !make) {
		msg(n ? "--project: which of the %zu?  'mm-key list' shows them"
		      : "there is no project yet; 'mm-key project add' makes one",
		    n);
		return false;
	} else if (!project_id(NULL, &common) || !uuid_read(common, id)) {
		return false; /* told */
	}
	if (!keys_project(j->keys, id)) {
		if (!make) {
			msg("--project: there is no such project");
			return false;
		}
		add_project(text, id, NULL);
		msg("project %.36s is new", id);
	}
	return true;
}

int
key_project(struct key_job *j)
{
	char id[UUID_TEXT];

	if (strcmp(j->operand[0], "add") != 0) {
		msg("expected 'project add [UUID]'; try 'mm-key --help'");
		return STATUS_ERROR;
	}
	if (j->operands == 1) {
		make_uuid(id);
	} else if (!uuid_read(span_of(j->operand[1]), id)) {
		msg("expected a UUID");
		return STATUS_ERROR;
	}
	if (j->name && !utf8_valid(j->name, strlen(j->name), NULL)) {
		msg("--name: is not UTF-8");
		return STATUS_ERROR;
	}
	if (!key_job_lock(j, true))
		return STATUS_ERROR;
	if (keys_project(j->keys, id)) {
		msg("project %.36s is there already", id);
		return STATUS_ERROR;
	}
	begin_text(j, &j->text);
	add_project(&j->text, id, j->name);
	if (!key_job_save(j, &j->text))
		return STATUS_ERROR;
	buf_addf(&j->out, "%.36s\n", id);
	return key_job_print(j);
}

/* ---- keys ---- */

/* The pepper, which is made with the first key; false after a message. */
static bool
get_pepper(struct key_job *j, struct buf *pepper)
{
	struct buf path = BUF_INIT;
	size_t n;
	bool good;

	keys_all(j->keys, &n);
	pepper_path(&path, j->path, j->pepper);
	good = !path.failed && (n > 0 || pepper_make(path.p, &j->errors)) &&
	    pepper_read(path.p, pepper, NULL, &j->errors);
	buf_release(&path);
	if (!good)
		msg("%.*s", j->errors.n ? (int)j->errors.n - 1 : 0, j->errors.p);
	return good;
}

static bool
has_prefix(const struct key_job *j, const char *prefix)
{
	size_t n, i;
	const struct key *key = keys_all(j->keys, &n);

	for (i = 0; i < n; i++)
		if (memcmp(key[i].id + KEY_ID - KEY_PREFIX, prefix, KEY_PREFIX) == 0)
			return true;
	return false;
}

bool
key_job_add_key(struct key_job *j, struct record *r, struct buf *text)
{
	struct buf pepper = BUF_INIT;
	char token[KEY_TOKEN];
	struct span secret = { token + KEY_ID + 1, KEY_TOKEN - KEY_ID - 1 };
	bool good = get_pepper(j, &pepper);

	if (good) {
		do
			key_token_make(token, r->kind, r->test);
		while (has_prefix(j, token + KEY_ID - KEY_PREFIX));
		memcpy(r->id, token, KEY_ID);
		key_hash(r->hash, secret, (struct span){ pepper.p, pepper.n });
		key_pepper_id(r->pepper, (struct span){ pepper.p, pepper.n });
		r->created = timestamp_now();
		record_add_key(text, r);
		buf_add(&j->out, token, KEY_TOKEN);
		buf_addc(&j->out, '\n');
	}
	sodium_memzero(token, sizeof(token));
	if (pepper.p)
		sodium_memzero(pepper.p, pepper.cap);
	buf_release(&pepper);
	return good;
}

/* Shows the key: once, so that whoever could not see it has to know. */
static int
show(struct key_job *j, const struct record *r)
{
	int status = key_job_print(j);

	if (status != STATUS_OK)
		msg("the key %.16s was made and could not be shown: revoke it, and make another",
		    r->id);
	return status;
}

int
key_mint(struct key_job *j)
{
	struct record r = { .type = RECORD_KEY, .test = j->test };

	if (j->kind < 0) {
		msg("--kind: pk, sk, rk or ak? try 'mm-key --help'");
		return STATUS_ERROR;
	}
	r.kind = (enum key_kind)j->kind;
	r.origins = j->origins.n;
	if (!key_job_origins(j, &j->origins, "--origin", &r.origin))
		return STATUS_ERROR;
	if (r.kind == KEY_PK && r.origins == 0) {
		msg("a pk stands in pages for all to read, so it needs the sites that may use it: "
		    "--origin https://www.example.com");
		return STATUS_ERROR;
	}
	if (r.kind == KEY_AK && j->project) {
		msg("an ak is for all projects of the file: it takes no --project");
		return STATUS_ERROR;
	}
	if (!key_job_lock(j, true))
		return STATUS_ERROR;
	begin_text(j, &j->text);
	if ((r.kind != KEY_AK && !key_job_project(j, true, &j->text, r.project)) ||
	    !key_job_add_key(j, &r, &j->text) || !key_job_save(j, &j->text))
		return STATUS_ERROR;
	return show(j, &r);
}

int
key_rotate(struct key_job *j)
{
	struct record r = { .type = RECORD_KEY };
	struct buf revoked = BUF_INIT;
	struct record_member member = { .name = "revoked" };
	const struct key *old;
	int64_t now = timestamp_now();
	int status = STATUS_ERROR;

	if (!key_job_lock(j, false) || !(old = key_job_find(j, j->operand[0])))
		return STATUS_ERROR;
	if (now >= old->revoked) {
		msg("%.16s is revoked; 'mm-key mint' makes a new key", old->id);
		return STATUS_ERROR;
	}
	r.kind = old->kind;
	r.test = old->test;
	memcpy(r.project, old->project_id, UUID_TEXT);
	r.origins = old->origins;
	r.origin = arena_array(&j->arena, old->origins + 1, sizeof(*r.origin));
	if (!r.origin) {
		msg("out of memory");
		return STATUS_ERROR;
	}
	if (old->origins)
		memcpy(r.origin, old->origin, old->origins * sizeof(*r.origin));
	/* never later than was said before */
	now += j->grace == UINT64_MAX ? 0 : (int64_t)j->grace;
	record_add_time(&revoked, now < old->revoked ? now : old->revoked);
	member.value = (struct span){ revoked.p, revoked.n };
	key_job_change_key(j, old, &j->text, &member, 1);
	if (key_job_add_key(j, &r, &j->text) && key_job_save(j, &j->text))
		status = show(j, &r);
	buf_release(&revoked);
	return status;
}
