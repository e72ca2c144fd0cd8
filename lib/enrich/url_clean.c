#include "enrich/url_clean.h"

#include "base/banned.h"

enum { NAME_MAX_UNITS = 256 };

bool
param_list_valid(struct span list)
{
	size_t i;
	char before = ',';

	for (i = 0; i < list.n; i++) {
		char c = list.p[i];

		if ((unsigned char)c <= ' ' || c == '&' || c == '=' || c == '#' || c == '%' ||
		    (c == ',' && before == ','))
			return false;
		before = c;
	}
	return before != ',';
}

static bool
same_name(struct span a, struct span b)
{
	size_t i;

	if (a.n != b.n)
		return false;
	for (i = 0; i < a.n; i++) {
		char x = a.p[i], y = b.p[i];

		if (x >= 'A' && x <= 'Z')
			x = (char)(x | 0x20);
		if (y >= 'A' && y <= 'Z')
			y = (char)(y | 0x20);
		if (x != y)
			return false;
	}
	return true;
}

static bool
listed(struct param_list list, struct span name)
{
	char decoded[NAME_MAX_UNITS * URL_UNIT_BYTES];
	struct span plain = { decoded, 0 };
	const char *p = list.text.p, *end;

	plain.n = url_decode(name, decoded, NAME_MAX_UNITS, true);
	/* what "&amp;" in a link leaves behind, as classify reads it */
	while (plain.n > 4 && same_name((struct span){ plain.p, 4 }, SPAN("amp;")))
		plain = (struct span){ plain.p + 4, plain.n - 4 };
	for (end = p + list.text.n; p < end;) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		struct span one = { p, (size_t)((comma ? comma : end) - p) };

		if (same_name(one, plain))
			return true;
		p = comma ? comma + 1 : end;
	}
	return false;
}

/* Appends the query without the listed parameters; whether any was there. */
static bool
add_query(struct buf *to, struct span query, struct param_list list)
{
	struct span rest = query;
	struct url_param param;
	bool removed = false, first = true;

	while (url_next_param(&rest, &param)) {
		const char *end =
		    param.value.p ? param.value.p + param.value.n : param.name.p + param.name.n;

		if (listed(list, param.name)) {
			removed = true;
			continue;
		}
		buf_addc(to, first ? '?' : '&');
		buf_add(to, param.name.p, (size_t)(end - param.name.p));
		first = false;
	}
	return removed;
}

bool
url_clean(const struct url *u, struct param_list list, struct buf *to)
{
	bool userinfo = u->userinfo.p != NULL;
	bool removed = false;
	const char *from = u->scheme.p, *end;

	buf_reset(to);
	if (!userinfo && (list.text.n == 0 || !u->query.p))
		return false;
	end = u->fragment.p ? u->fragment.p + u->fragment.n
	    : u->query.p    ? u->query.p + u->query.n
			    : u->path.p + u->path.n;
	if (userinfo) {
		buf_add(to, from, (size_t)(u->userinfo.p - from));
		from = u->userinfo.p + u->userinfo.n + 1;
	}
	if (u->query.p && list.text.n) {
		buf_add(to, from, (size_t)(u->query.p - 1 - from));
		removed = add_query(to, u->query, list);
		from = u->query.p + u->query.n;
	}
	buf_add(to, from, (size_t)(end - from));
	return userinfo || removed;
}

/* Where the authority begins; NULL: there is none. */
static const char *
authority_of(struct span text)
{
	const char *p = text.p, *end = p + text.n;

	while (p < end && *p != '/' && *p != '\\' && *p != '?' && *p != '#' && *p != ':')
		p++;
	if (p < end && *p == ':')
		p++;
	else if (p != text.p)
		return NULL;
	if (end - p < 2 || (p[0] != '/' && p[0] != '\\') || (p[1] != '/' && p[1] != '\\'))
		return NULL;
	return p + 2;
}

bool
url_clean_text(struct span text, struct buf *to)
{
	const char *start, *p, *end, *at = NULL;

	buf_reset(to);
	if (text.n == 0)
		return false;
	start = authority_of(text);
	end = text.p + text.n;
	for (p = start; p && p < end && !strchr("/\\?#", *p); p++)
		if (*p == '@')
			at = p;
	if (!at)
		return false;
	buf_add(to, text.p, (size_t)(start - text.p));
	buf_add(to, at + 1, (size_t)(end - at - 1));
	return true;
}
