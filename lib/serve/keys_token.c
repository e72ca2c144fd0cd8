#include "serve/keys_token.h"

#include <sodium.h>
#include <zlib.h>

#include "base/ascii.h"

#include "base/banned.h"

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

enum { DIGITS = 62, KIND = 2, ENV = 4 };

static const char kinds[KEY_KINDS][KIND + 1] = { "pk", "sk", "rk", "ak" };

struct span
key_kind_name(enum key_kind kind)
{
	return (struct span){ kinds[kind], KIND };
}

bool
key_kind_find(struct span name, enum key_kind *kind)
{
	int k;

	for (k = 0; k < KEY_KINDS; k++)
		if (span_eq(name, key_kind_name((enum key_kind)k))) {
			*kind = (enum key_kind)k;
			return true;
		}
	return false;
}

static bool
is_lower_hex(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!ascii_is_digit(s.p[i]) && (s.p[i] < 'a' || s.p[i] > 'f'))
			return false;
	return true;
}

bool
key_id_read(struct span id, enum key_kind *kind, bool *test)
{
	struct span env;

	if (id.n != KEY_ID || id.p[KIND] != '_' || id.p[KIND + 1 + ENV] != '_')
		return false;
	env = (struct span){ id.p + KIND + 1, ENV };
	*test = span_eq(env, SPAN("test"));
	return (*test || span_eq(env, SPAN("live"))) &&
	    key_kind_find((struct span){ id.p, KIND }, kind) &&
	    is_lower_hex((struct span){ id.p + KEY_ID - KEY_PREFIX, KEY_PREFIX });
}

static bool
is_secret(struct span s)
{
	size_t i;

	if (s.n < KEY_SECRET_LEAST || s.n > KEY_SECRET_MOST)
		return false;
	for (i = 0; i < s.n; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '-')
			return false;
	return true;
}

static void
write_checksum(char *w, const char *p, size_t n)
{
	uint32_t sum = (uint32_t)crc32(0, (const unsigned char *)p, (unsigned)n);
	int i;

	for (i = KEY_CHECKSUM - 1; i >= 0; i--) {
		w[i] = digits[sum % DIGITS];
		sum /= DIGITS;
	}
}

enum key_form
key_token_read(struct key_token *t, struct span token)
{
	char sum[KEY_CHECKSUM];
	size_t body;

	if (token.n < KEY_ID + 1 + KEY_SECRET_LEAST || token.p[KEY_ID] != '_')
		return KEY_FORM_MALFORMED;
	t->id = (struct span){ token.p, KEY_ID };
	t->prefix = (struct span){ token.p + KEY_ID - KEY_PREFIX, KEY_PREFIX };
	t->secret = (struct span){ token.p + KEY_ID + 1, token.n - KEY_ID - 1 };
	if (!key_id_read(t->id, &t->kind, &t->test) || !is_secret(t->secret))
		return KEY_FORM_MALFORMED;
	body = token.n - KEY_CHECKSUM;
	write_checksum(sum, token.p, body);
	return memcmp(sum, token.p + body, KEY_CHECKSUM) == 0 ? KEY_FORM_GOOD : KEY_FORM_MISTYPED;
}

void
key_token_make(char *w, enum key_kind kind, bool test)
{
	static const char hex[] = "0123456789abcdef";
	char *p = w;
	int i;

	memcpy(p, kinds[kind], KIND);
	p += KIND;
	memcpy(p, test ? "_test_" : "_live_", ENV + 2);
	p += ENV + 2;
	for (i = 0; i < KEY_PREFIX; i++)
		*p++ = hex[randombytes_uniform(16)];
	*p++ = '_';
	for (i = 0; i < KEY_RANDOM; i++)
		*p++ = digits[randombytes_uniform(DIGITS)];
	write_checksum(p, w, (size_t)(p - w));
}

void
key_hash(unsigned char hash[KEY_HASH], struct span secret, struct span pepper)
{
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)secret.p, secret.n);
	crypto_hash_sha256_update(&state, (const unsigned char *)pepper.p, pepper.n);
	crypto_hash_sha256_final(&state, hash);
	sodium_memzero(&state, sizeof(state));
}

void
key_pepper_id(char *w, struct span pepper)
{
	unsigned char hash[KEY_HASH];
	char hex[2 * KEY_HASH + 1];

	key_hash(hash, SPAN("millimetric pepper id"), pepper);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	memcpy(w, hex, KEY_PEPPER_ID);
}
