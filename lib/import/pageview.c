#include "import/pageview.h"

#include "text/json.h"

#include "base/banned.h"

enum {
	UNITS_MAX = 2048,         /* of url, path, referrer: SPEC 1 */
	TEXT_MAX = 3 * UNITS_MAX, /* bytes of one that fits, before it is written */
	AGENT_MAX = 8192,         /* bytes: servers take no more of a header */
};

const char *
skip_name(enum skip s)
{
	static const char *const name[SKIP_REASONS] = {
		[SKIP_ASSET] = "asset",
		[SKIP_COMMENT] = "comment",
		[SKIP_KIND] = "kind",
		[SKIP_METHOD] = "method",
		[SKIP_PATH] = "path",
		[SKIP_REDIRECT] = "redirect",
		[SKIP_REQUEST] = "request",
		[SKIP_STATUS] = "status",
	};

	return name[s];
}

void
pageview_release(struct pageview *v)
{
	buf_release(&v->joined);
}

/* ---- the time ---- */

static bool
set_time(struct pageview *v, int64_t ms)
{
	if (ms < TIMESTAMP_MIN || ms > TIMESTAMP_MAX)
		return false;
	v->ms = ms;
	v->stamp_n = (size_t)(log_time_format(v->stamp, ms) - v->stamp);
	return true;
}

/* Lines of a second have the same text. */
static bool
read_time(struct pageview *v, const struct hit *h)
{
	struct span t = h->v[HIT_TIME], day = h->v[HIT_DAY], clock = h->v[HIT_CLOCK];
	int64_t ms, more;

	if (t.p) {
		if (t.n == v->time_n && memcmp(t.p, v->time_text, t.n) == 0)
			return true;
		if (h->timed == t.p)
			ms = h->ms;
		else if (!log_time_parse(t.p, t.n, &ms))
			return false;
		v->time_n = t.n <= sizeof(v->time_text) ? t.n : 0;
		memcpy(v->time_text, t.p, v->time_n);
		return set_time(v, ms);
	}
	v->time_n = 0;
	return day.p && clock.p && date_parse(day.p, day.n, &ms) &&
	    log_time_of_day(clock.p, clock.n, &more) && set_time(v, ms + more);
}

/* ---- the address ---- */

static bool
read_host(struct pageview *v, struct span host)
{
	if (!host.n || host.n > sizeof(v->host_text))
		return false;
	if (host.n == v->host_n && memcmp(host.p, v->host_text, host.n) == 0)
		return v->name_n > 0;
	memcpy(v->host_text, host.p, host.n);
	v->host_n = host.n;
	v->name_n = hit_site_name(host, v->name);
	return v->name_n > 0;
}

static int
number(struct span s)
{
	int n = 0;
	size_t i;

	for (i = 0; i < s.n && i < 6; i++)
		n = n * 10 + (s.p[i] - '0');
	return n;
}

/* The port behind a host, where it is no default one. */
static struct span
port_of(struct span host, struct span port, bool http)
{
	size_t i = host.n;
	int n;

	while (i > 0 && host.p[i - 1] >= '0' && host.p[i - 1] <= '9')
		i--;
	if (i > 0 && i < host.n && host.p[i - 1] == ':')
		port = (struct span){ host.p + i, host.n - i };
	else
		port.n = 0;
	n = number(port);
	if (port.n > 5 || n > 65535 || n == 0 || n == (http ? 80 : 443))
		port.n = 0;
	return port;
}

/* Where the path ends. */
static size_t
path_length(struct span target)
{
	size_t i = 0;

	while (i < target.n && target.p[i] != '?' && target.p[i] != '#')
		i++;
	return i;
}

