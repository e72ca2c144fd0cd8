/*
 * Names of hosts as the WHATWG URL Standard has them: domains, also outside
 * ASCII, IPv4 and IPv6 addresses.
 */
#ifndef MM_URL_HOST_H
#define MM_URL_HOST_H

#include "base/buf.h"

enum { URL_NAME_MAX = 255 }; /* bytes of a host's name; no DNS name is longer */

/*
 * The canonical name of a host, for comparing: percent-decoded, lower-case,
 * without a trailing dot, IPv4 and IPv6 as the URL Standard serialises them,
 * labels outside ASCII in their "xn--" form (RFC 3492; lower-cased for Latin,
 * Greek, Cyrillic and Armenian, not normalised further).  `to` has room for
 * URL_NAME_MAX bytes.  Returns NULL and sets *n, or the reason why `host` is
 * none.
 */
const char *url_name(struct span host, char *to, size_t *n);

/*
 * The same in two steps, for a host whose end is not known yet and that is
 * mostly ordinary: copies the ordinary characters that [p, end) begins with, at
 * most URL_NAME_MAX, in lower case, and returns their end; does what is left to
 * do for a name of these alone.
 */
const char *url_name_begin(const char *p, const char *end, char *to);
const char *url_name_finish(char *to, size_t *n);

#endif
