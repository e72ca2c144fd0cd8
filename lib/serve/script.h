/*
 * The browser script (clients/browser): what GET /v1/a.js answers.
 */
#ifndef MM_SCRIPT_H
#define MM_SCRIPT_H

#include "http/http.h"

/*
 * Whether path, without the prefix, is /v1/a-VERSION.js: that of this version alone, which
 * always answers the same bytes.
 */
bool script_is_kept(struct span path);

/*
 * The status of the answer to a GET of /v1/a.js or of that path, 200 or 304 (RFC 9110, 13.1.2);
 * appends its fields to `fields` and sets *body, which lives as long as the program:
 * compressed where the client takes that.
 */
unsigned script_answer(const struct http_request *, struct buf *fields, struct span *body);

#endif
