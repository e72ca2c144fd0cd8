#include "text/url_host.h"

#include "base/ascii.h"
#include "text/ip.h"
#include "text/url_query.h"

#include "base/banned.h"

/* --- IPv6, URL Standard 3.5 "IPv6 parser" and "serializer" ------------- */

enum { IP6_PIECES = 8 };

/* Reads "1.2.3.4" into two pieces; it has to be the end of the text. */
static bool
ip6_embedded_ip4(const char *p, const char *end, uint16_t to[2])
{
	struct span rest = { p, (size_t)(end - p) };
	int i;

	to[0] = to[1] = 0;
	for (i = 0; i < 4; i++) {
		uint64_t value;

		if (i > 0) {
			if (rest.n == 0 || *rest.p != '.')
				return false;
			rest = (struct span){ rest.p + 1, rest.n - 1 };
		}
		p = rest.p;
		if (!ascii_take_number(&rest, 255, &value) || (*p == '0' && rest.p > p + 1))
			return false;
		to[i / 2] = (uint16_t)(to[i / 2] << 8 | value);
	}
	return rest.n == 0;
}

/* Makes room for the zeros that "::" at `gap` stands for. */
static void
ip6_spread(uint16_t piece[IP6_PIECES], int count, int gap)
{
	int tail = count - gap, i;

	for (i = 1; i <= tail; i++) {
		piece[IP6_PIECES - i] = piece[count - i];
		if (IP6_PIECES - i != count - i)
			piece[count - i] = 0;
	}
}

static bool
ip6_parse(const char *p, const char *end, uint16_t piece[IP6_PIECES])
{
	int count = 0, gap = -1;

	memset(piece, 0, IP6_PIECES * sizeof(piece[0]));
	if (p < end && *p == ':') {
		if (end - p < 2 || p[1] != ':')
			return false;
		p += 2;
		gap = ++count;
	}
	while (p < end) {
		const char *start = p;
		unsigned value = 0;

		if (count == IP6_PIECES)
			return false;
		if (*p == ':') {
			if (gap >= 0)
				return false;
			p++;
			gap = ++count;
			continue;
		}
		for (; p < end && p - start < 4 && ascii_hex(*p) >= 0; p++)
			value = value << 4 | (unsigned)ascii_hex(*p);
		if (p < end && *p == '.') {
			if (p == start || count > IP6_PIECES - 2)
				return false;
			if (!ip6_embedded_ip4(start, end, piece + count))
				return false;
			count += 2;
			break;
		}
		if (p < end && (*p++ != ':' || p == end))
			return false;
		piece[count++] = (uint16_t)value;
	}
	if (gap < 0)
		return count == IP6_PIECES;
	ip6_spread(piece, count, gap);
	return true;
}

static size_t
ip6_put(char *to, const uint16_t piece[IP6_PIECES])
{
	struct ip ip = { .v4 = false };
	size_t n;
	int i;

	for (i = 0; i < IP6_PIECES; i++) {
		ip.b[2 * i] = (unsigned char)(piece[i] >> 8);
		ip.b[2 * i + 1] = (unsigned char)piece[i];
	}
	to[0] = '[';
	n = 1 + ip_format(&ip, to + 1);
	to[n++] = ']';
	return n;
}

/* --- IPv4, URL Standard "ends in a number checker", "IPv4 parser" ------ */

/* Too large for any part of an address, whatever its place. */
static const uint64_t IP4_TOO_LARGE = (uint64_t)1 << 32;

/* Decimal, octal ("017") or hexadecimal ("0xf"); false: no number. */
static bool
ip4_number(const char *p, const char *end, uint64_t *value)
{
	int base = 10;

	*value = 0;
	if (p == end)
		return false;
	if (end - p >= 2 && p[0] == '0') {
		base = (p[1] | 0x20) == 'x' ? 16 : 8;
		p += base == 16 ? 2 : 1;
	}
	for (; p < end; p++) {
		int digit = ascii_hex(*p);

		if (digit < 0 || digit >= base)
			return false;
		if (*value < IP4_TOO_LARGE)
			*value = *value * (unsigned)base + (unsigned)digit;
	}
	return true;
}

static bool
ip4_ends_in_number(const char *p, const char *end)
{
	const char *label;
	uint64_t value;

	if (end > p && end[-1] == '.')
		end--;
	for (label = end; label > p && label[-1] != '.'; label--)
		;
	if (label == end || !ascii_is_digit(*label))
		return false;
	if (ip4_number(label, end, &value))
		return true;
	for (; label < end && ascii_is_digit(*label); label++)
		;
	return label == end;
}

static bool
ip4_parse(const char *p, const char *end, uint32_t *address)
{
	uint64_t value = 0, sum = 0;
	int part;

	if (end > p && end[-1] == '.')
		end--;
	for (part = 0; part < 4; part++) {
		const char *dot = memchr(p, '.', (size_t)(end - p));
		const char *stop = dot ? dot : end;

		if (!ip4_number(p, stop, &value))
			return false;
		if (!dot)
			break;
		if (value > 255)
			return false;
		sum |= value << (24 - 8 * part);
		p = dot + 1;
	}
	if (part == 4 || value >= (uint64_t)1 << (32 - 8 * part))
		return false;
	*address = (uint32_t)(sum | value);
	return true;
}

