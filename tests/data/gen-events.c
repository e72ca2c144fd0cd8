/*
 * Makes events for tests, the demo and the bench: NDJSON with the fields of
 * mm-event(5) and the context that a collector adds, about 600 bytes a line.
 *
 *   gen-events [-n COUNT] [-s SEED] [--invalid N] [--days N] [--end YYYY-MM-DD]
 *       [--visitors N]
 *
 * COUNT lines are written, N of them invalid, spread evenly, each kind in
 * turn.  The timestamps fill the N days up to and including --end, UTC.  The
 * same arguments give the same bytes on every machine: integers only, and a
 * random generator of our own.
 *
 * With --visitors the events are as many as N visitors' who each come at least
 * once, if COUNT is enough for that (five events a visitor are): 18 % of their
 * addresses are IPv6, their agents are 1,700 and more by weight, and paths,
 * referrers and campaigns have long tails; a third of the events have large or
 * deep properties.  Speed counts on these.
 *
 * Visitors come in sessions: a landing page with the traces of where the
 * visitor came from, then further pages and product events.  Each visitor's
 * SDK has a dialect of JSON, as the SDKs of different languages do.  All
 * names, texts and agents are made up here; addresses are random ones out of
 * blocks that are assigned to networks of the countries named.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define DAY_MS 86400000U

enum {
	FLUSH_AT = 256 * 1024,
	LINE_MAX_BYTES = 64 * 1024,
	TEXT_MAX = 1024,
	AGENTS_MAX = 512,
	MODELS = 230, /* of phones, with --visitors */
	ANDROIDS = 6,
	ADDRESSES = 6000,
	SLOTS_MAX = 64,
	SESSION_SECONDS = 200, /* about what one lasts */
};

/* ---- random numbers: splitmix64 to seed, xoshiro256** to draw ---- */

struct rng {
	uint64_t s[4];
};

static uint64_t
mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15U;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
	return x ^ (x >> 31);
}

static void
rng_seed(struct rng *r, uint64_t seed)
{
	for (int i = 0; i < 4; i++) {
		seed = mix(seed);
		r->s[i] = seed;
	}
}

static uint64_t
rotl(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

static uint64_t
draw(struct rng *r)
{
	uint64_t *s = r->s, result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return result;
}

/* 0 .. n-1; n fits 32 bits. */
static uint64_t
below(struct rng *r, uint64_t n)
{
	return ((draw(r) >> 32) * n) >> 32;
}

static bool
percent(struct rng *r, uint64_t p)
{
	return below(r, 100) < p;
}

static const char *
one_of(struct rng *r, const char *const *list, size_t n)
{
	return list[below(r, n)];
}
#define ONE_OF(r, list) one_of((r), (list), COUNT(list))

/* Roughly Zipf without a logarithm: an octave first, a rank in it then. */
static uint64_t
popular(struct rng *r, uint64_t n)
{
	unsigned octaves = 0;
	uint64_t rank;

	while (n >> (octaves + 1))
		octaves++;
	do {
		uint64_t low = (uint64_t)1 << below(r, octaves + 1);
		rank = low - 1 + below(r, low);
	} while (rank >= n);
	return rank;
}

/* ---- text that is being put together ---- */

struct text {
	size_t n;
	char p[TEXT_MAX];
};

static void
text_add(struct text *t, const char *s)
{
	size_t n = strlen(s);

	if (n > sizeof(t->p) - t->n)
		n = sizeof(t->p) - t->n;
	memcpy(t->p + t->n, s, n);
	t->n += n;
}

static void
text_set(struct text *t, const char *s)
{
	t->n = 0;
	text_add(t, s);
}

/* n characters of the given alphabet of 2^bits. */
static void
text_token(struct text *t, struct rng *r, size_t n, const char *alphabet, unsigned bits)
{
	uint64_t pool = 0;
	unsigned left = 0;

	for (; n > 0 && t->n < sizeof(t->p); n--) {
		if (left < bits) {
			pool = draw(r);
			left = 64;
		}
		t->p[t->n++] = alphabet[pool & (((uint64_t)1 << bits) - 1)];
		pool >>= bits;
		left -= bits;
	}
}

static const char HEX[] = "0123456789abcdef";
static const char URLSAFE[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void
text_number(struct text *t, uint64_t v)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, v);
	text_add(t, digits);
}

static void
text_uuid(struct text *t, struct rng *r)
{
	char *u;

	if (sizeof(t->p) - t->n < 36)
		return;
	u = t->p + t->n;
	text_token(t, r, 36, HEX, 4);
	u[8] = u[13] = u[18] = u[23] = '-';
	u[14] = '4';
	u[19] = "89ab"[u[19] & 3];
}

/* ---- JSON that leaves, in the dialect of an SDK ---- */

enum dialect {
	SPACED = 1,  /* {"a": 1, "b": 2} */
	ASCII = 2,   /* \u00e9 and surrogate pairs */
	SLASHES = 4, /* http:\/\/ */
	HTML = 8,    /* \u0026 \u003c \u003e */
	CONTEXT_FIRST = 16,
	NULLS = 32, /* "user_id":null rather than nothing */
	LOOSE = 64, /* properties as somebody typed them */
};

static const struct {
	unsigned flags;
	unsigned weight;
	const char *library;
} dialects[] = {
	{ 0, 58, "js/1.4.2" },
	{ NULLS, 10, "js/1.2.0" },
	{ SPACED | ASCII | NULLS, 10, "python/0.9.1" },
	{ ASCII | SLASHES, 8, "php/2.0.3" },
	{ HTML, 7, "go/0.3.0" },
	{ CONTEXT_FIRST | LOOSE, 7, "log-export/7" },
};

struct writer {
	char *p;
	size_t n;
	unsigned dialect;
};

static void
lit_n(struct writer *w, const char *s, size_t n)
{
	memcpy(w->p + w->n, s, n);
	w->n += n;
}

static void
lit(struct writer *w, const char *s)
{
	lit_n(w, s, strlen(s));
}

static void
number(struct writer *w, uint64_t v)
{
	char digits[20];
	size_t i = sizeof(digits);

	do
		digits[--i] = (char)('0' + v % 10);
	while ((v /= 10));
	lit_n(w, digits + i, sizeof(digits) - i);
}

/* v in `width` decimal digits. */
static void
padded(struct writer *w, uint64_t v, int width)
{
	for (int i = width - 1; i >= 0; i--, v /= 10)
		w->p[w->n + (size_t)i] = (char)('0' + v % 10);
	w->n += (size_t)width;
}

static void
unit_escape(struct writer *w, unsigned unit)
{
	lit(w, "\\u");
	for (int shift = 12; shift >= 0; shift -= 4)
		w->p[w->n++] = HEX[(unit >> shift) & 15];
}

