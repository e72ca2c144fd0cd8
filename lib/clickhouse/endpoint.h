/*
 * Where a server is, ClickHouse's or an API's: its URL, checked, and the names that files
 * have after it.
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

enum endpoint_fault {
	ENDPOINT_FINE,
	ENDPOINT_NO_URL,      /* no http:// or https:// URL of a host */
	ENDPOINT_CREDENTIALS, /* holds a user or password */
	ENDPOINT_QUERY,       /* holds a query or fragment */
	ENDPOINT_MEMORY,
};

/*
 * Fills a zeroed endpoint from an http or https URL without user, password, query
 * and fragment.  Tells what is wrong; the caller releases it in both cases.
 */
enum endpoint_fault endpoint_read(struct endpoint *, const char *url);
void endpoint_release(struct endpoint *);

#endif
