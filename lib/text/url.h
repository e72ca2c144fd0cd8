/*
 * Absolute URLs, split as the WHATWG URL Standard splits them, without
 * copying; the names of hosts; and the parameters of queries.
 */
#ifndef MM_URL_H
#define MM_URL_H

#include "base/buf.h"

enum {
	URL_NAME_MAX = 255, /* bytes of a host's name; no DNS name is longer */
	URL_UNIT_BYTES = 3  /* at most, of UTF-8 for one UTF-16 code unit */
};

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

/*
 * The canonical name of a host, for comparing: percent-decoded, lower-case,
 * without a trailing dot, IPv4 and IPv6 as the URL Standard serialises them,
 * labels outside ASCII in their "xn--" form (RFC 3492; lower-cased for Latin,
 * Greek, Cyrillic and Armenian, not normalised further).  `to` has room for
 * URL_NAME_MAX bytes.  Returns NULL and sets *n, or the reason why `host` is
 * none.
 */
const char *url_name(struct span host, char *to, size_t *n);

/* The host of an authority such as a Host header's: without user and port. */
struct span url_authority_host(struct span authority);

/* A parameter of a query as written: neither part is decoded. */
struct url_param {
	struct span name, value; /* value.p == NULL: there is no '=' */
};

/*
 * Takes the next parameter off *query, which shrinks; empty pieces ("&&") are
 * skipped.  Returns false at the end.  Parameters end at '&' alone.
 */
bool url_next_param(struct span *query, struct url_param *);

/*
 * Decodes a name or value of a query (application/x-www-form-urlencoded):
 * '+' is a space, %XX a byte, an invalid escape stays as it is, what is not
 * UTF-8 becomes U+FFFD.  trim: what JavaScript's trim() removes is removed at
 * both ends, also where the text was cut.  At most max_units UTF-16 code units
 * are written, never half a character; `to` has room for max_units *
 * URL_UNIT_BYTES bytes.  Returns the bytes.
 */
size_t url_decode(struct span text, char *to, size_t max_units, bool trim);

#endif
