#include "serve/keys_origin.h"

#include "base/ascii.h"
#include "text/url.h"

#include "base/banned.h"

static bool
is_default_port(struct span scheme, struct span port)
{
	uint64_t number;

	if (port.n == 0)
		return true;
	return ascii_number(port, 65535, &number) &&
	    number == (scheme.n == 5 ? 443u : 80u); /* "https", "http" */
}

static size_t
add_lower(char *w, struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		w[i] = ascii_lower(s.p[i]);
	return s.n;
}

/* Without zeros in front. */
static size_t
add_number(char *w, struct span number)
{
	while (number.n > 1 && *number.p == '0') {
		number.p++;
		number.n--;
	}
	memcpy(w, number.p, number.n);
	return number.n;
}

/* A host and port of a scheme that the standard knows nothing about. */
static bool
is_plain_host(struct span host, struct span port)
{
	uint64_t number;
	size_t i;

	for (i = 0; i < host.n; i++)
		if (!ascii_is_alnum(host.p[i]) && host.p[i] != '-' && host.p[i] != '.' &&
		    host.p[i] != '_')
			return false;
	return host.n > 0 && (port.n == 0 || ascii_number(port, 65535, &number));
}

/* What is wrong with the parts, but for the host. */
static const char *
wrong_part(const struct url *u)
{
	if (!u->host.p)
		return "is not an origin: expected scheme://host, as https://www.example.com";
	if (u->userinfo.p)
		return "has a user: an origin is scheme://host, as https://www.example.com";
	if (u->path.n > 1 || (u->path.n == 1 && u->path.p[0] != '/') || u->query.p || u->fragment.p)
		return "has a path: a browser sends scheme and host only, as https://www.example.com";
	return NULL;
}

/* Which the standard would take away. */
static bool
has_blank(struct span text)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] <= ' ')
			return true;
	return false;
}

const char *
origin_normal(struct span text, char *w, size_t *n)
{
	const char *wrong;
	struct url u;
	size_t at;

	if (span_eq(text, SPAN("null")))
		return "is what pages of any site can send: no origin to allow";
	if (has_blank(text))
		return "has a blank or a control character";
	if (text.n && memchr(text.p, '*', text.n))
		return "has a wildcard: name each origin";
	if (url_split(&u, text.p, text.n, NULL))
		return "is not an origin: expected scheme://host, as https://www.example.com";
	wrong = wrong_part(&u);
	if (wrong)
		return wrong;
	if (u.scheme.n + 3 + (u.web ? u.name_n : u.host.n) + 1 + u.port.n > ORIGIN_MOST)
		return "is too long";
	if (u.web ? u.name_n == 0 : !is_plain_host(u.host, u.port))
		return "has a host that is none";
	at = add_lower(w, u.scheme);
	memcpy(w + at, "://", 3);
	at += 3;
	at += add_lower(w + at, u.web ? (struct span){ u.name, u.name_n } : u.host);
	if (u.web ? !is_default_port(u.scheme, u.port) : u.port.n > 0) {
		w[at++] = ':';
		at += add_number(w + at, u.port);
	}
	*n = at;
	return NULL;
}
