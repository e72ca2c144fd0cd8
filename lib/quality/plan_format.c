#include "quality/plan_format.h"

#include "base/ascii.h"
#include "base/timestamp.h"
#include "base/uuid.h"
#include "text/ip.h"

#include "base/banned.h"

enum { LABEL_MAX = 63, HOSTNAME_MAX = 253, LOCAL_MAX = 64 };

static const char *const names[PLAN_FORMATS] = {
	[PLAN_FORMAT_DATE] = "date",
	[PLAN_FORMAT_DATE_TIME] = "date-time",
	[PLAN_FORMAT_UUID] = "uuid",
	[PLAN_FORMAT_EMAIL] = "email",
	[PLAN_FORMAT_URI] = "uri",
	[PLAN_FORMAT_IPV4] = "ipv4",
	[PLAN_FORMAT_IPV6] = "ipv6",
	[PLAN_FORMAT_HOSTNAME] = "hostname",
};
const struct json_keys plan_format_names = JSON_KEYS(names);

static const char *const complaints[PLAN_FORMATS] = {
	[PLAN_FORMAT_DATE] = "Invalid date: expected YYYY-MM-DD",
	[PLAN_FORMAT_DATE_TIME] = "Invalid date-time: expected RFC 3339, as 2026-05-16T19:00:00Z",
	[PLAN_FORMAT_UUID] = "Invalid uuid: expected 8-4-4-4-12 hex digits",
	[PLAN_FORMAT_EMAIL] = "Invalid email: expected a mailbox, as name@example.com",
	[PLAN_FORMAT_URI] = "Invalid uri: expected RFC 3986, as https://example.com/",
	[PLAN_FORMAT_IPV4] = "Invalid ipv4: expected four numbers, as 192.0.2.1",
	[PLAN_FORMAT_IPV6] = "Invalid ipv6: expected RFC 4291, as 2001:db8::1",
	[PLAN_FORMAT_HOSTNAME] = "Invalid hostname: expected RFC 1123, as www.example.com",
};

struct span
plan_format_complaint(enum plan_format format)
{
	return span_of(complaints[format]);
}

/* ---- hosts and mailboxes ----------------------------------------------- */

static bool
is_alphanumeric(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c);
}

/* The part of the text before the first such byte, or all of it. */
static struct span
until(struct span text, char end)
{
	const char *at = text.n ? memchr(text.p, end, text.n) : NULL;

	return at ? (struct span){ text.p, (size_t)(at - text.p) } : text;
}

static struct span
behind(struct span text, size_t n)
{
	return (struct span){ text.p + n, text.n - n };
}

static bool
is_label(struct span label)
{
	size_t i;

	if (label.n < 1 || label.n > LABEL_MAX || label.p[0] == '-' || label.p[label.n - 1] == '-')
		return false;
	for (i = 0; i < label.n; i++)
		if (!is_alphanumeric(label.p[i]) && label.p[i] != '-')
			return false;
	return true;
}

/* Whether it is a host name of that many labels at least. */
static bool
is_hostname(struct span text, size_t least)
{
	struct span label;
	size_t labels = 0;

	if (text.n > HOSTNAME_MAX)
		return false;
	for (;;) {
		label = until(text, '.');
		if (!is_label(label))
			return false;
		labels++;
		if (label.n == text.n)
			return labels >= least;
		text = behind(text, label.n + 1);
	}
}