static size_t
ip4_put(char *to, uint32_t address)
{
	struct ip ip = { .v4 = true };
	int i;

	for (i = 0; i < 4; i++)
		ip.b[i] = (unsigned char)(address >> (24 - 8 * i));
	return ip_format(&ip, to);
}

/* --- names outside ASCII ---------------------------------------------- */

/*
 * The lower case of the scripts whose capitals lie at a fixed distance; the
 * full-width forms become ASCII.
 */
static uint32_t
lower_char(uint32_t c)
{
	if (c < 0x80)
		return (unsigned char)ascii_lower((char)c);
	if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9 && c != 0x3a2) ||
	    (c >= 0x410 && c <= 0x42f))
		return c + 32;
	if (c >= 0x400 && c <= 0x40f)
		return c + 80;
	if (c >= 0x531 && c <= 0x556)
		return c + 48;
	if ((c >= 0x100 && c <= 0x12f) || (c >= 0x132 && c <= 0x137) || (c >= 0x14a && c <= 0x177))
		return c | 1;
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
		return c + (c & 1);
	if (c >= 0xff01 && c <= 0xff5e)
		return lower_char(c - 0xfee0);
	return c;
}

static bool
is_dot(uint32_t c)
{
	return c == '.' || c == 0x3002 || c == 0xff0e || c == 0xff61;
}

/* RFC 3492, section 5 and 6.1. */
enum { PUNY_BASE = 36, PUNY_TMIN = 1, PUNY_TMAX = 26, PUNY_SKEW = 38, PUNY_DAMP = 700 };

static uint32_t
puny_adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / PUNY_DAMP : delta / 2;
	delta += delta / points;
	for (; delta > (PUNY_BASE - PUNY_TMIN) * PUNY_TMAX / 2; k += PUNY_BASE)
		delta /= PUNY_BASE - PUNY_TMIN;
	return k + (PUNY_BASE - PUNY_TMIN + 1) * delta / (delta + PUNY_SKEW);
}

static char
puny_digit(uint32_t value)
{
	return (char)(value < 26 ? 'a' + value : '0' + (value - 26));
}

/* A name being built; `full` when it outgrew its room. */
struct name {
	char *p;
	size_t n;
	bool full;
};

static void
name_add(struct name *to, char c)
{
	if (to->n == URL_NAME_MAX)
		to->full = true;
	else
		to->p[to->n++] = c;
}

static void
puny_put_number(struct name *to, uint32_t value, uint32_t bias)
{
	uint32_t k, t;

	for (k = PUNY_BASE;; k += PUNY_BASE) {
		t = k <= bias ? PUNY_TMIN : k >= bias + PUNY_TMAX ? PUNY_TMAX : k - bias;
		if (value < t)
			break;
		name_add(to, puny_digit(t + (value - t) % (PUNY_BASE - t)));
		value = (value - t) / (PUNY_BASE - t);
	}
	name_add(to, puny_digit(value));
}

/* The smallest character of the label that is >= min. */
static uint32_t
smallest_from(const uint32_t *label, size_t count, uint32_t min)
{
	uint32_t best = UINT32_MAX;
	size_t i;

	for (i = 0; i < count; i++)
		if (label[i] >= min && label[i] < best)
			best = label[i];
	return best;
}

