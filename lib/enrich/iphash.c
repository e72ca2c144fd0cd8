#include "enrich/iphash.h"

#include "base/sha256.h"
#include "base/timestamp.h"

#include "base/banned.h"

bool
iphash_init(struct iphash *h, const char *salt, size_t n)
{
	*h = (struct iphash){ 0 };
	if (n < IPHASH_SALT_MIN || n > IPHASH_SALT_MAX || sodium_init() < 0)
		return false;
	h->salt = sodium_malloc(n);
	h->days = sodium_allocarray(IPHASH_DAYS, sizeof(h->days[0]));
	if (!h->salt || !h->days) {
		iphash_release(h);
		return false;
	}
	memcpy(h->salt, salt, n);
	h->salt_n = n;
	h->hardware = sha256_in_hardware();
	memset(h->days, 0, IPHASH_DAYS * sizeof(h->days[0]));
	return true;
}

void
iphash_release(struct iphash *h)
{
	sodium_free(h->salt);
	sodium_free(h->days);
	*h = (struct iphash){ 0 };
}

/* The state of HMAC after its key, which costs as much as all the rest. */
static const crypto_auth_hmacsha256_state *
keyed_state(struct iphash *h, int64_t ms)
{
	int64_t day = timestamp_day(ms);
	size_t slot = (size_t)((uint64_t)day % IPHASH_DAYS);
	char date[DATE_TEXT];

	if (!h->days[slot].set || h->days[slot].day != day) {
		unsigned char key[IPHASH_SALT_MAX + DATE_TEXT];

		date_format(date, ms);
		memcpy(key, h->salt, h->salt_n);
		memcpy(key + h->salt_n, date, DATE_TEXT);
		crypto_auth_hmacsha256_init(&h->days[slot].state, key, h->salt_n + DATE_TEXT);
		sodium_memzero(key, h->salt_n + DATE_TEXT);
		h->days[slot].day = day;
		h->days[slot].set = true;
	}
	return &h->days[slot].state;
}

void
iphash_visitor(struct iphash *h, const struct ip *ip, struct span site, struct span agent,
    int64_t ms, unsigned char id[16])
{
	crypto_auth_hmacsha256_state state = *keyed_state(h, ms);
	unsigned char digest[crypto_auth_hmacsha256_BYTES];
	char text[IP_TEXT + 1];
	size_t n = ip_format(ip, text);

	text[n++] = '\n';
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, n);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)site.p, site.n);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)"\n", 1);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)agent.p, agent.n);
	crypto_auth_hmacsha256_final(&state, digest);
	sodium_memzero(&state, sizeof(state));
	memcpy(id, digest, 16);
}

static void
put_big_endian(unsigned char *to, uint32_t v)
{
	to[0] = (unsigned char)(v >> 24);
	to[1] = (unsigned char)(v >> 16);
	to[2] = (unsigned char)(v >> 8);
	to[3] = (unsigned char)v;
}

/* Ends the hash of a key's block and the n bytes at the block's start, which leave
   room for the padding and the length (FIPS 180-4, 5.1.1). */
static void
end_hash(uint32_t state[8], unsigned char block[SHA256_BLOCK], size_t n)
{
	memset(block + n, 0, SHA256_BLOCK - n);
	block[n] = 0x80;
	put_big_endian(block + SHA256_BLOCK - 4, (uint32_t)(SHA256_BLOCK + n) * 8);
	sha256_compress(state, block);
}

static void
put_digest(unsigned char *to, const uint32_t state[8])
{
	int i;

	for (i = 0; i < 8; i++)
		put_big_endian(to + 4 * i, state[i]);
}

/* The same as libsodium's way: two blocks after the key's, which are all there are. */
static void
hash_in_hardware(
    const crypto_auth_hmacsha256_state *key, const char *text, size_t n, unsigned char *digest)
{
	unsigned char block[SHA256_BLOCK];
	uint32_t state[8];

	memcpy(block, text, n);
	memcpy(state, key->ictx.state, sizeof(state));
	end_hash(state, block, n);
	put_digest(block, state);
	memcpy(state, key->octx.state, sizeof(state));
	end_hash(state, block, crypto_auth_hmacsha256_BYTES);
	put_digest(digest, state);
}

static void
hash_portably(
    const crypto_auth_hmacsha256_state *key, const char *text, size_t n, unsigned char *digest)
{
	crypto_auth_hmacsha256_state state = *key;

	crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, n);
	crypto_auth_hmacsha256_final(&state, digest);
	sodium_memzero(&state, sizeof(state)); /* it stands for the salt of that day */
}

void
iphash_format(struct iphash *h, const struct ip *ip, int64_t ms, char *w)
{
	static const char hex[] = "0123456789abcdef";
	const crypto_auth_hmacsha256_state *key = keyed_state(h, ms);
	unsigned char digest[crypto_auth_hmacsha256_BYTES];
	char text[IP_TEXT];
	size_t n = ip_format(ip, text), i;

	if (h->hardware)
		hash_in_hardware(key, text, n, digest);
	else
		hash_portably(key, text, n, digest);
	for (i = 0; i < IPHASH_TEXT / 2; i++) {
		w[2 * i] = hex[digest[i] >> 4];
		w[2 * i + 1] = hex[digest[i] & 15];
	}
}
