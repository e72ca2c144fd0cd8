#include "cmd/key/job.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/msg.h"
#include "base/out.h"
#include "base/timestamp.h"
#include "cmd/cli/face.h"
#include "cmd/cli/secret.h"
#include "serve/keys_origin.h"

#include "base/banned.h"

/* ---- what the words mean ---- */

enum {
	WITH_PROJECT = 1 << 0,
	WITH_KIND = 1 << 1,
	WITH_ORIGINS = 1 << 2,
	WITH_REMOVED = 1 << 3,
	WITH_GRACE = 1 << 4,
	WITH_RATES = 1 << 5,
	WITH_NAME = 1 << 6,
};

static const struct action {
	const char *name;
	int (*run)(struct key_job *);
	unsigned options;     /* that it takes */
	size_t least, most;   /* operands */
	const char *operands; /* as they are to be */
} actions[ACTIONS] = {
	[ACTION_CHECK] = { "check", key_check, 0, 0, 0, "" },
	[ACTION_LIMITS] = { "limits", key_limits, WITH_PROJECT | WITH_RATES, 0, 0, "" },
	[ACTION_LIST] = { "list", key_list, WITH_PROJECT, 0, 0, "" },
	[ACTION_MINT] = { "mint", key_mint, WITH_PROJECT | WITH_KIND | WITH_ORIGINS, 0, 0, "" },
	[ACTION_ORIGINS] = { "origins", key_origins, WITH_ORIGINS | WITH_REMOVED, 1, 1, " KEY" },
	[ACTION_PROJECT] = { "project", key_project, WITH_NAME, 1, 2, " add [UUID]" },
	[ACTION_REVOKE] = { "revoke", key_revoke, WITH_GRACE, 1, 1, " KEY" },
	[ACTION_ROTATE] = { "rotate", key_rotate, WITH_GRACE, 1, 1, " KEY" },
};

