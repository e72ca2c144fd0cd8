/*
 * Absolute URLs, split as the WHATWG URL Standard splits them, without
 * copying; and the parameters of their queries.
 */
#ifndef MM_URL_H
#define MM_URL_H

#include "buf.h"

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
};

/*
 * Splits text (already unescaped from JSON).  Returns NULL on success, or the
 * reason why it is no absolute URL, a constant string for people.  `scratch`
 * is reset and used only where the standard removes tabs and newlines inside
 * the text; the parts are valid until text or scratch change.
 */
const char *url_split(struct url *, const char *p, size_t n, struct buf *scratch);

#endif