/* Writes the UTF-8 character at s as \u escapes; returns its length. */
static size_t
escape_utf8(struct writer *w, const unsigned char *s)
{
	size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	unsigned c = s[0] & (0xffU >> (n + 1));

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (s[i] & 0x3fU);
	if (c < 0x10000) {
		unit_escape(w, c);
	} else {
		unit_escape(w, 0xd800 + ((c - 0x10000) >> 10));
		unit_escape(w, 0xdc00 + ((c - 0x10000) & 0x3ff));
	}
	return n;
}

static void
quoted_n(struct writer *w, const char *s, size_t n)
{
	unsigned d = w->dialect;
	size_t i = 0;

	w->p[w->n++] = '"';
	while (i < n) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x80 && (d & ASCII)) {
			i += escape_utf8(w, (const unsigned char *)s + i);
			continue;
		}
		if (c == '"' || c == '\\' || (c == '/' && (d & SLASHES)))
			w->p[w->n++] = '\\';
		if (c < 0x20 || ((d & HTML) && (c == '&' || c == '<' || c == '>')))
			unit_escape(w, c);
		else
			w->p[w->n++] = (char)c;
		i++;
	}
	w->p[w->n++] = '"';
}

static void
quoted(struct writer *w, const char *s)
{
	quoted_n(w, s, strlen(s));
}

static void
key(struct writer *w, const char *name)
{
	if (w->p[w->n - 1] != '{')
		lit(w, w->dialect & SPACED ? ", " : ",");
	w->p[w->n++] = '"';
	lit(w, name);
	lit(w, w->dialect & SPACED ? "\": " : "\":");
}

static void
field(struct writer *w, const char *name, const char *value)
{
	key(w, name);
	quoted(w, value);
}

static void
field_text(struct writer *w, const char *name, const struct text *t)
{
	key(w, name);
	quoted_n(w, t->p, t->n);
}

static void
field_number(struct writer *w, const char *name, uint64_t v)
{
	key(w, name);
	number(w, v);
}

static void
field_raw(struct writer *w, const char *name, const char *json)
{
	key(w, name);
	lit(w, json);
}

static void
field_null(struct writer *w, const char *name)
{
	if (w->dialect & NULLS)
		field_raw(w, name, "null");
}

/* ---- time ---- */

struct date {
	unsigned year, month, day;
};

/* Days since 1970-01-01 to the civil date and back (March-based years). */
static struct date
date_of(uint64_t days)
{
	uint64_t z = days + 719468, era = z / 146097, doe = z % 146097;
	uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	struct date d;

	d.day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	d.month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	d.year = (unsigned)(yoe + era * 400 + (d.month <= 2));
	return d;
}