static const struct action *
find_action(const char *name)
{
	size_t i;

	for (i = 0; i < ACTIONS; i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	return NULL;
}

/* The first option that was given and is not the action's; NULL: none. */
static const char *
foreign_option(const struct key_job *j, unsigned takes)
{
	const struct {
		unsigned what;
		bool given;
		const char *name;
	} given[] = {
		{ WITH_PROJECT, j->project != NULL, "--project" },
		{ WITH_KIND, j->kind >= 0, "--kind" },
		{ WITH_KIND, j->test, "--test" },
		{ WITH_ORIGINS, j->origins.n > 0, "--origin" },
		{ WITH_REMOVED, j->removed.n > 0, "--remove" },
		{ WITH_GRACE, j->grace != UINT64_MAX, "--grace" },
		{ WITH_RATES, j->rate[LIMIT_TRACK] != NULL, "--track" },
		{ WITH_RATES, j->rate[LIMIT_BATCH] != NULL, "--batch" },
		{ WITH_RATES, j->rate[LIMIT_EVENTS] != NULL, "--events" },
		{ WITH_RATES, j->rate[LIMIT_MCP] != NULL, "--mcp" },
		{ WITH_NAME, j->name != NULL, "--name" },
	};
	size_t i;

	for (i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		if (given[i].given && !(takes & given[i].what))
			return given[i].name;
	return NULL;
}

static const struct action *
read_call(struct key_job *j, char *const *operand, size_t operands)
{
	const struct action *a = operands ? find_action(operand[0]) : NULL;
	const char *foreign;

	if (!a) {
		msg("expected check, limits, list, mint, origins, project, revoke or rotate; "
		    "try 'mm-key --help'");
		return NULL;
	}
	j->action = (enum key_action)(a - actions);
	j->operand = operand + 1;
	j->operands = operands - 1;
	foreign = foreign_option(j, a->options);
	if (j->operands < a->least || j->operands > a->most)
		msg("expected '%s%s'; try 'mm-key --help'", a->name, a->operands);
	else if (foreign)
		msg("%s is not for '%s'; try 'mm-key --help'", foreign, a->name);
	else if (!j->path)
		msg("--keys: which file? try 'mm-key --help'");
	else
		return a;
	return NULL;
}

int
key_job_run(struct key_job *j, char *const *operand, size_t operands)
{
	const struct action *a = read_call(j, operand, operands);

	if (!a || sodium_init() < 0)
		return STATUS_ERROR;
	secret_guard();
	j->pepper = getenv("MM_KEY_PEPPER_FILE");
	if (j->pepper && !*j->pepper)
		j->pepper = NULL;
	return a->run(j);
}

static void
wipe(struct buf *b)
{
	if (b->p)
		sodium_memzero(b->p, b->cap);
	buf_release(b);
}

void
key_job_release(struct key_job *j)
{
	keys_free(j->keys);
	keys_file_release(&j->file);
	buf_release(&j->errors);
	buf_release(&j->text);
	wipe(&j->out);
	arena_release(&j->arena);
	free((void *)j->origins.v);
	free((void *)j->removed.v);
}

/* ---- the file ---- */

/* Says what the library has collected, a message a line. */
static void
say_errors(struct key_job *j)
{
	msg_lines((struct span){ j->errors.p, j->errors.n });
	buf_reset(&j->errors);
}

bool
key_job_load(struct key_job *j)
{
	struct keys_source source = { .path = j->path, .pepper = j->pepper };

	j->keys = keys_load(&source, &j->errors);
	if (!j->keys)
		say_errors(j);
	return j->keys != NULL;
}

bool
key_job_lock(struct key_job *j, bool make)
{
	if (!keys_file_open(&j->file, j->path, make, &face_stop, &j->errors)) {
		say_errors(j);
		return false;
	}
	if (make && j->file.text.n == 0) {
		j->keys = keys_parse(
		    j->path, (struct span){ NULL, 0 }, (struct span){ NULL, 0 }, &j->errors);
		return j->keys != NULL;
	}
	return key_job_load(j);
}

bool
key_job_save(struct key_job *j, const struct buf *text)
{
	struct span all = { text->p, text->n };
	struct keys *keys;
	int error;

	if (text->failed) {
		msg("out of memory");
		return false;
	}
	if (text->n > KEYS_FILE_MOST) {
		msg("%s: would be too large", j->path);
		return false;
	}
	keys = keys_parse(j->path, all, (struct span){ NULL, 0 }, &j->errors);
	if (!keys) {
		say_errors(j);
		return false;
	}
	keys_free(keys);
	error = keys_file_save(&j->file, all);
	if (error)
		msg_errno(error, "%s", j->path);
	return !error;
}

int
key_job_print(struct key_job *j)
{
	struct out out;
	int error;

	if (j->out.failed) {
		msg("out of memory");
		return STATUS_ERROR;
	}
	out_init(&out, 1, &face_stop);
	out_write(&out, j->out.p, j->out.n);
	error = out_flush(&out);
	if (out.b.p)
		sodium_memzero(out.b.p, out.b.cap);
	out_release(&out);
	if (error)
		msg_errno(error, "standard output");
	return error ? STATUS_ERROR : STATUS_OK;
}

/* ---- keys and projects ---- */

const struct key *
key_job_find(struct key_job *j, const char *id)
{
	const struct key *key, *found = NULL;
	struct span name = span_of(id);
	size_t n, i;

	if (name.n > KEY_ID) {
		/* not shown: it may be a secret, which by now stands in the list of processes */
		msg("name a key by the part before its secret, such as pk_live_0a1b2c3d; never put a "
		    "whole key into an argument, where other users can see it");
		return NULL;
	}
	key = keys_all(j->keys, &n);
	for (i = 0; i < n; i++) {
		struct span whole = { key[i].id, KEY_ID };
		struct span prefix = { key[i].id + KEY_ID - KEY_PREFIX, KEY_PREFIX };

		if (!span_eq(name, whole) && !span_eq(name, prefix))
			continue;
		if (found && memcmp(found->id, key[i].id, KEY_ID) != 0) {
			msg("%s: several keys have this prefix; name it whole, as %.16s", id,
			    found->id);
			return NULL;
		}
		found = &key[i];
	}
	if (!found)
		msg("%s: there is no such key; 'mm-key list' shows all", id);
	return found;
}

bool
key_job_is_line(struct key_job *j, struct span line, enum record_type type, const char *id)
{
	struct record r;

	return !record_read(&r, line, &j->arena) && r.type == type &&
	    (type == RECORD_KEY ? memcmp(r.id, id, KEY_ID) == 0
				: memcmp(r.project, id, UUID_TEXT) == 0);
}

/* Appends all lines, those of that key or project changed. */
static void
change(struct key_job *j, enum record_type type, const char *id, struct buf *text,
    const struct record_member *member, size_t n)
{
	struct span rest = { j->file.text.p, j->file.text.n }, line;

	while (span_take_line(&rest, &line)) {
		if (key_job_is_line(j, line, type, id))
			record_change(text, line, member, n);
		else
			buf_add(text, line.p, line.n);
		buf_addc(text, '\n');
	}
}

void
key_job_change_key(struct key_job *j, const struct key *key, struct buf *text,
    const struct record_member *member, size_t n)
{
	change(j, RECORD_KEY, key->id, text, member, n);
}

void
key_job_change_project(struct key_job *j, const char *project, struct buf *text,
    const struct record_member *member, size_t n)
{
	change(j, RECORD_PROJECT, project, text, member, n);
}

bool
key_job_origins(
    struct key_job *j, const struct opt_list *list, const char *option, struct span **origin)
{
	size_t i, length;

	*origin = arena_array(&j->arena, list->n + 1, sizeof(**origin));
	for (i = 0; *origin && i < list->n; i++) {
		char normal[ORIGIN_MOST];
		const char *wrong = origin_normal(span_of(list->v[i]), normal, &length);

		if (wrong) {
			/* what has an @ may hold a password */
			msg("%s: %s %s", option,
			    strchr(list->v[i], '@') ? "the origin" : list->v[i], wrong);
			return false;
		}
		(*origin)[i] = arena_copy(&j->arena, normal, length);
	}
	if (j->arena.failed)
		msg("out of memory");
	return !j->arena.failed;
}
