/*
 * The salt of hashed addresses: --salt-file, else MM_IP_SALT (SPEC 8).
 */
#ifndef MM_SALT_H
#define MM_SALT_H

#include "enrich/iphash.h"
#include "base/opt.h"

/* In memory of the caller, who wipes it with sodium_memzero. */
struct salt {
	char p[IPHASH_SALT_MAX + 2];
	size_t n; /* 0: none */
};

/* A row of the option table; `to` is a const char * set to NULL. */
#define SALT_OPTION(to)                                                                        \
	{                                                                                      \
		0, "salt-file", OPT_STRING, "FILE",                                            \
		    "read the salt of the hashes from FILE (default $MM_IP_SALT)", &(to), 0, 0 \
	}

/*
 * Reads the salt from the file (less a line end after it) or, when `file` is
 * NULL, from the environment.  Where there is none: true with n == 0 when it
 * is not `needed`; else false after a message, which ends with `otherwise`.
 */
bool salt_read(struct salt *, const char *file, bool needed, const char *otherwise);

#endif