/* Adds "xn--" and the Punycode of a label of at most URL_NAME_MAX characters. */
static void
puny_put(struct name *to, const uint32_t *label, size_t count)
{
	/* 255 characters times 0x10ffff stay far below 2^32 */
	uint32_t next = 0x80, delta = 0, bias = 72, done = 0, basic;
	size_t i;

	for (i = 0; i < 4; i++)
		name_add(to, "xn--"[i]);
	for (i = 0; i < count; i++)
		if (label[i] < 0x80) {
			name_add(to, (char)label[i]);
			done++;
		}
	basic = done;
	if (basic > 0)
		name_add(to, '-');
	/* the work grows with the square of the label: not more than has room */
	while (done < count && !to->full) {
		uint32_t c = smallest_from(label, count, next);

		delta += (c - next) * (done + 1);
		next = c;
		for (i = 0; i < count; i++) {
			if (label[i] < next)
				delta++;
			if (label[i] != next)
				continue;
			puny_put_number(to, delta, bias);
			bias = puny_adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
		delta++;
		next++;
	}
}

/* --- host names ------------------------------------------------------- */

/* The URL Standard's forbidden domain code points, a bit each; '%' apart. */
static bool
is_forbidden(uint32_t c)
{
#define BIT(c) ((uint64_t)1 << ((c)&63))
	static const uint64_t map[2] = {
		(BIT(33) - 1) /* the controls and space */ | BIT('#') | BIT('/') | BIT(':') |
		    BIT('<') | BIT('>') | BIT('?'),
		BIT('@') | BIT('[') | BIT('\\') | BIT(']') | BIT('^') | BIT('|') | BIT(0x7f),
	};
#undef BIT
	return c < 0x80 && (map[c >> 6] >> (c & 63) & 1);
}

static const char invalid_host[] = "the host has a character that no host has";
static const char long_host[] = "the host is too long";
static const char no_host[] = "no host";

static void
put_label(struct name *to, const uint32_t *label, size_t count, bool ascii)
{
	size_t i;

	if (!ascii) {
		puny_put(to, label, count);
		return;
	}
	for (i = 0; i < count; i++)
		name_add(to, (char)label[i]);
}

/* A name with escapes or characters outside ASCII. */
static const char *
name_by_chars(struct span host, struct name *to)
{
	struct url_reader r = { host.p, host.p + host.n, false };
	uint32_t label[URL_NAME_MAX];
	size_t count = 0;
	bool ascii = true;

	while (r.p < r.end) {
		uint32_t c = lower_char(url_next_char(&r));

		if (is_forbidden(c) || c == '%' || c == URL_REPLACEMENT)
			return invalid_host;
		if (is_dot(c)) {
			put_label(to, label, count, ascii);
			name_add(to, '.');
			if (to->full)
				return long_host;
			count = 0;
			ascii = true;
			continue;
		}
		if (count == URL_NAME_MAX)
			return long_host;
		label[count++] = c;
		ascii = ascii && c < 0x80;
	}
	put_label(to, label, count, ascii);
	return to->full ? long_host : NULL;
}

/* The characters of ordinary names, in lower case; 0: look closer. */
static const char ordinary[256] = { ['-'] = '-',
	['.'] = '.',
	['_'] = '_',
	['0'] = '0',
	['1'] = '1',
	['2'] = '2',
	['3'] = '3',
	['4'] = '4',
	['5'] = '5',
	['6'] = '6',
	['7'] = '7',
	['8'] = '8',
	['9'] = '9',
	['a'] = 'a',
	['b'] = 'b',
	['c'] = 'c',
	['d'] = 'd',
	['e'] = 'e',
	['f'] = 'f',
	['g'] = 'g',
	['h'] = 'h',
	['i'] = 'i',
	['j'] = 'j',
	['k'] = 'k',
	['l'] = 'l',
	['m'] = 'm',
	['n'] = 'n',
	['o'] = 'o',
	['p'] = 'p',
	['q'] = 'q',
	['r'] = 'r',
	['s'] = 's',
	['t'] = 't',
	['u'] = 'u',
	['v'] = 'v',
	['w'] = 'w',
	['x'] = 'x',
	['y'] = 'y',
	['z'] = 'z',
	['A'] = 'a',
	['B'] = 'b',
	['C'] = 'c',
	['D'] = 'd',
	['E'] = 'e',
	['F'] = 'f',
	['G'] = 'g',
	['H'] = 'h',
	['I'] = 'i',
	['J'] = 'j',
	['K'] = 'k',
	['L'] = 'l',
	['M'] = 'm',
	['N'] = 'n',
	['O'] = 'o',
	['P'] = 'p',
	['Q'] = 'q',
	['R'] = 'r',
	['S'] = 's',
	['T'] = 't',
	['U'] = 'u',
	['V'] = 'v',
	['W'] = 'w',
	['X'] = 'x',
	['Y'] = 'y',
	['Z'] = 'z' };

const char *
url_name_begin(const char *p, const char *end, char *to)
{
	size_t n = (size_t)(end - p), i;

	if (n > URL_NAME_MAX)
		n = URL_NAME_MAX;
	for (i = 0; i < n; i++) {
		char c = ordinary[(unsigned char)p[i]];

		if (!c)
			break;
		to[i] = c;
	}
	return p + i;
}

const char *
url_name_finish(char *to, size_t *n)
{
	uint32_t address;

	if (ip4_ends_in_number(to, to + *n)) {
		if (!ip4_parse(to, to + *n, &address)) {
			*n = 0;
			return "the host is not a valid IPv4 address";
		}
		*n = ip4_put(to, address);
		return NULL;
	}
	/* "a.1.." is no IPv4 address, so it must not become "a.1" either */
	if (*n > 0 && to[*n - 1] == '.' && (*n == 1 || to[*n - 2] != '.'))
		--*n;
	return NULL;
}

const char *
url_name(struct span host, char *to, size_t *n)
{
	struct name name = { to, 0, false };
	const char *reason;

	*n = 0;
	if (host.n == 0)
		return no_host;
	if (host.p[0] == '[') {
		uint16_t piece[IP6_PIECES];

		if (host.p[host.n - 1] != ']' || !ip6_parse(host.p + 1, host.p + host.n - 1, piece))
			return "the host is not a valid IPv6 address";
		*n = ip6_put(to, piece);
		return NULL;
	}
	if (url_name_begin(host.p, host.p + host.n, to) == host.p + host.n) {
		name.n = host.n;
	} else {
		reason = name_by_chars(host, &name);
		if (reason)
			return reason;
	}
	*n = name.n;
	return url_name_finish(to, n);
}
