#include "text/url_query.h"

#include "base/ascii.h"
#include "base/utf8.h"

#include "base/banned.h"

/* "%XX" at p: its byte, else -1. */
static int
escape_at(const char *p, const char *end)
{
	int high, low;

	if (end - p < 3 || p[0] != '%')
		return -1;
	high = ascii_hex(p[1]);
	low = ascii_hex(p[2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static unsigned char
next_byte(struct url_reader *r)
{
	int byte = escape_at(r->p, r->end);

	if (byte >= 0) {
		r->p += 3;
		return (unsigned char)byte;
	}
	byte = (unsigned char)*r->p++;
	return byte == '+' && r->plus ? ' ' : (unsigned char)byte;
}

uint32_t
url_next_char(struct url_reader *r)
{
	unsigned char lead = next_byte(r), min = 0x80, max = 0xbf;
	uint32_t c;
	int more;

	if (lead < 0x80)
		return lead;
	if (lead < 0xc2 || lead > 0xf4)
		return URL_REPLACEMENT;
	more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
	c = lead & (0x3fU >> more);
	if (lead == 0xe0)
		min = 0xa0;
	else if (lead == 0xed)
		max = 0x9f;
	else if (lead == 0xf0)
		min = 0x90;
	else if (lead == 0xf4)
		max = 0x8f;
	for (; more > 0; more--) {
		struct url_reader ahead = *r;
		unsigned char byte;

		if (ahead.p == ahead.end)
			return URL_REPLACEMENT;
		byte = next_byte(&ahead);
		if (byte < min || byte > max)
			return URL_REPLACEMENT;
		*r = ahead;
		c = c << 6 | (byte & 0x3f);
		min = 0x80;
		max = 0xbf;
	}
	return c;
}

/* ECMAScript's WhiteSpace and LineTerminator, what trim() removes. */
static bool
is_blank(uint32_t c)
{
	if (c < 0x80)
		return c == ' ' || (c >= '\t' && c <= '\r');
	return c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
	    c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000 || c == 0xfeff;
}

size_t
url_decode(struct span text, char *to, size_t max_units, bool trim)
{
	struct url_reader r = { text.p, text.p + text.n, true };
	size_t n = 0, units = 0, end = 0;

	while (r.p < r.end) {
		uint32_t c = url_next_char(&r);
		bool blank = trim && is_blank(c);

		if (blank && n == 0)
			continue;
		units += c < 0x10000 ? 1 : 2;
		if (units > max_units)
			break;
		n = (size_t)(utf8_put(to + n, c) - to);
		if (!blank)
			end = n;
	}
	return end;
}

bool
url_next_param(struct span *query, struct url_param *param)
{
	const char *p = query->p, *end, *name, *amp;

	if (query->n == 0)
		return false;
	end = p + query->n;
	while (p < end && *p == '&')
		p++;
	if (p == end)
		return false;
	for (name = p; p < end && *p != '=' && *p != '&'; p++)
		;
	param->name = (struct span){ name, (size_t)(p - name) };
	param->value = (struct span){ NULL, 0 };
	if (p < end && *p == '=') {
		p++;
		amp = memchr(p, '&', (size_t)(end - p));
		if (!amp)
			amp = end;
		param->value = (struct span){ p, (size_t)(amp - p) };
		p = amp;
	}
	*query = (struct span){ p, (size_t)(end - p) };
	return true;
}
