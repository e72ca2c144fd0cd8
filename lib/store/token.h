/*
 * The deduplication token of an insert: BLAKE2b-128 (RFC 7693) over database,
 * table and rows, in hexadecimal.
 */
#ifndef MM_TOKEN_H
#define MM_TOKEN_H

#include "base/buf.h"

enum { TOKEN_LENGTH = 32 };

struct token;

/* A token of no rows yet.  NULL when memory is out. */
struct token *token_new(const char *database, const char *table);
void token_free(struct token *);

void token_reset(struct token *); /* of no rows again */
void token_add(struct token *, struct span rows);

/* The token of the rows added so far and, behind them, of the `rest`; with a
   final NUL.  The rest is not added. */
void token_text(const struct token *, struct span rest, char text[TOKEN_LENGTH + 1]);

#endif
