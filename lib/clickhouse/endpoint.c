#include "clickhouse/endpoint.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "text/ip.h"
#include "text/url.h"

#include "base/banned.h"

static bool
is_plain(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || c == '-' || c == '_';
}

/* The host as files were named after before the port was told, too. */
static void
name_host(struct endpoint *a, struct span host)
{
	size_t i;

	if (a->loopback)
		host = SPAN("localhost");
	for (i = 0; i < host.n && a->host.n < ENDPOINT_SERVER_MAX; i++) {
		char c = host.p[i];

		buf_addc(&a->host, is_plain(c) || (c == '.' && a->host.n > 0) ? c : '_');
	}
	buf_addc(&a->host, '\0');
}

static void
add_plain(struct buf *b, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (is_plain(p[i]) || (p[i] == '.' && b->n > 0))
			buf_addc(b, p[i]);
		else
			buf_addf(b, "%%%02X", (unsigned)(unsigned char)p[i]);
	}
}

/* FNV-1a: what is cut off shall still tell names apart. */
static uint64_t
hash_of(struct span s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* All that tells a server from another. */
static void
name_server(struct endpoint *a, struct span host, struct span port, struct span path)
{
	enum { HASH_DIGITS = 16 };
	struct buf *b = &a->server;

	if (span_eq(host, SPAN("127.0.0.1")) || span_eq(host, SPAN("[::1]")))
		host = SPAN("localhost");
	if (*host.p == '[')
		add_plain(b, host.p + 1, host.n - 2);
	else
		add_plain(b, host.p, host.n);
	buf_addc(b, ':');
	buf_add(b, port.p, port.n);
	while (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	add_plain(b, path.p, path.n);
	if (b->n > ENDPOINT_SERVER_MAX) {
		uint64_t h = hash_of((struct span){ b->p, b->n });

		b->n = ENDPOINT_SERVER_MAX - HASH_DIGITS;
		buf_addf(b, "%016llx", (unsigned long long)h);
	}
	buf_addc(b, '\0');
}

/* The host as written, but an IPv4 address in its usual form. */
static struct span
host_of(const struct url *u, bool *loopback)
{
	struct span name = { u->name, u->name_n };
	struct ip ip;
	bool v4 = ip_parse(&ip, name.p, name.n) && ip.v4;

	/* of 127.0.0.0/8, an address, not a name that begins alike */
	*loopback =
	    v4 ? ip.b[0] == 127 : span_eq(name, SPAN("localhost")) || span_eq(name, SPAN("[::1]"));
	return v4 ? name : u->host;
}

/* What a URL holds; a space, a control character or a backslash is a slip. */
static bool
is_written_well(const char *url)
{
	const char *p;

	for (p = url; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '\\')
			return false;
	return true;
}

/* As it is sent: the scheme in lower case, the path never empty. */
static bool
normalise(struct endpoint *a, const struct url *u, struct span host, bool tls)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, tls ? "https://" : "http://");
	buf_add(&b, host.p, host.n);
	if (u->port.n) {
		buf_addc(&b, ':');
		buf_add(&b, u->port.p, u->port.n);
	}
	if (!u->path.n)
		buf_addc(&b, '/');
	buf_add(&b, u->path.p, u->path.n);
	buf_addc(&b, '\0');
	if (b.failed) {
		buf_release(&b);
		return false;
	}
	a->url = b.p;
	return true;
}

enum endpoint_fault
endpoint_read(struct endpoint *a, const char *url)
{
	struct span host, port;
	struct url u;
	bool tls;

	if (!is_written_well(url) || url_split(&u, url, strlen(url), NULL) != NULL || !u.web ||
	    strncmp(u.scheme.p + u.scheme.n, "://", 3) != 0 || u.name_n == 0)
		return ENDPOINT_NO_URL;
	if (u.userinfo.p)
		return ENDPOINT_CREDENTIALS;
	if (u.query.p || u.fragment.p)
		return ENDPOINT_QUERY;
	tls = u.scheme.n == strlen("https");
	host = host_of(&u, &a->loopback);
	if (!normalise(a, &u, host, tls))
		return ENDPOINT_MEMORY;
	port = u.port.n ? u.port : span_of(tls ? "443" : "80");
	name_host(a, host);
	name_server(a, host, port, u.path);
	return a->host.failed || a->server.failed ? ENDPOINT_MEMORY : ENDPOINT_FINE;
}

void
endpoint_release(struct endpoint *a)
{
	buf_release(&a->host);
	buf_release(&a->server);
	free(a->url);
	*a = (struct endpoint){ 0 };
}
