/*
 * Where a ClickHouse server is: its URL, checked, and the names that files have
 * after it.  For clickhouse.c alone.
 */
#ifndef MM_ENDPOINT_H
#define MM_ENDPOINT_H

#include "base/buf.h"

enum { ENDPOINT_SERVER_MAX = 200 }; /* bytes of either name, without its NUL */

struct endpoint {
	char *url;         /* normalised; holds no credentials */
	struct buf host;   /* clickhouse_host tells it; ends in a NUL */
	struct buf server; /* clickhouse_server tells it; ends in a NUL */
	bool loopback;     /* localhost, [::1] or one of 127.0.0.0/8 */
};

/*
 * Fills a zeroed endpoint from an http or https URL without user, password, query
 * and fragment.  Returns NULL, or what is wrong, to stand behind "the URL"; the
 * caller releases it in both cases.
 */
const char *endpoint_read(struct endpoint *, const char *url);
void endpoint_release(struct endpoint *);

#endif
