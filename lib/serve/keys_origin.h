/*
 * Origins of web pages (RFC 6454, URL Standard 4.7), as browsers send them.
 */
#ifndef MM_KEYS_ORIGIN_H
#define MM_KEYS_ORIGIN_H

#include "base/buf.h"

enum { ORIGIN_MOST = 300 }; /* bytes: scheme, "://", a host's name, port */

/*
 * Writes the origin as a browser sends it: scheme and host in lower case (outside
 * ASCII as "xn--"), the port unless it is the scheme's own; w has room for
 * ORIGIN_MOST bytes.  A slash behind it is left out.  Returns NULL and sets *n, or
 * what is wrong with it, a constant for people: "null", a path, a wildcard,
 * whatever is no scheme://host.  Other schemes than http and https are those of
 * apps (capacitor://localhost): scheme and host, in lower case, and port stay.
 */
const char *origin_normal(struct span text, char *w, size_t *n);

#endif
