#include "import/format.h"

#include "import/alb.h"
#include "import/clf.h"
#include "import/haproxy.h"
#include "text/json.h"

#include "base/banned.h"

static const char *const names[IMPORT_FORMATS] = {
	[IMPORT_ALB] = "alb",
	[IMPORT_APACHE_JSON] = "apache-json",
	[IMPORT_AUTO] = "auto",
	[IMPORT_CADDY] = "caddy",
	[IMPORT_CLOUDFLARE] = "cloudflare",
	[IMPORT_CLOUDFRONT] = "cloudfront",
	[IMPORT_COMBINED] = "combined",
	[IMPORT_COMMON] = "common",
	[IMPORT_GA4] = "ga4",
	[IMPORT_HAPROXY] = "haproxy",
	[IMPORT_IIS] = "iis",
	[IMPORT_MATOMO] = "matomo",
	[IMPORT_NGINX_JSON] = "nginx-json",
	[IMPORT_PLAUSIBLE] = "plausible",
	[IMPORT_RUDDERSTACK] = "rudderstack",
	[IMPORT_SEGMENT] = "segment",
	[IMPORT_TRAEFIK] = "traefik",
	[IMPORT_UMAMI] = "umami",
};

const char *
import_format_name(enum import_format f)
{
	return names[f];
}

enum import_format
import_format_named(struct span name)
{
	unsigned f = 0;

	while (f < IMPORT_FORMATS && !span_eq(span_of(names[f]), name))
		f++;
	return (enum import_format)f;
}

static bool
begins_with(const char *p, size_t n, const char *what)
{
	size_t k = strlen(what);

	return n >= k && memcmp(p, what, k) == 0;
}

/* Whether the word stands in the line, as a key or column would. */
static bool
holds(const char *p, size_t n, const char *word)
{
	size_t k = strlen(word);
	const char *end = p + n, *q = p;

	while (q && (size_t)(end - q) >= k) {
		q = memchr(q, *word, (size_t)(end - q) - k + 1);
		if (q && memcmp(q, word, k) == 0)
			return true;
		if (q)
			q++;
	}
	return false;
}

static enum import_format
guess_json(const char *p, size_t n)
{
	/* some of the keys that a web server's log has */
	static const char *const sign[] = { "\"status", "\"request", "\"uri\"", "\"method\"",
		"\"http", "\"remote", "\"clientip", "\"client_ip", "\"log\"", "\"message\"",
		"\"url", "\"path\"" };
	size_t i;

	if (holds(p, n, "\"event_params\"") || holds(p, n, "\"user_pseudo_id\""))
		return IMPORT_GA4;
	if (holds(p, n, "\"actionDetails\""))
		return IMPORT_MATOMO;
	if (holds(p, n, "\"website_id\"") && holds(p, n, "\"url_path\""))
		return IMPORT_UMAMI;
	if (holds(p, n, "\"visitors\"") && holds(p, n, "\"date\""))
		return IMPORT_PLAUSIBLE;
	if (holds(p, n, "\"anonymousId\"") || holds(p, n, "\"messageId\"") ||
	    holds(p, n, "\"context_library_name\"") || holds(p, n, "\"batch\""))
		return holds(p, n, "udder") ? IMPORT_RUDDERSTACK : IMPORT_SEGMENT;
	if (holds(p, n, "\"ClientRequestURI\"") || holds(p, n, "\"EdgeStartTimestamp\""))
		return IMPORT_CLOUDFLARE;
	if (holds(p, n, "\"RequestPath\"") && holds(p, n, "\"DownstreamStatus\""))
		return IMPORT_TRAEFIK;
	if (holds(p, n, "\"logger\":\"http.log.access") ||
	    (holds(p, n, "\"resp_headers\"") && holds(p, n, "\"request\":{")))
		return IMPORT_CADDY;
	for (i = 0; i < sizeof(sign) / sizeof(sign[0]); i++)
		if (holds(p, n, sign[i]))
			return IMPORT_NGINX_JSON;
	return IMPORT_FORMATS;
}

/* What is known, but read by something else. */
static const char *
guess_other(const char *p, size_t n)
{
	if (begins_with(p, n, "BZh"))
		return "bzip2: unpack it with bzcat";
	if (begins_with(p, n,
		"\xfd"
		"7zXZ"))
		return "xz: unpack it with xzcat";
	if (begins_with(p, n, "\xff\xfe") || begins_with(p, n, "\xfe\xff"))
		return "UTF-16: convert it with iconv -f UTF-16 -t UTF-8";
	if (begins_with(p, n, "PK\x03\x04"))
		return "zip: unpack it with unzip -p";
	if (begins_with(p, n, "{\"event\":") && !holds(p, n, "\"type\"") &&
	    !holds(p, n, "\"context\""))
		return "events: they need no mm-import";
	if (n == 1 && (*p == '[' || *p == '{'))
		return "JSON over several lines: make a line of each record with jq -c '.[]'";
	return NULL;
}

enum import_format
import_guess(const char *p, size_t n, const char **other)
{
	struct buf scratch = BUF_INIT;
	struct complaint why;
	struct hit h;
	enum import_format f = IMPORT_FORMATS;
	struct json_scan scan;

	*other = guess_other(p, n);
	if (*other)
		return f;
	if (begins_with(p, n, "#Software: Microsoft") ||
	    begins_with(p, n, "#Fields: date time s-") ||
	    begins_with(p, n, "#Fields: date time cs-") || begins_with(p, n, "#Date:"))
		return IMPORT_IIS;
	if (begins_with(p, n, "#Version:") || begins_with(p, n, "#Fields:"))
		return holds(p, n, "x-edge-location") || !holds(p, n, "s-ip") ? IMPORT_CLOUDFRONT
									      : IMPORT_IIS;
	if (begins_with(p, n, "website_id,") || holds(p, n, ",url_path,"))
		return IMPORT_UMAMI;
	if (begins_with(p, n, "\"date\",\"") || begins_with(p, n, "date,"))
		return IMPORT_PLAUSIBLE;
	if (n > 1 && (*p == '{' || *p == '[')) {
		json_skim(&scan, p, n);
		return scan.reason == JSON_END ? IMPORT_FORMATS : guess_json(p, n);
	}
	memset(&h, 0, sizeof(h));
	if (clf_parse(&h, p, n, &scratch, &why)) {
		f = h.v[HIT_AGENT].p || h.v[HIT_REFERRER].p ? IMPORT_COMBINED : IMPORT_COMMON;
	} else {
		memset(&h, 0, sizeof(h));
		if (alb_parse(&h, p, n, &scratch, &why))
			f = IMPORT_ALB;
		memset(&h, 0, sizeof(h));
		if (haproxy_parse(&h, p, n, &why))
			f = IMPORT_HAPROXY;
	}
	buf_release(&scratch);
	return f;
}

static int
family(enum import_format f)
{
	switch (f) {
	case IMPORT_COMBINED:
	case IMPORT_COMMON:
		return 1;
	case IMPORT_CLOUDFRONT:
	case IMPORT_IIS:
		return 2;
	case IMPORT_RUDDERSTACK:
	case IMPORT_SEGMENT:
		return 4;
	case IMPORT_APACHE_JSON:
	case IMPORT_CADDY:
	case IMPORT_CLOUDFLARE:
	case IMPORT_NGINX_JSON:
	case IMPORT_TRAEFIK:
		return 3;
	default:
		return 100 + (int)f;
	}
}

bool
import_takes(enum import_format reader, enum import_format looks)
{
	return family(reader) == family(looks);
}
