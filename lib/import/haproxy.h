/*
 * Lines of HAProxy's "option httplog", with or without syslog's words in front.
 */
#ifndef MM_HAPROXY_H
#define MM_HAPROXY_H

#include "event/complaint.h"
#include "import/hit.h"

/*
 * Reads the line [p, p+n).  Of the request headers that were captured,
 * "{shop.example|https://a.example/|Mozilla/5.0 ..}", each is taken for what it
 * looks like: a host, a referrer, an agent, or addresses for X-Forwarded-For.
 * False, with a complaint of constant text, when it is no such line.
 */
bool haproxy_parse(struct hit *, const char *p, size_t n, struct complaint *why);

#endif
