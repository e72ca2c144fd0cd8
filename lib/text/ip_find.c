#include "text/ip_find.h"

#include "base/ascii.h"

#include "base/banned.h"

enum {
	V6_MAX = 45, /* the longest text of an address, with an IPv4 one at its end */
	GROUP = 4,   /* hex digits */
};

/* Whether a word ends before p: nothing is there, or no letter or digit, or an escape. */
static bool
is_start(const char *start, const char *p)
{
	if (p == start || !(ascii_is_letter(p[-1]) || ascii_is_digit(p[-1])))
		return true;
	return p - start >= 3 && p[-3] == '%' && ascii_is_hex(p[-2]) && ascii_is_hex(p[-1]);
}

static bool
is_end(const char *p, const char *end)
{
	return p == end || !(ascii_is_letter(*p) || ascii_is_digit(*p));
}

/* "Chrome/" and "rv:" before a number: a name that begins a word, and a slash. */
static bool
is_version(const char *start, const char *p, const char *behind, const char *end)
{
	const char *name;
	char mark;

	if (p - start < 3)
		return false;
	mark = *--p;
	if (mark == ':')
		return (p[-1] | 0x20) == 'v' && (p[-2] | 0x20) == 'r' && is_start(start, p - 2);
	if (mark != '/' || (behind < end && (*behind == '/' || *behind == '?' || *behind == ':')))
		return false;
	for (name = p; name > start &&
	     (ascii_is_letter(name[-1]) || ascii_is_digit(name[-1]) || name[-1] == '-' ||
		 name[-1] == '_' || name[-1] == '.');
	     name--)
		;
	if (name == p || !ascii_is_letter(*name))
		return false;
	return name == start || name[-1] == ' ' || name[-1] == '(' || name[-1] == ';' ||
	    name[-1] == '"' || name[-1] == '+' || name[-1] == ',';
}

/* A number of at most 255 without needless zeros; NULL when it is none. */
static const char *
take_octet(const char *p, const char *end, unsigned char *to)
{
	unsigned v = 0;
	int digits = 0;

	for (; p < end && ascii_is_digit(*p) && digits < 3; p++, digits++)
		v = v * 10 + (unsigned)(*p - '0');
	if (digits == 0 || v > 255 || (digits > 1 && p[-digits] == '0'))
		return NULL;
	*to = (unsigned char)v;
	return p;
}

/* An IPv4 address whose first dot is at p. */
static bool
find_v4(const char *start, const char *p, const char *end, struct ip_place *place)
{
	const char *behind;
	int i;

	if (p == start || !ascii_is_digit(p[-1]) || p + 1 == end || !ascii_is_digit(p[1]))
		return false;
	for (i = 0; i < 3 && p > start && ascii_is_digit(p[-1]); i++)
		p--;
	if (!is_start(start, p) || (p - start >= 2 && p[-1] == '.' && ascii_is_digit(p[-2])))
		return false;
	*place = (struct ip_place){ .p = p, .ip.v4 = true };
	for (i = 0, behind = p; i < 4; i++) {
		if (i > 0 && (behind == end || *behind++ != '.'))
			return false;
		behind = take_octet(behind, end, &place->ip.b[i]);
		if (!behind)
			return false;
	}
	if (!is_end(behind, end) ||
	    (end - behind > 1 && *behind == '.' && ascii_is_digit(behind[1])))
		return false;
	place->n = (size_t)(behind - p);
	return !is_version(start, p, behind, end);
}

/*
 * Whether the colon before p is one of figures, "1:2", and not of a name that
 * stands before the address, "cache:2001:db8::1".
 */
static bool
is_inside(const char *start, const char *p)
{
	if (p == start || *--p != ':' || p == start)
		return false;
	if (p[-1] == ':')
		return true;
	if (!ascii_is_hex(p[-1]))
		return false;
	while (p > start && ascii_is_hex(p[-1]))
		p--;
	return is_start(start, p);
}

/* An IPv6 address around the colon at p. */
static bool
find_v6(const char *start, const char *p, const char *end, struct ip_place *place)
{
	const char *behind = p;
	int digits = 0, colons = 0;
	bool doubled = false;

	if (p + 1 == end || !(ascii_is_hex(p[1]) || p[1] == ':'))
		return false;
	while (p > start && ascii_is_hex(p[-1]) && digits++ < GROUP)
		p--;
	if (!is_start(start, p) || is_inside(start, p))
		return false;
	for (; behind < end && (ascii_is_hex(*behind) || *behind == ':' || *behind == '.');
	     behind++) {
		colons += *behind == ':';
		doubled = doubled || (*behind == ':' && behind > p && behind[-1] == ':');
		if (behind - p > V6_MAX)
			return false;
	}
	if (!is_end(behind, end))
		return false;
	while (behind > p + 2 && (behind[-1] == '.' || (behind[-1] == ':' && behind[-2] != ':')))
		behind--;
	if ((colons < 6 && !doubled) || behind - p <= 2)
		return false;
	*place = (struct ip_place){ .p = p, .n = (size_t)(behind - p) };
	return ip_parse(&place->ip, p, place->n);
}

bool
ip_find(const char *start, const char *from, const char *end, struct ip_place *place)
{
	const char *p = from;

	for (;; p++) {
		while (p < end && *p != '.' && *p != ':')
			p++;
		if (p == end)
			return false;
		if (*p == ':' ? find_v6(start, p, end, place) : find_v4(start, p, end, place))
			if (place->p >= from)
				return true;
	}
}
