/*
 * The audit records of mm-forget: what was done for each line, without the id.
 */
#ifndef MM_FORGET_AUDIT_H
#define MM_FORGET_AUDIT_H

#include <sodium.h>

#include "base/buf.h"
#include "cmd/cli/salt.h"
#include "tables/erasure.h"

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

/* When the lines were worked on that were worked on at once. */
struct forget_times {
	int64_t began_ms; /* since 1970 */
	int64_t ended_ms;
	uint64_t took_ms;
};

/* Appends the record of a line and a newline. */
void forget_record(struct buf *, const struct erasure *, const struct forget_times *,
    const struct forgotten *, uint64_t events, uint64_t left);

#endif
