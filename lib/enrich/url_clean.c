#include "enrich/url_clean.h"

#include "text/url_query.h"

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

/* ---- user and password ---- */

/* What parsers of URLs skip before one, and remove inside it. */
static bool
is_ignored(char c)
{
	return (unsigned char)c <= ' ';
}

static bool
is_slash(char c)
{
	return c == '/' || c == '\\';
}

static bool
is_scheme_char(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' ||
	    c == '-' || c == '.';
}

/* Schemes after which there is an authority, also without slashes (URL Standard, "special"). */
static bool
is_special(const char *p, const char *end)
{
	static const struct span special[] = { { "http", 4 }, { "https", 5 }, { "ws", 2 },
		{ "wss", 3 }, { "ftp", 3 } };
	char name[6];
	size_t n = 0, i;

	for (; p < end; p++) {
		if (is_ignored(*p))
			continue;
		if (n == sizeof(name))
			return false;
		name[n++] = (char)(*p | 0x20);
	}
	for (i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (span_eq(special[i], (struct span){ name, n }))
			return true;
	return false;
}

/* Schemes whose '@' is not that of an authority. */
static bool
is_opaque(const char *p, const char *end)
{
	static const struct span known[] = { { "mailto", 6 }, { "xmpp", 4 }, { "acct", 4 },
		{ "im", 2 }, { "data", 4 }, { "javascript", 10 }, { "urn", 3 }, { "tag", 3 },
		{ "did", 3 } };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (same_name(known[i], (struct span){ p, (size_t)(end - p) }))
			return true;
	return false;
}

/* "scheme:" at p: what is after it; else NULL. */
static const char *
after_scheme(const char *p, const char *end)
{
	while (p < end && (is_scheme_char(*p) || is_ignored(*p)))
		p++;
	return p < end && *p == ':' ? p + 1 : NULL;
}

/* Behind "//" of a scheme that is not special, a backslash belongs to the user. */
static const char *
after_slashes(const char *p, const char *end, bool special, size_t *slashes)
{
	const char *start = p;

	*slashes = 0;
	for (; p < end && (is_slash(*p) || is_ignored(*p)); p++) {
		if (*p == '\\' && !special && *slashes >= 2 && *start == '/')
			break;
		*slashes += is_slash(*p) ? 1 : 0;
	}
	return p;
}

/* The authority of a text that may be a URL. */
struct authority {
	const char *start;
	bool bare;      /* what looks like a scheme may be the user */
	bool backslash; /* ends it as a slash does */
};

/* "scheme://" at p, as behind "view-source:" and, mistyped, "http://". */
static bool
begins_anew(const char *p, const char *end)
{
	size_t slashes;

	p = after_scheme(p, end);
	if (p)
		after_slashes(p, end, true, &slashes);
	return p && slashes >= 2;
}

/*
 * Finds the authority: behind a scheme that has one, with however many slashes
 * of either kind; behind two of them or more after any other scheme, and after
 * none.  False: there is none.
 */
static bool
find_authority(const char *p, const char *end, struct authority *a)
{
	const char *start, *first, *next;
	size_t slashes;
	bool special = true, named = false;

	while (p < end && is_ignored(*p))
		p++;
	start = p;
	for (;;) {
		next = after_scheme(p, end);
		if (next) {
			named = true;
			special = is_special(p, next - 1);
			p = next;
		}
		a->start = after_slashes(p, end, special, &slashes);
		if (!next && slashes == 0)
			break;
		if (slashes >= 2 || (special && named)) {
			if (begins_anew(a->start, end)) {
				p = a->start;
				continue;
			}
			a->bare = false;
			a->backslash = special;
			return true;
		}
		if (slashes > 0)
			return false;
	}
	*a = (struct authority){ start, true, true };
	first = memchr(start, ':', (size_t)(end - start));
	return first && !is_opaque(start, first);
}

static const char *
end_of_part(const struct authority *a, const char *p, const char *end, const char **at)
{
	for (; p < end; p++) {
		if (*p == '@')
			*at = p;
		else if (*p == '/' || *p == '?' || *p == '#' || (*p == '\\' && a->backslash))
			break;
	}
	return p;
}

/* Whether "host:" is followed by what is no port: then it is "user:", and the
   password had a character that it must not have. */
static bool
is_cut_password(const char *p, const char *end)
{
	const char *colon = memchr(p, ':', (size_t)(end - p));

	if (!colon || *p == '[')
		return false;
	for (p = colon + 1; p < end && *p >= '0' && *p <= '9'; p++)
		;
	return p < end;
}

/*
 * Finds what stands before the last '@' of the authority, that included; false
 * when there is nothing of the kind.
 */
static bool
find_userinfo(struct span text, struct span *userinfo)
{
	const char *end = text.p + text.n, *p, *at = NULL;
	const char *colon;
	struct authority a;

	if (text.n == 0 || !memchr(text.p, '@', text.n) || !find_authority(text.p, end, &a))
		return false;
	p = end_of_part(&a, a.start, end, &at);
	colon = a.bare ? memchr(a.start, ':', (size_t)(p - a.start)) : a.start;
	if (!colon || (at && at < colon))
		return false;
	if (!at && !a.bare && is_cut_password(a.start, p)) {
		at = memchr(p, '@', (size_t)(end - p));
		if (at)
			end_of_part(&a, at, end, &at);
	}
	if (!at)
		return false;
	*userinfo = (struct span){ a.start, (size_t)(at + 1 - a.start) };
	return true;
}

/* The URL as it is written, from its scheme to its end. */
static struct span
written(const struct url *u)
{
	const char *end = u->fragment.p ? u->fragment.p + u->fragment.n
	    : u->query.p                ? u->query.p + u->query.n
					: u->path.p + u->path.n;

	return (struct span){ u->scheme.p, (size_t)(end - u->scheme.p) };
}

bool
url_clean_text(struct span text, struct buf *to)
{
	struct span userinfo;
	const char *after;

	buf_reset(to);
	if (!find_userinfo(text, &userinfo))
		return false;
	after = userinfo.p + userinfo.n;
	buf_add(to, text.p, (size_t)(userinfo.p - text.p));
	buf_add(to, after, (size_t)(text.p + text.n - after));
	return true;
}

bool
url_clean(const struct url *u, struct param_list list, struct buf *to)
{
	struct span text = written(u), userinfo;
	const char *from = text.p, *end = text.p + text.n;
	bool found = find_userinfo(text, &userinfo), removed = false;

	buf_reset(to);
	if (!found && (list.text.n == 0 || !u->query.p))
		return false;
	if (found) {
		buf_add(to, from, (size_t)(userinfo.p - from));
		from = userinfo.p + userinfo.n;
	}
	if (list.text.n && u->query.p > from) {
		buf_add(to, from, (size_t)(u->query.p - 1 - from));
		removed = add_query(to, u->query, list);
		from = u->query.p + u->query.n;
	}
	buf_add(to, from, (size_t)(end - from));
	return found || removed;
}

bool
url_clean_path(const struct url *u, struct buf *to)
{
	const char *p = u->path.p, *end = u->path.p + u->path.n, *after;
	struct span userinfo;

	buf_reset(to);
	if (!find_userinfo(written(u), &userinfo))
		return false;
	after = userinfo.p + userinfo.n;
	if (after <= p || p == end)
		return false;
	if (userinfo.p > p)
		buf_add(to, p, (size_t)(userinfo.p - p));
	if (after < end)
		buf_add(to, after, (size_t)(end - after));
	return true;
}