static bool
is_atom_text(char c)
{
	return is_alphanumeric(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool
is_email(struct span text)
{
	struct span local = until(text, '@');
	size_t i;

	if (local.n == text.n || local.n < 1 || local.n > LOCAL_MAX)
		return false;
	for (i = 0; i < local.n; i++) {
		bool dot = local.p[i] == '.' && i > 0 && i + 1 < local.n && local.p[i - 1] != '.';

		if (!dot && !is_atom_text(local.p[i]))
			return false;
	}
	return is_hostname(behind(text, local.n + 1), 2);
}

static bool
is_address(struct span text, bool v4)
{
	struct ip ip;
	bool colon = text.n && memchr(text.p, ':', text.n);

	/* an IPv4 address in the spelling of IPv6 is parsed as the former */
	return colon == !v4 && ip_parse(&ip, text.p, text.n);
}

/* ---- URIs -------------------------------------------------------------- */

/* Whether all is unreserved, escaped, a sub-delimiter or one of `more`. */
static bool
is_uri_text(struct span text, const char *more)
{
	size_t i;

	for (i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '%') {
			if (text.n - i < 3 || !ascii_is_hex(text.p[i + 1]) ||
			    !ascii_is_hex(text.p[i + 2]))
				return false;
			i += 2;
		} else if (!is_alphanumeric(c) &&
		    (c == '\0' || (!strchr("-._~!$&'()*+,;=", c) && !strchr(more, c)))) {
			return false;
		}
	}
	return true;
}

/* "v1.text", which nobody has ever defined one of. */
static bool
is_future_address(struct span text)
{
	size_t i;

	if (text.n < 4 || (text.p[0] | 0x20) != 'v')
		return false;
	for (i = 1; i < text.n && ascii_is_hex(text.p[i]); i++)
		;
	return i > 1 && i + 1 < text.n && text.p[i] == '.' &&
	    !memchr(text.p + i, '%', text.n - i) && is_uri_text(behind(text, i + 1), ":");
}

static bool
is_port(struct span text)
{
	size_t i;

	if (text.n == 0)
		return true;
	for (i = 1; i < text.n; i++)
		if (!ascii_is_digit(text.p[i]))
			return false;
	return text.p[0] == ':';
}

static bool
is_authority(struct span text)
{
	struct span part = until(text, '@');

	if (part.n < text.n) {
		if (!is_uri_text(part, ":"))
			return false;
		text = behind(text, part.n + 1);
	}
	if (text.n && text.p[0] == '[') {
		text = behind(text, 1);
		part = until(text, ']');
		return part.n < text.n && (is_address(part, false) || is_future_address(part)) &&
		    is_port(behind(text, part.n + 1));
	}
	part = until(text, ':');
	return is_uri_text(part, "") && is_port(behind(text, part.n));
}

static bool
is_scheme(struct span text)
{
	size_t i;

	if (text.n == 0 || !ascii_is_letter(text.p[0]))
		return false;
	for (i = 1; i < text.n; i++)
		if (!is_alphanumeric(text.p[i]) && text.p[i] != '+' && text.p[i] != '-' &&
		    text.p[i] != '.')
			return false;
	return true;
}

static bool
is_uri(struct span text)
{
	struct span part = until(text, ':');

	if (part.n == text.n || !is_scheme(part))
		return false;
	text = behind(text, part.n + 1);
	part = until(text, '#');
	if (part.n < text.n && !is_uri_text(behind(text, part.n + 1), ":@/?"))
		return false;
	text = part;
	part = until(text, '?');
	if (part.n < text.n && !is_uri_text(behind(text, part.n + 1), ":@/?"))
		return false;
	text = part;
	if (text.n >= 2 && memcmp(text.p, "//", 2) == 0) {
		text = behind(text, 2);
		part = until(text, '/');
		if (!is_authority(part))
			return false;
		text = behind(text, part.n);
	}
	return is_uri_text(text, ":@/");
}

bool
plan_format_holds(enum plan_format format, struct span text)
{
	int64_t ms;

	switch (format) {
	case PLAN_FORMAT_DATE:
		return date_parse(text.p, text.n, &ms);
	case PLAN_FORMAT_DATE_TIME:
		return timestamp_parse(text.p, text.n, &ms);
	case PLAN_FORMAT_UUID:
		return uuid_valid(text);
	case PLAN_FORMAT_EMAIL:
		return is_email(text);
	case PLAN_FORMAT_URI:
		return is_uri(text);
	case PLAN_FORMAT_IPV4:
		return is_address(text, true);
	case PLAN_FORMAT_IPV6:
		return is_address(text, false);
	default:
		return is_hostname(text, 1);
	}
}
