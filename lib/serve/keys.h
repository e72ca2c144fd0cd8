/*
 * The keys that may send and read (SPEC 14): a table that does not change, made
 * of a keys file, mm-keys(5), and read anew when the file has changed.
 *
 *     struct keys_source source = { .path = "keys" };
 *     struct keys *keys = keys_load(&source, &errors);
 *     ...
 *     twice a second: if (keys_changed(&source)) {
 *             struct keys *new = keys_load(&source, &errors);
 *             if (new) { limits_set(&limits, keys_projects(new, &n), n, now);
 *                        keys_free(keys); keys = new; }
 *             else: say errors; go on with the old ones
 *     }
 */
#ifndef MM_KEYS_H
#define MM_KEYS_H

#include <time.h>

#include "serve/keys_token.h"
#include "serve/limit.h"

/* What a file was when it was read. */
struct keys_stamp {
	bool there;
	uint64_t device, inode, size;
	struct timespec modified, changed;
	bool fresh; /* it was written just now: what follows may have the same times */
};

/* Where keys come from.  The paths are the caller's. */
struct keys_source {
	const char *path;
	const char *pepper; /* NULL: PATH.pepper */
	struct keys_stamp file,
	    salt; /* set by keys_load, also when it fails; salt: of the pepper */
};

struct keys;

/* A key; it, and what it points to, is valid as long as its table. */
struct key {
	enum key_kind kind;
	bool test;
	char id[KEY_ID]; /* "pk_live_0a1b2c3d": may be shown */
	/* the number of its project (serve/limit.h), and its UUID in lower case; KEY_AK: of
	   none, SIZE_MAX and zero bytes */
	size_t project;
	char project_id[UUID_TEXT];
	const struct span *origin;
	size_t origins;
	int64_t created,
	    revoked; /* ms since 1970; revoked INT64_MAX: not, in the future: will be */

	/* what follows is the module's */
	unsigned char hash[KEY_HASH];
	size_t number;
};

enum key_result {
	KEY_OK,
	KEY_MALFORMED, /* no key at all */
	KEY_MISTYPED,  /* its checksum is wrong: a character is */
	KEY_UNKNOWN,   /* well-formed, and not in the table */
	KEY_REVOKED,
};

/*
 * Reads the file and the pepper (not read where there is no key).  Returns NULL
 * with lines "FILE:LINE: what is wrong" in `errors`, which hold nothing of the
 * file's: it can't be read, others may read it, a line is wrong, a key was made
 * with another pepper.  sodium_init has been called.
 */
struct keys *keys_load(struct keys_source *, struct buf *errors);

/*
 * The same of a text, by the name `path` in messages, and a pepper, which is copied (n 0: none is
 * known, and no key will be found).
 */
struct keys *keys_parse(const char *path, struct span text, struct span pepper, struct buf *errors);

/* Wipes the pepper and frees all.  NULL: nothing. */
void keys_free(struct keys *);

/* Two stat(2)s: whether what keys_load has read last may have changed since. */
bool keys_changed(const struct keys_source *);

/*
 * Finds the key of a token, at `now`, ms since 1970.  *key is set for KEY_OK and
 * KEY_REVOKED, else NULL.  What is well-formed costs one SHA-256 and at least one
 * comparison of hashes in constant time, whether its prefix is known or not; a
 * prefix is no secret.  Of several keys with the prefix the one with the hash counts;
 * where it stands twice, and is revoked once, it is revoked.
 */
enum key_result keys_find(
    const struct keys *, struct span token, int64_t now, const struct key **key);

/*
 * Whether a request with this Origin header (p NULL: none) may use the key: byte
 * for byte one on its list.  A pk without a list allows none; another kind
 * without a list needs none, and with a list is held to it where an Origin is sent.
 */
bool key_allows_origin(const struct key *, struct span origin);

/*
 * Whether any pk of the table allows the origin: for the answer to a preflight,
 * which has no key.
 */
bool keys_allow_origin(const struct keys *, struct span origin);

/* Projects by id, ready for limits_set: those with a line, and those of keys. */
const struct limit_project *keys_projects(const struct keys *, size_t *n);

/* The project of that id, UUID_TEXT bytes in lower case; NULL: there is none. */
const struct limit_project *keys_project(const struct keys *, const char *id);

/* The keys in the order of their lines. */
const struct key *keys_all(const struct keys *, size_t *n);

/* The name of a project by its number; n 0: it has none. */
struct span keys_project_name(const struct keys *, size_t project);

/* ---- when they were last used ---- */

/*
 * Notes that the key was used in the hour of `now`, ms since 1970.  Cheap, and
 * may be called from several threads.
 */
void keys_touch(const struct keys *, const struct key *, int64_t now);

/*
 * Appends the lines of serve/keys_used.h for what was noted since the last call,
 * to be merged into the file by any thread: call it every minute or so, and
 * before keys_free.  Whether there were any.
 */
bool keys_collect_used(const struct keys *, struct buf *lines);

#endif
