/*
 * The list of people who were forgotten, and whether a row is of one of them.
 *
 * The table `forgotten` holds a keyed hash for each id, and the key, which is
 * random and made once a database.  So who sees only hashes (a copy of the
 * audit records, a part of a backup) can't try ids; who may read the whole
 * table can: it names nobody, but confirms a guess.
 */
#ifndef MM_FORGOTTEN_H
#define MM_FORGOTTEN_H

#include "clickhouse/clickhouse.h"

/* What a hash is of.  These are the numbers in the table; 0 is the key. */
enum forgotten_kind {
	FORGOTTEN_USER = 1,
	FORGOTTEN_ANONYMOUS = 2,
	FORGOTTEN_LINKED = 3, /* an anonymous_id, where there is no user_id */
};

enum { FORGOTTEN_KEY = 32, FORGOTTEN_HASH = 16, FORGOTTEN_TEXT = 2 * FORGOTTEN_HASH };

/* ---- asking -------------------------------------------------------------- */

/* Starts by forgotten_init; `n` people are on the list as it is known. */
struct forgotten {
	size_t n;
	/* the module's */
	struct clickhouse *clickhouse;
	struct buf stamp, answer, text; /* what the list's table said of itself last */
	unsigned char (*hashes)[FORGOTTEN_HASH];
	size_t cap;
	unsigned char key[FORGOTTEN_KEY];
	bool has_key, odd;
};

/* The pointer is kept. */
void forgotten_init(struct forgotten *, struct clickhouse *);
void forgotten_release(struct forgotten *);

/*
 * Asks whether the list has changed, and if so for all of it; *changed says
 * whether.  One short request most of the time.  A database without the table
 * has an empty list.  Fails as the requests do, never with CLICKHOUSE_BAD_DATA;
 * the list is then as it was, or empty with *changed set.
 */
enum clickhouse_status forgotten_look(struct forgotten *, bool *changed, struct clickhouse_error *);

/*
 * Whether a row, one JSON object without newline, is of somebody on the list,
 * by its project_id, user_id and anonymous_id as the server would read them.
 * What is no object is of nobody.  False also when memory is out, with
 * *failed set.
 */
bool forgotten_row(struct forgotten *, struct span row, bool *failed);

/* ---- keeping the list ------------------------------------------------------ */

/* Reads the database's key, and makes one where there is none: one caller at a time. */
enum clickhouse_status forgotten_key(
    struct clickhouse *, unsigned char key[FORGOTTEN_KEY], struct clickhouse_error *);

/*
 * Writes FORGOTTEN_TEXT lower-case hex digits: BLAKE2b-128 (RFC 7693), with the
 * key, of the project in lower case, the digit of the kind and the id.
 */
void forgotten_hash(const unsigned char key[FORGOTTEN_KEY], struct span project,
    enum forgotten_kind, struct span id, char *w);

#endif