static uint64_t
days_of(struct date d)
{
	uint64_t y = d.year - (d.month <= 2), yoe = y % 400;
	uint64_t doy =
	    (153 * (uint64_t)(d.month > 2 ? d.month - 3 : d.month + 9) + 2) / 5 + d.day - 1;

	return y / 400 * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static const struct {
	unsigned digits; /* of the fraction */
	unsigned offset_hours;
	const char *zone;
} time_styles[] = {
	{ 3, 0, "Z" },
	{ 6, 0, "+00:00" },
	{ 0, 2, "+02:00" },
	{ 9, 0, "Z" },
};

static void
timestamp(struct writer *w, uint64_t ms, size_t style)
{
	uint64_t local = ms + time_styles[style].offset_hours * UINT64_C(3600000);
	struct date d = date_of(local / DAY_MS);
	uint64_t s = local % DAY_MS / 1000;
	unsigned digits = time_styles[style].digits;

	w->p[w->n++] = '"';
	padded(w, d.year, 4);
	w->p[w->n++] = '-';
	padded(w, d.month, 2);
	w->p[w->n++] = '-';
	padded(w, d.day, 2);
	w->p[w->n++] = 'T';
	padded(w, s / 3600, 2);
	w->p[w->n++] = ':';
	padded(w, s / 60 % 60, 2);
	w->p[w->n++] = ':';
	padded(w, s % 60, 2);
	if (digits) {
		w->p[w->n++] = '.';
		padded(w, local % 1000, 3);
		padded(w, mix(ms) % 1000, digits > 3 ? 3 : 0);
		padded(w, 0, digits > 6 ? 3 : 0);
	}
	lit(w, time_styles[style].zone);
	w->p[w->n++] = '"';
}

static size_t
time_style(unsigned dialect)
{
	if (dialect & SPACED)
		return 1;
	if (dialect & SLASHES)
		return 2;
	return dialect & HTML ? 3 : 0;
}

/* Visits by hour of the day, in parts of 1000. */
static const unsigned hours[24] = { 14, 10, 8, 7, 8, 13, 22, 36, 49, 57, 60, 59, 56, 55, 56, 57, 58,
	58, 57, 60, 62, 59, 49, 30 };

/* Bends even time into days with nights: a share of a day to its time. */
static uint64_t
daytime(uint64_t ms)
{
	uint64_t x = ms % DAY_MS, part = DAY_MS / 1000, hour = 0;

	while (hour < 23 && x >= hours[hour] * part)
		x -= hours[hour++] * part;
	x = x * 3600000 / (hours[hour] * part);
	return ms - ms % DAY_MS + hour * 3600000 + (x < 3600000 ? x : 3599999);
}

/* ---- who visits ---- */

struct place {
	const char *language, *zone;
	unsigned weight;
	const char *v4[2]; /* blocks of /16 */
	const char *v6;    /* one of /32 */
};

static const struct place places[] = {
	{ "en-US", "America/New_York", 24, { "68.191", "3.142" }, "2600:1ff0" },
	{ "en-US", "America/Los_Angeles", 14, { "13.91", "17.60" }, "2600:1ff0" },
	{ "en-GB", "Europe/London", 11, { "151.229", "81.76" }, "2a01:5ac0" },
	{ "de-DE", "Europe/Berlin", 12, { "79.211", "77.14" }, "2003:758" },
	{ "fr-FR", "Europe/Paris", 8, { "90.55", "78.204" }, "2a00:4f40" },
	{ "es-ES", "Europe/Madrid", 5, { "77.210", "83.54" }, "2a02:2810" },
	{ "it-IT", "Europe/Rome", 5, { "151.35", "95.248" }, "2a01:2800" },
	{ "nl-NL", "Europe/Amsterdam", 4, { "81.58", "62.59" }, "2a02:2738" },
	{ "sv-SE", "Europe/Stockholm", 3, { "78.77", "2.251" }, "2a00:f680" },
	{ "pl-PL", "Europe/Warsaw", 4, { "78.11", "83.0" }, "2a01:8160" },
	{ "ru-RU", "Europe/Moscow", 4, { "5.131", "95.220" }, "2a00:56c0" },
	{ "uk-UA", "Europe/Kyiv", 2, { "94.178", "37.55" }, "2a04:b3c0" },
	{ "tr-TR", "Europe/Istanbul", 3, { "78.161", "95.6" }, "2a07:9180" },
	{ "en-IN", "Asia/Kolkata", 9, { "117.224", "59.176" }, "2405:e200" },
	{ "ja-JP", "Asia/Tokyo", 8, { "180.24", "114.20" }, "2400:27b0" },
	{ "ko-KR", "Asia/Seoul", 4, { "27.162", "112.160" }, "2407:c000" },
	{ "zh-CN", "Asia/Shanghai", 5, { "116.210", "113.109" }, "2408:8778" },
	{ "zh-TW", "Asia/Taipei", 2, { "218.175", "111.244" }, "2401:81a0" },
	{ "zh-HK", "Asia/Hong_Kong", 1, { "58.153", "218.102" }, "2403:3b40" },
	{ "en-SG", "Asia/Singapore", 2, { "116.15", "118.201" }, "2404:e800" },
	{ "id-ID", "Asia/Jakarta", 4, { "114.126", "36.75" }, "2403:e440" },
	{ "vi-VN", "Asia/Ho_Chi_Minh", 3, { "14.167", "113.168" }, "2401:d800" },
	{ "th-TH", "Asia/Bangkok", 2, { "110.169", "171.99" }, "2407:7a00" },
	{ "en-PH", "Asia/Manila", 2, { "112.211", "49.151" }, "2402:4020" },
	{ "en-AU", "Australia/Sydney", 4, { "1.127", "101.172" }, "2402:a700" },
	{ "en-NZ", "Pacific/Auckland", 1, { "121.74", "49.227" }, "2402:ff00" },
	{ "pt-BR", "America/Sao_Paulo", 8, { "177.76", "189.120" }, "2804:e88" },
	{ "es-AR", "America/Argentina/Buenos_Aires", 3, { "181.3", "190.138" }, "2803:71d0" },
	{ "es-MX", "America/Mexico_City", 4, { "189.188", "187.170" }, "2806:410" },
	{ "es-CO", "America/Bogota", 2, { "179.19", "181.150" }, "2803:e000" },
	{ "es-CL", "America/Santiago", 1, { "181.161", "190.44" }, "2803:83a0" },
	{ "en-ZA", "Africa/Johannesburg", 2, { "41.23", "105.212" }, "2c0e:2948" },
	{ "en-NG", "Africa/Lagos", 2, { "105.116", "102.91" }, "2c0f:ebb8" },
	{ "en-KE", "Africa/Nairobi", 1, { "105.161", "196.98" }, "2c0f:f008" },
	{ "ar-EG", "Africa/Cairo", 2, { "105.198", "41.43" }, "2c0e:180" },
	{ "ar-SA", "Asia/Riyadh", 1, { "94.98", "37.241" }, "2a02:d70" },
	{ "ar-AE", "Asia/Dubai", 1, { "31.218", "94.204" }, "2a09:3380" },
	{ "he-IL", "Asia/Jerusalem", 1, { "77.127", "87.69" }, "2a09:b300" },
	{ "de-CH", "Europe/Zurich", 2, { "178.194", "85.7" }, "2a00:bd80" },
	{ "de-AT", "Europe/Vienna", 2, { "77.119", "91.118" }, "2a07:1740" },
	{ "fr-BE", "Europe/Brussels", 1, { "81.83", "91.86" }, "2a02:1860" },
	{ "da-DK", "Europe/Copenhagen", 1, { "80.167", "87.48" }, "2a0c:e040" },
	{ "nb-NO", "Europe/Oslo", 1, { "77.17", "84.213" }, "2a03:6240" },
	{ "fi-FI", "Europe/Helsinki", 1, { "84.251", "91.154" }, "2a03:7c00" },
	{ "pt-PT", "Europe/Lisbon", 1, { "85.139", "95.92" }, "2a11:c00" },
	{ "cs-CZ", "Europe/Prague", 1, { "88.103", "88.102" }, "2a00:d940" },
	{ "el-GR", "Europe/Athens", 1, { "79.130", "94.69" }, "2a0b:1980" },
	{ "ro-RO", "Europe/Bucharest", 1, { "188.24", "82.77" }, "2a0c:ca80" },
	{ "hu-HU", "Europe/Budapest", 1, { "89.132", "84.3" }, "2a09:7ac0" },
	{ "fr-CA", "America/Toronto", 2, { "174.89", "66.130" }, "2600:dc00" },
	{ "en", "UTC", 1, { "192.0", "198.18" }, "2001:db8" }, /* documentation, benchmarking */
};

/* Agents: '#' becomes the version, '~' the same with '_' for '.'. */
static const struct {
	const char *format;
	unsigned first, last, weight; /* major versions */
	const char *minor;
} agent_forms[] = {
	{ "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
	  "Chrome/# Safari/537.36",
	    104, 137, 24, ".0.0.0" },
	{ "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
	  "Chrome/# Safari/537.36",
	    108, 137, 10, ".0.0.0" },
	{ "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/# "
	  "Safari/537.36",
	    112, 137, 3, ".0.0.0" },
	{ "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/# "
	  "Safari/537.36",
	    118, 137, 1, ".0.0.0" },
	{ "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/# "
	  "Mobile Safari/537.36",
	    110, 137, 20, ".0.0.0" },
	{ "Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/# "
	  "Safari/537.36",
	    114, 137, 2, ".0.0.0" },
	{ "Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) "
	  "SamsungBrowser/# Chrome/121.0.0.0 Mobile Safari/537.36",
	    20, 27, 3, ".0" },
	{ "Mozilla/5.0 (iPhone; CPU iPhone OS ~ like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
	  "Gecko) Version/# Mobile/15E148 Safari/604.1",
	    13, 18, 7, ".1" },
	{ "Mozilla/5.0 (iPhone; CPU iPhone OS ~ like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
	  "Gecko) Version/# Mobile/15E148 Safari/604.1",
	    14, 18, 9, ".5" },
	{ "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
	  "Gecko) CriOS/# Mobile/15E148 Safari/604.1",
	    115, 137, 3, ".0.6422.80" },
	{ "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
	  "Gecko) FxiOS/# Mobile/15E148 Safari/605.1.15",
	    118, 137, 1, ".0" },
	{ "Mozilla/5.0 (iPad; CPU OS ~ like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
	  "Version/# Mobile/15E148 Safari/604.1",
	    13, 18, 2, ".6" },
	{ "Mozilla/5.0 (iPhone; CPU iPhone OS ~ like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
	  "Gecko) Mobile/15E148 Instagram 329.0.0.29.93 (iPhone14,5; scale=3.00; 1170x2532)",
	    15, 18, 2, ".2" },
	{ "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
	  "Version/4.0 Chrome/# Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/466.1.0.56.85;]",
	    116, 137, 2, ".0.6367.82" },
	{ "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
	  "Version/# Safari/605.1.15",
	    13, 18, 7, ".3.1" },
	{ "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:109.0) Gecko/20100101 Firefox/#", 102, 139,
	    4, ".0" },
	{ "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:#) Gecko/20100101 Firefox/#", 110, 139, 2,
	    ".0" },
	{ "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:#) Gecko/20100101 Firefox/#", 115, 139,
	    1, ".0" },
	{ "Mozilla/5.0 (Android 14; Mobile; rv:#) Gecko/# Firefox/#", 118, 139, 1, ".0" },
	{ "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
	  "Chrome/125.0.0.0 Safari/537.36 Edg/#",
	    110, 137, 6, ".0.0.0" },
	{ "Mozilla/5.0 (Linux; Android 10; HD1913) AppleWebKit/537.36 (KHTML, like Gecko) "
	  "Chrome/125.0.6422.165 Mobile Safari/537.36 EdgA/#",
	    115, 125, 1, ".0.2535.72" },
	{ "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
	  "Chrome/124.0.0.0 Safari/537.36 OPR/#",
	    95, 110, 2, ".0.0.0" },
	{ "Mozilla/5.0 (compatible; examplebot/#; +https://bot.example/about)", 2, 3, 1, ".1" },
	{ "python-requests/#", 2, 2, 1, ".31.0" },
};

struct agents {
	size_t n;
	size_t form_first[COUNT(agent_forms)];
	struct text *v[AGENTS_MAX];
	size_t phone_count; /* of many visitors: more models than forms */
	struct text *phones[MODELS * ANDROIDS];
	uint64_t visitors; /* --visitors, or 0 */
};

static void
text_version(struct text *t, unsigned major, const char *minor, bool underscores)
{
	size_t start = t->n;

	text_number(t, major);
	text_add(t, minor);
	for (size_t i = start; underscores && i < t->n; i++)
		if (t->p[i] == '.')
			t->p[i] = '_';
}

static bool
agents_add(struct agents *a, size_t form, unsigned major)
{
	struct text *t = calloc(1, sizeof(*t));

	if (!t)
		return false;
	for (const char *f = agent_forms[form].format; *f; f++) {
		if (*f == '#' || *f == '~')
			text_version(t, major, agent_forms[form].minor, *f == '~');
		else
			t->p[t->n++] = *f;
	}
	a->v[a->n++] = t;
	return true;
}

static bool
agents_make(struct agents *a)
{
	for (size_t form = 0; form < COUNT(agent_forms); form++) {
		a->form_first[form] = a->n;
		for (unsigned v = agent_forms[form].first; v <= agent_forms[form].last; v++)
			if (a->n == AGENTS_MAX || !agents_add(a, form, v))
				return false;
	}
	return true;
}

/* The phones of many visitors. */
static bool
agents_make_phones(struct agents *a)
{
	static const char *const series[] = { "SM-A", "SM-G", "SM-S", "M210", "CPH2", "RMX3", "V2",
		"moto g" };

	for (size_t model = 0; model < MODELS; model++) {
		for (size_t android = 0; android < ANDROIDS; android++) {
			struct text *t = calloc(1, sizeof(*t));

			if (!t)
				return false;
			text_add(t, "Mozilla/5.0 (Linux; Android ");
			text_number(t, 10 + android);
			text_add(t, "; ");
			text_add(t, series[model % COUNT(series)]);
			text_number(t, 100 + 7 * model);
			text_add(t, ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/");
			text_number(t, 139 - (model + android) % 12);
			text_add(t, ".0.0.0 Mobile Safari/537.36");
			a->phones[a->phone_count++] = t;
		}
	}
	return true;
}

/* The index of an entry drawn by the weights that stand in a table. */
#define WEIGHTED(index, r, table)                                 \
	do {                                                      \
		uint64_t total_ = 0, x_;                          \
		for (size_t i_ = 0; i_ < COUNT(table); i_++)      \
			total_ += (table)[i_].weight;             \
		x_ = below((r), total_);                          \
		for ((index) = 0; x_ >= (table)[(index)].weight;) \
			x_ -= (table)[(index)++].weight;          \
	} while (0)

static const struct text *
agent_pick(const struct agents *a, struct rng *r)
{
	size_t form, span;

	if (a->visitors && percent(r, 40))
		return a->phones[popular(r, a->phone_count)];
	WEIGHTED(form, r, agent_forms);
	span = agent_forms[form].last - agent_forms[form].first + 1;
	/* the newest versions are the most used */
	return a->v[a->form_first[form] + span - 1 - popular(r, span)];
}

struct visitor {
	struct text id, address, user;
	const struct text *agent;
	const struct place *place;
	unsigned dialect;
	const char *library;
};

/* Visitors share addresses, as households and offices do. */
static void
visitor_address(struct visitor *v, uint64_t seed, uint64_t index, uint64_t v6_percent)
{
	struct rng r;
	size_t place;
	uint64_t host;

	rng_seed(&r, mix(seed + 1) ^ index);
	WEIGHTED(place, &r, places);
	v->place = &places[place];
	v->address.n = 0;
	if (percent(&r, v6_percent)) {
		text_add(&v->address, v->place->v6);
		for (int i = 0; i < 6; i++) {
			/* the first subnets of a block, as they are handed out */
			char group[8];
			unsigned g = (unsigned)below(&r, i < 2 ? 16 : 65536);
			snprintf(group, sizeof(group), ":%x", g);
			text_add(&v->address, group);
		}
		return;
	}
	if (percent(&r, 1))
		text_add(&v->address, "::ffff:");
	text_add(&v->address, v->place->v4[below(&r, 2)]);
	host = below(&r, 65536);
	if (place == COUNT(places) - 1)
		host = 2 << 8 | (host & 255); /* 192.0.2.0/24 */
	text_add(&v->address, ".");
	text_number(&v->address, host >> 8);
	text_add(&v->address, ".");
	text_number(&v->address, host & 255);
}

static void
visitor_make(struct visitor *v, const struct agents *agents, uint64_t seed, uint64_t index)
{
	struct rng r;
	size_t dialect;

	rng_seed(&r, mix(seed) ^ index);
	v->id.n = 0;
	text_uuid(&v->id, &r);
	if (agents->visitors)
		visitor_address(v, seed, below(&r, agents->visitors * 9 / 10 + 1), 18);
	else
		visitor_address(v, seed, below(&r, ADDRESSES), 27);
	v->agent = agent_pick(agents, &r);
	WEIGHTED(dialect, &r, dialects);
	v->dialect = dialects[dialect].flags;
	v->library = dialects[dialect].library;
	v->user.n = 0;
	if (percent(&r, 30)) {
		text_add(&v->user, "user_");
		text_number(&v->user, 1000 + index);
	}
}

/* ---- where they come from ---- */

static const char *const campaigns[] = { "summer_sale_2026", "brand_core", "retargeting-q2",
	"Newsletter Juni", "lancement_été", "spring%20launch", "%D0%BB%D0%B5%D1%82%D0%BE",
	"launch-week", "b2b_webinar", "coffee_subscription",
	"%E5%A4%8F%E3%81%AE%E3%82%BB%E3%83%BC%E3%83%AB" };

/* In a query: '%' draws an id of that many url-safe characters, '*' a campaign. */
static const struct source {
	unsigned weight;
	const char *referrer, *query;
	unsigned id_length;
} sources[] = {
	{ 240, "", "", 0 },
	{ 150, "https://www.google.com/", "", 0 },
	{ 20, "https://www.google.co.uk/", "", 0 },
	{ 15, "https://www.google.de/", "", 0 },
	{ 10, "https://www.google.com.br/", "", 0 },
	{ 25, "https://www.bing.com/", "", 0 },
	{ 22, "https://duckduckgo.com/", "", 0 },
	{ 8, "https://search.yahoo.com/", "", 0 },
	{ 10, "https://yandex.ru/", "", 0 },
	{ 5, "https://www.baidu.com/link?url=Zx3", "", 0 },
	{ 4, "https://www.ecosia.org/", "", 0 },
	{ 4, "https://search.naver.com/", "", 0 },
	{ 60, "https://www.google.com/", "utm_source=google&utm_medium=cpc&utm_campaign=*&gclid=%",
	    91 },
	{ 25, "https://www.google.com/", "gclid=%", 91 },
	{ 6, "https://www.google.com/", "gbraid=%", 40 },
	{ 12, "https://www.bing.com/", "utm_source=bing&utm_medium=cpc&utm_campaign=*&msclkid=%",
	    32 },
	{ 45, "https://l.facebook.com/",
	    "utm_source=facebook&utm_medium=paid_social&utm_campaign=*&fbclid=%", 61 },
	{ 15, "https://lm.facebook.com/", "fbclid=%", 61 },
	{ 12, "", "utm_source=fb-ads&utm_medium=cpc&utm_campaign=*&fbclid=%", 61 },
	{ 10, "https://l.instagram.com/", "utm_source=ig&utm_medium=cpm&utm_campaign=*", 0 },
	{ 12, "https://l.instagram.com/", "utm_source=instagram&utm_medium=social&fbclid=%", 61 },
	{ 8, "", "fbclid=%", 61 },
	{ 20, "https://www.facebook.com/", "", 0 },
	{ 8, "https://m.facebook.com/", "", 0 },
	{ 10, "https://www.instagram.com/", "", 0 },
	{ 16, "https://t.co/Xk2", "", 0 },
	{ 5, "https://t.co/b9Q", "utm_source=twitter&utm_medium=cpc&twclid=%", 24 },
	{ 12, "https://www.linkedin.com/", "", 0 },
	{ 6, "https://www.linkedin.com/", "li_fat_id=%", 36 },
	{ 14, "https://www.reddit.com/", "", 0 },
	{ 10, "https://www.youtube.com/", "", 0 },
	{ 9, "https://www.tiktok.com/", "ttclid=%&utm_source=tiktok&utm_medium=paid&utm_campaign=*",
	    80 },
	{ 5, "https://www.pinterest.com/", "", 0 },
	{ 45, "", "utm_source=newsletter&utm_medium=email&utm_campaign=*", 0 },
	{ 12, "https://mail.google.com/", "", 0 },
	{ 5, "https://outlook.live.com/", "", 0 },
	{ 18, "https://chatgpt.com/", "utm_source=chatgpt.com", 0 },
	{ 9, "https://www.perplexity.ai/", "", 0 },
	{ 6, "https://claude.ai/", "", 0 },
	{ 4, "https://gemini.google.com/", "", 0 },
	{ 12, "https://news.ycombinator.com/item?id=40000001", "", 0 },
	{ 9, "https://github.com/example/awesome-coffee", "", 0 },
	{ 14, "https://blog.partner.example/beste-kaffeemühlen", "", 0 },
	{ 6, "https://forum.example.net/t/étude-du-café/42?page=2", "", 0 },
	{ 8, "", "utm_source=display-network&utm_medium=display&utm_campaign=*", 0 },
	{ 5, "", "utm_medium=cpc&utm_campaign=*", 0 },
	{ 6, "", "utm_source=partner&utm_medium=affiliate&ref=%", 12 },
	{ 5, "android-app://com.google.android.gm/", "", 0 },
	{ 4, "android-app://com.google.android.googlequicksearchbox/", "", 0 },
	{ 2, "about:blank", "", 0 },
};

static const char *const hosts[] = { "www.example.com", "shop.example.com", "app.example.com",
	"blog.example.org", "xn--caf-dma.example" };

static const char *const pages[] = { "/", "/pricing/", "/products/ethiopia-yirgacheffe",
	"/products/kenya-aa-250g", "/cart/", "/checkout/", "/blog/how-we-roast",
	"/features/reports", "/docs/getting-started", "/signup/", "/products/colombia-huila-decaf",
	"/about/", "/blog/größe-und-mahlgrad", "/docs/api/events#fields", "/ja/商品/コーヒー豆",
	"/login/", "/ru/%D0%BA%D0%BE%D1%84%D0%B5", "/products/sumatra-mandheling", "/contact/",
	"/fr/caf%C3%A9s/", "/search", "/products/gift-card", "/legal/privacy",
	"/docs/webhooks/retries", "/careers/", "/blog/2026/05/cold-brew-at-home",
	"/products/v60-dripper", "/docs/sdk/python" };

struct session {
	struct visitor visitor;
	struct text id, url, referrer;
	const char *host, *path;
	uint64_t time;
	unsigned left; /* events to come; 0: over */
	unsigned pages;
	bool wide;              /* of many visitors */
	struct text tail, from; /* a path and a referrer out of the long tails */
};

/* A page that few have seen, as most pages of a large site are. */
static const char *
tail_path(struct session *s, struct rng *r)
{
	static const char *const folder[] = { "/products/lot-", "/blog/entry-", "/u/",
		"/search/tag-", "/docs/topic-" };

	text_set(&s->tail, ONE_OF(r, folder));
	text_number(&s->tail, popular(r, 200000));
	s->tail.p[s->tail.n] = '\0';
	return s->tail.p;
}

/* The next page: of the site's best known, or out of the long tail. */
static const char *
next_path(struct session *s, struct rng *r)
{
	return s->wide && percent(r, 40) ? tail_path(s, r) : pages[popular(r, COUNT(pages))];
}

static void
landing_query(struct text *url, struct rng *r, const struct source *s, bool wide)
{
	if (!s->query[0])
		return;
	text_add(url, "?");
	for (const char *q = s->query; *q; q++) {
		char c[2] = { *q, '\0' };

		if (*q == '%')
			text_token(url, r, s->id_length, URLSAFE, 6);
		else
			text_add(url, *q == '*' ? ONE_OF(r, campaigns) : c);
		if (*q == '*' && wide) {
			text_add(url, "-");
			text_number(url, popular(r, 5000));
		}
	}
}

static void
session_url(struct session *s)
{
	text_set(&s->url, "https://");
	text_add(&s->url, s->host);
	text_add(&s->url, s->path);
}

static void
session_begin(struct session *s, struct rng *r, uint64_t time)
{
	size_t source;

	s->time = time;
	if (s->wide)
		s->left = percent(r, 38) ? 1 : 1 + (unsigned)popular(r, 20);
	else
		s->left = 1 + (unsigned)popular(r, 16);
	s->pages = 0;
	s->host = hosts[popular(r, COUNT(hosts))];
	s->path = next_path(s, r);
	s->id.n = 0;
	if (percent(r, 30))
		text_uuid(&s->id, r);
	WEIGHTED(source, r, sources);
	text_set(&s->referrer, sources[source].referrer);
	if (s->wide && percent(r, 12)) {
		text_set(&s->referrer, "https://www.site-");
		text_number(&s->referrer, popular(r, 30000));
		text_add(&s->referrer, ".example/links/");
		text_number(&s->referrer, below(r, 100));
	}
	session_url(s);
	landing_query(&s->url, r, &sources[source], s->wide);
}

static void
session_turn_page(struct session *s, struct rng *r)
{
	s->referrer = s->url;
	s->path = next_path(s, r);
	session_url(s);
	if (strcmp(s->path, "/search") == 0)
		text_add(&s->url, "?q=%E3%82%B3%E3%83%BC%E3%83%92%E3%83%BC+filter&page=2");
}

/* ---- what they do: properties ---- */

static const char *const titles[] = { "Example Coffee – fresh beans, every week",
	"Pricing | Example Coffee", "Ethiopia Yirgacheffe 250 g", "Kaffeemühlen im Vergleich",
	"東京のコーヒー豆 | Example", "Кофейные зёрна — каталог", "Crème brûlée & café",
	"커피 원두 가이드", "قهوة عربية طازجة", "☕️ Morning blend 👩‍🍳",
	"Ελληνικός καφές", "हिन्दी में कॉफ़ी", "\"Best of 2026\" \\ awards",
	"Getting started with the API", "How we roast", "Your cart", "Checkout <2/3>" };
static const char *const terms[] = { "filter coffee", "コーヒー フィルター", "grüner Kaffee",
	"кофе в зёрнах", "décaféiné", "espresso machine 15 bar", "咖啡豆", "🎁 gift", "v60 02",
	"mühle" };
static const char *const odd_numbers[] = { "9007199254740993", "12345678901234567890", "1e400",
	"1.0", "-0", "5e-324", "0.1000000000000000055511151231257827", "1E+2",
	"-9223372036854775809", "123456789012345678901234567890", "-1.50", "2.50e-7" };
static const char *const screens[] = { "[1920,1080]", "[1440,900]", "[390,844]", "[412,915]",
	"[2560,1440]", "[1366,768]", "[820,1180]", "[360,800]" };
static const char *const plans[] = { "free", "pro", "team", "enterprise" };
static const char *const currencies[] = { "usd", "eur", "gbp", "jpy", "brl", "inr" };
static const char *const labels[] = { "hero", "nav-pricing", "footer", "Jetzt kaufen", "購入する",
	"Купить", "add_to_cart", "play" };

static void
props_page(struct writer *w, struct rng *r, const struct session *s)
{
	field(w, "title", ONE_OF(r, titles));
	field_raw(w, "screen", ONE_OF(r, screens));
	field_number(w, "scroll_depth", below(r, 101));
	if (percent(r, 35)) {
		field_raw(w, "perf", "{");
		field_number(w, "ttfb", 40 + below(r, 900));
		field_number(w, "lcp", 600 + below(r, 4000));
		lit(w, "}");
	}
	if (strcmp(s->path, "/search") == 0)
		field(w, "q", ONE_OF(r, terms));
}

static void
props_purchase(struct writer *w, struct rng *r, const struct session *s)
{
	uint64_t items = 1 + popular(r, 5);

	(void)s;
	field_number(w, "amount_cents", 490 + below(r, 30000));
	field(w, "currency", ONE_OF(r, currencies));
	/* ids beyond 2^53, as order systems number them */
	field_number(w, "order_id", (UINT64_C(1) << 60) + (draw(r) >> 5));
	field_raw(w, "tax_rate", percent(r, 50) ? "0.19" : "0.20");
	key(w, "items");
	for (uint64_t i = 0; i < items; i++) {
		lit(w, i ? ",{" : "[{");
		field(w, "sku", pages[2 + below(r, 2)] + 10);
		field_number(w, "qty", 1 + popular(r, 4));
		lit(w, "}");
	}
	lit(w, "]");
}

static void
props_signup(struct writer *w, struct rng *r, const struct session *s)
{
	field(w, "plan", ONE_OF(r, plans));
	field_raw(w, "invited", percent(r, 20) ? "true" : "false");
	field_raw(w, "coupon", percent(r, 15) ? "\"WELCOME10\"" : "null");
	field(w, "method", percent(r, 50) ? "password" : "sso");
	field(w, "locale", s->visitor.place->language);
}

static void
props_click(struct writer *w, struct rng *r, const struct session *s)
{
	field(w, "label", ONE_OF(r, labels));
	field(w, "page", s->path);
	field_number(w, "x", below(r, 1920));
	field_number(w, "y", below(r, 3000));
	field_raw(w, "tags", percent(r, 50) ? "[]" : "[\"ab-test\",\"variant-b\",null,true]");
}

static void
props_feature(struct writer *w, struct rng *r, const struct session *s)
{
	(void)s;
	field(w, "feature", ONE_OF(r, terms));
	field_number(w, "duration_ms", below(r, 90000));
	field_raw(w, "ratio", ONE_OF(r, odd_numbers));
	field_raw(w, "settings",
	    "{ \"theme\" : \"dark\",\t\"nested\" : { \"deep\" : [ 1, 2.0, { } ] } }");
}

static void
props_agent(struct writer *w, struct rng *r, const struct session *s)
{
	(void)s;
	field(w, "task", percent(r, 50) ? "refactor_billing" : "summarise \"Q2\" results");
	field(w, "tool", percent(r, 50) ? "search_docs" : "query_events");
	field_number(w, "duration_ms", below(r, 60000));
	field_raw(w, "tokens", ONE_OF(r, odd_numbers));
	field_raw(w, "ok", percent(r, 90) ? "true" : "false");
}

static void
props_ticket(struct writer *w, struct rng *r, const struct session *s)
{
	(void)s;
	field(w, "category", percent(r, 50) ? "billing" : "livraison");
	field(w, "subject",
	    percent(r, 50) ? "Où est ma commande ? 😕\nMerci" : "注文番号が見つかりません");
	field_raw(w, "priority", "\"high\"");
}

static const struct action {
	const char *event;
	unsigned weight;
	bool server; /* sent by a back end: no page */
	void (*properties)(struct writer *, struct rng *, const struct session *);
} actions[] = {
	{ "$pageview", 66, false, props_page },
	{ "clicked_cta", 9, false, props_click },
	{ "feature_used", 7, false, props_feature },
	{ "add_to_cart", 5, false, props_click },
	{ "signup", 3, false, props_signup },
	{ "$identify", 1, false, props_signup },
	{ "purchase", 3, true, props_purchase },
	{ "agent_task_completed", 2, true, props_agent },
	{ "tool_called", 2, true, props_agent },
	{ "support_ticket_opened", 1, true, props_ticket },
	{ "購入完了", 1, false, props_purchase },
};

/* ---- one line ---- */

/* A cart or a form as single-page applications send them: some hundred bytes, some levels. */
static void
props_deep(struct writer *w, struct rng *r)
{
	uint64_t lines = 1 + popular(r, 12), depth = popular(r, 12);

	key(w, "state");
	lit(w, "{\"items\":[");
	for (uint64_t i = 0; i < lines; i++) {
		lit(w, i ? ",{\"sku\":\"" : "{\"sku\":\"");
		number(w, below(r, 1000000));
		lit(w, "\",\"name\":");
		quoted(w, ONE_OF(r, titles));
		lit(w, ",\"price\":{\"amount\":");
		number(w, below(r, 100000));
		lit(w, ",\"currency\":");
		quoted(w, ONE_OF(r, currencies));
		lit(w, "},\"tags\":[true,null,-1.5]}");
	}
	lit(w, "],\"path\":");
	for (uint64_t i = 0; i < depth; i++)
		lit(w, "[{\"k\":");
	lit(w, "0");
	for (uint64_t i = 0; i < depth; i++)
		lit(w, "}]");
	lit(w, "}");
}

static void
put_properties(struct writer *w, struct rng *r, const struct session *s, const struct action *a)
{
	bool loose = (w->dialect & LOOSE) != 0;

	key(w, "properties");
	lit(w, loose ? " {" : "{");
	if (loose)
		w->dialect |= SPACED;
	a->properties(w, r, s);
	if (s->wide && percent(r, 35))
		props_deep(w, r);
	if (percent(r, 4))
		field_raw(w, "metric", ONE_OF(r, odd_numbers));
	field(w, "lang", s->visitor.place->language);
	if (percent(r, 40))
		field(w, "tz", s->visitor.place->zone);
	if (percent(r, 40))
		field(w, "sdk", s->visitor.library);
	if (loose)
		w->dialect &= ~(unsigned)SPACED;
	lit(w, loose ? " }" : "}");
}

static void
put_context(struct writer *w, struct rng *r, const struct session *s, size_t style)
{
	field_text(w, "ip", &s->visitor.address);
	field_text(w, "user_agent", s->visitor.agent);
	if (percent(r, 55))
		field(w, "host", s->host);
	if (percent(r, 55)) {
		key(w, "received_at");
		timestamp(w, s->time + 20 + below(r, 900), style);
	}
}

static void
put_ids(struct writer *w, struct rng *r, const struct session *s, bool server)
{
	struct text id = { 0 };

	if (server || percent(r, 45)) {
		text_uuid(&id, r);
		field_text(w, "event_id", &id);
	}
	field_text(w, "anonymous_id", &s->visitor.id);
	/* known once signed in, which takes a page or two */
	if (s->visitor.user.n > 0 && s->pages > 1)
		field_text(w, "user_id", &s->visitor.user);
	else
		field_null(w, "user_id");
	if (s->id.n > 0)
		field_text(w, "session_id", &s->id);
	else
		field_null(w, "session_id");
}

static void
put_page(struct writer *w, struct rng *r, const struct session *s)
{
	field_text(w, "url", &s->url);
	if (percent(r, 45))
		field(w, "path", s->path);
	if (s->referrer.n > 0)
		field_text(w, "referrer", &s->referrer);
	else
		field_null(w, "referrer");
}

static void
put_event(struct writer *w, struct rng *r, const struct session *s, const struct action *a)
{
	size_t style = time_style(w->dialect);

	lit(w, "{");
	if (w->dialect & CONTEXT_FIRST)
		put_context(w, r, s, style);
	field(w, "event", a->event);
	if (percent(r, 97)) {
		key(w, "timestamp");
		timestamp(w, s->time, style);
	}
	put_ids(w, r, s, a->server);
	if (!a->server)
		put_page(w, r, s);
	if (percent(r, 95))
		put_properties(w, r, s, a);
	if (percent(r, 5))
		field_raw(
		    w, "library", "{\"name\":\"collector\",\"options\":[1,[2,{\"debug\":false}]]}");
	if (percent(r, 1))
		field(w, "source", "sent-by-the-client-and-ignored");
	if (!(w->dialect & CONTEXT_FIRST))
		put_context(w, r, s, style);
	if (percent(r, 1))
		field(w, "project_id", "00000000-0000-0000-0000-000000000000"); /* the default */
	lit(w, "}\n");
}

/* ---- lines that are wrong ---- */

enum wrong {
	WRONG_NO_EVENT,
	WRONG_TYPES,
	WRONG_TIMESTAMP,
	WRONG_URL,
	WRONG_NOT_JSON,
	WRONG_TRUNCATED,
	WRONG_UTF8,
	WRONG_SURROGATE,
	WRONG_NO_OBJECT,
	WRONG_DEPTH,
	WRONG_PROPERTIES_SIZE,
	WRONG_LENGTH,
	WRONG_KINDS
};

static void
repeat(struct writer *w, const char *s, size_t times)
{
	while (times-- > 0)
		lit(w, s);
}

/* All but the closing brace of an event that is as it should be. */
static void
put_start(struct writer *w, const struct session *s, const char *event)
{
	w->dialect = 0;
	lit(w, "{");
	if (event)
		field(w, "event", event);
	field_text(w, "anonymous_id", &s->visitor.id);
}

static void
put_wrong_line(struct writer *w, struct rng *r, const struct session *s, const struct action *a,
    enum wrong kind)
{
	size_t start = w->n;

	switch (kind) {
	case WRONG_NO_OBJECT:
		lit(w, "[\"event\",\"$pageview\"]\n");
		return;
	case WRONG_NOT_JSON:
		lit(w, "192.0.2.7 - - \"GET /pricing/ HTTP/1.1\" 200 5316\n");
		return;
	case WRONG_TRUNCATED:
		put_event(w, r, s, a);
		w->n = start + (w->n - start) / 2;
		while (w->p[w->n - 1] & 0x80) /* UTF-8 is another kind of wrong */
			w->n--;
		lit(w, "\n");
		return;
	default:
		break;
	}

	put_start(w, s,
	    kind == WRONG_NO_EVENT || kind == WRONG_TYPES || kind == WRONG_LENGTH ? NULL
										  : "signup");
	switch (kind) {
	case WRONG_TYPES:
		field_raw(w, "event", "42");
		field_raw(w, "properties", "[\"plan\",\"pro\"]");
		field_raw(w, "user_id", "1001");
		break;
	case WRONG_TIMESTAMP:
		field(w, "timestamp", "2026-02-30 25:00");
		break;
	case WRONG_URL:
		field(w, "url", "/pricing/?utm_source=google");
		break;
	case WRONG_UTF8:
		field(w, "path", "/caf\xe9/");
		break;
	case WRONG_SURROGATE:
		field_raw(w, "path", "\"/\\ud83d/\"");
		break;
	case WRONG_DEPTH:
		key(w, "properties");
		repeat(w, "{\"a\":", 70);
		lit(w, "1");
		repeat(w, "}", 70);
		break;
	case WRONG_PROPERTIES_SIZE:
		field_raw(w, "properties", "{\"html\":\"");
		repeat(w, "<p>Hello</p>", 750);
		lit(w, "\"}");
		break;
	case WRONG_LENGTH:
		field_raw(w, "event", "\"");
		repeat(w, "very_long_name_", 9);
		lit(w, "\"");
		break;
	default:
		field_text(w, "url", &s->url);
		break;
	}
	lit(w, "}\n");
}

/* ---- the stream ---- */

struct options {
	uint64_t count, seed, invalid, days, end_day; /* end_day: since 1970 */
	uint64_t visitors;                            /* 0: few, who come often */
};

struct stream {
	struct options o;
	struct rng rng;
	struct agents agents;
	struct session slots[SLOTS_MAX];
	size_t slot_count;
	uint64_t begin, end, visitors;
	uint64_t came; /* of many visitors: who have come so far */
};

static void
stream_init(struct stream *st)
{
	uint64_t slots = st->o.count * SESSION_SECONDS / (st->o.days * 86400);

	rng_seed(&st->rng, st->o.seed);
	st->slot_count = slots < 1 ? 1 : slots > SLOTS_MAX ? SLOTS_MAX : (size_t)slots;
	st->end = (st->o.end_day + 1) * DAY_MS;
	st->begin = st->end - st->o.days * DAY_MS;
	st->visitors = st->o.count / 8 + 50;
	if (st->visitors > UINT32_MAX)
		st->visitors = UINT32_MAX;
}

/* Who comes: out of few, or one of many who has not been here yet, mostly. */
static uint64_t
stream_visitor(struct stream *st)
{
	if (!st->o.visitors)
		return popular(&st->rng, st->visitors);
	if (st->came == st->o.visitors || (st->came && percent(&st->rng, 8)))
		return below(&st->rng, st->came);
	return st->came++;
}

/* A session that has an event to give, at a time within the bounds. */
static struct session *
stream_session(struct stream *st, uint64_t line)
{
	struct session *s = &st->slots[below(&st->rng, st->slot_count)];
	uint64_t span = st->end - st->begin, time;

	s->time += 3000 + popular(&st->rng, 240) * 1000;
	s->time += below(&st->rng, 1000);
	if (s->left > 0 && s->time < st->end)
		return s;
	visitor_make(&s->visitor, &st->agents, st->o.seed, stream_visitor(st));
	s->wide = st->o.visitors > 0;
	time = daytime(st->begin + span * line / st->o.count + below(&st->rng, 1000));
	session_begin(s, &st->rng, time < st->end ? time : st->end - 1);
	return s;
}

static void
stream_line(struct stream *st, struct writer *w, uint64_t line)
{
	struct session *s = stream_session(st, line);
	uint64_t before = st->o.invalid * line / st->o.count;
	size_t action = 0;

	if (s->pages > 0) {
		WEIGHTED(action, &st->rng, actions);
		if (action == 0)
			session_turn_page(s, &st->rng);
	}
	if (action == 0)
		s->pages++;
	s->left--;

	w->dialect = s->visitor.dialect;
	if (st->o.invalid * (line + 1) / st->o.count > before)
		put_wrong_line(
		    w, &st->rng, s, &actions[action], (enum wrong)(before % WRONG_KINDS));
	else
		put_event(w, &st->rng, s, &actions[action]);
}

static bool
stream_write(struct stream *st)
{
	struct writer w = { malloc(FLUSH_AT + LINE_MAX_BYTES), 0, 0 };
	bool ok =
	    w.p && agents_make(&st->agents) && (!st->o.visitors || agents_make_phones(&st->agents));

	for (uint64_t line = 0; ok && line < st->o.count; line++) {
		stream_line(st, &w, line);
		if (w.n >= FLUSH_AT) {
			ok = fwrite(w.p, 1, w.n, stdout) == w.n;
			w.n = 0;
		}
	}
	ok = ok && fwrite(w.p, 1, w.n, stdout) == w.n && fflush(stdout) == 0;
	free(w.p);
	for (size_t i = 0; i < st->agents.n; i++)
		free(st->agents.v[i]);
	for (size_t i = 0; i < st->agents.phone_count; i++)
		free(st->agents.phones[i]);
	return ok;
}

/* ---- the call ---- */

static bool
parse_number(const char *s, uint64_t max, uint64_t *v)
{
	char *end;

	if (s[0] < '0' || s[0] > '9')
		return false;
	errno = 0;
	*v = strtoull(s, &end, 10);
	return errno == 0 && *end == '\0' && *v <= max;
}

static bool
parse_date(const char *s, uint64_t *day)
{
	struct date d, again;
	char rest;

	if (sscanf(s, "%4u-%2u-%2u%c", &d.year, &d.month, &d.day, &rest) != 3)
		return false;
	if (d.year < 1971 || d.year > 9000 || d.month < 1 || d.month > 12 || d.day < 1)
		return false;
	*day = days_of(d);
	again = date_of(*day);
	return again.month == d.month && again.day == d.day;
}

static bool
parse_option(struct options *o, const char *name, const char *value)
{
	if (strcmp(name, "-n") == 0)
		return parse_number(value, 100000000, &o->count) && o->count > 0;
	if (strcmp(name, "-s") == 0)
		return parse_number(value, UINT64_MAX, &o->seed);
	if (strcmp(name, "--invalid") == 0)
		return parse_number(value, 100000000, &o->invalid);
	if (strcmp(name, "--days") == 0)
		return parse_number(value, 366, &o->days) && o->days > 0;
	if (strcmp(name, "--visitors") == 0)
		return parse_number(value, 50000000, &o->visitors);
	if (strcmp(name, "--end") == 0)
		return parse_date(value, &o->end_day);
	return false;
}

int
main(int argc, char **argv)
{
	static struct stream st = { .o = { 1000, 1, 0, 30, 0, 0 } };

	parse_date("2026-06-30", &st.o.end_day);
	for (int i = 1; i < argc; i += 2) {
		if (i + 1 < argc && parse_option(&st.o, argv[i], argv[i + 1]))
			continue;
		fprintf(stderr,
		    "usage: gen-events [-n COUNT] [-s SEED] [--invalid N] [--days N] "
		    "[--end YYYY-MM-DD] [--visitors N]\n");
		return 2;
	}
	if (st.o.invalid > st.o.count) {
		fprintf(stderr, "gen-events: --invalid asks for more lines than -n\n");
		return 2;
	}
	st.agents.visitors = st.o.visitors;
	stream_init(&st);
	if (!stream_write(&st)) {
		fprintf(stderr, "gen-events: writing failed: %s\n", strerror(errno));
		return 2;
	}
	return 0;
}
