/*
 * The audit records of mm-forget: what was done for each line, without the id.
 */
#ifndef MM_FORGET_AUDIT_H
#define MM_FORGET_AUDIT_H

#include <sodium.h>

#include "base/buf.h"
#include "cmd/cli/salt.h"

enum { FORGET_HASH_TEXT = 32 }; /* hex digits */

/* The hash of an id, keyed with the salt.  In memory of the owner, who wipes it. */
struct forget_key {
	crypto_auth_hmacsha256_state state;
};

void forget_key_init(struct forget_key *, const struct salt *);

/*
 * Writes FORGET_HASH_TEXT lower-case hex digits: the first 16 bytes of
 * HMAC-SHA-256(salt, "KIND:ID"), where kind is "user_id" or "anonymous_id".
 */
void forget_hash(const struct forget_key *, const char *kind, struct span id, char *w);

/* A line whose people were worked on. */
struct forgotten {
	const char *file;
	uint64_t line;
	bool has_user, has_anonymous;
	char user[FORGET_HASH_TEXT], anonymous[FORGET_HASH_TEXT];
};

/* What holds for all lines that were worked on at once. */
struct forget_batch {
	struct span project;
	bool allow; /* they were taken off the list, and that is all */
	bool dry_run, linked, rebuild;
	bool unsettled;   /* more of theirs kept arriving */
	bool gone;        /* no part holds the rows any more; else they are hidden */
	int64_t began_ms; /* since 1970 */
	int64_t ended_ms;
	uint64_t took_ms;
	uint64_t days, days_left, sessions;
	struct buf mutations; /* ids, a line each */
};

/* Appends the record of a line and a newline. */
void forget_record(struct buf *, const struct forget_batch *, const struct forgotten *,
    uint64_t events, uint64_t left);

#endif
