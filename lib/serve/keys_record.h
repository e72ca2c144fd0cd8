/*
 * The lines of a keys file, mm-keys(5): read, and changed without touching what
 * a line holds beside.
 */
#ifndef MM_KEYS_RECORD_H
#define MM_KEYS_RECORD_H

#include "base/arena.h"
#include "base/uuid.h"
#include "serve/keys_token.h"
#include "serve/limit.h"

enum record_type {
	RECORD_OTHER, /* of a version to come: is left as it is */
	RECORD_KEY,
	RECORD_PROJECT,
};

/* What a line says; texts are in the arena that it was read with. */
struct record {
	enum record_type type;
	char project[UUID_TEXT]; /* lower case; of a key of the account: zeros bytes */

	/* of a key */
	enum key_kind kind;
	bool test;
	char id[KEY_ID];
	unsigned char hash[KEY_HASH];
	char pepper[KEY_PEPPER_ID]; /* which one the hash was made with; zero bytes: not said */
	struct span *origin;        /* normal */
	size_t origins;
	int64_t created, revoked; /* ms since 1970; revoked INT64_MAX: not */

	/* of a project */
	struct span name; /* n 0: none */
	struct limit_rates rates;
};

/*
 * Reads a line.  Returns NULL, or what is wrong with it, a constant text
 * (which holds nothing of the line).  RECORD_OTHER: a type that is not known.
 */
const char *record_read(struct record *, struct span line, struct arena *);

/* A member to write: its name, and its value as JSON. */
struct record_member {
	const char *name;
	struct span value;
};

/*
 * Appends the line (an object that was read), with these n members in place of those of their
 * names, or behind all others.  What is not named stays byte for byte.  No line end.
 */
void record_change(struct buf *to, struct span line, const struct record_member *member, size_t n);

/* Append a new line, with its end. */
void record_add_key(struct buf *to, const struct record *);
void record_add_project(struct buf *to, const struct record *);

/* Append values as the lines have them. */
void record_add_time(struct buf *to, int64_t ms); /* "2026-05-16T19:00:00Z", in quotes */
void record_add_origins(struct buf *to, const struct span *origin, size_t n);
void record_add_limits(struct buf *to, const struct limit_rates *);

/* "track", "batch", "events". */
struct span limit_route_name(enum limit_route);

#endif
