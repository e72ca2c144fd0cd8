/*
 * Queries of URLs: their parameters, and text that is percent-encoded.
 */
#ifndef MM_URL_QUERY_H
#define MM_URL_QUERY_H

#include "base/buf.h"

enum {
	URL_UNIT_BYTES = 3, /* at most, of UTF-8 for one UTF-16 code unit */
	URL_REPLACEMENT = 0xfffd
};

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

/* Text with escapes, which is read character by character. */
struct url_reader {
	const char *p, *end;
	bool plus; /* '+' is a space */
};

/*
 * The next character by the UTF-8 decoder of the WHATWG Encoding Standard: an
 * ill-formed sequence gives one U+FFFD for each maximal part of it.  The reader
 * is not at its end.
 */
uint32_t url_next_char(struct url_reader *);

#endif
