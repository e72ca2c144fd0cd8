#include "http/forwarded.h"

#include "base/banned.h"

/* Reads the fields of that name; false: they name nobody. */
static bool
read_list(
    struct ip *ip, const struct http_request *r, struct span name, const struct http_trust *trust)
{
	bool known = !r->peer_is_unix, went = false;
	size_t i;

	*ip = r->peer;
	for (i = r->field_count; i-- > 0;) {
		struct span list = http_field_value(r, i);

		if (!http_field_is(r, i, name))
			continue;
		if (!known) {
			/* the peer has no address: its word is the first */
			if (!client_take_last(ip, &list))
				return false;
			known = went = true;
		}
		if (!client_go_left(ip, list, &trust->proxies, &went))
			break;
	}
	return went;
}

enum http_client
http_client_find(struct ip *ip, const struct http_request *r, const struct http_trust *trust)
{
	const struct span x_name = SPAN("x-forwarded-for"), f_name = SPAN("forwarded");
	bool trusted =
	    r->peer_is_unix ? trust->unix_sockets : client_is_trusted(&trust->proxies, &r->peer);
	bool x, f;
	struct ip x_ip, f_ip;

	if (!r->peer_is_unix)
		*ip = r->peer;
	x = http_header(r, x_name).p != NULL;
	f = http_header(r, f_name).p != NULL;
	if ((x || f) && !trusted)
		return HTTP_CLIENT_UNTRUSTED;
	x = x && read_list(&x_ip, r, x_name, trust);
	f = f && read_list(&f_ip, r, f_name, trust);
	if (x && f && (x_ip.v4 != f_ip.v4 || memcmp(x_ip.b, f_ip.b, sizeof(x_ip.b)) != 0))
		return HTTP_CLIENT_DISAGREE;
	if (x || f) {
		*ip = x ? x_ip : f_ip;
		return HTTP_CLIENT_FORWARDED;
	}
	return r->peer_is_unix ? HTTP_CLIENT_NONE : HTTP_CLIENT_PEER;
}
