#include "import/hit.h"

#include "base/ascii.h"
#include "text/client.h"
#include "text/log_time.h"

#include "base/banned.h"

static const struct span names[HIT_FIELDS] = {
	[HIT_AGENT] = { "agent", 5 },
	[HIT_CLOCK] = { "clock", 5 },
	[HIT_DAY] = { "day", 3 },
	[HIT_FORWARDED] = { "forwarded", 9 },
	[HIT_HOST] = { "host", 4 },
	[HIT_IP] = { "ip", 2 },
	[HIT_LINE] = { "line", 4 },
	[HIT_METHOD] = { "method", 6 },
	[HIT_PORT] = { "port", 4 },
	[HIT_QUERY] = { "query", 5 },
	[HIT_REFERRER] = { "referrer", 8 },
	[HIT_REQUEST] = { "request", 7 },
	[HIT_SCHEME] = { "scheme", 6 },
	[HIT_STATUS] = { "status", 6 },
	[HIT_TARGET] = { "target", 6 },
	[HIT_TIME] = { "time", 4 },
};

enum hit_field
hit_field_named(struct span name)
{
	unsigned f = 0;

	while (f < HIT_FIELDS && !span_eq(names[f], name))
		f++;
	return (enum hit_field)f;
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* " HTTP/1.1" at the end of a request line: where it begins, else the end. */
static size_t
protocol_start(struct span s)
{
	size_t i = s.n;

	while (i > 0 && s.n - i < 12 && s.p[i - 1] != ' ')
		i--;
	if (i < 1 || s.p[i - 1] != ' ' || s.n - i < 6 || memcmp(s.p + i, "HTTP/", 5) != 0)
		return s.n;
	return i - 1;
}

struct hit_request
hit_request_split(struct span s)
{
	struct hit_request r = { .method.n = 0 };
	size_t i = 0, end;

	while (i < s.n && (is_upper(s.p[i]) || s.p[i] == '-' || s.p[i] == '_'))
		i++;
	if (i < 2 || i > 32 || i == s.n || s.p[i] != ' ')
		return r;
	end = protocol_start(s);
	if (end <= i + 1)
		return r;
	r.method = (struct span){ s.p, i };
	r.target = (struct span){ s.p + i + 1, end - i - 1 };
	return r;
}

static bool
begins_as(struct span s, const char *lower, size_t n)
{
	size_t i;

	if (s.n < n)
		return false;
	for (i = 0; i < n; i++)
		if ((is_upper(s.p[i]) ? s.p[i] | 0x20 : s.p[i]) != lower[i])
			return false;
	return true;
}

struct hit_origin
hit_take_origin(struct span *t)
{
	struct hit_origin o = { .scheme.n = 0 };
	size_t n = begins_as(*t, "http://", 7) ? 7 : begins_as(*t, "https://", 8) ? 8 : 0, i;

	if (!n)
		return o;
	for (i = n; i < t->n && t->p[i] != '/' && t->p[i] != '?' && t->p[i] != '#'; i++)
		;
	o.scheme = (struct span){ t->p, n - 3 };
	o.host = (struct span){ t->p + n, i - n };
	*t = i < t->n && t->p[i] == '/' ? (struct span){ t->p + i, t->n - i }
					: (struct span){ "/", 1 };
	return o;
}

static bool
may_begin(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	    (unsigned char)c >= 0x80;
}

size_t
hit_site_name(struct span host, char *room)
{
	struct span bare = url_authority_host(host);
	struct ip ip;
	size_t n, i;

	/* "_" is nginx's name of a server without one */
	if (bare.n == 0 || !may_begin(*bare.p))
		return 0;
	if (url_name(bare, room, &n) != NULL || n == 0)
		return 0;
	/* an address has colons, or ends with a digit */
	if ((ascii_is_digit(room[n - 1]) || memchr(room, ':', n)) && ip_parse(&ip, room, n))
		return 0;
	/* the URL Standard allows quotes and the like, DNS does not */
	for (i = 0; i < n; i++)
		if (!may_begin(room[i]) && room[i] != '-' && room[i] != '.' && room[i] != '_')
			return 0;
	return n;
}

/* ---- what may be taken ---- */

static void
put(struct hit *h, enum hit_field f, unsigned rank, struct span s)
{
	if (h->v[f].p && h->rank[f] <= rank)
		return;
	h->v[f] = s;
	h->rank[f] = rank;
}

/* A name without a dot is more likely one of a machine. */
static void
offer_host(struct hit *h, unsigned rank, struct span s)
{
	char room[URL_NAME_MAX];
	size_t n = hit_site_name(s, room);

	if (n)
		put(h, HIT_HOST, memchr(room, '.', n) ? rank : rank + HIT_RANK_MAX + 1, s);
}

static void
offer_target(struct hit *h, unsigned rank, struct span s)
{
	struct hit_origin o = hit_take_origin(&s);

	if (o.host.n) {
		offer_host(h, HIT_RANK_MAX, o.host);
		put(h, HIT_SCHEME, HIT_RANK_MAX, o.scheme);
	}
	if (s.p[0] == '/')
		put(h, HIT_TARGET, memchr(s.p, '?', s.n) ? rank : rank + HIT_RANK_MAX + 1, s);
}

static void
offer_time(struct hit *h, unsigned rank, struct span s)
{
	int64_t ms;

	if (log_time_parse(s.p, s.n, &ms)) {
		put(h, HIT_TIME, rank, s);
		if (h->v[HIT_TIME].p == s.p) {
			h->timed = s.p;
			h->ms = ms;
		}
	} else if (date_parse(s.p, s.n, &ms)) {
		put(h, HIT_DAY, rank, s);
	} else if (log_time_of_day(s.p, s.n, &ms)) {
		put(h, HIT_CLOCK, rank, s);
	} else {
		h->no_time = true;
	}
}

static void
offer_request(struct hit *h, unsigned rank, struct span s)
{
	if (s.p[0] == '/')
		offer_target(h, rank, s);
	else
		put(h, HIT_REQUEST, rank, s);
}

/* Words such as "https", "on", "TLSv1.3" say so; "off", "http" say http. */
static void
offer_scheme(struct hit *h, unsigned rank, struct span s)
{
	if (begins_as(s, "https", 5) || begins_as(s, "on", 2) || begins_as(s, "tls", 3) ||
	    begins_as(s, "true", 4) || begins_as(s, "wss", 3))
		put(h, HIT_SCHEME, rank, SPAN("https"));
	else if (begins_as(s, "http", 4) || begins_as(s, "off", 3) || begins_as(s, "false", 5))
		put(h, HIT_SCHEME, rank, SPAN("http"));
}

void
hit_offer(struct hit *h, enum hit_field f, unsigned rank, struct span s)
{
	struct ip ip;
	size_t i;

	h->has_request |= f == HIT_REQUEST || f == HIT_TARGET || f == HIT_METHOD;
	if (s.n == 0 || (s.n == 1 && *s.p == '-'))
		return;
	switch (f) {
	case HIT_TIME:
		offer_time(h, rank, s);
		break;
	case HIT_HOST:
		offer_host(h, rank, s);
		break;
	case HIT_TARGET:
		offer_target(h, rank, s);
		break;
	case HIT_REQUEST:
		offer_request(h, rank, s);
		break;
	case HIT_SCHEME:
		offer_scheme(h, rank, s);
		break;
	case HIT_IP:
		if (client_parse(&ip, s) || memchr(s.p, ',', s.n))
			put(h, f, rank, s);
		break;
	case HIT_PORT:
	case HIT_STATUS:
		for (i = 0; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
			;
		if (i == s.n && s.n <= 5)
			put(h, f, rank, s);
		break;
	default:
		put(h, f, rank, s);
	}
}
