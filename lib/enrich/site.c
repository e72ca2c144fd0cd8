#include "enrich/site.h"

#include "base/banned.h"

/* A canonical name that is an address: URL Standard, "ends in a number". */
static bool
is_address(const char *name, size_t n)
{
	const char *p = name + n;

	while (p > name && p[-1] >= '0' && p[-1] <= '9')
		p--;
	return n > 0 && (name[0] == '[' || (p < name + n && (p == name || p[-1] == '.')));
}

/* IPv6 without brackets: a name has at most the ':' before its port. */
static bool
has_colons(struct span host)
{
	const char *colon = memchr(host.p, ':', host.n);
	const char *end = host.p + host.n;

	return colon && host.p[0] != '[' && memchr(colon + 1, ':', (size_t)(end - colon - 1));
}

size_t
site_name(struct span host, char *to)
{
	size_t n = 0;

	if (host.n == 0 || has_colons(host))
		return 0;
	if (url_name(host, to, &n))
		url_name(url_authority_host(host), to, &n);
	return is_address(to, n) ? 0 : n;
}

struct span
site_without_www(struct span name)
{
	if (name.n > 4 && memcmp(name.p, "www.", 4) == 0)
		return (struct span){ name.p + 4, name.n - 4 };
	return name;
}
