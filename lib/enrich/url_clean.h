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
 * The same for text that need not be a URL: what stands before an '@' in the
 * authority of "scheme://authority" or "//authority" at its start is taken
 * out, whether or not the rest is well-formed.
 */
bool url_clean_text(struct span text, struct buf *to);

#endif
