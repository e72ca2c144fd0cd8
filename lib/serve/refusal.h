/*
 * The errors of the API: their codes, statuses and words (SPEC 13).
 */
#ifndef MM_REFUSAL_H
#define MM_REFUSAL_H

#include "base/buf.h"

enum refusal {
	REFUSAL_NONE,
	REFUSAL_NOT_FOUND,
	REFUSAL_METHOD,
	REFUSAL_MEDIA_TYPE,
	REFUSAL_ENCODING,
	REFUSAL_MISSING_TOKEN,
	REFUSAL_NOT_BEARER,
	REFUSAL_MALFORMED_KEY,
	REFUSAL_MISTYPED_KEY,
	REFUSAL_UNKNOWN_KEY,
	REFUSAL_REVOKED_KEY,
	REFUSAL_KEY_PLACE, /* a secret key where only a public one may stand */
	REFUSAL_TWO_KEYS,
	REFUSAL_ORIGIN,
	REFUSAL_SCOPE_READ,
	REFUSAL_SCOPE_SEND,
	REFUSAL_FORGET,
	REFUSAL_ACCOUNT,
	REFUSAL_RATE,
	REFUSAL_FAILURES,
	REFUSAL_FULL,
	REFUSAL_DISK,
	REFUSAL_BUSY,
	REFUSAL_NO_STORE,
	REFUSAL_MEMORY,
	REFUSALS,
};

unsigned refusal_status(enum refusal);

/* {"error":CODE,"details":TEXT} and a newline: constant. */
struct span refusal_body(enum refusal);

/* Header lines that belong to it, "" for most: constant. */
struct span refusal_fields(enum refusal);

#endif
