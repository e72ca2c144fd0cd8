#include "store/token.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/banned.h"

struct token {
	crypto_generichash_state at_first, state;
};

struct token *
token_new(const char *database, const char *table)
{
	enum { ALIGNMENT = 64 }; /* libsodium's for a state */
	struct token *t = aligned_alloc(ALIGNMENT, sizeof(*t));

	if (!t)
		return NULL;
	crypto_generichash_init(&t->at_first, NULL, 0, TOKEN_LENGTH / 2);
	/* with their NUL, so that no two pairs of names run together alike */
	crypto_generichash_update(
	    &t->at_first, (const unsigned char *)database, strlen(database) + 1);
	crypto_generichash_update(&t->at_first, (const unsigned char *)table, strlen(table) + 1);
	token_reset(t);
	return t;
}

void
token_free(struct token *t)
{
	free(t);
}

void
token_reset(struct token *t)
{
	t->state = t->at_first;
}

void
token_add(struct token *t, struct span rows)
{
	crypto_generichash_update(&t->state, (const unsigned char *)rows.p, rows.n);
}

void
token_text(const struct token *t, struct span rest, char text[TOKEN_LENGTH + 1])
{
	unsigned char hash[TOKEN_LENGTH / 2];
	crypto_generichash_state state = t->state;

	crypto_generichash_update(&state, (const unsigned char *)rest.p, rest.n);
	crypto_generichash_final(&state, hash, sizeof(hash));
	sodium_bin2hex(text, TOKEN_LENGTH + 1, hash, sizeof(hash));
}
