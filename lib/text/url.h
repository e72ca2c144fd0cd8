/*
 * Absolute URLs, split as the WHATWG URL Standard splits them, without copying.
 */
#ifndef MM_URL_H
#define MM_URL_H

#include "text/url_host.h"

/*
 * The parts are spans into the text that was split (or into the scratch
 * buffer, where the standard removes characters).  A part that is not there
 * has p == NULL; one that is there and empty has p != NULL, n == 0.
 */
struct url {
	struct span scheme;   /* as written: "HTTPS" */
	struct span userinfo; /* "user:password", without '@' */
	struct span host;     /* as written, without port; IPv6 with brackets */
	struct span port;     /* digits */
	struct span path;     /* as written, begins with '/' for http(s); "" allowed */
	struct span query;    /* without '?' */
	struct span fragment; /* without '#' */
	bool web;             /* the scheme is http or https */

	/* the host's canonical name, see url_name; 0 bytes: there is none */
	size_t name_n;
	char name[URL_NAME_MAX];
};

/*
 * Splits text (already unescaped from JSON).  Returns NULL on success, or the
 * reason why it is no absolute URL, a constant string for people.  `scratch`
 * is reset and used only where the standard removes tabs and newlines inside
 * the text (NULL: such a text is refused); the parts are valid until text or
 * scratch change.
 *
 * http and https: as the standard's parser without a base, with its host,
 * IPv4, IPv6 and port checks.  Intended differences: a path may still hold
 * backslashes, "." segments and bytes that the standard would escape (the
 * parts are as written); hosts outside ASCII and "xn--" labels are accepted
 * without the checks of UTS #46; a name over URL_NAME_MAX bytes is refused.
 * Other schemes: RFC 3986's scheme and ':' are enough; after "//" there is
 * an authority, which is not checked (name_n is 0 where it is no host).
 */
const char *url_split(struct url *, const char *p, size_t n, struct buf *scratch);

/* Is there a tab, line feed or carriage return, which url_split removes? */
bool url_has_newline(struct span text);

/* The host of an authority such as a Host header's: without user and port. */
struct span url_authority_host(struct span authority);

#endif
