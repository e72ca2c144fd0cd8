/*
 * What mm-key does: one change of a keys file, or a look at it.
 */
#ifndef MM_KEY_JOB_H
#define MM_KEY_JOB_H

#include "base/opt.h"
#include "serve/keys.h"
#include "serve/keys_file.h"
#include "serve/keys_record.h"

enum key_action {
	ACTION_CHECK,
	ACTION_LIMITS,
	ACTION_LIST,
	ACTION_MINT,
	ACTION_ORIGINS,
	ACTION_PROJECT,
	ACTION_REVOKE,
	ACTION_ROTATE,
	ACTIONS,
};

struct key_job {
	/* set by the options */
	const char *path, *project, *name;
	const char *rate[LIMIT_ROUTES];
	struct opt_list origins, removed;
	int kind; /* enum key_kind; -1: not given */
	bool test;
	uint64_t grace; /* ms; UINT64_MAX: not given */

	/* what follows is the module's */
	enum key_action action;
	char *const *operand;
	size_t operands;
	const char *pepper; /* MM_KEY_PEPPER_FILE, or NULL */
	struct keys_file file;
	struct keys *keys; /* what the file holds; NULL: there is none */
	struct buf errors, out, text;
	struct arena arena;
};
#define KEY_JOB_INIT                                                                         \
	{                                                                                    \
		.kind = -1, .grace = UINT64_MAX, .file = KEYS_FILE_INIT, .errors = BUF_INIT, \
		.out = BUF_INIT, .text = BUF_INIT                                            \
	}

/* Does what the operands say; the status of the command, with what was wrong told. */
int key_job_run(struct key_job *, char *const *operand, size_t operands);

void key_job_release(struct key_job *);

/* ---- between the files of this folder ---- */

/* The actions: each the status of the command. */
int key_check(struct key_job *);
int key_limits(struct key_job *);
int key_list(struct key_job *);
int key_mint(struct key_job *);
int key_origins(struct key_job *);
int key_project(struct key_job *);
int key_revoke(struct key_job *);
int key_rotate(struct key_job *);

/*
 * Locks and reads the file, which need not be there with `make`; or reads it.
 * False after a message.
 */
bool key_job_lock(struct key_job *, bool make);
bool key_job_load(struct key_job *);

/*
 * Puts the text in place of the file's, after it was read as mm-serve will read
 * it.  False after a message.
 */
bool key_job_save(struct key_job *, const struct buf *text);

/* Writes j->out to standard output; the status of the command. */
int key_job_print(struct key_job *);

/* The key that an operand names; NULL after a message. */
const struct key *key_job_find(struct key_job *, const char *id);

/* Whether a line of the file is that key's, or that project's. */
bool key_job_is_line(struct key_job *, struct span line, enum record_type, const char *id);

/*
 * Appends the file with members changed in the lines of that key, or of that
 * project (of whose id there are lower-case UUID_TEXT bytes).
 */
void key_job_change_key(struct key_job *, const struct key *, struct buf *text,
    const struct record_member *member, size_t n);
void key_job_change_project(struct key_job *, const char *project, struct buf *text,
    const struct record_member *member, size_t n);

/*
 * The project of --project, in lower case; without one the only one of the file; without
 * one and with `make` a new one.  Appends its line to `text` where there is
 * none, and says so.  False after a message.
 */
bool key_job_project(struct key_job *, bool make, struct buf *text, char id[UUID_TEXT]);

/* Normal origins of --origin; false after a message. */
bool key_job_origins(
    struct key_job *, const struct opt_list *, const char *option, struct span **origin);

/*
 * Appends the line of a new key like this record, whose hash is to be filled, and puts
 * the token with a line end into j->out.  False after a message.
 */
bool key_job_add_key(struct key_job *, struct record *, struct buf *text);

#endif
