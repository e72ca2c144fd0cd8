/*
 * What is taken out of a URL before it is stored: always the user and the
 * password before its host, and parameters of its query on demand.
 */
#ifndef MM_URL_CLEAN_H
#define MM_URL_CLEAN_H

#include "base/buf.h"
#include "text/url.h"

/* A list of names as the user wrote it: "gclid,fbclid,email". */
struct param_list {
	struct span text; /* n == 0: none */
};

/*
 * Whether the list is one: names without blanks, '&', '=' or '#', separated
 * by single commas.
 */
bool param_list_valid(struct span);

/*
 * Writes the URL that was split into *u without userinfo and without the
 * parameters of the list, whose names are compared after decoding and without
 * ASCII case.  Returns true when something was taken out, with the
 * rest in *to (reset first); false when the URL can stay as it is.
 */
bool url_clean(const struct url *u, struct param_list, struct buf *to);

/*
 * The same for text that need not be a URL.  What may be a user and a password
 * is taken out: all before the last '@' of the authority, also where a scheme
 * is missing or unknown, or slashes are too few, too many or the wrong ones,
 * as long as parsers of URLs, or people, read an authority there; and
 * "name:password@" at its start.  One slash after none or an unknown scheme
 * begins a path, which stays.
 */
bool url_clean_text(struct span text, struct buf *to);

/*
 * The path of the URL without what url_clean takes out of it (of a scheme
 * that has no authority by the standard, it can be a part of the path).  False
 * when the path can stay as it is.
 */
bool url_clean_path(const struct url *u, struct buf *to);

#endif
