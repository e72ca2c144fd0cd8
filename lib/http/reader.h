/*
 * Requests on their way in: read, handed out one at a time, and ended.
 */
#ifndef MM_HTTP_READER_H
#define MM_HTTP_READER_H

#include "http/conn.h"

/* What epoll says of a connection. */
void reader_event(struct conn *, uint32_t events);

/* Does what can be done now. */
void reader_run(struct conn *);

/* Its deadline has passed. */
void reader_due(struct conn *);

#endif
