#include "text/url.h"

#include "base/ascii.h"

#include "base/banned.h"

static bool
is_removed(char c)
{
	return c == '\t' || c == '\n' || c == '\r';
}

bool
url_has_newline(struct span text)
{
	/* eight bytes at a time: almost never is one below 0x20 */
	const char *p = text.p;
	size_t n = text.n;
	const uint64_t ones = UINT64_MAX / 255;
	uint64_t word, found = 0;
	size_t i;

	for (i = 0; i + sizeof(word) <= n; i += sizeof(word)) {
		memcpy(&word, p + i, sizeof(word));
		found |= (word - ones * 0x20) & ~word & ones * 0x80;
	}
	for (; i < n; i++)
		found |= (unsigned char)p[i] < 0x20;
	if (!found)
		return false;
	for (i = 0; i < n && !is_removed(p[i]); i++)
		;
	return i < n;
}

static bool
remove_newlines(struct span *text, struct buf *scratch)
{
	char *to = buf_room(scratch, text->n);
	size_t i, n = 0;

	if (!to)
		return false;
	for (i = 0; i < text->n; i++)
		if (!is_removed(text->p[i]))
			to[n++] = text->p[i];
	scratch->n += n;
	*text = (struct span){ to, n };
	return true;
}

static struct span
trim(const char *p, size_t n)
{
	while (n > 0 && (unsigned char)*p <= ' ') {
		p++;
		n--;
	}
	while (n > 0 && (unsigned char)p[n - 1] <= ' ')
		n--;
	return (struct span){ p, n };
}

/* Cuts *text at the first c; what is after it is returned (p NULL: no c). */
static struct span
cut_at(struct span *text, char c)
{
	const char *at = text->n ? memchr(text->p, c, text->n) : NULL;
	struct span after = { NULL, 0 };

	if (at) {
		after = (struct span){ at + 1, (size_t)(text->p + text->n - (at + 1)) };
		text->n = (size_t)(at - text->p);
	}
	return after;
}

static bool
split_scheme(struct span *text, struct span *scheme)
{
	size_t i;

	if (text->n == 0 || !ascii_is_letter(text->p[0]))
		return false;
	for (i = 1; i < text->n && text->p[i] != ':'; i++) {
		unsigned char c = (unsigned char)text->p[i];

		if (!ascii_is_letter(c) && !ascii_is_digit(c) && c != '+' && c != '-' && c != '.')
			return false;
	}
	if (i == text->n)
		return false;
	*scheme = (struct span){ text->p, i };
	*text = (struct span){ text->p + i + 1, text->n - i - 1 };
	return true;
}

static bool
is_web(struct span scheme)
{
	return (scheme.n == 4 || (scheme.n == 5 && ascii_lower(scheme.p[4]) == 's')) &&
	    ascii_lower(scheme.p[0]) == 'h' && ascii_lower(scheme.p[1]) == 't' &&
	    ascii_lower(scheme.p[2]) == 't' && ascii_lower(scheme.p[3]) == 'p';
}

/* Where the host ends: at the first ':' outside brackets. */
static size_t
host_length(struct span authority)
{
	bool bracket = false;
	size_t i;

	for (i = 0; i < authority.n; i++) {
		char c = authority.p[i];

		if (c == ':' && !bracket)
			break;
		if (c == '[')
			bracket = true;
		else if (c == ']')
			bracket = false;
	}
	return i;
}

static void
split_authority(struct url *u, struct span authority)
{
	size_t i = authority.n;

	while (i > 0 && authority.p[i - 1] != '@')
		i--;
	if (i > 0) {
		u->userinfo = (struct span){ authority.p, i - 1 };
		authority = (struct span){ authority.p + i, authority.n - i };
	}
	i = host_length(authority);
	u->host = (struct span){ authority.p, i };
	if (i < authority.n)
		u->port = (struct span){ authority.p + i + 1, authority.n - i - 1 };
}

static const char *
check_port(struct span port)
{
	uint64_t value;

	if (port.n == 0)
		return NULL;
	if (!ascii_take_number(&port, 65535, &value) && ascii_is_digit(*port.p))
		return "the port is out of range";
	return port.n > 0 ? "the port is not a number" : NULL;
}

/* What is after "http:", without query and fragment. */
static const char *
split_web(struct url *u, struct span rest)
{
	const char *p = rest.p, *end = rest.p + rest.n, *start, *reason;

	while (p < end && (*p == '/' || *p == '\\'))
		p++;
	start = p;
	p = url_name_begin(p, end, u->name);
	if (p > start && (p == end || *p == '/')) {
		/* nothing but a host, as almost always */
		u->host = (struct span){ start, (size_t)(p - start) };
		u->path = (struct span){ p, (size_t)(end - p) };
		u->name_n = u->host.n;
		return url_name_finish(u->name, &u->name_n);
	}
	while (p < end && *p != '/' && *p != '\\')
		p++;
	split_authority(u, (struct span){ start, (size_t)(p - start) });
	u->path = (struct span){ p, (size_t)(end - p) };
	reason = url_name(u->host, u->name, &u->name_n);
	return reason ? reason : check_port(u->port);
}

/* What is after any other scheme and its ':'. */
static void
split_other(struct url *u, struct span rest)
{
	const char *p = rest.p, *end = rest.p + rest.n, *start;

	if (end - p >= 2 && p[0] == '/' && p[1] == '/') {
		for (start = p += 2; p < end && *p != '/'; p++)
			;
		split_authority(u, (struct span){ start, (size_t)(p - start) });
		url_name(u->host, u->name, &u->name_n);
	}
	u->path = (struct span){ p, (size_t)(end - p) };
}

const char *
url_split(struct url *u, const char *p, size_t n, struct buf *scratch)
{
	const struct span none = { NULL, 0 };
	struct span text = trim(p, n);

	u->userinfo = u->host = u->port = none;
	u->name_n = 0;
	if (scratch)
		buf_reset(scratch);
	if (url_has_newline(text)) {
		if (!scratch)
			return "a tab or newline";
		if (!remove_newlines(&text, scratch))
			return "out of memory";
	}
	if (text.n == 0)
		return "empty";
	if (!split_scheme(&text, &u->scheme))
		return "no scheme";
	u->fragment = cut_at(&text, '#');
	u->query = cut_at(&text, '?');
	u->web = is_web(u->scheme);
	if (u->web)
		return split_web(u, text);
	split_other(u, text);
	return NULL;
}

struct span
url_authority_host(struct span authority)
{
	struct url u;

	u.host = (struct span){ NULL, 0 };
	authority = trim(authority.p, authority.n);
	split_authority(&u, authority);
	return u.host;
}
