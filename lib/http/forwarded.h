/*
 * Who sent a request: the peer, or whom trusted proxies name.
 */
#ifndef MM_HTTP_FORWARDED_H
#define MM_HTTP_FORWARDED_H

#include "http/http.h"
#include "text/client.h"

/* Who may name another as the client. */
struct http_trust {
	struct client_trust proxies;
	bool unix_sockets; /* who comes by a unix socket */
};

enum http_client {
	HTTP_CLIENT_PEER,      /* nothing says otherwise */
	HTTP_CLIENT_FORWARDED, /* named by a proxy that is trusted */
	HTTP_CLIENT_UNTRUSTED, /* the peer names another and is not trusted: it is the peer */
	HTTP_CLIENT_DISAGREE,  /* X-Forwarded-For and Forwarded do: it is the peer */
	HTTP_CLIENT_NONE,      /* the peer is a unix socket: there is no address */
};

/*
 * Finds the client's address.  X-Forwarded-For and Forwarded (RFC 7239) are read
 * from the right, past proxies that are trusted; several fields of a name are
 * one list.  Where a request has both and they name different clients, one of
 * them is what the client made up: a proxy writes one and passes the other on.
 * *ip is untouched for HTTP_CLIENT_NONE, and for the two others without an
 * address of the peer, which r->peer_is_unix tells.
 */
enum http_client http_client_find(
    struct ip *ip, const struct http_request *r, const struct http_trust *);

#endif
