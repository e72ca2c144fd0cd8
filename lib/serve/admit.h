/*
 * Whether a request may be made: by its key, and by the page it comes from.
 */
#ifndef MM_ADMIT_H
#define MM_ADMIT_H

#include "http/http.h"
#include "serve/keys.h"
#include "serve/denial.h"

/* What a request wants. */
enum admit_scope {
	ADMIT_ANYBODY,
	ADMIT_SEND,     /* pk and sk; a pk may stand in the URL (?key=) or the body ("key") */
	ADMIT_IDENTIFY, /* pk and sk */
	ADMIT_FORGET,   /* sk */
	ADMIT_READ,     /* rk */
	ADMIT_MCP,      /* rk and sk */
	ADMIT_ACCOUNT,  /* ak */
};

/*
 * Finds the key of a request, at `now`, ms since 1970; `whole`: its body is
 * here and looked into.  DENIAL_NONE: *key is set; else why not.
 */
enum denial admit(const struct keys *, const struct http_request *, enum admit_scope, bool whole,
    int64_t now, const struct key **key);

#endif
