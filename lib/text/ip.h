/*
 * Internet addresses: parsed once, then used for the country and the hash.
 */
#ifndef MM_IP_H
#define MM_IP_H

#include "base/buf.h"

struct ip {
	bool v4;
	unsigned char b[16]; /* network byte order; IPv4: the first four, rest 0 */
};

enum { IP_TEXT = 40 }; /* the longest canonical text, with room to spare */

/*
 * Parses a dotted-quad IPv4 address or an IPv6 address (RFC 4291, section
 * 2.2).  No brackets, port, zone or prefix length.  An IPv4-mapped IPv6
 * address (::ffff:a.b.c.d) becomes IPv4.  Returns false when it is neither.
 */
bool ip_parse(struct ip *, const char *p, size_t n);

/* Writes the canonical text (RFC 5952), at most IP_TEXT bytes, no NUL;
   returns its length. */
size_t ip_format(const struct ip *, char *w);

#endif
