#include "text/client.h"

#include "base/ascii.h"

#include "base/banned.h"

static bool
ip_range_holds(const struct ip_range *r, const struct ip *ip)
{
	unsigned whole = r->bits / 8, rest = r->bits % 8;

	return r->ip.v4 == ip->v4 && memcmp(r->ip.b, ip->b, whole) == 0 &&
	    (rest == 0 || (r->ip.b[whole] ^ ip->b[whole]) >> (8 - rest) == 0);
}

bool
ip_range_parse(struct ip_range *r, struct span text)
{
	const char *slash = memchr(text.p, '/', text.n);
	size_t n = slash ? (size_t)(slash - text.p) : text.n;
	uint64_t bits;

	if (!ip_parse(&r->ip, text.p, n))
		return false;
	r->bits = r->ip.v4 ? 32 : 128;
	if (!slash)
		return true;
	if (text.n - n < 2 || text.n - n > 4)
		return false;
	if (!ascii_number((struct span){ text.p + n + 1, text.n - n - 1 }, 999, &bits))
		return false;
	r->bits = (unsigned)bits;
	/* ::ffff:10.0.0.0/104 is a range of IPv4 */
	if (r->ip.v4 && memchr(text.p, ':', n))
		r->bits = r->bits < 96 ? 999 : r->bits - 96;
	return r->bits <= (r->ip.v4 ? 32u : 128u);
}

/* Whether the address is of no public network: loopback, link-local, private. */
static bool
ip_is_private(const struct ip *ip)
{
	static const struct ip_range v4[] = {
		{ { true, { 10 } }, 8 },
		{ { true, { 172, 16 } }, 12 },
		{ { true, { 192, 168 } }, 16 },
		{ { true, { 127 } }, 8 },
		{ { true, { 169, 254 } }, 16 },
		{ { true, { 100, 64 } }, 10 },
		{ { false, { 0xfc } }, 7 },
		{ { false, { 0xfe, 0x80 } }, 10 },
		{ { false, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } }, 128 },
	};
	size_t i;

	for (i = 0; i < sizeof(v4) / sizeof(v4[0]); i++)
		if (ip_range_holds(&v4[i], ip))
			return true;
	return false;
}

static bool
is_around(char c)
{
	return c == ' ' || c == '\t' || c == '"';
}

/* A dotted quad, read without a call; most addresses are. */
static bool
quad_parse(struct ip *ip, const char *p, size_t n)
{
	const char *end = p + n;
	int i;

	if (n < 7 || n > 15)
		return false;
	for (i = 0; i < 4; i++) {
		unsigned v;

		if (p == end || *p < '0' || *p > '9')
			return false;
		v = (unsigned)(*p++ - '0');
		for (; p < end && *p >= '0' && *p <= '9'; p++) {
			v = v * 10 + (unsigned)(*p - '0');
			if (v > 255 || v < 10)
				return false;
		}
		ip->b[i] = (unsigned char)v;
		if (i < 3 && (p == end || *p++ != '.'))
			return false;
	}
	if (p != end)
		return false;
	ip->v4 = true;
	memset(ip->b + 4, 0, 12);
	return true;
}

bool
client_parse(struct ip *ip, struct span t)
{
	const char *p, *close;

	if (t.n == 0)
		return false;
	if (quad_parse(ip, t.p, t.n))
		return true;
	while (t.n && is_around(*t.p)) {
		t.p++;
		t.n--;
	}
	while (t.n && is_around(t.p[t.n - 1]))
		t.n--;
	if (t.n < 2)
		return false;
	if (*t.p == '[') {
		close = memchr(t.p, ']', t.n);
		if (!close)
			return false;
		t = (struct span){ t.p + 1, (size_t)(close - t.p) - 1 };
	} else {
		/* one colon is before a port; IPv6 has two at least */
		p = memchr(t.p, ':', t.n);
		if (p && !memchr(p + 1, ':', t.n - (size_t)(p + 1 - t.p)))
			t.n = (size_t)(p - t.p);
	}
	p = memchr(t.p, '%', t.n);
	if (p)
		t.n = (size_t)(p - t.p);
	return ip_parse(ip, t.p, t.n);
}

/* Takes the last entry off a list with commas; false: it is empty. */
static bool
take_last(struct span *list, struct span *entry)
{
	size_t start = list->n;

	if (!list->n)
		return false;
	while (start > 0 && list->p[start - 1] != ',')
		start--;
	*entry = (struct span){ list->p + start, list->n - start };
	list->n = start ? start - 1 : 0;
	return true;
}

/* "for=192.0.2.60;proto=http" to what is behind "for=". */
static struct span
without_for(struct span e)
{
	size_t i, k;

	for (i = 0; i + 4 <= e.n; i++) {
		if ((e.p[i] | 0x20) != 'f' || (e.p[i + 1] | 0x20) != 'o' ||
		    (e.p[i + 2] | 0x20) != 'r' || e.p[i + 3] != '=')
			continue;
		e.p += i + 4;
		e.n -= i + 4;
		for (k = 0; k < e.n && e.p[k] != ';'; k++)
			;
		e.n = k;
		break;
	}
	return e;
}

bool
client_is_trusted(const struct client_trust *t, const struct ip *ip)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (ip_range_holds(&t->range[i], ip))
			return true;
	return false;
}

bool
client_take_last(struct ip *ip, struct span *list)
{
	struct span entry;

	return take_last(list, &entry) && client_parse(ip, without_for(entry));
}

bool
client_go_left(struct ip *ip, struct span list, const struct client_trust *trust, bool *went)
{
	struct ip next;

	while (client_is_trusted(trust, ip)) {
		if (!list.n)
			return true;
		if (!client_take_last(&next, &list))
			return false;
		*ip = next;
		*went = true;
	}
	return false;
}

static bool
go_left(struct ip *ip, struct span list, const struct client_trust *trust)
{
	bool went = false;

	client_go_left(ip, list, trust, &went);
	return went;
}

enum client_result
client_find(
    struct ip *ip, struct span peer, struct span forwarded, const struct client_trust *trust)
{
	struct span entry = peer;
	bool known = false, listed = false;

	if (peer.n) {
		if (memchr(peer.p, ',', peer.n)) {
			take_last(&peer, &entry);
			listed = true;
		}
		known = client_parse(ip, entry);
	}
	if (known && listed && go_left(ip, peer, trust) && !client_is_trusted(trust, ip))
		return CLIENT_FORWARDED;
	if (!known) {
		if (!client_take_last(ip, &forwarded))
			return CLIENT_NONE;
		go_left(ip, forwarded, trust);
		return CLIENT_FORWARDED;
	}
	if (forwarded.n && go_left(ip, forwarded, trust))
		return CLIENT_FORWARDED;
	return forwarded.n && ip_is_private(ip) && !client_is_trusted(trust, ip) ? CLIENT_UNTRUSTED
										 : CLIENT_PEER;
}
