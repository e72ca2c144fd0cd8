#include "enrich/iphash.h"

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

void
iphash_format(struct iphash *h, const struct ip *ip, int64_t ms, char *w)
{
	static const char hex[] = "0123456789abcdef";
	crypto_auth_hmacsha256_state state = *keyed_state(h, ms);
	unsigned char digest[crypto_auth_hmacsha256_BYTES];
	char text[IP_TEXT];
	size_t n = ip_format(ip, text), i;

	crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, n);
	crypto_auth_hmacsha256_final(&state, digest);
	sodium_memzero(&state, sizeof(state)); /* it stands for the salt of that day */
	for (i = 0; i < IPHASH_TEXT / 2; i++) {
		w[2 * i] = hex[digest[i] >> 4];
		w[2 * i + 1] = hex[digest[i] & 15];
	}
}
