/*
 * The keys of an event that a server takes from the request (SPEC 2: ip, user_agent, host,
 * received_at, project_id) and ignores in what is sent: left out, so that no address is
 * sent, or kept on a disk, for nothing.
 */
#ifndef MM_STRIP_H
#define MM_STRIP_H

#include "base/buf.h"

/*
 * The event [p, p+n), which event_parse found valid, without them: in the buffer, all other
 * members with their bytes.  p is NULL when memory is out.
 */
struct span strip_context(struct buf *, const char *p, size_t n);

#endif
