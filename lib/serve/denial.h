/*
 * The errors of the API: their codes, statuses and words (SPEC 13).
 */
#ifndef MM_DENIAL_H
#define MM_DENIAL_H

#include "base/buf.h"

enum denial {
	DENIAL_NONE,
	DENIAL_NOT_FOUND,
	DENIAL_METHOD,
	DENIAL_MEDIA_TYPE,
	DENIAL_ENCODING,
	DENIAL_MISSING_TOKEN,
	DENIAL_NOT_BEARER,
	DENIAL_MALFORMED_KEY,
	DENIAL_MISTYPED_KEY,
	DENIAL_UNKNOWN_KEY,
	DENIAL_REVOKED_KEY,
	DENIAL_KEY_PLACE, /* a secret key where only a public one may stand */
	DENIAL_TWO_KEYS,
	DENIAL_ORIGIN,
	DENIAL_SCOPE_READ,
	DENIAL_SCOPE_SEND,
	DENIAL_FORGET,
	DENIAL_ACCOUNT,
	DENIAL_NOT_ACCOUNT,
	DENIAL_KIND_MCP,
	DENIAL_RATE,
	DENIAL_FAILURES,
	DENIAL_FULL,
	DENIAL_DISK,
	DENIAL_BUSY,
	DENIAL_NO_STORE,
	DENIAL_MEMORY,
	DENIALS,
};

unsigned denial_status(enum denial);

/* {"error":CODE,"details":TEXT} and a newline: constant. */
struct span denial_body(enum denial);

/* Header lines that belong to it, "" for most: constant. */
struct span denial_fields(enum denial);

#endif
