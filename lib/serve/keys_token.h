/*
 * The text of keys: {kind}_{env}_{prefix}_{secret} (SPEC 14), as pk_live_0a1b2c3d_….
 *
 * The last six characters of the secret are the CRC-32 (that of zlib) of all that
 * stands before them, in base 62 of 0-9A-Za-z: a key that was mistyped is told from
 * one that is wrong without a look at any file, and a scanner knows a key from what
 * looks like one.
 */
#ifndef MM_KEYS_TOKEN_H
#define MM_KEYS_TOKEN_H

#include "base/buf.h"

enum key_kind {
	KEY_PK, /* public: sends events, from the origins on its list */
	KEY_SK, /* secret: sends and forgets */
	KEY_RK, /* reads */
	KEY_AK, /* of the account: all projects of the file */
	KEY_KINDS,
};

enum {
	KEY_PREFIX = 8,        /* hex digits, lower case */
	KEY_ID = 16,           /* "pk_live_0a1b2c3d": what may be shown */
	KEY_SECRET_LEAST = 32, /* characters, with the checksum */
	KEY_SECRET_MOST = 128,
	KEY_CHECKSUM = 6,
	KEY_RANDOM = 32, /* characters of a secret that is made here, without the checksum */
	KEY_TOKEN = KEY_ID + 1 + KEY_RANDOM + KEY_CHECKSUM,
	KEY_HASH = 32,         /* bytes */
	KEY_PEPPER_LEAST = 16, /* bytes */
	KEY_PEPPER_MOST = 4096,
	KEY_PEPPER_ID = 8, /* hex digits */
};

/* "pk", "sk", "rk", "ak". */
struct span key_kind_name(enum key_kind);

/* The kind of that name; false: there is none. */
bool key_kind_find(struct span name, enum key_kind *kind);

/* A token taken apart; spans into it. */
struct key_token {
	enum key_kind kind;
	bool test;          /* the environment is "test", not "live" */
	struct span id;     /* KEY_ID characters */
	struct span prefix; /* KEY_PREFIX characters */
	struct span secret;
};

enum key_form {
	KEY_FORM_GOOD,
	KEY_FORM_MALFORMED, /* no key at all */
	KEY_FORM_MISTYPED,  /* its checksum is not that of its text */
};

/* Takes a token apart; *t is filled for KEY_FORM_GOOD only. */
enum key_form key_token_read(struct key_token *t, struct span token);

/* "pk_live_0a1b2c3d", and nothing behind it; false: it is none. */
bool key_id_read(struct span id, enum key_kind *kind, bool *test);

/* Writes a new token, KEY_TOKEN characters, no NUL; sodium_init has been called. */
void key_token_make(char *w, enum key_kind kind, bool test);

/* SHA-256 (FIPS 180-4) of the secret and, behind it, the pepper. */
void key_hash(unsigned char hash[KEY_HASH], struct span secret, struct span pepper);

/*
 * Writes KEY_PEPPER_ID hex digits, no NUL, that tell one pepper from another and
 * are of no use beside.
 */
void key_pepper_id(char *w, struct span pepper);

#endif
