#include "text/ip.h"

#include <arpa/inet.h>

#include "base/banned.h"

/* The value of up to three digits at *p, which is moved behind them; above 255: there is none. */
static inline unsigned
take_octet(const char **p, const char *end)
{
	const char *q = *p;
	unsigned v, digit;

	if (q == end || (v = (unsigned)(*q++ - '0')) > 9)
		return 256;
	if (q < end && (digit = (unsigned)(*q - '0')) < 10) {
		if (v == 0)
			return 256; /* 01 is octal to some */
		v = v * 10 + digit;
		if (++q < end && (digit = (unsigned)(*q - '0')) < 10) {
			v = v * 10 + digit;
			q++;
		}
	}
	*p = q;
	return v;
}

/* A dotted quad; as inet_pton, which wants a copy of the text, and is slower. */
static bool
parse_v4(unsigned char b[4], const char *p, const char *end)
{
	unsigned v;
	int i;

	for (i = 0; i < 4; i++) {
		v = take_octet(&p, end);
		if (v > 255)
			return false;
		b[i] = (unsigned char)v;
		if (i < 3 && (p == end || *p++ != '.'))
			return false;
	}
	return p == end;
}

bool
ip_parse(struct ip *ip, const char *p, size_t n)
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	char text[INET6_ADDRSTRLEN];

	*ip = (struct ip){ 0 };
	if (n <= 15 && parse_v4(ip->b, p, p + n)) {
		ip->v4 = true;
		return true;
	}
	memset(ip->b, 0, 4);
	if (n == 0 || n >= sizeof(text) || memchr(p, '\0', n))
		return false;
	memcpy(text, p, n);
	text[n] = '\0';
	if (inet_pton(AF_INET6, text, ip->b) != 1)
		return false;
	if (memcmp(ip->b, mapped, sizeof(mapped)) == 0) {
		memmove(ip->b, ip->b + 12, 4);
		memset(ip->b + 4, 0, 12);
		ip->v4 = true;
	}
	return true;
}

static char *
put_decimal(char *w, unsigned v)
{
	if (v >= 100)
		*w++ = (char)('0' + v / 100);
	if (v >= 10)
		*w++ = (char)('0' + v / 10 % 10);
	*w++ = (char)('0' + v % 10);
	return w;
}

static size_t
format_v4(const unsigned char *b, char *w)
{
	char *start = w;
	int i;

	for (i = 0; i < 4; i++) {
		if (i)
			*w++ = '.';
		w = put_decimal(w, b[i]);
	}
	return (size_t)(w - start);
}

static char *
put_hex(char *w, unsigned v)
{
	static const char hex[] = "0123456789abcdef";
	int shift = 12;

	while (shift > 0 && v >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*w++ = hex[v >> shift & 15];
	return w;
}

/* The first of the longest runs of zero groups, two at least (RFC 5952, 4.2). */
static void
longest_zero_run(const unsigned group[8], int *start, int *length)
{
	int i, run = 0;

	*start = -1;
	*length = 1;
	for (i = 0; i < 8; i++) {
		run = group[i] == 0 ? run + 1 : 0;
		if (run > *length) {
			*length = run;
			*start = i - run + 1;
		}
	}
}

/*
 * libc's inet_ntop differs between systems (embedded IPv4, single zero
 * groups), and a hash must be the same everywhere: so this is ours.
 */
size_t
ip_format(const struct ip *ip, char *w)
{
	char *begin = w;
	unsigned group[8];
	int i, run_start, run_length;

	if (ip->v4)
		return format_v4(ip->b, w);
	for (i = 0; i < 8; i++)
		group[i] = (unsigned)ip->b[2 * i] << 8 | ip->b[2 * i + 1];
	longest_zero_run(group, &run_start, &run_length);
	for (i = 0; i < 8; i++) {
		if (i == run_start) {
			*w++ = ':';
			*w++ = ':';
			i += run_length - 1;
			continue;
		}
		if (i > 0 && i != run_start + run_length)
			*w++ = ':';
		w = put_hex(w, group[i]);
	}
	return (size_t)(w - begin);
}
