/*
 * Answers on their way out.
 */
#ifndef MM_HTTP_REPLY_H
#define MM_HTTP_REPLY_H

#include "http/conn.h"

/* http_answer (http/server.h). */
void reply(struct http_request *, unsigned status, struct span headers, struct span body);

/* Our own answer to what is no good request; the connection ends. */
void reply_refuse(struct conn *, unsigned status);

/* Writes what is left of an answer; false: not all of it, for now. */
bool reply_flush(struct conn *);

#endif
