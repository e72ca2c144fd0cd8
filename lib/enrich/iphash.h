/*
 * The keyed hash that stands for an address (SPEC 8): HMAC-SHA-256 (RFC 2104,
 * FIPS 180-4) with key = salt followed by the UTC date, over the address's
 * canonical text; the first 16 bytes, in hex.  It changes with the day, and
 * without the salt it can't be traced back.
 */
#ifndef MM_IPHASH_H
#define MM_IPHASH_H

#include <sodium.h>

#include "base/buf.h"
#include "text/ip.h"

enum {
	IPHASH_TEXT = 32,     /* hex digits */
	IPHASH_SALT_MIN = 16, /* bytes */
	IPHASH_SALT_MAX = 4096,
	IPHASH_DAYS = 64, /* days whose keyed state is kept */
};

struct iphash {
	unsigned char *salt; /* in memory that is locked and wiped */
	size_t salt_n;
	struct {
		bool set;
		int64_t day;
		crypto_auth_hmacsha256_state state;
	} * days;      /* IPHASH_DAYS of them, likewise */
	bool hardware; /* hash by the processor's instructions; iphash_init asks for them */
};

/*
 * Takes a copy of the salt, IPHASH_SALT_MIN to IPHASH_SALT_MAX bytes.
 * Returns false when its length is wrong or memory is out.
 */
bool iphash_init(struct iphash *, const char *salt, size_t n);
void iphash_release(struct iphash *);

/*
 * Writes the 16 bytes that stand for a visitor on the day of ms: HMAC-SHA-256
 * under the same key of the address, the site's name and the agent, with a
 * line feed behind the first two, which can't hold one.  Another day, or
 * another site, gives another id; without the salt none can be traced.
 */
void iphash_visitor(struct iphash *, const struct ip *, struct span site, struct span agent,
    int64_t ms, unsigned char id[16]);

/* Writes IPHASH_TEXT lower-case hex digits for the address on the day of ms. */
void iphash_format(struct iphash *, const struct ip *, int64_t ms, char *w);

#endif
