/*
 * The client's address: that of the peer, or, where the peer is a proxy that
 * is trusted, what it and those before it say (SPEC 13).
 */
#ifndef MM_CLIENT_H
#define MM_CLIENT_H

#include "text/ip.h"

/* Addresses whose first `bits` bits are these. */
struct ip_range {
	struct ip ip;
	unsigned bits;
};

/* Parses "10.0.0.0/8", "2001:db8::/32" or an address alone.  False: it is none. */
bool ip_range_parse(struct ip_range *, struct span text);

/*
 * Parses an address as logs and headers write it: with brackets, a port, a
 * zone ("%eth0"), quotes or blanks around it.  False: it is none.
 */
bool client_parse(struct ip *, struct span text);

/* The addresses that are trusted as proxies. */
struct client_trust {
	const struct ip_range *range;
	size_t n;
};

/* What client_find found beside the address. */
enum client_result {
	CLIENT_NONE,      /* there is no address */
	CLIENT_PEER,      /* it is the peer's */
	CLIENT_FORWARDED, /* it is of the list */
	CLIENT_UNTRUSTED, /* the peer's, which is private: likely a proxy */
};

/*
 * Finds the client.  `peer` may be a list itself, as X-Forwarded-For is, whose
 * last entry is then the peer.  `forwarded` (p may be NULL) is the value of
 * X-Forwarded-For or of Forwarded (RFC 7239); it is read from the right, past
 * proxies that are trusted, to the first address that is not.  Where there is
 * no peer, the last of the list is it.
 */
enum client_result client_find(
    struct ip *, struct span peer, struct span forwarded, const struct client_trust *);

/* Whether the address is of one of the ranges. */
bool client_is_trusted(const struct client_trust *, const struct ip *);

/*
 * Goes left through one list while the address at hand is of a trusted proxy;
 * *went: it is of the list now.  True: the list is used up and the address still
 * trusted, so that a list before this one (a field of the same name above it)
 * goes on; false: the client is found, or an entry is no address.
 */
bool client_go_left(struct ip *, struct span list, const struct client_trust *, bool *went);

/* The last entry of a list, which is what the nearest proxy says; false: it is no address. */
bool client_take_last(struct ip *, struct span *list);

#endif