static bool
is_asset(struct span path)
{
	static const char ending[][12] = { "7z", "apk", "atom", "avi", "avif", "bmp", "bz2", "cjs",
		"css", "csv", "dmg", "doc", "docx", "eot", "exe", "flac", "gif", "gz", "heic",
		"ico", "iso", "jpeg", "jpg", "js", "json", "jxl", "m3u8", "m4a", "m4v", "map",
		"mjs", "mov", "mp3", "mp4", "mpd", "mpeg", "mpg", "msi", "oga", "ogg", "ogv", "otf",
		"pdf", "png", "ppt", "pptx", "rar", "rss", "svg", "svgz", "tar", "tgz", "tif",
		"tiff", "ttf", "txt", "wasm", "wav", "webm", "webmanifest", "webp", "woff", "woff2",
		"xls", "xlsx", "xml", "xsl", "xz", "zip", "zst" };
	char lower[12] = { 0 };
	size_t i = path.n, n, low = 0, high = sizeof(ending) / sizeof(ending[0]);

	while (i > 0 && path.n - i < sizeof(lower) && path.p[i - 1] != '.' && path.p[i - 1] != '/')
		i--;
	n = path.n - i;
	if (i == 0 || path.p[i - 1] != '.' || n == 0 || n >= sizeof(lower))
		return false;
	for (i = 0; i < n; i++) {
		char c = path.p[path.n - n + i];

		lower[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	while (low < high) {
		size_t middle = (low + high) / 2;
		int c = memcmp(lower, ending[middle], sizeof(lower));

		if (c == 0)
			return true;
		if (c < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

static bool
is_named(const struct pageview_options *o, struct span path)
{
	size_t i;

	for (i = 0; i < o->paths; i++)
		if (path.n >= o->path[i].n && memcmp(path.p, o->path[i].p, o->path[i].n) == 0)
			return true;
	return false;
}

/* Of the request line's target and of the others that one that has a query. */
static bool
choose_target(struct pageview *v, const struct hit *h, struct span asked)
{
	struct span other = h->v[HIT_TARGET], query = h->v[HIT_QUERY];
	bool has_query = asked.n && memchr(asked.p, '?', asked.n);

	v->target = asked.n ? asked : other;
	if (!has_query && other.n && memchr(other.p, '?', other.n)) {
		v->target = other;
		has_query = true;
	}
	if (query.n && *query.p == '?') {
		query.p++;
		query.n--;
	}
	if (has_query || !query.n || !v->target.n)
		return v->target.n > 0;
	buf_reset(&v->joined);
	buf_add(&v->joined, v->target.p, path_length(v->target));
	buf_addc(&v->joined, '?');
	buf_add(&v->joined, query.p, query.n);
	v->target = (struct span){ v->joined.p, v->joined.n };
	return true;
}

/*
 * How much of an address has at most `units` UTF-16 code units when it is
 * written: all of it, else up to a parameter; 0: not even the path.
 */
static size_t
fitting(struct span s, size_t units, bool encoded)
{
	const char *p = s.p, *end = s.p + s.n;
	size_t good = 0;

	while (p < end && *p != '#') {
		size_t k = utf8_sequence(p, end);
		size_t cost = encoded && (k == 0 || (unsigned char)*p <= ' ' || *p == 0x7f) ? 3
		    : k == 4                                                                ? 2
											    : 1;

		if (*p == '&' || *p == '?')
			good = (size_t)(p - s.p);
		if (cost > units)
			return good;
		units -= cost;
		p += k ? k : 1;
	}
	return (size_t)(p - s.p);
}

/* ---- writing ---- */

static char *
put(char *w, const char *p, size_t n)
{
	memcpy(w, p, n);
	return w + n;
}

#define PUT(w, literal) put((w), (literal), sizeof(literal) - 1)

static char *
put_percent(char *w, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";

	*w++ = '%';
	*w++ = hex[c >> 4];
	*w++ = hex[c & 15];
	return w;
}

/* Bytes that an address can't hold become %XX; a fragment is no part of a request. */
static char *
put_target(char *w, struct span s)
{
	const char *p = s.p, *end = s.p + s.n;

	while (p < end) {
		size_t k;

		if (*p > ' ' && *p < 0x7f && *p != '"' && *p != '\\' && *p != '#') {
			*w++ = *p++;
			continue;
		}
		if (*p == '#')
			break;
		k = utf8_sequence(p, end);
		if (*p == '"' || *p == '\\') {
			*w++ = '\\';
			*w++ = *p++;
		} else if (k < 2) {
			w = put_percent(w, (unsigned char)*p++);
		} else {
			w = put(w, p, k);
			p += k;
		}
	}
	return w;
}

/* What is no UTF-8 becomes U+FFFD. */
static char *
put_text(char *w, struct span s)
{
	size_t good;

	while (!utf8_valid(s.p, s.n, &good)) {
		w = json_escape(w, s.p, good);
		w = PUT(w, "\xef\xbf\xbd");
		s.p += good + 1;
		s.n -= good + 1;
	}
	return json_escape(w, s.p, s.n);
}

static char *
put_number(char *w, int n)
{
	char digit[8];
	int k = 0;

	do {
		digit[k++] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	while (k > 0)
		*w++ = digit[--k];
	return w;
}

/* "url", or where there is no host "path". */
static char *
put_url(struct pageview *v, const struct hit *h, char *w)
{
	struct span host = h->v[HIT_HOST], name, port = { NULL, 0 }, scheme = h->v[HIT_SCHEME];
	bool http = scheme.n ? scheme.n == 4 : v->options.http;
	size_t n;

	if (!scheme.n && h->v[HIT_PORT].n)
		http = number(h->v[HIT_PORT]) == 80 ||
		    (number(h->v[HIT_PORT]) != 443 && v->options.http);
	if (read_host(v, host)) {
		name = (struct span){ v->name, v->name_n };
		port = port_of(host, h->v[HIT_PORT], http);
	} else {
		name = v->options.site;
	}
	if (!name.n) {
		v->no_site++;
		w = PUT(w, ",\"path\":\"");
		w = put_target(w, (struct span){ v->target.p, path_length(v->target) });
		*w++ = '"';
		return w;
	}
	w = PUT(w, ",\"url\":\"http");
	if (!http)
		*w++ = 's';
	w = PUT(w, "://");
	w = put(w, name.p, name.n);
	if (port.n) {
		*w++ = ':';
		w = put(w, port.p, port.n);
	}
	n = v->target.n;
	if (name.n + n * 3 + 16 > UNITS_MAX) {
		n = fitting(v->target, UNITS_MAX - name.n - 16, true);
		v->cut += n < path_length(v->target) || n < v->target.n;
	}
	w = put_target(w, (struct span){ v->target.p, n });
	*w++ = '"';
	return w;
}

static char *
put_referrer(struct pageview *v, char *w, struct span s)
{
	if (s.n > UNITS_MAX) {
		size_t n = fitting(s, UNITS_MAX, false);

		v->cut += n < s.n;
		s.n = n;
	}
	if (!s.n)
		return w;
	w = PUT(w, ",\"referrer\":\"");
	w = put_text(w, s);
	*w++ = '"';
	return w;
}

static char *
put_client(struct pageview *v, const struct hit *h, char *w)
{
	enum client_result found;
	struct ip ip;

	found = client_find(&ip, h->v[HIT_IP], h->v[HIT_FORWARDED], &v->options.trust);
	v->untrusted += found == CLIENT_UNTRUSTED;
	if (found == CLIENT_NONE)
		return w;
	w = PUT(w, ",\"ip\":\"");
	w += ip_format(&ip, w);
	*w++ = '"';
	return w;
}

/* What tells an event that is kept from a page view that went well. */
static char *
put_kept(const struct pageview *v, char *w, struct span method)
{
	w = PUT(w, ",\"properties\":{");
	if (method.n) {
		w = PUT(w, "\"method\":\"");
		w = put_text(w, method);
		*w++ = '"';
	}
	if (v->status >= 0) {
		if (method.n)
			*w++ = ',';
		w = PUT(w, "\"status\":");
		w = put_number(w, v->status);
	}
	*w++ = '}';
	return w;
}

static size_t
at_most(size_t n, size_t most)
{
	return n < most ? n : most;
}

static void
put_event(struct pageview *v, const struct hit *h, struct repeats *r, struct span line, bool kept,
    struct span method, struct out *out)
{
	const struct span *t = h->v;
	struct span agent = { t[HIT_AGENT].p, at_most(t[HIT_AGENT].n, AGENT_MAX) };
	size_t most = 1024 + URL_NAME_MAX +
	    JSON_ESCAPE_MAX *
		(at_most(v->target.n, TEXT_MAX) + at_most(t[HIT_REFERRER].n, TEXT_MAX) + agent.n +
		    method.n);
	char *start = out_room(out, most), *w = start;

	if (!w)
		return;
	v->cut += agent.n < t[HIT_AGENT].n;
	w = PUT(w, "{\"event\":\"$pageview\",\"event_id\":\"");
	repeats_id(r, line.p, line.n, w);
	w += UUID_TEXT;
	w = PUT(w, "\",\"timestamp\":\"");
	w = put(w, v->stamp, v->stamp_n);
	*w++ = '"';
	w = put_url(v, h, w);
	w = put_referrer(v, w, t[HIT_REFERRER]);
	w = put_client(v, h, w);
	if (agent.n) {
		w = PUT(w, ",\"user_agent\":\"");
		w = put_text(w, agent);
		*w++ = '"';
	}
	if (kept)
		w = put_kept(v, w, method);
	w = PUT(w, "}\n");
	out_advance(out, (size_t)(w - start));
}

/* ---- the decision ---- */

static bool
is_get(struct span method)
{
	return !method.n || (method.n == 3 && memcmp(method.p, "GET", 3) == 0);
}

/* Whether the reason is one, and not to be kept. */
static bool
skips(const struct pageview *v, bool is, enum skip reason, bool *kept, enum skip *skip)
{
	if (!is)
		return false;
	*kept = true;
	*skip = reason;
	return (v->options.keep >> reason & 1) == 0;
}

enum import_verdict
pageview_write(struct pageview *v, const struct hit *h, struct repeats *r, struct span line,
    struct out *out, enum skip *skip, struct complaint *why)
{
	struct hit_request request = hit_request_split(h->v[HIT_REQUEST]);
	struct span method = request.method.n ? request.method : h->v[HIT_METHOD], path;
	struct hit with;
	bool kept = false;

	if (!read_time(v, h)) {
		*why = (struct complaint){ .field = SPAN("timestamp"), .text = SPAN("Required") };
		if (h->no_time || h->v[HIT_TIME].p)
			why->text = SPAN("Invalid date-time");
		return IMPORT_REJECT;
	}
	if (request.target.n && *request.target.p != '/') {
		/* a proxy's request has the whole address */
		with = *h;
		hit_offer(&with, HIT_TARGET, 0, request.target);
		request.target = with.v[HIT_TARGET].p == h->v[HIT_TARGET].p
		    ? (struct span){ NULL, 0 }
		    : with.v[HIT_TARGET];
		if (h->v[HIT_PORT].n)
			with.v[HIT_SCHEME] = h->v[HIT_SCHEME];
		h = &with;
	}
	v->status = h->v[HIT_STATUS].n ? number(h->v[HIT_STATUS]) : -1;
	if (skips(v, !is_get(method), SKIP_METHOD, &kept, skip))
		return IMPORT_SKIP;
	if (!choose_target(v, h, request.target) || *v->target.p != '/') {
		*skip = SKIP_REQUEST;
		if (h->has_request || v->status >= 0)
			return IMPORT_SKIP;
		*why = (struct complaint){ .field = SPAN("request"), .text = SPAN("Required") };
		return IMPORT_REJECT;
	}
	path = (struct span){ v->target.p, path_length(v->target) };
	if (skips(v, v->status >= 400 || (v->status >= 0 && v->status < 200), SKIP_STATUS, &kept,
		skip) ||
	    skips(v, v->status >= 300 && v->status < 400 && v->status != 304, SKIP_REDIRECT, &kept,
		skip) ||
	    skips(v, is_named(&v->options, path), SKIP_PATH, &kept, skip) ||
	    skips(v, is_asset(path), SKIP_ASSET, &kept, skip))
		return IMPORT_SKIP;
	if (path.n * 3 + URL_NAME_MAX + 16 > UNITS_MAX &&
	    fitting(path, UNITS_MAX - URL_NAME_MAX - 16, true) < path.n) {
		*why = (struct complaint){ .field = SPAN("path"),
			.text = SPAN("Too long: at most 2048 characters with the host") };
		return IMPORT_REJECT;
	}
	put_event(v, h, r, line, kept, method, out);
	return IMPORT_EVENT;
}
