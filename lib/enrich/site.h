/*
 * The name of the site that an event was recorded on, as a collector tells it.
 */
#ifndef MM_SITE_H
#define MM_SITE_H

#include "text/url.h"

/*
 * The canonical name (as url_name gives it) of a host, which may have a port,
 * in `to`, which has room for URL_NAME_MAX bytes; returns its length, 0 where
 * there is none.  An address is no name, however it is spelt (IPv6 with or
 * without brackets and zone, IPv4 also short, octal or hexadecimal, as URL
 * parsers read it): where a log holds one in the place of the host it may be
 * the client's.
 */
size_t site_name(struct span host, char *to);

/* The name less a "www." before it, which is no other site. */
struct span site_without_www(struct span name);

#endif
