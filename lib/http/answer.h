/*
 * The head of an answer, and the answers that are the server's own.
 */
#ifndef MM_HTTP_ANSWER_H
#define MM_HTTP_ANSWER_H

#include "base/buf.h"

enum { ANSWER_HEAD_MOST = 256 };

/*
 * Writes the status line, Date, Content-Length (but not of 204 and 304) and
 * Connection, where the version does not imply it; no empty line.  At most
 * ANSWER_HEAD_MOST bytes; returns how many.
 */
size_t answer_head(
    char *w, unsigned status, struct span date, size_t body_n, bool keep_alive, bool http_1_0);

/* Whether an answer of this status has no body whatever the request (RFC 9110, 6.4.1). */
bool answer_is_empty(unsigned status);

/* Fields and body of the server's own refusal. */
struct span answer_refusal_fields(unsigned status);
struct span answer_refusal_body(unsigned status);

#endif
