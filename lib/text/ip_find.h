/*
 * Addresses inside any text: a log line, a CSV record, a URL.
 */
#ifndef MM_IP_FIND_H
#define MM_IP_FIND_H

#include "text/ip.h"

struct ip_place {
	const char *p; /* where it stands: the address alone, without brackets, port and zone */
	size_t n;
	struct ip ip;
};

/*
 * Finds the first address at `from` or behind it in the text [start, end);
 * false when there is none.  An address is what ip_parse takes, where no
 * letter or digit goes on before or behind it, but for an escape (%3D) before
 * it.  None are: the version of a product ("Chrome/126.0.0.0", "rv:1.9.0.1"),
 * a number of more than four parts, and "::", which is nobody's.
 */
bool ip_find(const char *start, const char *from, const char *end, struct ip_place *);

#endif
